import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { setMaxListeners } from 'node:events';
import type { RequestListener } from 'node:http';
import { admit } from '../auth/authenticate.js';
import { hostCheck } from '../auth/origin.js';
import { shedding } from './load-shedding.js';
import type { HttpDeps } from '../deps.js';
import { mountDocs, pageFiles, mountOfflinePage } from '../routes/pages.js';
import { ApiError, problemHandler } from '../responses/errors.js';
import { watchFigures } from '../routes/operation.js';
import { contextOf } from '../context.js';
import { OpenAnswers, refuseIdleBodies, refuseTricklingBodies } from './slow-clients.js';
import { requestLog } from './request-log.js';
import { expressPath, type Route } from '../route.js';
import { allRoutes } from './routes.js';
import { shortcut, type Call } from './shortcut.js';
import { inTurn, middlewareOf, stepOf } from './step.js';

/** The whole HTTP interface. Listens to nothing and owns nothing: see createServer. */
export function createApp(deps: HttpDeps): RequestListener {
  const routes = allRoutes(deps);
  watchFigures(deps);
  // As many as there are callers who wait.
  setMaxListeners(0, deps.stopping);
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', deps.trustProxy);
  app.set('query parser', false);
  app.set('case sensitive routing', true);
  const open = new OpenAnswers();
  const first = inTurn([
    requestLog(deps, open),
    stepOf(securityHeaders()),
    hostCheck(deps.hosts),
    refuseIdleBodies(deps.stopping),
  ]);
  app.use(middlewareOf(first));
  refuseTricklingBodies(open, deps.stopping, deps.slowestBody);
  const call = (route: Route) => callOf(deps, route);
  mount(app, routes, call);
  mountDocs(app, routes);
  mountOfflinePage(app, deps.publicDir, deps.log);
  const files = pageFiles(deps.publicDir);
  app.use((req: Request, res: Response, next: NextFunction) => {
    if (req.method === 'GET' || req.method === 'HEAD') contextOf(req).route = 'page';
    files(req, res, next);
  });
  app.use((req: Request) => {
    contextOf(req).route = 'unknown';
    throw new ApiError('not_found', 'There is nothing at this address.');
  });
  const fail = problemHandler(deps.logger);
  app.use(fail);
  return shedding(deps, shortcut(app, routes, { first, call, fail }));
}

/** One call: who makes it, and its handler. */
function callOf(deps: HttpDeps, route: Route): Call {
  return (req, res) => {
    contextOf(req).route = route.path;
    const admitted = admit(deps, route.access, req, res);
    return admitted === null ? route.handle(req, res) : admitted.then(() => route.handle(req, res));
  };
}

function mount(app: Express, routes: readonly Route[], call: (route: Route) => Call): void {
  for (const route of routes) {
    app[route.method](expressPath(route.path), call(route));
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
    const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
    app.all(expressPath(path), (req) => {
      contextOf(req).route = path;
      throw new ApiError('method_not_allowed', `This address takes ${allow}.`, { allow });
    });
  }
}

/** Pages of this service load from this service alone, and run nothing that is written into them. */
function securityHeaders() {
  const self = ["'self'"];
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: self,
        scriptSrc: self,
        styleSrc: self,
        imgSrc: ["'self'", 'data:'],
        connectSrc: self,
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: self,
        frameAncestors: ["'none'"],
      },
    },
    // Whether the name is only ever served over TLS is known to the proxy that serves it.
    strictTransportSecurity: false,
  });
}
