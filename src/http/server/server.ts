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
  /** How long the head of a request may take. */
  readonly headersTimeoutMs?: number;
  /** How long a connection may be silent in both directions. Longer than the longest wait that callers may ask for. */
  readonly idleTimeoutMs?: number;
}

/** Larger than Node's 16 KiB: fewer stops and starts in a long upload. */
const READ_AHEAD_BYTES = 256 * 1024;

/**
 * A server for `app` that does not listen yet. An upload may take as long as it takes: what ends it is silence, not its
 * length (Node's own limit would cut any request after five minutes).
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
  const answering = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (req, res) => {
    answering.set(req.socket, res);
  });
  server.on('request', app);
  server.setTimeout(idleTimeoutMs);
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    const current = answering.get(socket);
    if (current === undefined || current.writableFinished) {
      answerClientError(error.code, socket);
      return;
    }
    // What is wrong came behind a request that still has to be answered; its answer is the last one.
    current.once('close', () => {
      socket.destroy();
    });
    if (!current.headersSent) current.setHeader('Connection', 'close');
  });
  return server;
}

/** What Node's parser refuses never becomes a request, so it is answered on the bare socket. */
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
      return ['headers_too_large', 'The headers have more than 16 KiB.'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['request_timeout', 'The head of the request did not come in time.'];
    default:
      return ['malformed_request', 'This is not an HTTP/1.1 request.'];
  }
}
