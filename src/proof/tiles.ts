import { describe } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH } from './hash.js';

/**
 * Merkle trees stored as tiles (c2sp.org/tlog-tiles): hash i of tile (level, index) is the root over leaves
 * [(index·256 + i)·256^level, (index·256 + i + 1)·256^level). Only complete subtrees are stored, so the last tile of a
 * level is partial while the tree grows.
 */

export const TILE_WIDTH = 256;

export interface TileId {
  readonly level: number;
  readonly index: number;
  /** 1 to 256 hashes. */
  readonly width: number;
}

/** The hashes of one tile, as many as `width` says. Rejects when the tile is not to be had. */
export type ReadTile = (tile: TileId) => Promise<readonly Uint8Array[]>;

/** How many hashes level `level` holds in the tree of `size` leaves. */
export function levelWidth(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** The tile that holds hash `index` of `level` in the tree of `size` leaves, as wide as that tree makes it. */
export function tileAt(level: number, index: number, size: number): TileId {
  const tile = Math.floor(index / TILE_WIDTH);
  return { level, index: tile, width: Math.min(TILE_WIDTH, levelWidth(size, level) - tile * TILE_WIDTH) };
}

/** `tile/<L>/<N>[.p/<W>]`, N in groups of three digits: 1234067 → x001/x234/067. */
export function tilePath({ level, index, width }: TileId): string {
  return `tile/${level}/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
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
 * @param level the path's `<L>`: 0 to 63 without leading zero (for a bundle of entries the caller passes "0")
 * @param rest  the path's `<N>[.p/<W>]`
 * @throws {ProofError} malformed_path for any other spelling than `indexPath` writes
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

/** Cuts a tile's bytes into its hashes. */
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
