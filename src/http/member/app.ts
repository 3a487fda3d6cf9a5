import { setMaxListeners } from 'node:events';
import express, { type Express, type Request } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { Counter } from 'prom-client';
import { keyStatementsJson, type LogReader, showKeyStatements } from '../../log/index.js';
import type { Member } from '../../member/index.js';
import type { Store } from '../../store/index.js';
import { contextOf } from '../requests/context.js';
import { ApiError, problemHandler } from '../responses/errors.js';
import { blockRoutes, blockTileRoutes } from '../routes/blocks.js';
import { logKeysRoute } from '../routes/chain.js';
import { watchedRoutes } from '../routes/operation.js';
import { tileRoutes } from '../routes/tiles.js';
import { NodeMetrics } from '../server/metrics.js';
import { requestLog } from '../server/request-log.js';
import { expressPath, type Route } from '../server/route.js';
import { middlewareOf } from '../server/step.js';
import { memberRoutes, witnessRoutes } from './routes.js';

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

/** What a member's application is made of. It owns none of it. */
export interface MemberDeps {
  readonly member: Member;
  /** The blocks that are here. */
  readonly reader: LogReader;
  readonly store: Store;
  readonly metrics: MemberMetrics;
  readonly logger: Logger;
  /** Aborts when the node begins to stop. */
  readonly stopping: AbortSignal;
}

/** For who runs the node and for the machines that watch it. */
export function memberOperationRoutes({ member, metrics, stopping }: MemberDeps): Route[] {
  metrics.watch(() => member.status());
  return watchedRoutes({
    readyWhen: 'Whether the log is being followed',
    figures: async () => {
      const { registry } = metrics;
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
    readiness: async () => {
      const problems = await problemsOf();
      return { ready: problems.length === 0, leading: false, lagMs: null, problems };
    },
  });

  async function problemsOf(): Promise<{ code: string; message: string }[]> {
    if (stopping.aborted) return [{ code: 'stopping', message: 'The node is shutting down.' }];
    try {
      const { problem } = await member.status();
      return problem === null ? [] : [{ code: problem.code, message: problem.message }];
    } catch {
      return [{ code: 'database', message: 'The database does not answer.' }];
    }
  }
}

/** What Prometheus is told of a member's node. */
export class MemberMetrics extends NodeMetrics {
  readonly #refusals = new Counter({
    name: 'ingam_member_refusals_total',
    help: 'What the log showed and this node refused, by reason. Anything but 0 wants somebody to look.',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  readonly #cosignatures = new Counter({
    name: 'ingam_member_add_checkpoint_total',
    help: 'Requests for a cosignature, by the status of the answer.',
    labelNames: ['status'],
    registers: [this.registry],
  });
  refused(reason: string): void {
    this.#refusals.inc({ reason });
  }

  asked(status: number): void {
    this.#cosignatures.inc({ status: String(status) });
  }

  /** Registers the figures that are read when somebody asks. */
  watch(read: () => Promise<{ readonly blocks: number; readonly of: number | null }>): void {
    this.gauge(
      'ingam_member_blocks',
      'Blocks that are here and were found right.',
      'max',
      async () => (await read()).blocks,
    );
    this.gauge(
      'ingam_member_shown_blocks',
      'Blocks that the log has shown.',
      'max',
      async () => (await read()).of ?? 0,
    );
  }
}
