import { nodeSha256 } from '../crypto/primitives.js';
import {
  concat,
  EMPTY_ROOT,
  levelWidth,
  merkleRoot,
  nodeHash,
  type ReadTile,
  TILE_WIDTH,
  type TileId,
} from '../proof/index.js';
import { tileRoot } from './flat.js';

/** The root of a complete subtree over `size` leaves. */
interface Subtree {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * A growing RFC 6962 tree of which only the roots of the largest complete subtrees are kept, from left to
 * right: a "compact range", of O(log n) hashes.
 */
export class CompactTree {
  readonly #subtrees: Subtree[];

  /** @param subtrees from left to right, each smaller than the one before, in powers of two */
  constructor(subtrees: readonly Subtree[] = []) {
    this.#subtrees = [...subtrees];
  }

  append(leaf: Uint8Array): void {
    let added: Subtree = { size: 1, root: leaf };
    for (let last = this.#subtrees.at(-1); last?.size === added.size; last = this.#subtrees.at(-1)) {
      this.#subtrees.pop();
      added = { size: last.size * 2, root: nodeHash(last.root, added.root, nodeSha256) };
    }
    this.#subtrees.push(added);
  }

  /** A copy of this tree with further leaves. */
  with(...leaves: readonly Uint8Array[]): CompactTree {
    const grown = new CompactTree(this.#subtrees);
    for (const leaf of leaves) grown.append(leaf);
    return grown;
  }

  root(): Uint8Array {
    const [smallest, ...larger] = this.#subtrees.map(({ root }) => root).reverse();
    if (smallest === undefined) return EMPTY_ROOT;
    return larger.reduce((right, left) => nodeHash(left, right, nodeSha256), smallest);
  }
}

/** A full tile of a log (c2sp.org/tlog-tiles). */
export interface LogTile {
  readonly level: number;
  readonly index: number;
  /** 256 hashes, one after the other. */
  readonly hashes: Uint8Array;
  /** RFC 6962 root over the 256 hashes: what the level above holds for this tile. */
  readonly root: Uint8Array;
}

/** The end of one level: the hashes of its last tile while it is not full. */
interface LevelEnd {
  readonly fullTiles: number;
  readonly hashes: Uint8Array[];
}

/**
 * Computes the tiles and the root of a growing log from its leaf hashes. Holds at most one tile of each
 * level.
 */
export class TileBuilder {
  readonly #levels: LevelEnd[];
  readonly #tree: CompactTree;

  private constructor(levels: LevelEnd[], tree: CompactTree) {
    this.#levels = levels;
    this.#tree = tree;
  }

  static empty(): TileBuilder {
    return new TileBuilder([], new CompactTree());
  }

  /** Continues the log of `size` leaves. Reads the last tile of each level, unless it is full. */
  static async resume(size: number, read: ReadTile): Promise<TileBuilder> {
    const levels: LevelEnd[] = [];
    for (let level = 0; levelWidth(size, level) > 0; level++) {
      const fullTiles = Math.floor(levelWidth(size, level) / TILE_WIDTH);
      const width = levelWidth(size, level) % TILE_WIDTH;
      const hashes = width === 0 ? [] : await read({ level, index: fullTiles, width });
      levels.push({ fullTiles, hashes: [...hashes] });
    }
    // The last tile of a level holds what no higher level covers: complete subtrees in powers of two, the
    // largest first.
    const subtrees: Subtree[] = [];
    for (const [level, { hashes }] of [...levels.entries()].reverse()) {
      let rest: readonly Uint8Array[] = hashes;
      for (let count = TILE_WIDTH / 2; count >= 1; count /= 2) {
        if (rest.length < count) continue;
        subtrees.push({
          size: count * TILE_WIDTH ** level,
          root: merkleRoot(rest.slice(0, count), nodeSha256),
        });
        rest = rest.slice(count);
      }
    }
    return new TileBuilder(levels, new CompactTree(subtrees));
  }

  /** Adds the next leaf. @returns the tiles that it completes, lowest level first */
  push(leaf: Uint8Array): LogTile[] {
    this.#tree.append(leaf);
    const complete: LogTile[] = [];
    let hash = leaf;
    for (let level = 0; ; level++) {
      const end = (this.#levels[level] ??= { fullTiles: 0, hashes: [] });
      end.hashes.push(hash);
      if (end.hashes.length < TILE_WIDTH) return complete;
      const hashes = concat(...end.hashes);
      hash = tileRoot(hashes);
      complete.push({ level, index: end.fullTiles, hashes, root: hash });
      this.#levels[level] = { fullTiles: end.fullTiles + 1, hashes: [] };
    }
  }

  /** The last tile of each level that is not full. */
  partialTiles(): { readonly id: TileId; readonly hashes: Uint8Array }[] {
    return this.#levels.flatMap(({ fullTiles, hashes }, level) =>
      hashes.length === 0
        ? []
        : [{ id: { level, index: fullTiles, width: hashes.length }, hashes: concat(...hashes) }],
    );
  }

  /** The root over all leaves so far. */
  root(): Uint8Array {
    return this.#tree.root();
  }
}
