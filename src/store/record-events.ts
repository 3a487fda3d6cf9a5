import { toHex } from '../proof/index.js';
import { insertEvent } from './auth/events.js';
import type { NewAccessEvent } from './auth/model.js';
import { byteaArray, int8Array } from './binary.js';
import type { Connections } from './connections.js';
import { notErased } from './errors.js';
import type { PrismaAccess } from './prisma-client.js';
import { searchQuery } from './register-words.js';
import { above } from './replication.js';
import { type KeptEntry, safe, toStoredEntry } from './rows.js';

/** Records as the service accepts events for them and shows them; the sealer changes them. */
export interface RecordEventStore {
  /**
   * What is known of each of these records at one moment, in the order given.
   * @throws {StoreError} unavailable also when a synchronous standby does not confirm it. So do the other
   *   methods that return events.
   */
  recordSnapshots(ids: readonly Uint8Array[]): Promise<RecordSnapshot[]>;

  /**
   * For each of these: whether an event of this record and sequence has been accepted, unless it became void.
   */
  takenEvents(
    events: readonly { readonly record: Uint8Array; readonly sequence: number }[],
  ): Promise<boolean[]>;

  /** Whether the organization of this number may read the record. */
  mayReadRecord(record: Uint8Array, organization: number): Promise<boolean>;

  /**
   * The record's events by sequence, void ones included, behind `after` (null: from the first on); at most `limit`.
   */
  recordEvents(record: Uint8Array, after: EventPlace | null, limit: number): Promise<StoredEvent[]>;

  /** The record's signed events of this sequence: several when there are void ones. */
  eventsOfSequence(record: Uint8Array, sequence: number): Promise<StoredEvent[]>;

  /** The event at this position; null: there is no event at it. */
  eventAt(position: number): Promise<StoredEvent | null>;

  /** The records that an organization may read and that match, the newest first. */
  searchRecords(query: RecordQuery): Promise<ListedRecord[]>;

  /**
   * The bodies that say what these records are called, as JSON: of the first event, or of the last amendment; null
   * when it was erased. By id in hexadecimal.
   */
  namingBodies(records: readonly NamedRecord[]): Promise<ReadonlyMap<string, string | null>>;

  /**
   * Erases the body of a sealed event for good, together with `event` in the access log. The entry and the note
   * stay: every proof stays valid. Idempotent: true when this call erased, false when an earlier one did.
   * @throws {StoreError} not_sealed, unknown_position (no event), legal_hold; outcome_unknown: call it again
   */
  eraseEventBody(position: number, event?: NewAccessEvent): Promise<boolean>;
}

export interface NamedRecord {
  readonly id: Uint8Array;
  /** The terms of the contract were changed. */
  readonly isAmended: boolean;
}

/** A record after the latest block that changed it. */
export interface SealedRecord {
  readonly kind: string;
  readonly status: string;
  readonly sequence: number;
  /** Of the block. */
  readonly height: number;
  readonly value: Uint8Array;
  /** What the rules made of the events, as JSON. */
  readonly state: string;
}

/** An accepted event that no block holds yet. */
export interface PendingEvent {
  readonly sequence: number;
  readonly note: string;
  readonly value: Uint8Array;
  /** Its body, as JSON. */
  readonly body: string;
}

export interface RecordSnapshot {
  /** Of the latest block; −1: there is none. */
  readonly height: number;
  /** null: no block has an event of it. */
  readonly sealed: SealedRecord | null;
  /** In order. */
  readonly pending: readonly PendingEvent[];
}

/** Where an event is among those of its record. */
export interface EventPlace {
  readonly sequence: number;
  /** Orders events of one sequence, of which all but one are void. */
  readonly id: number;
}

export interface StoredEvent extends EventPlace {
  readonly record: Uint8Array;
  readonly type: string;
  /** Of its entry; null: an automatic event. */
  readonly position: number | null;
  /** null: no block holds it yet. */
  readonly height: number | null;
  readonly before: Uint8Array;
  readonly value: Uint8Array;
  /** The signed note, or the text of an automatic event. */
  readonly note: string;
  /** Why it changed nothing; null: it did, or no block holds it yet. */
  readonly void: string | null;
  /** As it was hashed, in JSON; null: an automatic event, or erased. */
  readonly body: string | null;
  /** null: an automatic event, or erased with everything in it. */
  readonly entry: KeptEntry | null;
  /** Of its block; null: no block holds it yet. */
  readonly sealedAt: number | null;
  /** Number of the organization that submitted it; null: nobody's. */
  readonly organization: number | null;
}

