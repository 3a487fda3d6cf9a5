import { buildTileRoots } from '../merkle/block-tree.js';
import { entryLeafHashes } from '../merkle/flat.js';

export { mine } from './mining.js';

/** The leaf hashes of a run of entries, and the roots of the tiles that they are cut into, each in one row. */
export interface HashedRun {
  readonly leaves: Uint8Array;
  readonly tileRoots: Uint8Array;
}

/** Runs in a worker thread, so that the process keeps answering while a large block is hashed. */
export function hashRun(entries: Uint8Array): HashedRun {
  const leaves = entryLeafHashes(entries);
  return { leaves, tileRoots: buildTileRoots(leaves) };
}
