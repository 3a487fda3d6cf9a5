import type { NextFunction, Request, Response } from 'express';
import type { HttpDeps } from './deps.js';
import { contextOf } from './request-context.js';

/**
 * First of all middleware: gives the request its id, and when all is over writes its one log line and its figures. The line has
 * the route's pattern, not the address, and no header, body or name: ids hold part of a salt, names are personal.
 */
export function requestLog({ logger, metrics, stopping }: HttpDeps) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const context = contextOf(req);
    res.setHeader('X-Request-Id', context.requestId);
    const leave = () => {
      // A connection that is kept open would hold up the end of the service.
      if (!res.headersSent) res.setHeader('Connection', 'close');
    };
    if (stopping.aborted) leave();
    stopping.addEventListener('abort', leave);
    res.once('close', () => {
      stopping.removeEventListener('abort', leave);
      const seconds = (performance.now() - context.startedAt) / 1000;
      const complete = res.writableFinished;
      metrics.request(
        { method: req.method, route: context.route, status: complete ? String(res.statusCode) : 'aborted' },
        seconds,
      );
      const line = {
        requestId: context.requestId,
        method: req.method,
        route: context.route,
        status: res.statusCode,
        ms: Math.round(seconds * 1000),
        ...(context.errorCode === null ? {} : { code: context.errorCode }),
        ...(complete ? {} : { aborted: true }),
      };
      if (res.statusCode >= 500) logger.warn(line, 'request');
      else logger.info(line, 'request');
    });
    next();
  };
}
