import { concat, encodeHeader, HASH_LENGTH, leafHash, TILE_WIDTH } from '../proof/index.js';
import { headers } from './blocks.js';
import type { Everyday } from './everyday.js';

export async function blockTile(
  everyday: Everyday,
  height: number,
  level: number,
  index: number,
): Promise<Uint8Array | null> {
  // What the columns cannot hold cannot be there.
  if (!Number.isSafeInteger(height) || level > 63 || index > 2 ** 31 - 1) return null;
  const row = await everyday.ask('reading a tile', (prisma) =>
    prisma.blockTile.findUnique({ where: { height_level_index: { height, level, index } } }),
  );
  return row === null ? null : row.hashes;
}

/**
 * Full tiles are stored. A partial one grows with every block, so storing it would mean changing it: it is put together from
 * what the level below stores for good, block rows or the roots of full tiles.
 */
export async function logTile(
  everyday: Everyday,
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
  const full = await everyday.ask('reading a tile', (prisma) =>
    prisma.logTile.findUnique({ where: { level_index: { level, index } } }),
  );
  if (full !== null) return full.hashes.subarray(0, width * HASH_LENGTH);
  if (width === TILE_WIDTH) return null;
  const hashes =
    level === 0 ? await leaves(everyday, first, width) : await roots(everyday, level - 1, first, width);
  return hashes.length === width ? concat(...hashes) : null;
}

async function leaves(everyday: Everyday, first: number, width: number): Promise<Uint8Array[]> {
  const blocks = await headers(everyday, first, first + width);
  return blocks.map((block) => leafHash(encodeHeader(block)));
}

async function roots(everyday: Everyday, level: number, first: number, width: number): Promise<Uint8Array[]> {
  const rows = await everyday.ask('reading tiles', (prisma) =>
    prisma.logTile.findMany({
      where: { level, index: { gte: first, lt: first + width } },
      orderBy: { index: 'asc' },
      select: { root: true },
    }),
  );
  return rows.map(({ root }) => root);
}
