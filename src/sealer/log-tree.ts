import { nodeSha256 } from '../crypto/primitives.js';
import {
  concat,
  leafHash,
  merkleRoot,
  splitHashes,
  TILE_WIDTH,
  TiledTree,
  type TileId,
} from '../proof/index.js';
import type { LogTile, Store } from '../store/index.js';

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
  const tiles: LogTile[] = [];
  const grown = new Map<string, readonly Uint8Array[]>();
  let hash = leafHash(headerBytes, nodeSha256);
  // Each round appends one hash to the last tile of a level, and goes on one level up while that makes the tile full.
  for (let level = 0, index = size; ; level++, index = Math.floor(index / TILE_WIDTH)) {
    const tile = Math.floor(index / TILE_WIDTH);
    const before = index % TILE_WIDTH;
    const kept = before === 0 ? [] : await readTile(store, { level, index: tile, width: before });
    const hashes = [...kept, hash];
    grown.set(`${level}/${tile}`, hashes);
    if (hashes.length < TILE_WIDTH) break;
    hash = merkleRoot(hashes, nodeSha256);
    tiles.push({ level, index: tile, hashes: concat(...hashes), root: hash });
  }
  const tree = new TiledTree(
    size + 1,
    (tile) => Promise.resolve(grown.get(`${tile.level}/${tile.index}`) ?? readTile(store, tile)),
    nodeSha256,
  );
  return { root: await tree.root(), tiles };
}

async function readTile(store: Store, { level, index, width }: TileId): Promise<Uint8Array[]> {
  const bytes = await store.logTile(level, index, width);
  if (bytes === null) throw new Error(`the log lacks ${width} hashes of tile ${level}/${index}`);
  return splitHashes(bytes);
}
