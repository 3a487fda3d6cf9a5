import type pg from 'pg';
import { hasDigest } from './digest-index.js';
import { KEYED } from './keyed.js';

/** Reads the records beside the chain, for the audit. */
export interface RecordAuditRows {
  /** Blocks above a height, lowest first, with what they say of records. */
  recordBlocks(after: bigint, limit: number): Promise<RecordBlockRow[]>;
  /** The signed events at the positions [first, end), lowest first. */
  eventsIn(first: bigint, end: bigint): Promise<SignedEventRow[]>;
  /** Positions of sealed entries of events that have no row in `event`. */
  entriesWithoutEvent(limit: number): Promise<bigint[]>;
  /** Which of these digests are those of documents at positions below `end`. */
  notarizedBelow(digests: readonly Uint8Array[], end: bigint): Promise<Uint8Array[]>;
  /** Which of these digests are those of documents at the positions [first, end). */
  notarizedIn(digests: readonly Uint8Array[], first: bigint, end: bigint): Promise<Uint8Array[]>;
  /** The texts of the automatic events of a block. */
  automaticEvents(height: bigint): Promise<{ readonly note: string }[]>;
  /** The pages of the map that a block has written. */
  pagesOf(height: bigint): Promise<{ readonly prefix: string; readonly page: Uint8Array }[]>;
  /** Rows that no block accounts for: automatic events, pages and change lists of other heights. */
  strayRecordRows(heights: bigint): Promise<{ readonly table: string; readonly count: bigint }[]>;
  /** Records with an id above `after`, in their order. */
  recordRowsAfter(after: Uint8Array, limit: number): Promise<AuditedRecordRow[]>;
}

export interface RecordBlockRow {
  readonly height: bigint;
  readonly sealed_at: bigint;
  readonly first_position: bigint;
  readonly entry_count: number;
  readonly statement: string | null;
  readonly list: Uint8Array | null;
  /** How many rows of signed events name the block, and how many are at its positions. */
  readonly events: number;
}

export interface SignedEventRow {
  readonly position: bigint;
  readonly height: bigint | null;
  readonly note: string;
  readonly void: string | null;
  readonly record: Uint8Array;
  readonly sequence: bigint;
  readonly before: Uint8Array;
  readonly value: Uint8Array;
  readonly type: string;
  /** Of the entry; null: erased, or no entry. */
  readonly digest: Uint8Array | null;
  readonly kind: number | null;
  readonly json: string | null;
  readonly leaf: Uint8Array | null;
}

export interface AuditedRecordRow {
  readonly id: Uint8Array;
  readonly sequence: bigint;
  readonly height: bigint;
  readonly value: Uint8Array;
  readonly kind: string;
  readonly status: string;
  readonly holder: string;
  readonly parties: readonly string[];
  readonly state: string;
  /** As `watchText` writes them, in no order. */
  readonly watches: readonly string[];
}

type Read = <R extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<R[]>;

export function recordAuditRows(read: Read): RecordAuditRows {
  return {
    recordBlocks: (after, limit) => read(BLOCKS, [after, limit]),
    eventsIn: (first, end) => read(EVENTS, [first, end]),
    entriesWithoutEvent: async (limit) =>
      (await read<{ position: bigint }>(WITHOUT_EVENT, [limit])).map(({ position }) => position),
    notarizedBelow: (digests, end) => digestsOf(digests, -1n, end),
    notarizedIn: (digests, first, end) => digestsOf(digests, first, end),
    automaticEvents: (height) =>
      read('SELECT note FROM event WHERE position IS NULL AND height = $1 ORDER BY id', [height]),
    pagesOf: (height) => read('SELECT prefix, page FROM map_page WHERE height = $1', [height]),
    strayRecordRows: (heights) => read(STRAY, [heights]),
    recordRowsAfter: (after, limit) => read(RECORDS, [after, limit]),
  };

  async function digestsOf(
    digests: readonly Uint8Array[],
    first: bigint,
    end: bigint,
  ): Promise<Uint8Array[]> {
    if (digests.length === 0) return [];
    const values = [digests.map((digest) => Buffer.from(digest)), first, end];
    return (await read<{ digest: Uint8Array }>(NOTARIZED, values)).map(({ digest }) => digest);
  }
}

/** $1: above which height, $2: how many. */
const BLOCKS = `
SELECT block.height, sealed_at, first_position, entry_count, statement, list, (
  SELECT count(*)::integer FROM event
  WHERE event.position >= block.first_position AND event.position < block.first_position + block.entry_count
) AS events
FROM (SELECT * FROM block WHERE height > $1 ORDER BY height LIMIT $2) AS block
LEFT JOIN state_statement ON state_statement.height = block.height
LEFT JOIN map_change ON map_change.height = block.height
ORDER BY block.height`;

/** $1, $2: the positions. */
const EVENTS = `
SELECT event.position, event.height, note, void, record, sequence, before, value, type, entry.digest, entry.kind, details.json,
  substring(tile.hashes FROM ((event.position - block.first_position) % 256)::integer * 32 + 1 FOR 32) AS leaf
FROM event
LEFT JOIN entry ON entry.position = event.position
LEFT JOIN details ON details.position = event.position
LEFT JOIN LATERAL (
  SELECT height, first_position FROM block WHERE first_position <= event.position ORDER BY first_position DESC LIMIT 1
) AS block ON true
LEFT JOIN block_tile AS tile
  ON tile.height = block.height AND tile.level = 0 AND tile.index = (event.position - block.first_position) / 256
WHERE event.position >= $1 AND event.position < $2 ORDER BY event.position`;

const WITHOUT_EVENT = `
SELECT position FROM entry WHERE kind = 1 AND NOT EXISTS (SELECT FROM event WHERE event.position = entry.position)
ORDER BY position LIMIT $1`;

/** $1: the digests, $2, $3: the positions. */
const NOTARIZED = `
SELECT wanted.digest FROM unnest($1::bytea[]) AS wanted (digest)
WHERE EXISTS (
  SELECT FROM entry WHERE ${hasDigest('wanted.digest')} AND kind IN (0, ${KEYED}) AND position >= $2 AND position < $3
)`;

/** $1: how many blocks there are. */
const STRAY = `
SELECT * FROM (
  SELECT 'map_page' AS table, count(*) AS count FROM map_page WHERE height >= $1
  UNION ALL SELECT 'map_change', count(*) FROM map_change WHERE height >= $1
  UNION ALL SELECT 'event', count(*) FROM event WHERE height >= $1
) AS stray WHERE count > 0`;

/** $1: above which id, $2: how many. */
const RECORDS = `
SELECT id, sequence, height, value, kind, status, holder, parties, state, ARRAY(
  SELECT concat_ws(' ', watch.kind, watch.at::text, encode(watch.key, 'hex')) FROM record_watch AS watch
  WHERE watch.record = found.id
) AS watches
FROM (SELECT * FROM record WHERE id > $1 ORDER BY id LIMIT $2) AS found ORDER BY id`;
