import type pg from 'pg';
import type { BlockTile } from '../merkle/block-tree.js';
import type { LogTile } from '../merkle/growing-tree.js';
import { concat, encodeHeader, HASH_LENGTH, leafHash, TILE_WIDTH } from '../proof/index.js';
import { byteaArray, int2Array, int4Array, int8Array } from './binary.js';
import { blocksBetween, type PlacedTile } from './blocks.js';
import type { Connections } from './connections.js';

/** The tiles of the blocks' trees and of the log. */

/** 1,024 tiles are 8 MiB: a block of 2^20 entries has 4,113 of them. */
const TILES_PER_STATEMENT = 1024;

export async function insertLogTiles(client: pg.ClientBase, tiles: readonly LogTile[]): Promise<void> {
  if (tiles.length === 0) return;
  await client.query(
    `INSERT INTO log_tile (level, index, hashes, root)
     SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[])`,
    [
      int2Array(tiles.map(({ level }) => level)),
      int8Array(tiles.map(({ index }) => index)),
      byteaArray(tiles.map(({ hashes }) => hashes)),
      byteaArray(tiles.map(({ root }) => root)),
    ],
  );
}

export async function insertBlockTiles(
  client: pg.ClientBase,
  height: number,
  tiles: readonly BlockTile[],
): Promise<void> {
  for (let at = 0; at < tiles.length; at += TILES_PER_STATEMENT) {
    const some = tiles.slice(at, at + TILES_PER_STATEMENT);
    await client.query(
      `INSERT INTO block_tile (height, level, index, hashes)
       SELECT $1, * FROM unnest($2::smallint[], $3::integer[], $4::bytea[])`,
      [
        height,
        int2Array(some.map(({ level }) => level)),
        int4Array(some.map(({ index }) => index)),
        byteaArray(some.map(({ hashes }) => hashes)),
      ],
    );
  }
}

/** One statement for all tiles: an inclusion path needs up to three. */
export async function blockTiles(
  connections: Connections,
  tiles: readonly PlacedTile[],
): Promise<(Uint8Array | null)[]> {
  // There are no tiles beyond the range of the columns.
  const possible = ({ height, level, index }: PlacedTile) =>
    Number.isSafeInteger(height) && level <= 63 && index < 2 ** 31;
  if (!tiles.every(possible)) return tiles.map(() => null);
  const rows = await connections.prepared<{ hashes: Uint8Array | null }>(
    'block_tiles',
    `SELECT (SELECT hashes FROM block_tile AS tile
             WHERE tile.height = wanted.height AND tile.index = wanted.index AND tile.level = wanted.level)
     FROM unnest($1::bigint[], $2::smallint[], $3::integer[]) WITH ORDINALITY
       AS wanted (height, level, index, ordinality)
     ORDER BY wanted.ordinality`,
    [
      int8Array(tiles.map(({ height }) => height)),
      int2Array(tiles.map(({ level }) => level)),
      int4Array(tiles.map(({ index }) => index)),
    ],
  );
  return rows.map(({ hashes }) => hashes);
}

/**
 * Full tiles are stored. A partial one, which every block would change, is made of what the level below
 * stores: block rows, or the roots of full tiles.
 */
export async function logTile(
  connections: Connections,
  level: number,
  index: number,
  width: number,
): Promise<Uint8Array | null> {
  if (!Number.isSafeInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new RangeError(`width must be an integer from 1 to ${TILE_WIDTH}`);
  }
  // A chain of safe heights has no leaf beyond this.
  const first = index * TILE_WIDTH;
  if (level > 6 || !Number.isSafeInteger((first + width) * TILE_WIDTH ** level)) return null;
  const [full] = await connections.prepared<{ hashes: Uint8Array }>(
    'log_tile',
    'SELECT hashes FROM log_tile WHERE level = $1 AND index = $2',
    [level, index],
  );
  if (full !== undefined) return full.hashes.subarray(0, width * HASH_LENGTH);
  if (width === TILE_WIDTH) return null;
  const hashes =
    level === 0 ? await leaves(connections, first, width) : await roots(connections, level - 1, first, width);
  return hashes.length === width ? concat(...hashes) : null;
}

async function leaves(connections: Connections, first: number, width: number): Promise<Uint8Array[]> {
  const blocks = await blocksBetween(connections, first, first + width);
  return blocks.map((block) => leafHash(encodeHeader(block)));
}

async function roots(
  connections: Connections,
  level: number,
  first: number,
  width: number,
): Promise<Uint8Array[]> {
  const rows = await connections.prepared<{ root: Uint8Array }>(
    'log_tile_roots',
    'SELECT root FROM log_tile WHERE level = $1 AND index >= $2 AND index < $3 ORDER BY index',
    [level, first, first + width],
  );
  return rows.map(({ root }) => root);
}
