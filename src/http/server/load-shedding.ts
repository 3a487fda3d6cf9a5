import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { ApiError, PROBLEM_MEDIA_TYPE, problemOf } from '../responses/errors.js';
import type { HttpDeps } from '../deps.js';
import { finishEarly } from '../responses/send.js';
import { contextOf } from '../context.js';

const ROUTE = '/v1/notarizations';
const REPORT_MS = 1000;
/**
 * Refusals of a second for which another second is added to the time to come again. Each costs some 60 µs: of 2,560 clients, with 500 and at most 5
 * seconds, 1,500 came again every second and a seventh less was accepted than of 256; with these, 800 and a tenth.
 */
const MANY = 100;
const MOST_SECONDS = 9;
/** Set by proxies: the connection is that of many callers. */
const FORWARDED = ['via', 'forwarded', 'x-forwarded-for'] as const;

type Load = Pick<HttpDeps, 'intake' | 'metrics' | 'logger' | 'stopping'>;

/**
 * Sends submissions away while too much is waiting, before anything is read of them or done for them: a refusal costs a tenth of what accepting
 * does, and ten times too many clients would otherwise take the time that the accepted ones need. Everything else goes to `next`.
 *
 * A refused caller's connection is not read again before the time that it was told: one who comes again at once waits, and costs nothing
 * meanwhile. Not so a proxy's connection, which others share.
 */
export function shedding(load: Load, next: RequestListener): RequestListener {
  let count = 0;
  // One line for all of a second, as there may be thousands.
  const report = (): void => {
    load.logger.warn({ count, code: 'queue_full' }, 'submissions were sent away: too much is waiting');
    count = 0;
  };
  return (req, res) => {
    if (!isSubmission(req) || !load.intake.overloaded) {
      next(req, res);
      return;
    }
    if (count++ === 0) setTimeout(report, REPORT_MS).unref();
    refuse(load, req, res, secondsAfter(count));
  };
}

/** The more are sent away, the later and the more apart they are to come again: not all in the same moment. */
function secondsAfter(count: number): number {
  return 1 + Math.floor(Math.random() * Math.min(MOST_SECONDS, Math.ceil(count / MANY)));
}

function isSubmission({ method, url = '' }: IncomingMessage): boolean {
  return (method === 'POST' || method === 'PUT') && url.startsWith(ROUTE);
}

function refuse(
  { metrics, stopping }: Load,
  req: IncomingMessage,
  res: ServerResponse,
  seconds: number,
): void {
  const error = new ApiError('queue_full', 'Too many documents are waiting to be written.');
  const { requestId, startedAt } = contextOf(req);
  res.setHeader('X-Request-Id', requestId);
  res.setHeader('Retry-After', String(seconds));
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  if (stopping.aborted) res.setHeader('Connection', 'close');
  res.once('finish', () => {
    const labels = { method: req.method ?? '', route: ROUTE, status: String(error.status) };
    metrics.request(labels, (performance.now() - startedAt) / 1000);
  });
  if (FORWARDED.every((name) => req.headers[name] === undefined)) restAfter(req, res, seconds, stopping);
  finishEarly(req, res, error.status, PROBLEM_MEDIA_TYPE, JSON.stringify(problemOf(error, requestId)));
}

/**
 * Reads nothing more of the connection for a while, once the answer and what is left of the request are done with: until then Node itself reads on.
 * Not by setImmediate: with more than a thousand busy connections the loop goes round among them many times before it comes to that.
 */
function restAfter(req: IncomingMessage, res: ServerResponse, seconds: number, stopping: AbortSignal): void {
  const { socket } = req;
  let left = 2;
  const rest = () => {
    if (--left > 0 || stopping.aborted || socket.destroyed) return;
    process.nextTick(() => {
      socket.pause();
      setTimeout(() => socket.resume(), seconds * 1000).unref();
    });
  };
  res.once('finish', rest);
  req.once('end', rest);
}
