import type pg from 'pg';
import { int8Array } from './binary.js';
import type { Connections } from './connections.js';
import { copyOut } from './binary.js';
import { NOT_SEALED, nothingWritten, sqlStateOf, StoreError, UNKNOWN_POSITION } from './errors.js';
import {
  BLOCK_COLUMNS,
  type BlockRow,
  ENTRY_COLUMNS,
  type EntryRow,
  safe,
  toBlock,
  toEntry,
  toStoredEntry,
} from './rows.js';
import { decodeEntryPage, entryPageQuery, type KeyRange } from './snapshot.js';
import {
  type KeptEntry,
  MAX_RANGE,
  type PositionRange,
  type StoredBlock,
  type StoredEntry,
} from './store.js';

export async function entries(
  connections: Connections,
  first: number,
  count: number,
): Promise<StoredEntry[]> {
  assertRange(first, count);
  // Copied, because a sealer reads the entries of a whole block.
  const page = await copied(connections, { from: BigInt(first), to: BigInt(first + count) }, count);
  return decodeEntryPage(page).map(toStoredEntry);
}

async function copied(connections: Connections, range: KeyRange, count: number): Promise<Buffer> {
  const client = await connections.checkOut();
  try {
    const page = await copyOut(client, entryPageQuery(range, null, count));
    client.release();
    return page;
  } catch (error) {
    client.release(true);
    throw nothingWritten(error, 'reading entries');
  }
}

export async function entry(connections: Connections, position: number): Promise<StoredEntry | null> {
  const [row] = await select(connections, 'entry', 'WHERE position = $1', [position]);
  return row === undefined ? null : toEntry(row);
}

/**
 * With stale statistics the planner might read the whole table in the order of positions. `position + 0`
 * makes it use the hash index, and sort the few rows.
 */
export async function entriesByDigest(
  connections: Connections,
  digest: Uint8Array,
  limit: number,
): Promise<{ readonly entries: KeptEntry[]; readonly more: boolean }> {
  assertRange(0, limit);
  const rows = await select(
    connections,
    'entries_by_digest',
    'WHERE digest = $1 ORDER BY position + 0 LIMIT $2',
    [digest, limit + 1],
  );
  const found = rows.map(toEntry).filter((row) => !row.erased);
  return { entries: found.slice(0, limit), more: found.length > limit };
}

export function assertRange(first: number, count: number): void {
  if (!Number.isSafeInteger(first) || first < 0) throw new RangeError('first must be a non-negative integer');
  if (!Number.isSafeInteger(count) || count < 0 || count > MAX_RANGE) {
    throw new RangeError(`count must be an integer from 0 to ${MAX_RANGE}`);
  }
}

async function select(
  connections: Connections,
  name: string,
  where: string,
  values: unknown[],
): Promise<EntryRow[]> {
  const query: pg.QueryArrayConfig = {
    name,
    text: `SELECT ${ENTRY_COLUMNS} FROM entry ${where}`,
    values,
    rowMode: 'array',
  };
  try {
    return (await connections.pool.query<[...EntryRow]>(query)).rows;
  } catch (error) {
    throw nothingWritten(error, 'reading entries');
  }
}

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

/** The block that holds the first position of a range, and those that begin within the range. */
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

export async function blocksContaining(
  connections: Connections,
  ranges: readonly PositionRange[],
): Promise<StoredBlock[]> {
  if (ranges.length === 0) return [];
  return (await connections.prepared<BlockRow>('blocks_containing', BLOCKS, parameters(ranges))).map(toBlock);
}

function parameters(ranges: readonly PositionRange[]): Buffer[] {
  return [
    int8Array(ranges.map(({ first }) => first)),
    int8Array(ranges.map(({ first, count }) => first + count)),
  ];
}

export async function erase(connections: Connections, position: number): Promise<boolean> {
  return connections.write(
    async (client) => {
      const { rows } = await client.query<{ erased: boolean }>('SELECT erase_notarization($1) AS erased', [
        position,
      ]);
      return rows[0]?.erased === true;
    },
    (error) => {
      const message = error instanceof Error ? error.message : String(error);
      switch (sqlStateOf(error)) {
        case NOT_SEALED:
          return new StoreError('not_sealed', message, { cause: error });
        case UNKNOWN_POSITION:
          return new StoreError('unknown_position', message, { cause: error });
        default:
          return nothingWritten(error, 'erasing');
      }
    },
  );
}
