import { nodeSha256 } from '../crypto/primitives.js';
import { type LogTile, TileBuilder } from '../merkle/growing-tree.js';
import { leafHash, splitHashes, TiledTree, type TileId } from '../proof/index.js';
import type { Store } from '../store/index.js';

/** The log over its first `size` blocks, read from its tiles in the store. */
export function logTree(store: Store, size: number): TiledTree {
  return new TiledTree(size, (tile) => readTile(store, tile), nodeSha256);
}

export interface LogExtension {
  /** Root of the log with the new block. */
  readonly root: Uint8Array;
  /** Tiles that the new block completes. */
  readonly tiles: readonly LogTile[];
}

/** Extends the log of `size` blocks by the block with these header bytes. */
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
