import { int8Array } from './arrays.js';
import type { Connections } from './connections.js';
import { BLOCK_COLUMNS, safe, toBlock, type BlockRow } from './rows.js';
import type { StoredBlock } from './types.js';

/** Positions [first, first + count). */
export interface PositionRange {
  readonly first: number;
  readonly count: number;
}

/** See `Store.detailsIn`. */
export async function detailsIn(
  connections: Connections,
  ranges: readonly PositionRange[],
): Promise<Map<number, string>> {
  if (ranges.length === 0) return new Map();
  const rows = await connections.prepared<{ position: string; json: string }>(
    'details_in',
    `SELECT details.position, details.json FROM unnest($1::bigint[], $2::bigint[]) AS range (first, beyond)
     JOIN details ON details.position >= range.first AND details.position < range.beyond`,
    parameters(ranges),
  );
  return new Map(rows.map(({ position, json }) => [safe(position), json]));
}

/** The block that a range begins in, and those that begin within it. */
const BLOCKS = `
SELECT DISTINCT ${BLOCK_COLUMNS}
FROM unnest($1::bigint[], $2::bigint[]) AS range (first, beyond)
CROSS JOIN LATERAL (
  SELECT * FROM (
    SELECT * FROM block WHERE first_position <= range.first ORDER BY first_position DESC LIMIT 1
  ) AS begun WHERE first_position + entry_count > range.first
  UNION ALL
  SELECT * FROM block WHERE first_position > range.first AND first_position < range.beyond
) AS block
ORDER BY height`;

/** See `Store.blocksOver`. */
export async function blocksOver(
  connections: Connections,
  ranges: readonly PositionRange[],
): Promise<StoredBlock[]> {
  if (ranges.length === 0) return [];
  return (await connections.prepared<BlockRow>('blocks_over', BLOCKS, parameters(ranges))).map(toBlock);
}

function parameters(ranges: readonly PositionRange[]): Buffer[] {
  return [
    int8Array(ranges.map(({ first }) => first)),
    int8Array(ranges.map(({ first, count }) => first + count)),
  ];
}
