import { randomUUID } from 'node:crypto';
import {
  createServer as createHttpServer,
  IncomingMessage,
  type Server,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { type Duplex, setDefaultHighWaterMark } from 'node:stream';
import type { Express, Request, Response } from 'express';
import { type BodyPace, SLOWEST_BODY } from '../context.js';
import { ApiError, PROBLEM_MEDIA_TYPE, problemOf, sendProblem } from '../responses/errors.js';
import type { ApiErrorCode } from '../schemas/error-codes.js';
import { limitConnections, type TrustedProxies } from './connection-limit.js';

export interface ServerLimits {
  /** How long the head of a request may take, in milliseconds. */
  readonly headersTimeoutMs?: number;
  /**
   * How long a connection may be silent in both directions, in milliseconds. Must exceed the longest wait
   * that clients may ask for.
   */
  readonly idleTimeoutMs?: number;
  /** Open connections of one network; more are closed at once. By default any number. */
  readonly connectionsPerNetwork?: number;
}

/** As in newer versions of Node: with 16 KiB, what a long upload passes through stops and starts with every chunk. */
const READ_AHEAD_BYTES = 64 * 1024;

setDefaultHighWaterMark(false, READ_AHEAD_BYTES);

/**
 * A server for `app`, which `listen` gives connections. An upload may take any time: silence ends it, not its length
 * (Node's own limit would cut every request after five minutes).
 */
export function createServer(
  app: Express,
  { headersTimeoutMs = 20_000, idleTimeoutMs = 120_000, connectionsPerNetwork }: ServerLimits = {},
): Server {
  const server = createHttpServer({
    ...classesOf(app),
    headersTimeout: headersTimeoutMs,
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(headersTimeoutMs, 10_000),
    keepAliveTimeout: 65_000,
  });
  if (connectionsPerNetwork !== undefined) {
    limitConnections(server, connectionsPerNetwork, app.get('trust proxy fn') as TrustedProxies);
  }
  const responses = new WeakMap<Duplex, Response>();
  server.on('request', (req, res) => {
    // Express makes its own objects of these two.
    responses.set(req.socket, res as Response);
  });
  server.on('request', app);
  server.setTimeout(idleTimeoutMs);
  const broken = new WeakSet<Duplex>();
  server.on('clientError', (error: Error & { code?: string; rawPacket?: Buffer }, socket) => {
    // Everything that follows malformed bytes is reported as malformed too.
    if (broken.has(socket)) return;
    broken.add(socket);
    const current = responses.get(socket);
    if (current === undefined || current.writableFinished) {
      sendClientError(error, socket);
      return;
    }
    // The malformed bytes follow a request without its whole response yet. That response is the last one.
    current.once('close', () => {
      socket.destroy();
    });
    if (!current.req.complete) rejectBody(current.req, current, brokenBody(error.code));
    else if (!current.headersSent) current.setHeader('Connection', 'close');
  });
  return server;
}

/**
 * Classes of requests and responses with the prototypes that Express gives to each of these objects when it gets them. With them from
 * the start, an object keeps its layout, and code that V8 has compiled for it stays valid (docs/performance.md).
 */
function classesOf(app: Express) {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype });
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

/** What Node's parser rejects does not become a request, so the response is written to the socket. */
function sendClientError(
  { code, rawPacket }: { readonly code?: string; readonly rawPacket?: Buffer },
  socket: Duplex,
): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const error = new ApiError(...clientErrorKind(code));
  const body = JSON.stringify(problemOf(error, randomUUID()));
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  // A response to HEAD has no body, also when the rest of the request could not be read.
  const isHead = rawPacket?.toString('latin1', 0, 5) === 'HEAD ';
  socket.end(`${head.join('\r\n')}\r\n\r\n${isHead ? '' : body}`);
}

function clientErrorKind(code: string | undefined): [ApiErrorCode, string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return ['headers_too_large', 'The headers exceed 16 KiB.'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['request_timeout', 'The head of the request did not arrive in time.'];
    default:
      return ['malformed_request', 'This is not an HTTP/1.1 request.'];
  }
}

/** For a body whose framing is broken: the rest of it can never be read. */
function brokenBody(code: string | undefined): ApiError {
  return code === 'HPE_INVALID_EOF_STATE'
    ? new ApiError('incomplete_body', 'The body ended before it was complete.')
    : new ApiError('malformed_request', 'The body is not valid HTTP/1.1.');
}

export const CHECKS_PER_WINDOW = 60;

/**
 * Answers a body that stopped arriving with 408 before its connection is closed (see `createServer` for the
 * time).
 */
export function rejectIdleBody(req: Request, res: Response, stopping: AbortSignal): void {
  req.on('timeout', () => {
    const error = stopping.aborted
      ? new ApiError('stopping', 'The service is shutting down.', { retryAfterSeconds: 5 })
      : new ApiError('request_timeout', 'The body stopped arriving.');
    rejectBody(req, res, error);
  });
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
 * ever being silent for long. The time in which this service itself does not read is not counted. NDJSON streams have a pace
 * of their own (result-stream.ts), because they arrive as their source produces them.
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
