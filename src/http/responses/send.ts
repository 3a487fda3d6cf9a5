import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { LimitName, LimitState } from '../../auth/index.js';

/** For immutable resources: sealed blocks, tiles, files with a hash in their name. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/**
 * Content-Disposition for a download (RFC 6266): the name in ASCII, and in UTF-8 (RFC 8187) for clients that
 * support it. The ASCII form has no quotes, backslashes or percent signs, because old clients disagree about
 * them.
 */
export function attachment(fileName: string): string {
  const ascii = fileName.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  if (ascii === fileName) return `attachment; filename="${ascii}"`;
  const encoded = encodeURIComponent(fileName).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/**
 * RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers): the limits, and what is left of
 * them. A later call for the same response updates its own limits and keeps the others.
 */
export function setLimitHeaders(res: Response, states: readonly LimitState[]): void {
  if (states.length === 0 || res.headersSent) return;
  const known = sentStates.get(res) ?? new Map<string, LimitState>();
  sentStates.set(res, known);
  for (const state of states) known.set(policyName(state), state);
  const all = [...known];
  res.setHeader(
    'RateLimit-Policy',
    all
      .map(
        ([policy, { name, limit, windowSeconds }]) =>
          `"${policy}";q=${limit};w=${windowSeconds}${UNIT[name]}`,
      )
      .join(', '),
  );
  res.setHeader(
    'RateLimit',
    all
      .map(([policy, { remaining, resetSeconds }]) => `"${policy}";r=${remaining};t=${resetSeconds}`)
      .join(', '),
  );
}

const sentStates = new WeakMap<Response, Map<string, LimitState>>();

/** A limit of an organization and one of a key can apply together. */
function policyName({ name, of }: LimitState): string {
  return `${name}-${of}`;
}

/** Quota units; requests are the default. */
const UNIT: Readonly<Record<LimitName, string>> = {
  requests: '',
  digests: ';qu="digests"',
  bytes: ';qu="content-bytes"',
};

/**
 * How long, and how much, a client may continue to send after its response before the connection is closed.
 */
const LINGER_MS = 5000;
const LINGER_BYTES = 64 * 1024 * 1024;
/** Node discards a remaining body of this size by itself, and keeps the connection. */
const SMALL_BODY_BYTES = 64 * 1024;

/**
 * Sends a complete response, even while the request is still arriving. Closing the socket at once would make
 * the kernel reset the connection, and the client could lose the response (RFC 9112 §9.6). So the response is
 * written, the rest of the request is discarded for a while, and then the connection is closed.
 */
export function finishEarly(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  contentType: string,
  text: string,
): void {
  const body = Buffer.from(text);
  res.statusCode = status;
  res.setHeader('Content-Type', contentType);
  res.setHeader('Content-Length', String(body.length));
  if (!isArriving(req)) {
    res.end(req.method === 'HEAD' ? undefined : body);
    return;
  }
  res.setHeader('Connection', 'close');
  if (req.method === 'HEAD') res.flushHeaders();
  else res.write(body);
  const end = () => {
    clearTimeout(timer);
    req.off('data', count).off('end', end).off('close', end).off('error', end);
    res.end();
  };
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) end();
  };
  const timer = setTimeout(end, LINGER_MS);
  // The body's reader may have left a pipe, and the request paused.
  req.unpipe();
  req.on('data', count).on('end', end).on('close', end).on('error', end);
  req.resume();
}

function isArriving(req: IncomingMessage): boolean {
  if (req.complete || req.destroyed) return false;
  const length = req.headers['content-length'];
  return length === undefined ? 'transfer-encoding' in req.headers : Number(length) > SMALL_BODY_BYTES;
}

/** Ends a response that has already begun while the request is still arriving, and then the connection. */
export function endEarly(req: IncomingMessage, res: ServerResponse): void {
  res.end();
  if (!isArriving(req)) return;
  const timer = setTimeout(() => {
    req.destroy();
  }, LINGER_MS);
  req.once('close', () => {
    clearTimeout(timer);
  });
  req.resume();
}

/** Resolves when the client has read enough for more to be written, or has disconnected. */
export function waitForDrain(res: Response): Promise<void> {
  if (res.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      res.off('drain', done).off('close', done);
      resolve();
    };
    res.on('drain', done).on('close', done);
  });
}

export interface TimeLimit {
  readonly signal: AbortSignal;
  dispose(): void;
}

/**
 * Aborts after `milliseconds`, when the client disconnects, or when the service stops. `dispose` removes its
 * listeners.
 */
export function timeLimit(res: Response, stopping: AbortSignal, milliseconds: number | null): TimeLimit {
  const controller = new AbortController();
  const abort = () => {
    controller.abort();
  };
  const timer = milliseconds === null ? undefined : setTimeout(abort, milliseconds);
  res.on('close', abort);
  stopping.addEventListener('abort', abort);
  if (stopping.aborted || res.destroyed) abort();
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      res.off('close', abort);
      stopping.removeEventListener('abort', abort);
    },
  };
}
