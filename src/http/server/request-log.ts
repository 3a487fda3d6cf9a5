import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import { traceRequest } from '../../background/tracing.js';
import { contextOf } from '../context.js';
import type { NodeMetrics } from '../metrics.js';

const SUMMARY_MS = 1000;
/** A response that a browser shows although it is no page loads nothing, runs nothing and is in no frame. */
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'";

export interface RequestLog {
  /** To be called first for every request. Calls `next` in the request's trace. */
  readonly begin: (req: Request, res: Response, next: () => void) => void;
  /** The responses that have not ended. */
  readonly open: ReadonlySet<Response>;
}

/**
 * Gives each request its id, and when its response has ended writes one log line and counts it. The line has
 * the route's pattern instead of the address, and no header, body or name: an id contains part of a salt, and
 * names are personal data.
 */
export function requestLog({
  logger,
  metrics,
  stopping,
}: {
  readonly logger: Logger;
  readonly metrics: Pick<NodeMetrics, 'request'>;
  readonly stopping: AbortSignal;
}): RequestLog {
  const open = new Set<Response>();
  const rejections = new RejectionSummary(logger);
  // An idle keep-alive connection would delay the shutdown.
  const closeConnection = (res: Response) => {
    if (!res.headersSent) res.setHeader('Connection', 'close');
  };
  stopping.addEventListener('abort', () => {
    for (const res of open) closeConnection(res);
  });
  const begin = (req: Request, res: Response, next: () => void): void => {
    const context = contextOf(req);
    const { method } = req;
    res.setHeader('X-Request-Id', context.requestId);
    // For everything that is not a page, which has its own policy.
    res.setHeader('Content-Security-Policy', NO_PAGE);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    if (stopping.aborted) closeConnection(res);
    open.add(res);
    const requestTrace = traceRequest(method, req.headers, context.requestId);
    res.once('close', () => {
      open.delete(res);
      const seconds = (performance.now() - context.startedAt) / 1000;
      const { requestId, route, errorCode } = context;
      const { statusCode: status, writableFinished: complete } = res;
      requestTrace.end({ route, status, errorCode });
      metrics.request({ method, route, status: complete ? String(status) : 'aborted' }, seconds);
      if (errorCode === 'queue_full') {
        rejections.add();
        return;
      }
      const line = {
        requestId,
        method,
        route,
        status,
        ms: Math.round(seconds * 1000),
        ...(errorCode === null ? {} : { code: errorCode }),
        ...(complete ? {} : { aborted: true }),
      };
      if (status >= 500) logger.warn(line, 'request');
      else logger.debug(line, 'request');
    });
    requestTrace.enter(next);
  };
  return { begin, open };
}

/** One line a second for requests that a full queue rejected: under overload there are thousands. */
class RejectionSummary {
  readonly #logger: Logger;
  #count = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(): void {
    if (this.#count++ > 0) return;
    setTimeout(() => {
      const count = this.#count;
      this.#count = 0;
      this.#logger.warn({ count, code: 'queue_full' }, `load shed: ${count} submissions rejected with 503`);
    }, SUMMARY_MS).unref();
  }
}
