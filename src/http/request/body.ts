import type { Request } from 'express';

/**
 * The chunks of a request's body. Unlike with the request's own iterator, leaving the loop early keeps the connection, which is
 * still needed for the answer.
 */
export function bodyOf(req: Request): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => req.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>,
  };
}

/** What Content-Length says of the whole body; null: it does not. */
export function announcedLength(req: Request): number | null {
  const length = req.headers['content-length'];
  return length === undefined ? null : Number(length);
}
