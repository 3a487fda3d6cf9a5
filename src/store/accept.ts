import { setImmediate as turn } from 'node:timers/promises';
import { DATABASE_LIMITS } from '../background/time-limits.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { ANONYMOUS, encodeEntry, equal, isZero, leafHash, type Entry } from '../proof/index.js';
import { byteaArray, int2Array, int4Array, int8Array, textArray } from './binary.js';
import { hasDigest } from './digest-index.js';
import type { Connections } from './connections.js';
import { sealingState } from './blocks.js';
import { MAX_RANGE } from './entries.js';
import { nothingWritten, sqlStateOf, StoreError, UNIQUE_VIOLATION } from './errors.js';
import { runMac } from './row-mac.js';
import { KEYED } from './keyed.js';
import { safe } from './rows.js';
import { type Extent, extentValues, holdsExtent, rolledBack } from './seen.js';

/** How far the clock may go back between two groups, in milliseconds, before `accept` refuses. */
export const CLOCK_TOLERANCE_MS = 5000;

/** An entry to be accepted; the group's time of acceptance is that of all its entries. */
export type NewEntry = Omit<Entry, 'acceptedAt'> & SaltReference;

interface SaltReference {
  /** Of the data key that the salt follows from: it is stored instead of the salt. Absent: the salt is stored. */
  readonly reference?: Uint8Array | undefined;
}

export interface AcceptGroup {
  /** Taken by the service when it forms the group. */
  readonly acceptedAt: number;
  /** At least one. */
  readonly entries: readonly NewEntry[];
  /** The signed receipt over these entries. */
  readonly receipt: string;
  /**
   * `index` counts within `entries`. `json` is the exact text whose hash the entry holds; of an entry with a data key,
   * that text encrypted. `words` (see
   * `lexemesOf`) are what a search of the register finds it by; none for anonymous entries.
   */
  readonly details: readonly {
    readonly index: number;
    readonly json: string;
    readonly words: readonly string[];
  }[];
  /**
   * Which runs of `entries` belong to which organization, by its number. `offset` counts within `entries`.
   */
  readonly register: readonly {
    readonly offset: number;
    readonly count: number;
    readonly organization: number;
    /** `key:<id>` or `person:<id>`. */
    readonly submittedBy: string;
  }[];
  /** Which run of `entries` each key stands for. `offset` counts within `entries`. */
  readonly idempotency: readonly {
    readonly scope: string;
    readonly key: string;
    readonly fingerprint: Uint8Array;
    readonly offset: number;
    readonly count: number;
  }[];
  /** Those of `entries` that are events of records. Absent: none. */
  readonly events?: readonly NewRecordEvent[];
}

/** An event of a record, as it is accepted. */
export interface NewRecordEvent {
  /** Counts within the group's `entries`. */
  readonly index: number;
  /** The record's id. */
  readonly record: Uint8Array;
  readonly sequence: number;
  readonly type: string;
  /** The signed note. */
  readonly note: string;
  /** The record's value before; 32 zero bytes for its first event. */
  readonly before: Uint8Array;
  readonly value: Uint8Array;
  /** Number of the organization that may read the record from now on; null: nobody more. */
  readonly reader: number | null;
}

export interface IdempotencyRecord {
  readonly fingerprint: Uint8Array;
  readonly firstPosition: number;
  readonly entryCount: number;
  readonly createdAt: number;
}

/** Accepting entries, and the idempotency keys of submissions. */
export interface AcceptStore {
  /**
   * Appends a group of entries with their receipt, details and idempotency keys, all or nothing, in one
   * statement.
   *
   * Durability: everything is on disk when this resolves. Ordering: positions have no gaps and follow the
   * order of commits; the group's entries get `first`, `first + 1`, … in the order given. Concurrency: groups
   * commit one after the other; larger groups cost little more than small ones. Idempotence: none without a
   * key; with keys, a second group with the same (scope, key) is refused as a whole.
   *
   * @throws {StoreError} clock_behind, rolled_back, idempotency_conflict, event_conflict (see `takenEvents`),
   *   unavailable, refused: nothing was written. outcome_unknown: call `findAccepted` with the same entries.
   * @throws {RangeError} the group is empty or too large, or a field does not have the length of the layout
   */
  accept(group: AcceptGroup): Promise<{ readonly first: number }>;

