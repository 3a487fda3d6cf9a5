import type pg from 'pg';
import type { Connections } from './connections.js';
import { nothingWritten } from './pg-errors.js';
import { ENTRY_COLUMNS, toEntry, type EntryRow } from './rows.js';
import { MAX_RANGE } from './store.js';
import type { KeptEntry, StoredEntry } from './types.js';

export async function entries(
  connections: Connections,
  first: number,
  count: number,
): Promise<StoredEntry[]> {
  assertRange(first, count);
  const rows = await select(connections, 'WHERE position >= $1 AND position < $2 ORDER BY position', [
    first,
    first + count,
  ]);
  return rows.map(toEntry);
}

export async function entry(connections: Connections, position: number): Promise<StoredEntry | null> {
  const [row] = await select(connections, 'WHERE position = $1', [position]);
  return row === undefined ? null : toEntry(row);
}

/**
 * `position + 0` keeps the planner from walking the whole table in position order when its statistics are stale: the
 * hash index finds the few rows, and sorting them is nothing.
 */
export async function entriesByDigest(
  connections: Connections,
  digest: Uint8Array,
  limit: number,
): Promise<{ readonly entries: KeptEntry[]; readonly more: boolean }> {
  assertRange(0, limit);
  const rows = await select(connections, 'WHERE digest = $1 ORDER BY position + 0 LIMIT $2', [
    digest,
    limit + 1,
  ]);
  const found = rows.map(toEntry).filter((row) => !row.erased);
  return { entries: found.slice(0, limit), more: found.length > limit };
}

export function assertRange(first: number, count: number): void {
  if (!Number.isSafeInteger(first) || first < 0) throw new RangeError('first must be a non-negative integer');
  if (!Number.isSafeInteger(count) || count < 0 || count > MAX_RANGE) {
    throw new RangeError(`count must be an integer from 0 to ${MAX_RANGE}`);
  }
}

async function select(connections: Connections, where: string, values: unknown[]): Promise<EntryRow[]> {
  const query: pg.QueryArrayConfig = {
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