export interface RecordQuery {
  /** The organization's number. */
  readonly organization: number;
  readonly kind?: string;
  readonly status?: string;
  /** A verifier key that has a role in the record after its latest block. */
  readonly key?: string;
  /** Words or parts of words in the bodies of the organization's own events; all must match. */
  readonly words?: readonly string[];
  /** Only those behind this one: see `ListedRecord.position`. */
  readonly beyond?: number;
  readonly limit: number;
}

export interface ListedRecord {
  readonly id: Uint8Array;
  /** Of the event with which the organization came to it. */
  readonly position: number;
  /** null: no block has an event of it yet. */
  readonly sealed: SealedRecord | null;
}

interface RecordRow {
  readonly kind: string | null;
  readonly status: string;
  readonly sequence: string;
  readonly height: string;
  readonly value: Uint8Array;
  readonly state: string;
}

const RECORD_COLUMNS = ['kind', 'status', 'sequence', 'height', 'value', 'state']
  .map((column) => `record.${column}`)
  .join(', ');

function toSealed(row: RecordRow): SealedRecord | null {
  if (row.kind === null) return null;
  const { kind, status, value, state } = row;
  return { kind, status, sequence: safe(row.sequence), height: safe(row.height), value, state };
}

/** One statement, hence one moment: what is pending has not become sealed in between. */
const SNAPSHOTS = `
SELECT wanted.ordinal, (SELECT height FROM block ORDER BY height DESC LIMIT 1) AS tip, ${RECORD_COLUMNS},
  pending.sequence AS pending_sequence, pending.position AS pending_position, pending.note, pending.value AS pending_value, pending.json
FROM unnest($1::bytea[]) WITH ORDINALITY AS wanted (id, ordinal)
LEFT JOIN record ON record.id = wanted.id
LEFT JOIN LATERAL (
  SELECT event.sequence, event.position, event.note, event.value, details.json
  FROM event JOIN details ON details.position = event.position
  WHERE event.record = wanted.id AND event.void IS NULL AND event.position IS NOT NULL AND event.height IS NULL
    AND event.sequence > COALESCE(record.sequence, -1)
) AS pending ON true
ORDER BY wanted.ordinal, pending.sequence`;

export async function recordSnapshots(
  connections: Connections,
  ids: readonly Uint8Array[],
): Promise<RecordSnapshot[]> {
  if (ids.length === 0) return [];
  const rows = await connections.prepared<
    RecordRow & {
      readonly ordinal: string;
      readonly tip: string | null;
      readonly pending_sequence: string | null;
      readonly pending_position: string | null;
      readonly note: string;
      readonly pending_value: Uint8Array;
      readonly json: string;
    }
  >('record_snapshots', SNAPSHOTS, [byteaArray(ids)]);
  const found: (RecordSnapshot & { pending: PendingEvent[] })[] = [];
  for (const row of rows) {
    const place = safe(row.ordinal) - 1;
    const own = (found[place] ??= { height: safe(row.tip ?? -1), sealed: toSealed(row), pending: [] });
    if (row.pending_sequence === null) continue;
    const { note, json: body, pending_value: value } = row;
    own.pending.push({ sequence: safe(row.pending_sequence), note, value, body });
  }
  await connections.requireConfirmed({
    nextPosition: above(rows.map(({ pending_position: at }) => (at === null ? null : safe(at)))),
    blocks: above(found.map(({ sealed }) => sealed?.height ?? null)),
  });
  return found;
}

export async function takenEvents(
  connections: Connections,
  events: readonly { readonly record: Uint8Array; readonly sequence: number }[],
): Promise<boolean[]> {
  const rows = await connections.read<{ taken: boolean }>(
    `SELECT EXISTS (
       SELECT FROM event WHERE event.record = wanted.record AND event.sequence = wanted.sequence
         AND event.void IS NULL AND event.position IS NOT NULL
     ) AS taken
     FROM unnest($1::bytea[], $2::bigint[]) WITH ORDINALITY AS wanted (record, sequence, ordinal)
     ORDER BY wanted.ordinal`,
    [byteaArray(events.map(({ record }) => record)), int8Array(events.map(({ sequence }) => sequence))],
  );
  return rows.map(({ taken }) => taken);
}

export async function mayReadRecord(
  connections: Connections,
  record: Uint8Array,
  organization: number,
): Promise<boolean> {
  const rows = await connections.read(
    'SELECT FROM record_reader WHERE organization_number = $1 AND record = $2',
    [organization, record],
  );
  return rows.length > 0;
}

