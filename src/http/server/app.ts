import { setMaxListeners } from 'node:events';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { keyStatementsJson, showKeyStatements } from '../../log/index.js';
import { admit } from '../auth/authenticate.js';
import { assertOwnHost } from '../auth/origin.js';
import { contextOf, type HttpDeps } from '../context.js';
import { assertPlainBody } from '../requests/headers.js';
import { queryOf } from '../requests/parameters.js';
import { ApiError, problemHandler } from '../responses/errors.js';
import { expressPath, type Route } from '../route.js';
import { connectionRoute, versionRoute } from '../routes/about.js';
import { certificateRoutes } from '../routes/certificates.js';
import { recordCertificateRoutes } from '../routes/record-certificates.js';
import { blockRoutes, chainRoutes, logKeysRoute } from '../routes/chain.js';
import { digestRoutes, mountUnsubscribe } from '../routes/digests.js';
import { eventRoutes } from '../routes/events.js';
import { type MemberDeps, memberOperationRoutes, memberRoutes, witnessRoutes } from '../routes/member.js';
import { erasureRoutes } from '../routes/erasures.js';
import { historyRoutes } from '../routes/history.js';
import { holdRoutes } from '../routes/holds.js';
import { keptDocumentRoutes } from '../routes/kept-documents.js';
import { notarizationRoutes } from '../routes/notarizations.js';
import { notarizeRoutes } from '../routes/notarize.js';
import { operationRoutes, registerGauges } from '../routes/operation.js';
import { accessLogRoutes } from '../routes/access-log.js';
import { keyRoutes, organizationRoutes } from '../routes/organizations.js';
import {
  missingPage,
  mountDocs,
  mountOfflinePage,
  mountProofLinks,
  mountRecordLinks,
  pageFiles,
} from '../routes/pages.js';
import { passkeyRoutes } from '../routes/passkeys.js';
import { proofRoutes } from '../routes/proofs.js';
import { publishedRecordRoutes } from '../routes/published-records.js';
import { recordRoutes } from '../routes/records.js';
import { mountProvider } from '../routes/provider.js';
import { registerRoutes } from '../routes/register.js';
import { sessionRoutes } from '../routes/session.js';
import { signingRequestRoutes, signingRoutes } from '../routes/signing.js';
import { tileRoutes } from '../routes/tiles.js';
import { tagRoutes } from '../routes/tags.js';
import { timeStampRoutes } from '../routes/time-stamps.js';
import { invitationRoutes, userRoutes } from '../routes/users.js';
import { verifyRoutes } from '../routes/verify.js';
import { webhookRoutes } from '../routes/webhooks.js';
import { NoQuery } from '../schemas/documents.js';
import { loadShedding } from './load-shedding.js';
import { requestLog } from './request-log.js';
import { rejectIdleBody, rejectSlowBodies } from './server.js';

/** The service's HTTP interface. `createServer` makes a server of it. */
export function createApp(deps: HttpDeps): Express {
  registerGauges(deps);
  const app = bareApp(deps.stopping, deps.trustProxy);
  const { begin, open } = requestLog(deps);
  rejectSlowBodies(open, deps.stopping, deps.slowestBody);
  const isShed = loadShedding(deps);
  app.use(
    (req, res, next) => {
      begin(req, res, () => {
        if (!isShed(req, res)) next();
      });
    },
    (req, res, next) => {
      assertOwnHost(req, deps.hosts);
      assertPlainBody(req);
      rejectIdleBody(req, res, deps.stopping);
      next();
    },
  );
  const routes = allRoutes(deps);
  mount(app, routes, async (route, req, res) => {
    await admit(deps, route.access, req, res);
    await handle(route, req, res);
  });
  app.use(pageHeaders());
  mountDocs(app, routes);
  mountProofLinks(app);
  mountRecordLinks(app, deps);
  mountProvider(app, deps);
  mountUnsubscribe(app, deps);
  mountOfflinePage(app, deps.publicDir, deps.log);
  const files = pageFiles(deps.publicDir);
  app.use((req, res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') contextOf(req).route = 'page';
    files(req, res, next);
  });
  app.use(missingPage(deps.publicDir), notFound, problemHandler(deps.logger));
  return app;
}

