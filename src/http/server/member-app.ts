import { setMaxListeners } from 'node:events';
import express, { type Express, type Request } from 'express';
import helmet from 'helmet';
import { keyStatementsJson, showKeyStatements } from '../../log/index.js';
import { contextOf } from '../context.js';
import { ApiError, problemHandler } from '../responses/errors.js';
import { blockRoutes, blockTileRoutes } from '../routes/blocks.js';
import { logKeysRoute } from '../routes/chain.js';
import { tileRoutes } from '../routes/tiles.js';
import { requestLog } from './request-log.js';
import { expressPath, type Route } from '../route.js';
import { middlewareOf } from './step.js';
import { type MemberDeps, memberOperationRoutes, memberRoutes, witnessRoutes } from '../routes/member.js';

/** The HTTP interface of a member's node: everything it says is for everybody. */
export function createMemberApp(deps: MemberDeps): Express {
  const { member, reader, store, stopping } = deps;
  const log = {
    // Only what was cosigned is shown: under it, everything is here.
    checkpoint: async () => (await member.witness.latest(member.upstreamKey.name))?.note ?? null,
    tile: reader.tile.bind(reader),
    entryBundle: reader.entryBundle.bind(reader),
    keyStatements: async () => {
      const find = () => member.witness.latest(member.upstreamKey.name);
      return keyStatementsJson(await showKeyStatements(store, find));
    },
  };
  const routes: readonly Route[] = [
    ...tileRoutes({ log }),
    ...blockRoutes({ log: reader }),
    ...blockTileRoutes({ log: reader }),
    logKeysRoute(log),
    ...memberRoutes(deps),
    ...memberOperationRoutes(deps),
    ...witnessRoutes(deps),
  ];
  setMaxListeners(0, stopping);
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', false);
  app.set('query parser', false);
  app.set('case sensitive routing', true);
  app.use(middlewareOf(requestLog(deps)), helmet({ strictTransportSecurity: false }));
  for (const route of routes) {
    app[route.method](expressPath(route.path), (req, res) => {
      contextOf(req).route = route.path;
      return route.handle(req, res);
    });
  }
  app.use((req: Request) => {
    contextOf(req).route = 'unknown';
    throw new ApiError('not_found', 'There is nothing at this address.');
  });
  app.use(problemHandler(deps.logger));
  return app;
}