  /**
   * The outcome of an `accept` that ended in outcome_unknown: the first position of exactly these entries in
   * this order, or null when they were not committed. This is final: connections on which a statement could
   * still be running are terminated first. Salts are random, so no other group can be confused with it.
   */
  findAccepted(entries: readonly (Pick<Entry, 'digest' | 'salt'> & SaltReference)[]): Promise<number | null>;

  /**
   * The record of this key, or null. It was committed together with its entries.
   * @throws {StoreError} unavailable also when a synchronous standby does not confirm it
   */
  idempotencyRecord(scope: string, key: string): Promise<IdempotencyRecord | null>;

  /** Deletes keys written before `beforeMs`. Returns how many. Idempotent. */
  expireIdempotency(beforeMs: number): Promise<number>;
}

/**
 * One statement, hence one round trip and one commit for a group. It updates the one head row first, so
 * groups commit one after the other: positions have no gaps and follow the order of commits. A sequence would
 * leave gaps after a rollback, and its numbers would become visible in another order.
 */
const ENTRIES = `
WITH slot AS (
  UPDATE head
  SET next_position = next_position + $1::integer, latest_time = GREATEST(latest_time, $2::bigint)
  WHERE latest_time <= $2::bigint + ${CLOCK_TOLERANCE_MS} AND ${holdsExtent('$10', '$11')}
  RETURNING next_position - $1::integer AS first
), accepted AS (
  INSERT INTO entry (position, accepted_at, size, kind, digest, salt, account_tag, details_digest)
  SELECT slot.first + item.ordinal - 1, $2::bigint, item.size, item.kind, item.digest, item.salt, item.tag, item.details
  FROM slot, unnest($3::bigint[], $4::smallint[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[])
    WITH ORDINALITY AS item (size, kind, digest, salt, tag, details, ordinal)
), receipted AS (
  INSERT INTO receipt (first_position, entry_count, note) SELECT slot.first, $1::integer, $9::text FROM slot
)`;

function entryValues({ acceptedAt, entries, receipt }: AcceptGroup, seen: Extent): unknown[] {
  return [
    entries.length,
    acceptedAt,
    int8Array(entries.map((entry) => entry.size)),
    int2Array(entries.map(({ kind, reference }) => (reference === undefined ? kind : KEYED))),
    byteaArray(entries.map((entry) => entry.digest)),
    byteaArray(entries.map(storedSalt)),
    // Zero means absent, which takes no bytes in a row.
    byteaArray(entries.map(({ accountTag }) => (equal(accountTag, ANONYMOUS) ? null : accountTag))),
    byteaArray(entries.map(({ detailsDigest }) => (isZero(detailsDigest) ? null : detailsDigest))),
    receipt,
    ...extentValues(seen),
  ];
}

/** What is in the column `salt`. */
const storedSalt = ({ salt, reference }: Pick<NewEntry, 'salt' | 'reference'>): Uint8Array =>
  reference ?? salt;

/** Rows that a group may have besides its entries. */
interface Part {
  readonly name: string;
  /** `$a`, `$b`, … are its own parameters. */
  readonly sql: string;
  /** One array for each parameter; null: the group has no such rows. */
  readonly values: (group: AcceptGroup, rowKey: Uint8Array | null) => Buffer[] | null;
}

/**
 * Between the words of one entry, which contain no control characters: arrays of arrays must all have the
 * same length.
 */
const SEPARATOR = 31;

/** The tsvector of words that `joinWords` has joined. @param text in SQL */
export const wordsOf = (text: string): string =>
  `array_to_tsvector(string_to_array(${text}, chr(${SEPARATOR})))`;

