import type { Response } from 'express';
import { parseTilePath, ProofError } from '../../proof/index.js';
import type { HttpDeps } from '../deps.js';
import { IMMUTABLE } from '../answer/caching.js';
import { ApiError } from '../answer/errors.js';
import { queryOf } from '../request/query.js';
import { NoQuery } from '../schema/request-schemas.js';
import { pathParameter, type Route } from '../route.js';

const INDEX =
  'Index in groups of three digits, all but the last behind an x; `.p/<W>` behind it for a partial tile.';
const BYTES = {
  200: { description: 'The bytes.', content: { 'application/octet-stream': 'binary' } },
} as const;

/** c2sp.org/tlog-tiles: the log for machines that check it. What does not exist yet is a 404, as its clients expect. */
export function tileRoutes({ log }: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/checkpoint',
      operation: {
        id: 'getCheckpoint',
        tag: 'Transparency log',
        summary: 'The latest signed checkpoint (C2SP tlog-checkpoint)',
        query: NoQuery,
        responses: { 200: { description: 'A signed note.', content: { 'text/plain': 'text' } } },
        errors: ['invalid_parameter', 'not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const checkpoint = await log.checkpoint();
        if (checkpoint === null)
          throw new ApiError('not_found', 'There is no checkpoint before the first block.');
        res.set({ 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-cache' });
        res.send(Buffer.from(checkpoint));
      },
    },
    {
      method: 'get',
      path: '/tile/entries/{+index}',
      operation: {
        id: 'getEntryBundle',
        tag: 'Transparency log',
        summary: 'Up to 256 block headers, each behind its length (C2SP tlog-tiles)',
        path: { index: INDEX },
        query: NoQuery,
        responses: BYTES,
        errors: ['invalid_parameter', 'not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        // A bundle's path is that of the tile of level 0 above it.
        const { index, width } = tileOf('0', pathParameter(req, 'index'));
        sendBytes(res, await log.entryBundle(index, width));
      },
    },
    {
      method: 'get',
      path: '/tile/{level}/{+index}',
      operation: {
        id: 'getTile',
        tag: 'Transparency log',
        summary: 'Up to 256 hashes of the log (C2SP tlog-tiles)',
        path: { level: '0 to 63.', index: INDEX },
        query: NoQuery,
        responses: BYTES,
        errors: ['invalid_parameter', 'not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        sendBytes(res, await log.tile(tileOf(pathParameter(req, 'level'), pathParameter(req, 'index'))));
      },
    },
  ];
}

function tileOf(level: string, index: string) {
  try {
    return parseTilePath(level, index);
  } catch (error) {
    if (error instanceof ProofError)
      throw new ApiError('not_found', 'There is no such tile.', { cause: error });
    throw error;
  }
}

function sendBytes(res: Response, bytes: Uint8Array | null): void {
  if (bytes === null) throw new ApiError('not_found', 'There is no such tile yet.');
  res
    .set({ 'Content-Type': 'application/octet-stream', 'Cache-Control': IMMUTABLE })
    .send(Buffer.from(bytes));
}
