import { HASH_LENGTH, TILE_WIDTH } from '../proof/index.js';
import { move } from 'piscina';
import { tileRoot } from '../merkle/flat.js';

/** Leaf hashes of whole blocks, and space for the roots of their tiles. */
export interface LeafRun {
  /** The concatenated leaf hashes, followed by the space for the roots. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Leaf hashes of each block. */
  readonly entryCounts: readonly number[];
}

/** @param spare memory to reuse if it is large enough */
export function createRun(entryCounts: readonly number[], spare: ArrayBuffer = new ArrayBuffer(0)): LeafRun {
  const length = HASH_LENGTH * entryCounts.reduce((sum, count) => sum + count + tilesOf(count), 0);
  const bytes = spare.byteLength < length ? new Uint8Array(length) : new Uint8Array(spare, 0, length);
  return { bytes, entryCounts };
}

/** Number of tiles for so many leaf hashes. */
export function tilesOf(count: number): number {
  return Math.ceil(count / TILE_WIDTH);
}

/** Computes the tiles' roots: nearly all the hashing of a member. Also runs in worker threads. */
export function fillTileRoots({ bytes, entryCounts }: LeafRun): LeafRun['bytes'] {
  let at = 0;
  let room = HASH_LENGTH * entryCounts.reduce((sum, count) => sum + count, 0);
  for (const count of entryCounts) {
    for (let left = count; left > 0; left -= TILE_WIDTH) {
      const end = at + HASH_LENGTH * Math.min(left, TILE_WIDTH);
      bytes.set(tileRoot(bytes.subarray(at, end)), room);
      at = end;
      room += HASH_LENGTH;
    }
  }
  return bytes;
}

/** The task of a worker thread: the buffer is transferred there and back. */
export function fillAndReturn(run: LeafRun): unknown {
  return move(fillTileRoots(run));
}
