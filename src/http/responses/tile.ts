import type { Response } from 'express';
import { parseTilePath, ProofError, type TileId } from '../../proof/index.js';
import { IMMUTABLE } from './headers.js';
import { ApiError } from './errors.js';

/** What is said of a tile's path and bytes (c2sp.org/tlog-tiles). */
export const TILE_INDEX =
  'Index in groups of three digits, all but the last behind an x; `.p/<W>` behind it for a partial tile.';
export const TILE_BYTES = {
  200: { description: 'The bytes.', content: { 'application/octet-stream': 'binary' } },
} as const;

/** Another spelling than the one there is names nothing. @throws {ApiError} not_found */
export function tileOf(level: string, index: string): TileId {
  try {
    return parseTilePath(level, index);
  } catch (error) {
    if (error instanceof ProofError)
      throw new ApiError('not_found', 'There is no such tile.', { cause: error });
    throw error;
  }
}

export function sendTile(res: Response, bytes: Uint8Array | null): void {
  if (bytes === null) throw new ApiError('not_found', 'There is no such tile yet.');
  // Not `send`, which makes an ETag: what never changes is never asked for again, and SHA-1 of 32 MiB took 0.1 s, a third of all that serving them takes.
  res.set({ 'Content-Type': 'application/octet-stream', 'Cache-Control': IMMUTABLE }).end(bytes);
}
