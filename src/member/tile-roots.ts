import { HASH_LENGTH, TILE_WIDTH } from '../proof/index.js';
import { move } from 'piscina';
import { tileRoot } from '../merkle/flat.js';

/** Leaf hashes of whole blocks, and room for the root of each of their tiles. */
export interface LeafRun {
  /** The leaf hashes one after the other, and behind them the room. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many each block has. */
  readonly entryCounts: readonly number[];
}

/** @param spare memory that is not needed any more, to be used again where it is large enough */
export function createRun(entryCounts: readonly number[], spare: ArrayBuffer = new ArrayBuffer(0)): LeafRun {
  const length = HASH_LENGTH * entryCounts.reduce((sum, count) => sum + count + tilesOf(count), 0);
  const bytes = spare.byteLength < length ? new Uint8Array(length) : new Uint8Array(spare, 0, length);
  return { bytes, entryCounts };
}

/** How many tiles hold so many leaf hashes. */
export function tilesOf(count: number): number {
  return Math.ceil(count / TILE_WIDTH);
}

/** Nearly all that a member hashes. This file runs in worker threads too. */
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

/** What a thread is asked for: the bytes are handed over, there and back. */
export function fillAndReturn(run: LeafRun): unknown {
  return move(fillTileRoots(run));
}