export const joinWords = (words: readonly string[]): string => words.join(String.fromCharCode(SEPARATOR));

const PARTS: readonly Part[] = [
  {
    name: 'details',
    sql: `
  INSERT INTO details (position, json)
  SELECT slot.first + item.index, item.json
  FROM slot, unnest($a::integer[], $b::text[]) AS item (index, json)`,
    values: ({ details }) =>
      details.length === 0
        ? null
        : [int4Array(details.map(({ index }) => index)), textArray(details.map(({ json }) => json))],
  },
  {
    name: 'keys',
    sql: `
  INSERT INTO idempotency (scope, key, fingerprint, first_position, entry_count, created_at)
  SELECT item.scope, item.key, item.fingerprint, slot.first + item.first, item.count, $2::bigint
  FROM slot, unnest($a::text[], $b::text[], $c::bytea[], $d::integer[], $e::integer[])
    AS item (scope, key, fingerprint, first, count)`,
    values: ({ idempotency }) =>
      idempotency.length === 0
        ? null
        : [
            textArray(idempotency.map(({ scope }) => scope)),
            textArray(idempotency.map(({ key }) => key)),
            byteaArray(idempotency.map(({ fingerprint }) => fingerprint)),
            int4Array(idempotency.map(({ offset }) => offset)),
            int4Array(idempotency.map(({ count }) => count)),
          ],
  },
  {
    name: 'register',
    sql: `
  INSERT INTO register_run (organization_number, first_position, accepted_at, entry_count, submitted_by, mac)
  SELECT item.organization, slot.first + item.first, $2::bigint, item.count, item.actor, item.mac
  FROM slot, unnest($a::integer[], $b::integer[], $c::integer[], $d::text[], $e::bytea[])
    AS item (organization, first, count, actor, mac)`,
    values: ({ register, entries, acceptedAt }, rowKey) =>
      register.length === 0
        ? null
        : [
            int4Array(register.map(({ organization }) => organization)),
            int4Array(register.map(({ offset }) => offset)),
            int4Array(register.map(({ count }) => count)),
            textArray(register.map(({ submittedBy }) => submittedBy)),
            byteaArray(register.map((run) => macOf(run, entries[run.offset], acceptedAt, rowKey))),
          ],
  },
  wordsPart('words', 'details_words', false),
  wordsPart('unlogged_words', 'unlogged_words', true),
  {
    name: 'events',
    sql: `
  INSERT INTO event (record, sequence, type, position, note, before, value)
  SELECT item.record, item.sequence, item.type, slot.first + item.index, item.note, item.before, item.value
  FROM slot, unnest($a::integer[], $b::bytea[], $c::bigint[], $d::text[], $e::text[], $f::bytea[], $g::bytea[])
    AS item (index, record, sequence, type, note, before, value)`,
    values: ({ events = [] }) =>
      events.length === 0
        ? null
        : [
            int4Array(events.map(({ index }) => index)),
            byteaArray(events.map(({ record }) => record)),
            int8Array(events.map(({ sequence }) => sequence)),
            textArray(events.map(({ type }) => type)),
            textArray(events.map(({ note }) => note)),
            byteaArray(events.map(({ before }) => before)),
            byteaArray(events.map(({ value }) => value)),
          ],
  },
  {
    name: 'readers',
    sql: `
  INSERT INTO record_reader (record, organization_number, position)
  SELECT item.record, item.organization, slot.first + item.index
  FROM slot, unnest($a::integer[], $b::bytea[], $c::integer[]) AS item (index, record, organization)
  ON CONFLICT DO NOTHING`,
    values: ({ events = [] }) => {
      const read = events.flatMap((event) =>
        event.reader === null ? [] : [{ ...event, reader: event.reader }],
      );
      return read.length === 0
        ? null
        : [
            int4Array(read.map(({ index }) => index)),
            byteaArray(read.map(({ record }) => record)),
            int4Array(read.map(({ reader }) => reader)),
          ];
    },
  },
];

