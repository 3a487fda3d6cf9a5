import { nodeSha256 } from '../crypto/primitives.js';
import {
  EMPTY_ROOT,
  encodeHeader,
  leafHash,
  levelWidth,
  merkleRoot,
  nodeHash,
  type ReadTile,
  type Sha256,
  splitHashes,
  TILE_WIDTH,
  TiledTree,
  type TileId,
} from '../proof/index.js';
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

export interface BuiltTile {
  readonly id: TileId;
  readonly hashes: readonly Uint8Array[];
}

/** Makes a tree's tiles and root out of its leaf hashes, holding at most one tile of each level. */
export class TileBuilder {
  readonly #hash: Sha256;
  /** The tile of each level that is being filled, and how many are full already. */
  readonly #levels: { full: number; hashes: Uint8Array[] }[] = [];
  /** Complete subtrees from the left, each smaller than the one before: the tree as it stands (RFC 6962 §2.1). */
  readonly #subtrees: { size: number; hash: Uint8Array }[] = [];

  constructor(hash: Sha256) {
    this.#hash = hash;
  }

  /** Goes on with the tree of `size` leaves whose tiles `read` gives. */
  static async resume(size: number, read: ReadTile, hash: Sha256): Promise<TileBuilder> {
    const builder = new TileBuilder(hash);
    for (let level = 0; levelWidth(size, level) > 0; level++) {
      const all = levelWidth(size, level);
      const [full, width] = [Math.floor(all / TILE_WIDTH), all % TILE_WIDTH];
      const hashes = width === 0 ? [] : await read({ level, index: full, width });
      builder.#levels[level] = { full, hashes: [...hashes] };
    }
    // The tile that is being filled holds, of each level, what no higher level holds: in powers of two, largest first.
    for (const [level, { hashes }] of [...builder.#levels.entries()].reverse()) {
      let rest = hashes;
      for (let count = TILE_WIDTH / 2; count >= 1; count /= 2) {
        if (rest.length < count) continue;
        const root = merkleRoot(rest.slice(0, count), hash);
        builder.#subtrees.push({ size: count * TILE_WIDTH ** level, hash: root });
        rest = rest.slice(count);
      }
    }
    return builder;
  }

  /** Adds the next leaf. @returns the tiles that it completes, lowest first */
  push(leaf: Uint8Array): BuiltTile[] {
    this.#addSubtree(leaf);
    const complete: BuiltTile[] = [];
    let hash = leaf;
    for (let level = 0; ; level++) {
      const tile = (this.#levels[level] ??= { full: 0, hashes: [] });
      tile.hashes.push(hash);
      if (tile.hashes.length < TILE_WIDTH) return complete;
      complete.push({ id: { level, index: tile.full, width: TILE_WIDTH }, hashes: tile.hashes });
      hash = merkleRoot(tile.hashes, this.#hash);
      this.#levels[level] = { full: tile.full + 1, hashes: [] };
    }
  }

  /** The partial tiles at the end of each level. */
  finish(): BuiltTile[] {
    return this.#levels.flatMap(({ full, hashes }, level) =>
      hashes.length === 0 ? [] : [{ id: { level, index: full, width: hashes.length }, hashes }],
    );
  }

  /** The root over all leaves so far. */
  root(): Uint8Array {
    return (
      this.#subtrees
        .map(({ hash }) => hash)
        .reduceRight<Uint8Array | null>((right, left) => {
          return right === null ? left : nodeHash(left, right, this.#hash);
        }, null) ?? EMPTY_ROOT
    );
  }

  #addSubtree(leaf: Uint8Array): void {
    let added = { size: 1, hash: leaf };
    for (let last = this.#subtrees.at(-1); last?.size === added.size; last = this.#subtrees.at(-1)) {
      this.#subtrees.pop();
      added = { size: last.size * 2, hash: nodeHash(last.hash, added.hash, this.#hash) };
    }
    this.#subtrees.push(added);
  }
}