interface EventRow {
  readonly id: string;
  readonly record: Uint8Array;
  readonly sequence: string;
  readonly type: string;
  readonly position: string | null;
  readonly height: string | null;
  readonly before: Uint8Array;
  readonly value: Uint8Array;
  readonly note: string;
  readonly void: string | null;
  readonly json: string | null;
  readonly sealed_at: string | null;
  readonly organization_number: number | null;
  readonly accepted_at: string;
  readonly size: string | null;
  readonly kind: number;
  readonly digest: Uint8Array | null;
  readonly salt: Uint8Array | null;
  readonly account_tag: Uint8Array | null;
  readonly details_digest: Uint8Array | null;
}

const EVENT_COLUMNS = 'id, record, sequence, type, position, height, before, value, note, void';

/** The rows that `events` selects, with what other tables know of them. */
const withEntries = (events: string): string => `
SELECT event.id, event.record, event.sequence, event.type, event.position, event.height, event.before, event.value,
  event.note, event.void, details.json, block.sealed_at, run.organization_number,
  entry.accepted_at, entry.size, entry.kind, entry.digest, entry.salt, entry.account_tag, entry.details_digest
FROM (${events}) AS event
LEFT JOIN entry ON entry.position = event.position
LEFT JOIN block ON block.height = event.height
LEFT JOIN details ON details.position = event.position
LEFT JOIN LATERAL (
  SELECT organization_number, first_position, entry_count FROM register_run
  WHERE first_position <= event.position ORDER BY first_position DESC LIMIT 1
) AS run ON event.position < run.first_position + run.entry_count
ORDER BY event.sequence, event.id`;

/** Each kind of event has an index of its own: those that blocks applied, those that wait, and void ones. */
const PAGE_OF_EVENTS = withEntries(
  [
    'event.void IS NULL AND event.height IS NOT NULL',
    `event.void IS NULL AND event.position IS NOT NULL AND event.height IS NULL
       AND event.sequence > COALESCE((SELECT record.sequence FROM record WHERE record.id = $1), -1)`,
    'event.void IS NOT NULL',
  ]
    .map(
      (which) => `(
  SELECT ${EVENT_COLUMNS} FROM event
  WHERE event.record = $1 AND event.sequence >= $2 AND (event.sequence > $2 OR event.id > $3) AND ${which}
  ORDER BY event.sequence, event.id LIMIT $4
)`,
    )
    .join(' UNION ALL '),
);

async function toEvents(connections: Connections, rows: readonly EventRow[]): Promise<StoredEvent[]> {
  const events = rows.map(toEvent);
  await connections.requireConfirmed({
    nextPosition: above(events.map(({ position }) => position)),
    blocks: above(events.map(({ height }) => height)),
  });
  return events;
}

function toEvent(row: EventRow): StoredEvent {
  const { record, type, before, value, note, json: body } = row;
  return {
    id: safe(row.id),
    record,
    sequence: safe(row.sequence),
    type,
    position: row.position === null ? null : safe(row.position),
    height: row.height === null ? null : safe(row.height),
    before,
    value,
    note,
    void: row.void,
    body,
    entry: row.position === null ? null : keptEntry({ ...row, position: row.position }),
    sealedAt: row.sealed_at === null ? null : safe(row.sealed_at),
    organization: row.organization_number,
  };
}

function keptEntry(row: EventRow & { readonly position: string }): KeptEntry | null {
  // Events have no data keys.
  const entry = toStoredEntry(row, null);
  return entry.erased ? null : entry;
}

export async function recordEvents(
  connections: Connections,
  record: Uint8Array,
  after: EventPlace | null,
  limit: number,
): Promise<StoredEvent[]> {
  const rows = await connections.prepared<EventRow>('record_events', `${PAGE_OF_EVENTS} LIMIT $4`, [
    record,
    after?.sequence ?? 0,
    after?.id ?? 0,
    limit,
  ]);
  return toEvents(connections, rows);
}

export async function eventsOfSequence(
  connections: Connections,
  record: Uint8Array,
  sequence: number,
): Promise<StoredEvent[]> {
  const rows = await connections.read<EventRow>(
    withEntries(`
      SELECT ${EVENT_COLUMNS} FROM event
      WHERE record = $1 AND sequence = $2 AND void IS NULL AND position IS NOT NULL
      UNION ALL SELECT ${EVENT_COLUMNS} FROM event WHERE record = $1 AND sequence = $2 AND void IS NOT NULL`),
    [record, sequence],
  );
  return toEvents(connections, rows);
}

export async function eventAt(connections: Connections, position: number): Promise<StoredEvent | null> {
  const rows = await connections.prepared<EventRow>(
    'event_at',
    withEntries(`SELECT ${EVENT_COLUMNS} FROM event WHERE event.position = $1`),
    [position],
  );
  const [event = null] = await toEvents(connections, rows);
  return event;
}

