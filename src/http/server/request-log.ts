import type { Request, Response } from 'express';
import type { HttpDeps } from '../deps.js';
import type { Metrics } from '../metrics.js';
import { OpenAnswers } from './slow-clients.js';
import { contextOf } from '../context.js';

/**
 * First of all middleware: gives the request its id, and when all is over writes its one log line and its figures. The line has
 * the route's pattern, not the address, and no header, body or name: ids hold part of a salt, names are personal.
 * @param open is kept: the answers that have not ended
 */
export function requestLog(
  {
    logger,
    metrics,
    stopping,
  }: Pick<HttpDeps, 'logger' | 'stopping'> & { readonly metrics: Pick<Metrics, 'request'> },
  open = new OpenAnswers(),
) {
  // A connection that is kept open would hold up the end of the service.
  const leave = (res: Response) => {
    if (!res.headersSent) res.setHeader('Connection', 'close');
  };
  stopping.addEventListener('abort', () => {
    for (const res of open) leave(res);
  });
  return (req: Request, res: Response): void => {
    const context = contextOf(req);
    res.setHeader('X-Request-Id', context.requestId);
    if (stopping.aborted) leave(res);
    const ended = open.add(res);
    res.once('close', () => {
      ended();
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
  };
}
