import type pg from 'pg';
import type { MapPage } from '../merkle/map-pages.js';
import { byteaArray, int8Array, textArray } from './binary.js';
import { hasDigest } from './digest-index.js';
import type { Connections } from './connections.js';
import { KEYED } from './keyed.js';
import { insertChangeLists, insertPages } from './map.js';
import { safe } from './rows.js';

/** What the sealer reads of records. All of it is as of the latest block, for no other process writes it. */
export interface RecordSealingStore {
  /** The events at the positions [first, end), lowest first. */
  waitingEvents(first: number, end: number): Promise<WaitingEvent[]>;

  /** Of these ids the records that there are, in no order. */
  sealedRecords(ids: readonly Uint8Array[]): Promise<RecordRow[]>;

  /** Which of these digests are those of documents at positions below `end`. */
  notarizedDocuments(digests: readonly Uint8Array[], end: number): Promise<Uint8Array[]>;

  /** Records for which a time has come. */
  recordsDue(at: number): Promise<Uint8Array[]>;

  /** Records that wait for a document which is at one of the positions [first, end). */
  recordsWaitingForDocuments(first: number, end: number): Promise<Uint8Array[]>;

  /** Records that wait for one of these records to change. */
  recordsWaitingFor(records: readonly Uint8Array[]): Promise<Uint8Array[]>;
}

/** An accepted event that no block holds yet. */
export interface WaitingEvent {
  readonly position: number;
  readonly note: string;
  /** Of the body, in its canonical form; null: it is not stored. */
  readonly body: string | null;
}

/** A record after its last event. */
export interface RecordRow {
  readonly id: Uint8Array;
  readonly sequence: number;
  readonly value: Uint8Array;
  /** In JSON. */
  readonly state: string;
}

