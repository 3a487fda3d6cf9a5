import type { Response } from 'express';
import { parseTilePath, ProofError, type TileId } from '../../proof/index.js';
import { IMMUTABLE } from './headers.js';
import { ApiError } from './errors.js';

/** Descriptions of a tile's path and bytes (c2sp.org/tlog-tiles). */
export const TILE_INDEX =
  'Index in groups of three digits, all but the last prefixed with x; followed by `.p/<W>` for a partial tile.';
export const TILE_BYTES = {
  200: { description: 'The bytes.', content: { 'application/octet-stream': 'binary' } },
} as const;

/** @throws {ApiError} not_found: also for a path that is not in canonical form */
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
  // Not `send`, which would hash the body for an ETag: immutable bytes are never revalidated.
  res.set({ 'Content-Type': 'application/octet-stream', 'Cache-Control': IMMUTABLE }).end(bytes);
}
