import type { Request, Response } from 'express';
import { contextOf } from '../context.js';
import type { BodyPace } from '../deps.js';
import { ApiError, sendProblem } from '../responses/errors.js';

export const SLOWEST_BODY: BodyPace = { bytesPerSecond: 1024, windowMs: 60_000 };
const LOOKS_PER_WINDOW = 60;

/** A body that stops coming is answered before its connection is closed (see createServer for when). */
export function refuseIdleBodies(stopping: AbortSignal) {
  return (req: Request, res: Response): void => {
    req.on('timeout', () => {
      const error = stopping.aborted
        ? new ApiError('stopping', 'The service is shutting down.', { retryAfterSeconds: 5 })
        : new ApiError('request_timeout', 'The body stopped coming.');
      refuseBody(req, res, error);
    });
  };
}

interface Progress {
  /** Of the connection, at the last look. */
  bytesRead: number;
  /** Since the window began. */
  bytes: number;
  waitedMs: number;
}

/**
 * Refuses bodies that trickle, whose senders would keep connections busy without ever being silent for long. A stream of lines may
 * come as its source makes them, and what this service itself holds back is not held against anybody.
 * @param open answers that have not ended
 */
export function refuseTricklingBodies(
  open: Iterable<Response>,
  stopping: AbortSignal,
  pace: BodyPace = SLOWEST_BODY,
): void {
  const known = new WeakMap<Response, Progress>();
  const lookMs = pace.windowMs / LOOKS_PER_WINDOW;
  const timer = setInterval(() => {
    for (const res of open) {
      const { req } = res;
      if (!req.complete && !res.headersSent && !isStream(req)) look(req, res);
    }
  }, lookMs);
  timer.unref();
  stopping.addEventListener('abort', () => {
    clearInterval(timer);
  });

  const look = (req: Request, res: Response): void => {
    const { bytesRead } = req.socket;
    const progress = known.get(res);
    if (progress === undefined) {
      known.set(res, { bytesRead, bytes: 0, waitedMs: 0 });
      return;
    }
    progress.bytes += bytesRead - progress.bytesRead;
    progress.bytesRead = bytesRead;
    // What lies here unread is not waited for.
    if (req.readableLength === 0) progress.waitedMs += lookMs;
    if (progress.waitedMs < pace.windowMs) return;
    if (progress.bytes * 1000 < pace.bytesPerSecond * progress.waitedMs) {
      refuseBody(req, res, new ApiError('request_timeout', 'The body comes too slowly.'));
    }
    progress.bytes = 0;
    progress.waitedMs = 0;
  };
}

function isStream(req: Request): boolean {
  return /^application\/x-ndjson\b/i.test(req.headers['content-type'] ?? '');
}

function refuseBody(req: Request, res: Response, error: ApiError): void {
  if (res.headersSent) {
    req.destroy();
    return;
  }
  res.setHeader('Connection', 'close');
  contextOf(req).errorCode = error.code;
  sendProblem(req, res, error);
}

/**
 * The answers that have not ended. Not in a Set: it makes itself anew every hundred requests, and of what it leaves behind each piece points to the
 * next, so that finished requests go on living until a full collection: 2.8 MB more after each young one, now 1.5 (of 11, at 64 clients).
 */
export class OpenAnswers {
  readonly #places: (Response | undefined)[] = [];
  readonly #free: number[] = [];

  /** @returns what takes it out again, to be called once */
  add(res: Response): () => void {
    const place = this.#free.pop() ?? this.#places.length;
    this.#places[place] = res;
    return () => {
      this.#places[place] = undefined;
      this.#free.push(place);
    };
  }

  *[Symbol.iterator](): Generator<Response> {
    for (const res of this.#places) if (res !== undefined) yield res;
  }
}
