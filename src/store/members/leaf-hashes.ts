import { HASH_LENGTH, TILE_WIDTH } from '../../proof/index.js';
import type { Connections } from '../connections.js';
import { safe } from '../rows.js';

/** Block by block from the one that holds the first position: an index leads to it, and the rows follow each other on disk. */
const TILES = `
SELECT block.first_position + tile.index::bigint * ${TILE_WIDTH} AS first, tile.hashes
FROM block JOIN block_tile AS tile ON tile.height = block.height AND tile.level = 0
WHERE block.first_position >= (SELECT max(first_position) FROM block WHERE first_position <= $1)
  AND block.first_position < $2
  AND block.first_position + (tile.index::bigint + 1) * ${TILE_WIDTH} > $1
  AND block.first_position + tile.index::bigint * ${TILE_WIDTH} < $2
ORDER BY block.height, tile.index`;

export async function leafHashes(
  connections: Connections,
  first: number,
  count: number,
): Promise<Uint8Array | null> {
  const rows = await connections.read<{ first: string; hashes: Uint8Array }>(TILES, [first, first + count]);
  const all = new Uint8Array(count * HASH_LENGTH);
  let filled = 0;
  for (const { first: start, hashes } of rows) {
    const from = Math.max(0, first - safe(start));
    const part = hashes.subarray(from * HASH_LENGTH).subarray(0, all.length - filled);
    all.set(part, filled);
    filled += part.length;
  }
  return filled === all.length ? all : null;
}
