import { nodeSha256 } from '../crypto/primitives.js';
import { encodeHeader, leafHash, splitHashes, TILE_WIDTH, TiledTree, type TileId } from '../proof/index.js';
import type { Store } from '../store/index.js';

/** Some 30 KB each: the ends of all levels, and what the proofs of 16,000 blocks need besides. */
const KEPT = 64;

/**
 * The log as its tiles in the store have it, with the tiles that were read last in memory: their hashes never change, and the last
 * of a level only grows. Its last tile, of up to 255 headers to read and to hash, is part of every proof.
 */
export class LogTiles {
  readonly #store: Store;
  /** By level and index, the one that was used last at the end. */
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
    // Somebody else may have read more of it meanwhile.
    const latest = this.#kept.get(key) ?? [];
    this.#kept.delete(key);
    this.#kept.set(key, latest.length > hashes.length ? latest : hashes);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return hashes.slice(0, tile.width);
  }

  /** @param kept what is known of it */
  async #read({ level, index, width }: TileId, kept: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    if (level > 0 || kept.length === 0) {
      const hashes = await this.#store.logTile(level, index, width);
      if (hashes === null) throw new Error(`the log lacks ${width} hashes of tile ${level}/${index}`);
      return splitHashes(hashes);
    }
    const first = index * TILE_WIDTH;
    const blocks = await this.#store.headers(first + kept.length, first + width);
    return [...kept, ...blocks.map((block) => leafHash(encodeHeader(block), nodeSha256))];
  }
}

/** c2sp.org/tlog-tiles, "Log Entries": each entry behind its length in two bytes. */

/** The entries of a bundle, or null when the bytes are not one. */
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