/** What a block makes of records. It is written with the block. */
export interface RecordCommit {
  /** The signed events of the block. */
  readonly events: readonly {
    readonly position: number;
    /** Why it changes nothing; null: it is applied. */
    readonly void: string | null;
  }[];
  readonly automatic: readonly {
    readonly record: Uint8Array;
    readonly sequence: number;
    readonly type: string;
    readonly before: Uint8Array;
    readonly value: Uint8Array;
    readonly text: string;
  }[];
  /** Those that the block changes, as they are after it. */
  readonly records: readonly (RecordRow & {
    readonly kind: string;
    readonly status: string;
    readonly holder: string;
    /** The verifier keys that have a role in it, that of the holder too. */
    readonly parties: readonly string[];
    /** When the rules must be asked again; times after the block. */
    readonly watches: {
      readonly times: readonly number[];
      readonly digests: readonly Uint8Array[];
      readonly records: readonly Uint8Array[];
    };
  })[];
  /** Records that waited for a time that has come, and need not be looked at for it again. */
  readonly woken: readonly Uint8Array[];
  /** Records that the next block has to look at, because this one is full: from now on they wait for `now`. */
  readonly left: readonly Uint8Array[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly pages: readonly MapPage[];
  /** The change list; empty when no record changes. */
  readonly changes: Uint8Array;
}

export async function waitingEvents(
  connections: Connections,
  first: number,
  end: number,
): Promise<WaitingEvent[]> {
  const rows = await connections.prepared<{ position: string; note: string; json: string | null }>(
    'waiting_events',
    `SELECT event.position, event.note, details.json
     FROM event LEFT JOIN details ON details.position = event.position
     WHERE event.position >= $1 AND event.position < $2 ORDER BY event.position`,
    [first, end],
  );
  return rows.map(({ position, note, json }) => ({ position: safe(position), note, body: json }));
}

export async function sealedRecords(
  connections: Connections,
  ids: readonly Uint8Array[],
): Promise<RecordRow[]> {
  if (ids.length === 0) return [];
  const rows = await connections.prepared<Omit<RecordRow, 'sequence'> & { readonly sequence: string }>(
    'sealed_records',
    'SELECT id, sequence, value, state FROM record WHERE id = ANY ($1::bytea[])',
    [byteaArray(ids)],
  );
  return rows.map((row) => ({ ...row, sequence: safe(row.sequence) }));
}

export async function notarizedDocuments(
  connections: Connections,
  digests: readonly Uint8Array[],
  end: number,
): Promise<Uint8Array[]> {
  if (digests.length === 0) return [];
  const rows = await connections.prepared<{ digest: Uint8Array }>(
    'notarized_documents',
    `SELECT wanted.digest FROM unnest($1::bytea[]) AS wanted (digest)
     WHERE EXISTS (SELECT FROM entry WHERE ${hasDigest('wanted.digest')} AND kind IN (0, ${KEYED}) AND position < $2)`,
    [byteaArray(digests), end],
  );
  return rows.map(({ digest }) => digest);
}

const recordOf = ({ record }: { readonly record: Uint8Array }) => record;

export async function recordsDue(connections: Connections, at: number): Promise<Uint8Array[]> {
  const rows = await connections.prepared<{ record: Uint8Array }>(
    'records_due',
    "SELECT DISTINCT record FROM record_watch WHERE kind = 'time' AND at <= $1",
    [at],
  );
  return rows.map(recordOf);
}

export async function recordsWaitingForDocuments(
  connections: Connections,
  first: number,
  end: number,
): Promise<Uint8Array[]> {
  const rows = await connections.prepared<{ record: Uint8Array }>(
    'records_waiting_for_documents',
    `SELECT DISTINCT record FROM record_watch
     JOIN entry ON ${hasDigest('record_watch.key')}
     WHERE record_watch.kind = 'digest' AND entry.kind IN (0, ${KEYED}) AND entry.position >= $1 AND entry.position < $2`,
    [first, end],
  );
  return rows.map(recordOf);
}

export async function recordsWaitingFor(
  connections: Connections,
  records: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  if (records.length === 0) return [];
  const rows = await connections.prepared<{ record: Uint8Array }>(
    'records_waiting_for',
    "SELECT DISTINCT record FROM record_watch WHERE kind = 'record' AND key = ANY ($1::bytea[])",
    [byteaArray(records)],
  );
  return rows.map(recordOf);
}

/** Within the transaction that commits the block. */
export async function insertRecords(
  client: pg.ClientBase,
  { height }: { readonly height: number },
  { events, automatic, records, woken, left, now, pages, changes }: RecordCommit,
): Promise<void> {
  if (events.length > 0) {
    await client.query(
      `UPDATE event SET height = $1, void = NULLIF(item.void, '')
       FROM unnest($2::bigint[], $3::text[]) AS item (position, void) WHERE event.position = item.position`,
      [
        height,
        int8Array(events.map(({ position }) => position)),
        textArray(events.map((event) => event.void ?? '')),
      ],
    );
  }
  if (automatic.length > 0) {
    await client.query(
      `INSERT INTO event (height, record, sequence, type, before, value, note)
       SELECT $1, * FROM unnest($2::bytea[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::text[])`,
      [
        height,
        byteaArray(automatic.map(({ record }) => record)),
        int8Array(automatic.map(({ sequence }) => sequence)),
        textArray(automatic.map(({ type }) => type)),
        byteaArray(automatic.map(({ before }) => before)),
        byteaArray(automatic.map(({ value }) => value)),
        textArray(automatic.map(({ text }) => text)),
      ],
    );
  }
  const ids = byteaArray(records.map(({ id }) => id));
  if (records.length > 0) {
    await client.query(
      `INSERT INTO record (height, id, sequence, value, kind, status, holder, parties, state)
       SELECT $1, id, sequence, value, kind, status, holder, string_to_array(parties, ' '), state
       FROM unnest($2::bytea[], $3::bigint[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
         AS item (id, sequence, value, kind, status, holder, parties, state)
       ON CONFLICT (id) DO UPDATE SET height = excluded.height, sequence = excluded.sequence, value = excluded.value,
         kind = excluded.kind, status = excluded.status, holder = excluded.holder,
         parties = excluded.parties, state = excluded.state`,
      [
        height,
        ids,
        int8Array(records.map(({ sequence }) => sequence)),
        byteaArray(records.map(({ value }) => value)),
        textArray(records.map(({ kind }) => kind)),
        textArray(records.map(({ status }) => status)),
        textArray(records.map(({ holder }) => holder)),
        // No key has a space in it.
        textArray(records.map(({ parties }) => parties.join(' '))),
        textArray(records.map(({ state }) => state)),
      ],
    );
  }
  // A time that has come wakes its record once.
  await client.query(
    `DELETE FROM record_watch WHERE record = ANY ($1::bytea[])
     OR (record = ANY ($2::bytea[]) AND kind = 'time' AND at <= $3)`,
    [ids, byteaArray(woken), now],
  );
  await insertWatches(client, [
    ...records.flatMap(watchesOf),
    ...left.map((record): WatchRow => ({ record, kind: 'time', at: now, key: null })),
  ]);
  await insertPages(
    client,
    pages.map((page) => ({ ...page, height })),
  );
  await insertChangeLists(client, changes.length === 0 ? [] : [{ height, list: changes }]);
}

interface WatchRow {
  readonly record: Uint8Array;
  readonly kind: 'time' | 'digest' | 'record';
  readonly at: number | null;
  readonly key: Uint8Array | null;
}

function watchesOf({
  id,
  watches: { times, digests, records },
}: RecordCommit['records'][number]): WatchRow[] {
  return [
    ...times.map((at): WatchRow => ({ record: id, kind: 'time', at, key: null })),
    ...digests.map((key): WatchRow => ({ record: id, kind: 'digest', at: null, key })),
    ...records.map((key): WatchRow => ({ record: id, kind: 'record', at: null, key })),
  ];
}

async function insertWatches(client: pg.ClientBase, rows: readonly WatchRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO record_watch (record, kind, at, key)
     SELECT * FROM unnest($1::bytea[], $2::text[], $3::bigint[], $4::bytea[])`,
    [
      byteaArray(rows.map(({ record }) => record)),
      textArray(rows.map(({ kind }) => kind)),
      int8Array(rows.map(({ at }) => at)),
      byteaArray(rows.map(({ key }) => key)),
    ],
  );
}