/** @param isKeyed whether it is for entries with data keys, or for the others */
function wordsPart(name: string, table: string, isKeyed: boolean): Part {
  return {
    name,
    sql: `
  INSERT INTO ${table} (position, words)
  SELECT slot.first + item.index, ${wordsOf('item.words')}
  FROM slot, unnest($a::integer[], $b::text[]) AS item (index, words)`,
    values: ({ details, entries }) => {
      const worded = details.filter(
        ({ index, words }) => words.length > 0 && (entries[index]?.reference !== undefined) === isKeyed,
      );
      return worded.length === 0
        ? null
        : [
            int4Array(worded.map(({ index }) => index)),
            textArray(worded.map(({ words }) => joinWords(words))),
          ];
    },
  };
}

/** Made before the position is known: the leaf hash says which entry it is. */
function macOf(
  { organization, count, submittedBy }: AcceptGroup['register'][number],
  first: NewEntry | undefined,
  acceptedAt: number,
  rowKey: Uint8Array | null,
): Uint8Array | null {
  if (rowKey === null || first === undefined) return null;
  const leaf = leafHash(encodeEntry({ ...first, acceptedAt }), nodeSha256);
  return runMac(rowKey, { organization, acceptedAt, count, submittedBy, leaf });
}

/** By name: few of the combinations occur. */
const texts = new Map<string, string>();

/**
 * The statement that accepts the group. Parts that the group has no rows for are left out, because an INSERT
 * of no rows costs time as well. The name lists the parts, so that each connection prepares each combination
 * once.
 */
function acceptStatement(
  group: AcceptGroup,
  rowKey: Uint8Array | null,
  seen: Extent,
): { name: string; text: string; values: unknown[] } {
  const values = entryValues(group, seen);
  const present = PARTS.flatMap((part) => {
    const own = part.values(group, rowKey);
    return own === null ? [] : [{ part, before: values.push(...own) - own.length }];
  });
  const name = ['accept', ...present.map(({ part }) => part.name)].join('+');
  let text = texts.get(name);
  if (text === undefined) {
    const parts = present.map(
      ({ part, before }) => `, with_${part.name} AS (${numbered(part.sql, before)}\n)`,
    );
    text = `${ENTRIES}${parts.join('')}\nSELECT first FROM slot`;
    texts.set(name, text);
  }
  return { name, text, values };
}

/** `$a` is the first parameter behind the `before` others. */
function numbered(sql: string, before: number): string {
  return sql.replaceAll(/\$([a-g])/g, (_, letter: string) => `$${before + 'abcdefg'.indexOf(letter) + 1}`);
}

const MANY_ENTRIES = 256;

export async function accept(
  connections: Connections,
  group: AcceptGroup,
): Promise<{ readonly first: number }> {
  assertSound(group);
  const seen = connections.seen.extent;
  const { name, text, values } = acceptStatement(group, connections.rowKey, seen);
  // Sending megabytes takes as long as preparing them: other work of this process runs in between.
  if (group.entries.length > MANY_ENTRIES) await turn();
  const rows = await connections.write(
    // Named: it is parsed and planned once per connection.
    async (client) => (await client.query<{ first: string }>({ name, text, values })).rows,
    refused,
  );
  const [row] = rows;
  if (row === undefined) throw await whyNothingAccepted(connections, group.acceptedAt, seen);
  const first = safe(row.first);
  connections.seen.add({ nextPosition: first + group.entries.length });
  connections.addConfirmed({ nextPosition: first + group.entries.length });
  return { first };
}