/** The HTTP interface of a member's node. Everything it serves is public. */
export function createMemberApp(deps: MemberDeps): Express {
  const { member, reader, store, stopping } = deps;
  const latest = () => member.witness.latest(member.upstreamKey.name);
  const log = {
    // Only cosigned checkpoints: this node has every block below them.
    checkpoint: async () => (await latest())?.note ?? null,
    tile: reader.tile.bind(reader),
    entryBundle: reader.entryBundle.bind(reader),
    blockTile: reader.blockTile.bind(reader),
    leaves: reader.leaves.bind(reader),
    statements: reader.statements.bind(reader),
    keyStatements: async () => keyStatementsJson(await showKeyStatements(store, latest)),
  };
  const routes: readonly Route[] = [
    ...tileRoutes({ log }),
    ...blockRoutes({ log: reader }),
    logKeysRoute(log),
    ...memberRoutes(deps),
    ...memberOperationRoutes(deps),
    versionRoute,
    ...witnessRoutes(deps),
  ];
  const app = bareApp(stopping, deps.trustProxy);
  const { begin } = requestLog(deps);
  app.use((req, res, next) => {
    begin(req, res, () => {
      assertPlainBody(req);
      next();
    });
  });
  mount(app, routes, handle);
  app.use(notFound, problemHandler(deps.logger));
  return app;
}

function bareApp(stopping: AbortSignal, trustProxy: HttpDeps['trustProxy']): Express {
  // Every request that waits for something adds a listener.
  setMaxListeners(0, stopping);
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', trustProxy);
  app.set('query parser', false);
  app.set('case sensitive routing', true);
  return app;
}

/**
 * Mounts the routes in their order. Other methods of their paths return 405. Each request passes few functions
 * of Express, because it creates objects for every one of them.
 */
function mount(
  app: Express,
  routes: readonly Route[],
  run: (route: Route, req: Request, res: Response) => Promise<void> | void,
): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const own = routes.filter((route) => route.path === path);
    const expressRoute = app.route(expressPath(path));
    for (const route of own) {
      expressRoute[route.method]((req, res) => {
        contextOf(req).route = path;
        return run(route, req, res);
      });
    }
    const allow = own.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
    const list = allow.join(', ');
    expressRoute.all((req) => {
      contextOf(req).route = path;
      throw new ApiError('method_not_allowed', `This URL accepts ${list}.`, { allow: list });
    });
  }
}

/** No response is cached unless its handler says so. */
function handle(route: Route, req: Request, res: Response): Promise<void> | void {
  if (route.operation.query === undefined) queryOf(req, NoQuery);
  res.setHeader('Cache-Control', 'no-store');
  return route.handle(req, res);
}

function notFound(req: Request): void {
  contextOf(req).route = 'unknown';
  throw new ApiError('not_found', 'There is nothing at this URL.');
}

/**
 * Pages of this service load from this service alone, and run no inline script. Responses of the API are
 * spared these headers, which cost a seventh of a submission (docs/performance.md).
 */
function pageHeaders(): RequestHandler {
  const self = ["'self'"];
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: self,
        scriptSrc: self,
        styleSrc: self,
        // Documents that the vault keeps: images, and PDF in the browser's own viewer.
        imgSrc: ["'self'", 'data:', 'blob:'],
        frameSrc: ['blob:'],
        connectSrc: self,
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: self,
        frameAncestors: ["'none'"],
      },
    },
    // Only the proxy that terminates TLS knows whether the name is always served over it.
    strictTransportSecurity: false,
  });
}

/** Every route of the API. */
export function allRoutes(deps: HttpDeps): readonly Route[] {
  return [
    ...notarizeRoutes(deps),
    ...registerRoutes(deps),
    ...notarizationRoutes(deps),
    ...proofRoutes(deps),
    ...certificateRoutes(deps),
    ...recordCertificateRoutes(deps),
    ...erasureRoutes(deps),
    ...historyRoutes(deps),
    ...keptDocumentRoutes(deps),
    ...holdRoutes(deps),
    ...tagRoutes(deps),
    ...eventRoutes(deps),
    ...recordRoutes(deps),
    ...publishedRecordRoutes(deps),
    ...signingRequestRoutes(deps),
    ...signingRoutes(deps),
    ...verifyRoutes(deps),
    ...chainRoutes(deps),
    ...tileRoutes(deps),
    ...timeStampRoutes(deps),
    ...sessionRoutes(deps),
    ...digestRoutes(deps),
    ...passkeyRoutes(deps),
    ...invitationRoutes(deps),
    ...organizationRoutes(deps),
    ...userRoutes(deps),
    ...keyRoutes(deps),
    ...webhookRoutes(deps),
    ...accessLogRoutes(deps),
    ...operationRoutes(deps),
    versionRoute,
    connectionRoute,
  ];
}
