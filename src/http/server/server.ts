import {
  createServer as createHttpServer,
  STATUS_CODES,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { randomUUID } from 'node:crypto';
import { ApiError, PROBLEM_MEDIA_TYPE, problemOf } from '../responses/errors.js';
import type { ApiErrorCode } from '../schemas/error-codes.js';

export interface ServerLimits {
  /** How long the head of a request may take, in milliseconds. */
  readonly headersTimeoutMs?: number;
  /**
   * How long a connection may be silent in both directions, in milliseconds. Must exceed the longest wait
   * that clients may ask for.
   */
  readonly idleTimeoutMs?: number;
}

/** Larger than Node's default of 16 KiB: a long upload is paused and resumed less often. */
const READ_AHEAD_BYTES = 256 * 1024;

/**
 * A server for `app`, which does not listen yet. An upload may take any time: silence ends it, not its length
 * (Node's own limit would cut every request after five minutes).
 */
export function createServer(
  app: RequestListener,
  { headersTimeoutMs = 20_000, idleTimeoutMs = 120_000 }: ServerLimits = {},
): Server {
  const server = createHttpServer({
    headersTimeout: headersTimeoutMs,
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(headersTimeoutMs, 10_000),
    keepAliveTimeout: 65_000,
    highWaterMark: READ_AHEAD_BYTES,
    noDelay: true,
  });
  const responses = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (req, res) => {
    responses.set(req.socket, res);
  });
  server.on('request', app);
  server.setTimeout(idleTimeoutMs);
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    const current = responses.get(socket);
    if (current === undefined || current.writableFinished) {
      answerClientError(error.code, socket);
      return;
    }
    // The malformed bytes follow a request that is still being answered. Its response is the last one.
    current.once('close', () => {
      socket.destroy();
    });
    if (!current.headersSent) current.setHeader('Connection', 'close');
  });
  return server;
}

/** What Node's parser rejects never becomes a request, so the response goes directly to the socket. */
function answerClientError(code: string | undefined, socket: Duplex): void {
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
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
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
