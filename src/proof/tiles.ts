import { describe } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH, nodeHash, sha256, type Sha256 } from './hash.js';
import { EMPTY_ROOT, merkleRoot, splitPoint } from './merkle.js';

/**
 * Merkle trees stored as tiles (c2sp.org/tlog-tiles): hash i of tile (level, index) is the root over leaves
 * [(index·256 + i)·256^level, (index·256 + i + 1)·256^level). Only complete subtrees are stored, so the last
 * tile of a level is partial while the tree grows.
 */

export const TILE_WIDTH = 256;

export interface TileId {
  readonly level: number;
  readonly index: number;
  /** 1 to 256 hashes. */
  readonly width: number;
}

/** Reads `width` hashes of one tile. Rejects when the tile is not available. */
export type ReadTile = (tile: TileId) => Promise<readonly Uint8Array[]>;

/** The number of hashes on `level` in the tree of `size` leaves. */
export function levelWidth(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** The tile with hash `index` of `level` in the tree of `size` leaves. */
export function tileAt(level: number, index: number, size: number): TileId {
  const tile = Math.floor(index / TILE_WIDTH);
  return { level, index: tile, width: Math.min(TILE_WIDTH, levelWidth(size, level) - tile * TILE_WIDTH) };
}

/** `tile/<L>/<N>[.p/<W>]`, N in groups of three digits: 1234067 → x001/x234/067. */
export function tilePath({ level, index, width }: TileId): string {
  return `tile/${level}/${rowPath(index, width)}`;
}

/** `<N>[.p/<W>]`. */
export function rowPath(index: number, width: number): string {
  return `${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

export function indexPath(index: number): string {
  const groups: string[] = [];
  let rest = index;
  do {
    groups.unshift(String(rest % 1000).padStart(3, '0'));
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
}

/**
 * @param level the path's `<L>`: 0 to 63 without leading zero; "0" for a bundle of entries
 * @param rest  the path's `<N>[.p/<W>]`
 * @throws {ProofError} malformed_path unless it is spelled as `tilePath` writes it
 */
export function parseTilePath(level: string, rest: string): TileId {
  const match = /^((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(rest);
  const levelNumber = /^(0|[1-9][0-9]?)$/.test(level) ? Number(level) : Number.NaN;
  const index = Number(match?.[1]?.replaceAll(/[x/]/g, ''));
  const width = match?.[2] === undefined ? TILE_WIDTH : Number(match[2]);
  const canonical = Number.isSafeInteger(index) && indexPath(index) === match?.[1];
  if (!(levelNumber <= 63) || !canonical || (match[2] !== undefined && width >= TILE_WIDTH)) {
    throw new ProofError('malformed_path', `not a tile: ${describe(`${level}/${rest}`)}`);
  }
  return { level: levelNumber, index, width };
}

/** Splits a tile's bytes into its hashes. Views, not copies. */
export function splitHashes(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length % HASH_LENGTH !== 0) {
    throw new ProofError(
      'malformed_path',
      `${bytes.length} bytes are not a row of ${HASH_LENGTH}-byte hashes`,
    );
  }
  return Array.from({ length: bytes.length / HASH_LENGTH }, (_, i) =>
    bytes.subarray(i * HASH_LENGTH, (i + 1) * HASH_LENGTH),
  );
}

/**
 * The leaves [start, end) of a tree: `start` is a multiple of the smallest power of two that holds them all.
 */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** Hashes of a tile under one complete subtree; their number is a power of two. */
interface Part {
  readonly tile: TileId;
  readonly from: number;
  readonly to: number;
}

/** All tiles that the inclusion path of this leaf needs, to read them at once. */
export function inclusionTiles(index: number, size: number): TileId[] {
  const parts = inclusionRanges(index, size).flatMap((range) => partsOf(range, size));
  return [...new Map(parts.map(({ tile }) => [tileKey(tile), tile])).values()];
}

/**
 * A tree that is stored in tiles. Reads each tile at most once, and the tiles of one path at the same time.
 */
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

  /**
   * MTH(D[start:end]), 0 ≤ start < end ≤ size; `start` is a multiple of the smallest power of two that holds
   * the range.
   */
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

/** The subtrees whose roots are the inclusion path: the leaf's sibling first, the root's child last. */
function inclusionRanges(index: number, size: number): Range[] {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size))
    throw new RangeError('index is outside the tree');
  return descend(size, index + 1, ({ start, end }) => end - start === 1).siblings;
}

/** The subtrees whose roots are the consistency path, in its order. */
function consistencyRanges(oldSize: number, size: number): Range[] {
  if (!(Number.isSafeInteger(oldSize) && oldSize >= 1 && oldSize <= size))
    throw new RangeError('oldSize is outside 1..size');
  const { reached, siblings } = descend(size, oldSize, ({ end }) => end === oldSize);
  return reached.start === 0 ? siblings : [reached, ...siblings];
}

/**
 * Descends from the root towards the last of the first `count` leaves. Collects the siblings on the way, the
 * lowest first.
 */
function descend(
  size: number,
  count: number,
  isGoal: (reached: Range) => boolean,
): { readonly reached: Range; readonly siblings: Range[] } {
  const siblings: Range[] = [];
  let reached: Range = { start: 0, end: size };
  while (!isGoal(reached)) {
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

/**
 * The complete subtrees of a range, from left to right, each as the fewest hashes of one tile: at most 128.
 */
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