/** So many of an organization's newest records are looked through before the index of words is used. */
const LOOKED_THROUGH = 1000;

export async function searchRecords(
  connections: Connections,
  { organization, words = [], ...query }: RecordQuery,
): Promise<ListedRecord[]> {
  const own = 'SELECT * FROM record_reader WHERE organization_number = $1 AND position < $2';
  const values = [organization, query.beyond ?? Number.MAX_SAFE_INTEGER];
  if (words.length === 0) return pageOfRecords(connections, own, values, query);
  const wanted = searchQuery(organization, words, []);
  if (wanted === null) return [];
  // A word that many have is found among the newest, and one that few have by its index.
  const newest = await pageOfRecords(
    connections,
    `SELECT * FROM (${own} ORDER BY position DESC LIMIT ${LOOKED_THROUGH}) AS newest
     WHERE EXISTS (
       SELECT FROM event JOIN details_words ON details_words.position = event.position
       WHERE event.record = newest.record AND event.void IS NULL AND event.position IS NOT NULL
         AND (details_words.words @@ $3::tsquery) IS TRUE
     )`,
    [...values, wanted],
    query,
  );
  if (newest.length === query.limit) return newest;
  return pageOfRecords(
    connections,
    `${own} AND record IN (
       SELECT event.record FROM (SELECT position + 0 AS position FROM details_words WHERE words @@ $3::tsquery) AS found
       JOIN event ON event.position = found.position WHERE event.void IS NULL
     )`,
    [...values, wanted],
    query,
  );
}

/** @param readers rows of record_reader, from these values */
async function pageOfRecords(
  connections: Connections,
  readers: string,
  values: readonly unknown[],
  { kind, status, key, limit }: Omit<RecordQuery, 'organization' | 'words'>,
): Promise<ListedRecord[]> {
  const at = (i: number) => `$${values.length + i}`;
  const rows = await connections.read<RecordRow & { readonly id: Uint8Array; readonly position: string }>(
    `SELECT reader.record AS id, reader.position, ${RECORD_COLUMNS}
     FROM (${readers}) AS reader LEFT JOIN record ON record.id = reader.record
     WHERE (${at(1)}::text IS NULL OR record.kind = ${at(1)}) AND (${at(2)}::text IS NULL OR record.status = ${at(2)})
       AND (${at(3)}::text IS NULL OR record.parties @> ARRAY[${at(3)}])
     ORDER BY reader.position DESC LIMIT ${at(4)}`,
    [...values, kind ?? null, status ?? null, key ?? null, limit],
  );
  return rows.map((row) => ({ id: row.id, position: safe(row.position), sealed: toSealed(row) }));
}

export async function namingBodies(
  connections: Connections,
  records: readonly NamedRecord[],
): Promise<Map<string, string | null>> {
  const idsOf = (isAmended: boolean) =>
    byteaArray(records.filter((record) => record.isAmended === isAmended).map(({ id }) => id));
  const rows = await connections.read<{ readonly id: Uint8Array; readonly json: string | null }>(
    `SELECT naming.id, details.json FROM (
       SELECT wanted.id, event.position FROM unnest($1::bytea[]) AS wanted (id)
       JOIN event ON event.record = wanted.id AND event.sequence = 0
        AND event.void IS NULL AND event.position IS NOT NULL
       UNION ALL
       SELECT wanted.id, amendment.position FROM unnest($2::bytea[]) AS wanted (id),
       LATERAL (
         SELECT event.position FROM event
         WHERE event.record = wanted.id AND event.type = 'contract.amend'
           AND event.void IS NULL AND event.position IS NOT NULL
         ORDER BY event.sequence DESC LIMIT 1
       ) AS amendment
     ) AS naming LEFT JOIN details ON details.position = naming.position`,
    [idsOf(false), idsOf(true)],
  );
  return new Map(rows.map(({ id, json }) => [toHex(id), json]));
}

export async function eraseEventBody(
  prisma: PrismaAccess,
  position: number,
  event?: NewAccessEvent,
): Promise<boolean> {
  try {
    return await prisma.transaction('erasing the body of an event', async (tx) => {
      const [row] = await tx.$queryRaw<{ erased: boolean }[]>`
        SELECT erase_event_body(${position}::bigint) AS erased`;
      const erased = row?.erased === true;
      if (erased && event !== undefined) await insertEvent(tx, event);
      return erased;
    });
  } catch (error) {
    throw notErased(error, 'erasing the body of an event');
  }
}
