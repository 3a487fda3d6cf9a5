import type { BlockTile } from '../merkle/block-tree.js';
import { concat, encodeHeader, HASH_LENGTH, leafHash, TILE_WIDTH } from '../proof/index.js';
import { int2Array, int4Array } from './arrays.js';
import { headers } from './blocks.js';
import type { Connections } from './connections.js';

/** See `Store.blockTiles`. One statement for all: a path needs up to three tiles, and asking costs more than reading. */
export async function blockTiles(
  connections: Connections,
  height: number,
  tiles: readonly Pick<BlockTile, 'level' | 'index'>[],
): Promise<(Uint8Array | null)[]> {
  // What the columns cannot hold cannot be there.
  const possible = ({ level, index }: Pick<BlockTile, 'level' | 'index'>) => level <= 63 && index < 2 ** 31;
  if (!Number.isSafeInteger(height) || !tiles.every(possible)) return tiles.map(() => null);
  const rows = await connections.prepared<{ hashes: Uint8Array | null }>(
    'block_tiles',
    `SELECT (SELECT hashes FROM block_tile AS tile
             WHERE tile.height = $1 AND tile.index = wanted.index AND tile.level = wanted.level)
     FROM unnest($2::smallint[], $3::integer[]) WITH ORDINALITY AS wanted (level, index, ordinality)
     ORDER BY wanted.ordinality`,
    [height, int2Array(tiles.map(({ level }) => level)), int4Array(tiles.map(({ index }) => index))],
  );
  return rows.map(({ hashes }) => hashes);
}

/**
 * Full tiles are stored. A partial one grows with every block, so storing it would mean changing it: it is put together from
 * what the level below stores for good, block rows or the roots of full tiles.
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
  // Past the last leaf that a chain of safe heights can have, there is nothing to ask for.
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
  const blocks = await headers(connections, first, first + width);
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
