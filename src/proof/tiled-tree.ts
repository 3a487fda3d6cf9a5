import { ProofError } from './errors.js';
import { nodeHash, sha256, type Sha256 } from './hash.js';
import { EMPTY_ROOT, merkleRoot, splitPoint } from './merkle.js';
import { TILE_WIDTH, tileAt, type ReadTile, type TileId } from './tiles.js';

/** The leaves [start, end) of a tree: `start` is a multiple of the smallest power of two that holds them all. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** Hashes of a tile whose number is a power of two, and that stand for a complete subtree. */
interface Part {
  readonly tile: TileId;
  readonly from: number;
  readonly to: number;
}

/** The tiles that the inclusion path of this leaf is made of, for who reads them all at once. */
export function inclusionTiles(index: number, size: number): TileId[] {
  const parts = inclusionRanges(index, size).flatMap((range) => partsOf(range, size));
  return [...new Map(parts.map(({ tile }) => [tileKey(tile), tile])).values()];
}

/** A tree that lives in tiles. Reads each tile at most once, of each level at most two for one path, and these at the same time. */
export class TiledTree {
  readonly size: number;
  readonly #read: ReadTile;
  readonly #hash: Sha256;
  readonly #tiles = new Map<string, Promise<readonly Uint8Array[]>>();

  constructor(size: number, read: ReadTile, hash: Sha256 = sha256) {
    this.size = size;
    this.#read = read;
    this.#hash = hash;
  }

  async root(): Promise<Uint8Array> {
    return this.size === 0 ? EMPTY_ROOT : this.range(0, this.size);
  }

  /** RFC 6962 PATH(index, D[size]). */
  async inclusionPath(index: number): Promise<Uint8Array[]> {
    return this.#roots(inclusionRanges(index, this.size));
  }

  /** RFC 6962 PROOF(oldSize, D[size]) for 0 < oldSize ≤ size. */
  async consistencyPath(oldSize: number): Promise<Uint8Array[]> {
    return this.#roots(consistencyRanges(oldSize, this.size));
  }

  /** MTH(D[start:end]), 0 ≤ start < end ≤ size; `start` is a multiple of the smallest power of two that holds the range. */
  async range(start: number, end: number): Promise<Uint8Array> {
    return this.#root(partsOf({ start, end }, this.size));
  }

  #roots(ranges: readonly Range[]): Promise<Uint8Array[]> {
    return Promise.all(ranges.map((range) => this.#root(partsOf(range, this.size))));
  }

  async #root(parts: readonly Part[]): Promise<Uint8Array> {
    const tiles = await Promise.all(parts.map(({ tile }) => this.#tile(tile)));
    return parts
      .map(({ from, to }, i) => merkleRoot((tiles[i] ?? []).slice(from, to), this.#hash))
      .reduceRight((right, left) => nodeHash(left, right, this.#hash));
  }

  #tile(tile: TileId): Promise<readonly Uint8Array[]> {
    const key = tileKey(tile);
    let hashes = this.#tiles.get(key);
    if (hashes === undefined) {
      hashes = this.#read(tile).then((read) => {
        if (read.length !== tile.width) {
          throw new ProofError(
            'malformed_path',
            `tile ${key} must hold ${tile.width} hashes, got ${read.length}`,
          );
        }
        return read;
      });
      this.#tiles.set(key, hashes);
    }
    return hashes;
  }
}

const tileKey = ({ level, index }: TileId) => `${level}/${index}`;

/** Whose roots are the inclusion path: the leaf's sibling first, the root's child last. */
function inclusionRanges(index: number, size: number): Range[] {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size))
    throw new RangeError('index is outside the tree');
  return descend(size, index + 1, ({ start, end }) => end - start === 1).siblings;
}

/** Whose roots are the consistency path, in its order. */
function consistencyRanges(oldSize: number, size: number): Range[] {
  if (!(Number.isSafeInteger(oldSize) && oldSize >= 1 && oldSize <= size))
    throw new RangeError('oldSize is outside 1..size');
  const { reached, siblings } = descend(size, oldSize, ({ end }) => end === oldSize);
  return reached.start === 0 ? siblings : [reached, ...siblings];
}

/** From the root to a subtree that has the last of the first `count` leaves; beside the way lie the siblings, the lowest first. */
function descend(
  size: number,
  count: number,
  arrived: (reached: Range) => boolean,
): { readonly reached: Range; readonly siblings: Range[] } {
  const siblings: Range[] = [];
  let reached: Range = { start: 0, end: size };
  while (!arrived(reached)) {
    const [left, right] = halves(reached);
    siblings.unshift(count <= left.end ? right : left);
    reached = count <= left.end ? left : right;
  }
  return { reached, siblings };
}

function halves({ start, end }: Range): [Range, Range] {
  const middle = start + splitPoint(end - start);
  return [
    { start, end: middle },
    { start: middle, end },
  ];
}

/** The complete subtrees that a range is made of, from the left, each by the fewest hashes that stand for it: 128 at most. */
function partsOf(range: Range, size: number): Part[] {
  const { start, end } = range;
  const count = end - start;
  if (count > 1 && splitPoint(count) * 2 !== count)
    return halves(range).flatMap((half) => partsOf(half, size));
  let level = 0;
  while (TILE_WIDTH ** (level + 1) <= count) level++;
  const unit = TILE_WIDTH ** level;
  const from = (start / unit) % TILE_WIDTH;
  return [{ tile: tileAt(level, start / unit, size), from, to: from + count / unit }];
}
