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