function assertSound(group: AcceptGroup): void {
  const { acceptedAt, entries, details, idempotency, register, events = [] } = group;
  if (entries.length < 1 || entries.length > MAX_RANGE) {
    throw new RangeError(`entries must number 1 to ${MAX_RANGE}, got ${entries.length}`);
  }
  if (!isCount(acceptedAt)) throw new RangeError('acceptedAt must be a non-negative safe integer');
  entries.forEach(assertFits);
  for (const { index } of details) assertRun('details', index, 1, entries.length);
  for (const { index } of events) assertRun('events', index, 1, entries.length);
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
  const constraint = error instanceof Error && 'constraint' in error ? error.constraint : null;
  if (sqlStateOf(error) === UNIQUE_VIOLATION && constraint === 'idempotency_pkey') {
    return new StoreError('idempotency_conflict', 'an idempotency key of this group exists already', {
      cause: error,
    });
  }
  if (sqlStateOf(error) === UNIQUE_VIOLATION && constraint === 'event_sequence') {
    const message = 'an event with this sequence of the same record exists already';
    return new StoreError('event_conflict', message, { cause: error });
  }
  return nothingWritten(error, 'accepting entries');
}

/** Why a statement that accepts entries has updated no row. */
export async function whyNothingAccepted(
  connections: Connections,
  acceptedAt: number,
  seen: Extent,
): Promise<StoreError> {
  const now = await sealingState(connections);
  const behind = now.latestTime - acceptedAt;
  if (behind <= CLOCK_TOLERANCE_MS) return rolledBack(seen, now);
  return new StoreError(
    'clock_behind',
    `the clock is ${behind} ms behind the latest accepted entry: correct it`,
  );
}

/**
 * Where exactly these entries are in the chain, if they are. Call `fence` first: see
 * `EntryStore.findAccepted`.
 */
export async function findRun(
  connections: Connections,
  entries: readonly (Pick<Entry, 'digest' | 'salt'> & SaltReference)[],
): Promise<number | null> {
  const [head] = entries;
  if (head === undefined) throw new RangeError('entries must not be empty');
  const [start] = await connections.read<{ position: string }>(
    `SELECT position FROM entry WHERE ${hasDigest('$1')} AND salt = $2`,
    [head.digest, storedSalt(head)],
  );
  if (start === undefined) return null;
  const [found] = await connections.read<{ count: number }>(
    `SELECT count(*)::integer AS count
     FROM unnest($2::bytea[], $3::bytea[]) WITH ORDINALITY AS item (digest, salt, ordinal)
     JOIN entry ON entry.position = $1::bigint + item.ordinal - 1
     WHERE entry.digest = item.digest AND entry.salt = item.salt`,
    [start.position, byteaArray(entries.map(({ digest }) => digest)), byteaArray(entries.map(storedSalt))],
  );
  if (found?.count !== entries.length) {
    throw new StoreError('refused', `the group at position ${start.position} is incomplete`);
  }
  return safe(start.position);
}

export async function idempotencyRecord(
  connections: Connections,
  scope: string,
  key: string,
): Promise<IdempotencyRecord | null> {
  const [row] = await connections.prepared<{
    fingerprint: Uint8Array;
    first_position: string;
    entry_count: number;
    created_at: string;
  }>(
    'idempotency_record',
    'SELECT fingerprint, first_position, entry_count, created_at FROM idempotency WHERE scope = $1 AND key = $2',
    [scope, key],
  );
  if (row === undefined) return null;
  const firstPosition = safe(row.first_position);
  // Whoever repeats a request takes the record for its acceptance.
  await connections.requireConfirmed({ nextPosition: firstPosition + row.entry_count });
  return {
    fingerprint: row.fingerprint,
    firstPosition,
    entryCount: row.entry_count,
    createdAt: safe(row.created_at),
  };
}

export async function expireIdempotency(connections: Connections, beforeMs: number): Promise<number> {
  const { rowCount } = await connections.write(
    (client) => client.query('DELETE FROM idempotency WHERE created_at < $1', [beforeMs]),
    (error) => nothingWritten(error, 'expiring idempotency keys'),
    DATABASE_LIMITS.statementMs + DATABASE_LIMITS.marginMs,
  );
  return rowCount ?? 0;
}
