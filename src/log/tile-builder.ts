import {
  EMPTY_ROOT,
  levelWidth,
  merkleRoot,
  nodeHash,
  TILE_WIDTH,
  type ReadTile,
  type Sha256,
  type TileId,
} from '../proof/index.js';

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
