import type { Request, RequestHandler, Response } from 'express';
import type { BodyPace } from '../deps.js';
import { ApiError, sendProblem } from '../responses/errors.js';

const SLOWEST_BODY: BodyPace = { bytesPerSecond: 1024, windowMs: 60_000 };
export const CHECKS_PER_WINDOW = 60;

/**
 * Answers a body that stopped arriving with 408 before its connection is closed (see `createServer` for the
 * time).
 */
export function rejectIdleBodies(stopping: AbortSignal): RequestHandler {
  return (req, res, next) => {
    req.on('timeout', () => {
      const error = stopping.aborted
        ? new ApiError('stopping', 'The service is shutting down.', { retryAfterSeconds: 5 })
        : new ApiError('request_timeout', 'The body stopped arriving.');
      rejectBody(req, res, error);
    });
    next();
  };
}

interface Progress {
  /** By the connection, up to the last check. */
  bytesRead: number;
  /** Since the window began. */
  bytes: number;
  waitedMs: number;
}

/**
 * Rejects bodies that arrive slower than `pace`, whose senders could otherwise occupy connections without
 * ever being silent for long. NDJSON streams are exempt, because they arrive as their source produces them;
 * so is the time in which this service itself does not read.
 * @param open the responses that have not ended
 */
export function rejectSlowBodies(
  open: Iterable<Response>,
  stopping: AbortSignal,
  pace: BodyPace = SLOWEST_BODY,
): void {
  const progressOf = new WeakMap<Response, Progress>();
  const checkMs = pace.windowMs / CHECKS_PER_WINDOW;
  const timer = setInterval(() => {
    for (const res of open) {
      const { req } = res;
      if (!req.complete && !res.headersSent && !isStream(req)) check(req, res);
    }
  }, checkMs);
  timer.unref();
  stopping.addEventListener('abort', () => {
    clearInterval(timer);
  });

  const check = (req: Request, res: Response): void => {
    const { bytesRead } = req.socket;
    const progress = progressOf.get(res);
    if (progress === undefined) {
      progressOf.set(res, { bytesRead, bytes: 0, waitedMs: 0 });
      return;
    }
    progress.bytes += bytesRead - progress.bytesRead;
    progress.bytesRead = bytesRead;
    // While unread bytes are buffered, the service is the slow one.
    if (req.readableLength === 0) progress.waitedMs += checkMs;
    if (progress.waitedMs < pace.windowMs) return;
    if (progress.bytes * 1000 < pace.bytesPerSecond * progress.waitedMs) {
      rejectBody(req, res, new ApiError('request_timeout', 'The body arrives too slowly.'));
    }
    progress.bytes = 0;
    progress.waitedMs = 0;
  };
}

function isStream(req: Request): boolean {
  return /^application\/x-ndjson\b/i.test(req.headers['content-type'] ?? '');
}

function rejectBody(req: Request, res: Response, error: ApiError): void {
  if (res.headersSent) {
    req.destroy();
    return;
  }
  res.setHeader('Connection', 'close');
  sendProblem(req, res, error);
}
