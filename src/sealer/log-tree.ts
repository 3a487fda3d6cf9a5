import { nodeSha256 } from '../crypto/primitives.js';
import { type LogTile, TileBuilder } from '../merkle/growing-tree.js';
import { leafHash, splitHashes, TiledTree, type TileId } from '../proof/index.js';
import type { Store } from '../store/index.js';

/** The log as its tiles in the store have it, at `size` blocks. */
export function logTree(store: Store, size: number): TiledTree {
  return new TiledTree(size, (tile) => readTile(store, tile), nodeSha256);
}

export interface LogExtension {
  /** Root of the log including the new block. */
  readonly root: Uint8Array;
  /** Tiles that the new block completes. */
  readonly tiles: readonly LogTile[];
}

/** What the log becomes when the block with these header bytes is added to the `size` blocks that it has. */
export async function extendLog(store: Store, size: number, headerBytes: Uint8Array): Promise<LogExtension> {
  const builder = await TileBuilder.resume(size, (tile) => readTile(store, tile));
  const tiles = builder.push(leafHash(headerBytes, nodeSha256));
  return { root: builder.root(), tiles };
}

async function readTile(store: Store, { level, index, width }: TileId): Promise<Uint8Array[]> {
  const bytes = await store.logTile(level, index, width);
  if (bytes === null) throw new Error(`the log lacks ${width} hashes of tile ${level}/${index}`);
  return splitHashes(bytes);
}
