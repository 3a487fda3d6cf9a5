import { nodeSha256 } from '../crypto/primitives.js';
import { encodeHeader, leafHash, splitHashes, TILE_WIDTH, TiledTree, type TileId } from '../proof/index.js';
import type { Store } from '../store/index.js';

/** Tiles in memory, of at most 8 KiB each: the last of each level, and some of those that recent proofs used. */
const KEPT = 64;

/**
 * The log read from its tiles in the store, with recently used tiles in memory: hashes never change, and the last tile of a level only
 * grows. The last tile of level 0, of up to 255 headers to read and hash, is part of every proof.
 */
export class LogTiles {
  readonly #store: Store;
  /** By level and index, the most recently used one last. */
  readonly #kept = new Map<string, readonly Uint8Array[]>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The log over its first `size` blocks. */
  tree(size: number): TiledTree {
    return new TiledTree(size, (tile) => this.#tile(tile), nodeSha256);
  }

  async #tile(tile: TileId): Promise<readonly Uint8Array[]> {
    const key = `${tile.level}/${tile.index}`;
    const kept = this.#kept.get(key) ?? [];
    const hashes = kept.length >= tile.width ? kept : await this.#read(tile, kept);
    // A concurrent call may have read more of it.
    const latest = this.#kept.get(key) ?? [];
    this.#kept.delete(key);
    this.#kept.set(key, latest.length > hashes.length ? latest : hashes);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return hashes.slice(0, tile.width);
  }

  /** @param kept its hashes in memory */
  async #read({ level, index, width }: TileId, kept: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    if (level > 0 || kept.length === 0) {
      const hashes = await this.#store.logTile(level, index, width);
      if (hashes === null) throw new Error(`the log lacks ${width} hashes of tile ${level}/${index}`);
      return splitHashes(hashes);
    }
    const first = index * TILE_WIDTH;
    const blocks = await this.#store.blocksBetween(first + kept.length, first + width);
    return [...kept, ...blocks.map((block) => leafHash(encodeHeader(block), nodeSha256))];
  }
}

/** The entries of a bundle (c2sp.org/tlog-tiles, "Log Entries": each preceded by its length in two bytes); null when the bytes are not one. */
export function readEntryBundle(bytes: Uint8Array | null): Uint8Array[] | null {
  if (bytes === null) return null;
  const entries: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const [high, low] = [bytes[offset], bytes[offset + 1]];
    if (high === undefined || low === undefined) return null;
    const end = offset + 2 + high * 256 + low;
    if (end > bytes.length) return null;
    entries.push(bytes.subarray(offset + 2, end));
    offset = end;
  }
  return entries;
}
