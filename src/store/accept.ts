import { acceptStatement } from './accept-statement.js';
import { byteaArray } from './arrays.js';
import type { Connections } from './connections.js';
import { StoreError } from './errors.js';
import { nothingWritten, sqlStateOf, UNIQUE_VIOLATION } from './pg-errors.js';
import { CLOCK_TOLERANCE_MS, MAX_RANGE } from './store.js';
import { safe } from './rows.js';
import type { AcceptGroup, NewEntry } from './types.js';

export async function accept(
  connections: Connections,
  group: AcceptGroup,
): Promise<{ readonly first: number }> {
  assertSound(group);
  const { name, text, values } = acceptStatement(group);
  const rows = await connections.write(
    // Named: parsed and planned once per connection.
    async (client) => (await client.query<{ first: string }>({ name, text, values })).rows,
    refused,
  );
  const [row] = rows;
  if (row === undefined) throw await whyNoSlot(connections, group);
  return { first: safe(row.first) };
}

function assertSound(group: AcceptGroup): void {
  const { acceptedAt, accessVersion = 0, entries, details, idempotency, register } = group;
  if (entries.length < 1 || entries.length > MAX_RANGE) {
    throw new RangeError(`entries must number 1 to ${MAX_RANGE}, got ${entries.length}`);
  }
  if (!isCount(acceptedAt)) throw new RangeError('acceptedAt must be a non-negative safe integer');
  if (!isCount(accessVersion)) throw new RangeError('accessVersion must be a non-negative safe integer');
  entries.forEach(assertFits);
  for (const { index } of details) assertRun('details', index, 1, entries.length);
  for (const { offset, count } of idempotency) assertRun('idempotency', offset, count, entries.length);
  for (const { offset, count } of register) assertRun('register', offset, count, entries.length);
}

function assertFits(entry: NewEntry, index: number): void {
  const fits =
    entry.digest.length === 32 &&
    entry.salt.length === 16 &&
    entry.accountTag.length === 16 &&
    entry.detailsDigest.length === 32 &&
    (entry.size === null || isCount(entry.size)) &&
    isCount(entry.kind) &&
    entry.kind <= 255;
  if (!fits) throw new RangeError(`entries[${index}] does not fit the entry layout`);
}

function assertRun(what: string, first: number, count: number, length: number): void {
  if (!isCount(first) || !isCount(count) || count < 1 || first + count > length) {
    throw new RangeError(`${what} points outside the group's entries`);
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function refused(error: unknown): unknown {
  const isKey = error instanceof Error && 'constraint' in error && error.constraint === 'idempotency_pkey';
  if (sqlStateOf(error) === UNIQUE_VIOLATION && isKey) {
    return new StoreError('idempotency_conflict', 'an idempotency key of this group is taken', {
      cause: error,
    });
  }
  return nothingWritten(error, 'accepting entries');
}

async function whyNoSlot(
  connections: Connections,
  { acceptedAt, accessVersion }: AcceptGroup,
): Promise<StoreError> {
  const [head] = await connections.read<{ latest_time: string }>('SELECT latest_time FROM head');
  if (head === undefined) return new StoreError('refused', 'the head row is missing');
  const latest = safe(head.latest_time);
  if (accessVersion !== undefined && latest <= acceptedAt + CLOCK_TOLERANCE_MS) {
    return new StoreError('access_changed', `accounts or keys have changed since version ${accessVersion}`);
  }
  return new StoreError(
    'clock_behind',
    `the clock is ${latest - acceptedAt} ms behind the latest accepted entry: set it right`,
  );
}

/** Whether exactly these entries stand in the chain, and where. Call `fence` first: see `Store.findAccepted`. */
export async function findRun(
  connections: Connections,
  entries: readonly { readonly digest: Uint8Array; readonly salt: Uint8Array }[],
): Promise<number | null> {
  const [head] = entries;
  if (head === undefined) throw new RangeError('entries must not be empty');
  const [start] = await connections.read<{ position: string }>(
    'SELECT position FROM entry WHERE digest = $1 AND salt = $2',
    [head.digest, head.salt],
  );
  if (start === undefined) return null;
  const [found] = await connections.read<{ count: number }>(
    `SELECT count(*)::integer AS count
     FROM unnest($2::bytea[], $3::bytea[]) WITH ORDINALITY AS item (digest, salt, ordinal)
     JOIN entry ON entry.position = $1::bigint + item.ordinal - 1
     WHERE entry.digest = item.digest AND entry.salt = item.salt`,
    [
      start.position,
      byteaArray(entries.map(({ digest }) => digest)),
      byteaArray(entries.map(({ salt }) => salt)),
    ],
  );
  if (found?.count !== entries.length) {
    throw new StoreError('refused', `the group at position ${start.position} is not whole`);
  }
  return safe(start.position);
}
