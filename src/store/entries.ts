import { isSealed } from '../crypto/erasure-keys.js';
import { copyOut, int8Array } from './binary.js';
import { hasDigest } from './digest-index.js';
import type { Connections } from './connections.js';
import { notErased, nothingWritten } from './errors.js';
import { above } from './replication.js';
import {
  ENTRY_COLUMNS,
  type EntryRow,
  type KeptEntry,
  safe,
  type StoredEntry,
  toEntry,
  toStoredEntry,
} from './rows.js';
import { decodeEntryPage, entryPageQuery, type KeyRange } from './snapshot.js';

/** Most entries in one `accept`, and most positions in one range. */
export const MAX_RANGE = 2 ** 20;

/** Positions [first, first + count). */
export interface PositionRange {
  readonly first: number;
  readonly count: number;
}

/** Accepted entries, waiting or sealed. */
export interface EntryStore {
  /**
   * Up to `count` entries from `first` on, in the order of positions; fewer only at the end of the chain.
   * Committed entries never change, except by erasure.
   */
  entries(first: number, count: number): Promise<StoredEntry[]>;

  entry(position: number): Promise<StoredEntry | null>;

  /** The entries with this digest, earliest first, at most `limit`; `more`: there are others. */
  entriesByDigest(
    digest: Uint8Array,
    limit: number,
  ): Promise<{ readonly entries: KeptEntry[]; readonly more: boolean }>;

  /** The details at these positions, by position, exactly as they were hashed; without those whose key is missing. */
  detailsIn(ranges: readonly PositionRange[]): Promise<Map<number, string>>;

  /**
   * Erases everything but the position of a sealed notarization, for good. The leaf hash stays, so every
   * other proof stays valid. Idempotent: true when this call erased, false when an earlier one did.
   *
   * The next automatic vacuum removes the bytes from the table, usually within a minute. Backups and replicas
   * are the operator's responsibility.
   *
   * @throws {StoreError} not_sealed, unknown_position, legal_hold, not_erasable; outcome_unknown: call it again.
   */
  erase(position: number): Promise<boolean>;
}

export async function entries(
  connections: Connections,
  first: number,
  count: number,
): Promise<StoredEntry[]> {
  assertRange(first, count);
  // Copied, because a sealer reads the entries of a whole block.
  const page = await copied(connections, { from: BigInt(first), to: BigInt(first + count) }, count);
  return decodeEntryPage(page).map((row) => toStoredEntry(row, connections.keys));
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
  if (row !== undefined) await connections.requireConfirmed({ nextPosition: position + 1 });
  return row === undefined ? null : toEntry(row, connections.keys);
}

/**
 * With stale statistics the planner might read the whole table in the order of positions. `position + 0`
 * makes it use the index of digests, and sort the few rows.
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
    `WHERE ${hasDigest('$1')} ORDER BY position + 0 LIMIT $2`,
    [digest, limit + 1],
  );
  const found = rows.map((row) => toEntry(row, connections.keys)).filter((row) => !row.erased);
  await connections.requireConfirmed({ nextPosition: above(found.map(({ position }) => position)) });
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
  return connections.readArrays<[...EntryRow]>({
    name,
    text: `SELECT ${ENTRY_COLUMNS} FROM entry ${where}`,
    values,
  });
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
    rangeParameters(ranges),
  );
  const { keys } = connections;
  return new Map(
    rows.flatMap(({ position, json }) => {
      const text = isSealed(json) ? (keys?.open(json) ?? null) : json;
      return text === null ? [] : [[safe(position), text] as const];
    }),
  );
}

export function rangeParameters(ranges: readonly PositionRange[]): Buffer[] {
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
    (error) => notErased(error, 'erasing'),
  );
}
