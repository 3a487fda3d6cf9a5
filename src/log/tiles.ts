import { nodeSha256 } from '../crypto/primitives.js';
import {
  concat,
  encodeHeader,
  HASH_LENGTH,
  leafHash,
  TILE_WIDTH,
  TiledTree,
  type TileId,
} from '../proof/index.js';
import { readLogTile } from '../sealer/index.js';
import type { Store, StoredBlock } from '../store/index.js';

/**
 * Tiles in memory, of at most 8 KiB each: the last of each level, and some of those that recent proofs used.
 */
const KEPT = 64;

/**
 * The log read from its tiles in the store, with recently used tiles in memory: hashes never change, and the
 * last tile of a level only grows. The last tile of level 0, of up to 255 headers to read and hash, is part
 * of every proof.
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
    if (level > 0 || kept.length === 0) return readLogTile(this.#store, { level, index, width });
    const first = index * TILE_WIDTH;
    const blocks = await this.#store.blocksBetween(first + kept.length, first + width);
    return [...kept, ...blocks.map((block) => leafHash(encodeHeader(block), nodeSha256))];
  }
}

/** Reads the published blocks and tiles. */
export class LogReader {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** A tile's hashes, concatenated; null when the log is too small. */
  tile({ level, index, width }: TileId): Promise<Uint8Array | null> {
    return this.#store.logTile(level, index, width);
  }

  /**
   * The headers below tile (0, index), each preceded by its length in two bytes; null when the log is too
   * small.
   */
  async entryBundle(index: number, width: number): Promise<Uint8Array | null> {
    const first = index * TILE_WIDTH;
    const blocks = await this.#store.blocksBetween(first, first + width);
    return blocks.length < width ? null : formatEntryBundle(blocks.map(encodeHeader));
  }

  /** Leaf hashes by position, across blocks, concatenated; null while not all of them are sealed. */
  leaves(first: number, count: number): Promise<Uint8Array | null> {
    return this.#store.leafHashes(first, count);
  }

  /**
   * The state statements of the blocks of the heights [first, first + count), null for those without; null while not
   * all of these blocks are there.
   */
  async statements(first: number, count: number): Promise<(string | null)[] | null> {
    if ((await this.#store.block(first + count - 1)) === null) return null;
    const found = await this.#store.stateStatements(first, first + count);
    const byHeight = new Map(found.map(({ height, statement }) => [height, statement]));
    return Array.from({ length: count }, (_, i) => byHeight.get(first + i) ?? null);
  }

  /** The change list of the block of this height; empty: it changes no record. */
  async changes(height: number): Promise<Uint8Array> {
    const [placed] = await this.#store.changeLists(height, height + 1);
    return placed?.list ?? new Uint8Array();
  }

  block(height: number): Promise<StoredBlock | null> {
    return this.#store.block(height);
  }

  /** The first `width` hashes of a tile of a block's tree, concatenated; null when there is no such tile. */
  async blockTile(height: number, { level, index, width }: TileId): Promise<Uint8Array | null> {
    const [hashes = null] = await this.#store.blockTiles([{ height, level, index }]);
    return hashes === null || hashes.length < width * HASH_LENGTH
      ? null
      : hashes.subarray(0, width * HASH_LENGTH);
  }

  /** Highest first, below `before`. */
  blocks(range: { readonly before?: number; readonly limit: number }): Promise<StoredBlock[]> {
    return this.#store.blocks(range);
  }
}

/** A bundle of entries (c2sp.org/tlog-tiles, "Log Entries": each preceded by its length in two bytes). */
export function formatEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concat(
    ...entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry]),
  );
}

/** The bundle of the first entries of a bundle; null when it has fewer, or is none. */
export function cutEntryBundle(bytes: Uint8Array, width: number): Uint8Array | null {
  const entries = readEntryBundle(bytes) ?? [];
  return entries.length < width ? null : formatEntryBundle(entries.slice(0, width));
}

/** The entries of a bundle; null when the bytes are not one. */
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
