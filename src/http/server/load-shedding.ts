import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, Response } from 'express';
import { contextOf, type HttpDeps } from '../context.js';
import { isForwarded } from '../requests/headers.js';
import { ApiError, sendProblem } from '../responses/errors.js';

const DOCUMENTS = '/v1/notarizations';
const EVENTS = '/v1/records';
/** Retry-After grows by a second with every so many rejections within a second. */
const REJECTIONS_PER_SECOND_OF_WAIT = 100;
const MAX_WAIT_SECONDS = 9;

/**
 * Rejects submissions with 503 `queue_full` while too many are waiting, before anything of them is read or
 * looked up: a rejection must cost far less than an acceptance, or excess clients would use the time that the
 * accepted ones need.
 *
 * Clients back off further as more requests are rejected, with jitter, so that they do not all retry at
 * once. Until a rejected client may retry, its connection is not read; a proxy's connection always is,
 * because other clients share it.
 * @returns rejects a request if there is too much load; true: it has done so
 */
export function loadShedding({
  intake,
  events,
  stopping,
}: Pick<HttpDeps, 'intake' | 'events' | 'stopping'>): (req: Request, res: Response) => boolean {
  let rejected = 0;
  return (req, res) => {
    const route = submissionOf(req);
    if (route === null || !(route === EVENTS ? events : intake).overloaded) return false;
    if (rejected++ === 0) setTimeout(() => (rejected = 0), 1000).unref();
    const longest = Math.min(MAX_WAIT_SECONDS, Math.ceil(rejected / REJECTIONS_PER_SECOND_OF_WAIT));
    const seconds = 1 + Math.floor(Math.random() * longest);
    if (!isForwarded(req)) pauseAfter(req, res, seconds, stopping);
    contextOf(req).route = route;
    sendProblem(
      req,
      res,
      new ApiError('queue_full', 'Too many submissions are waiting.', { retryAfterSeconds: seconds }),
    );
    return true;
  };
}

/** The queue that a request would join; null: none. */
function submissionOf({ method, path }: Request): typeof DOCUMENTS | typeof EVENTS | null {
  if (method !== 'POST' && method !== 'PUT') return null;
  return path.startsWith(DOCUMENTS) ? DOCUMENTS : path.startsWith(EVENTS) ? EVENTS : null;
}

/**
 * Stops reading the connection for `seconds`, once the response has been written and the rest of the request
 * has been read. In `nextTick`, not in `setImmediate`: with many busy connections, an iteration of the event
 * loop would read from this one first.
 */
function pauseAfter(req: IncomingMessage, res: ServerResponse, seconds: number, stopping: AbortSignal): void {
  const { socket } = req;
  let pending = 2;
  const done = () => {
    if (--pending > 0 || stopping.aborted || socket.destroyed) return;
    process.nextTick(() => {
      socket.pause();
      setTimeout(() => socket.resume(), seconds * 1000).unref();
    });
  };
  res.once('finish', done);
  req.once('end', done);
}
