import type pg from 'pg';
import type { ErasureKeys } from '../crypto/erasure-keys.js';
import { KIND_DOCUMENT } from '../proof/index.js';
import { type RecordRows, recordRows } from './audit-rows.js';
import { copyOut } from './binary.js';
import { EXACT_TYPES } from './column-types.js';
import type { Connections } from './connections.js';
import { nothingWritten } from './errors.js';
import { KEYED, openDetails, saltOf } from './keyed.js';

/**
 * The rows of the chain tables as stored, for an audit. No value is converted to a narrower type, so that a
 * wrong one can be reported.
 */
export interface ChainRows {
  readonly head: { readonly id: boolean; readonly next_position: bigint; readonly latest_time: bigint };
  readonly entry: {
    readonly position: bigint;
    readonly accepted_at: bigint;
    readonly size: bigint | null;
    readonly kind: number;
    readonly digest: Uint8Array | null;
    readonly salt: Uint8Array | null;
    readonly account_tag: Uint8Array | null;
    readonly details_digest: Uint8Array | null;
    /**
     * The page in PostgreSQL's binary COPY format, and where in it this row's first column begins: for each
     * column in the order of COLUMNS its length in four bytes (-1: NULL), then its value.
     */
    readonly page: DataView;
    readonly offset: number;
  };
  readonly receipt: { readonly first_position: bigint; readonly entry_count: number; readonly note: string };
  readonly details: { readonly position: bigint; readonly json: string };
  readonly erasure: { readonly position: bigint };
  readonly body_erasure: { readonly position: bigint };
  readonly block: {
    readonly height: bigint;
    readonly first_position: bigint;
    readonly sealed_at: bigint;
    /** The unsigned nonce in two's complement: `BigInt.asUintN(64, nonce)`. */
    readonly nonce: bigint;
    readonly entry_count: number;
    readonly difficulty: number;
    readonly previous_hash: Uint8Array;
    readonly merkle_root: Uint8Array;
    readonly state: Uint8Array;
    readonly hash: Uint8Array;
  };
  /** What a block says besides its entries. */
  readonly state_statement: { readonly height: bigint; readonly statement: string };
  readonly block_tile: {
    readonly height: bigint;
    readonly index: number;
    readonly level: number;
    readonly hashes: Uint8Array;
  };
  readonly log_tile: {
    readonly index: bigint;
    readonly level: number;
    readonly hashes: Uint8Array;
    readonly root: Uint8Array;
  };
  readonly checkpoint: { readonly size: bigint; readonly root: Uint8Array; readonly note: string };
}

export type ChainTable = keyof ChainRows;

/** [from, to) of the first column of the table's key order. */
export interface KeyRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** A run of positions in an organization's register, and the entries at these positions. */
export interface RegisteredRun {
  readonly first_position: bigint;
  readonly entry_count: number;
  readonly organization_number: number;
  /** null: there is no organization of that number. */
  readonly organization_id: string | null;
  /** Entries at its positions, and those of them with an account tag. */
  readonly entries: number;
  readonly tagged: number;
  /** The first entry that is not erased and has another tag than the organization's; null: none. */
  readonly foreign_at: bigint | null;
  /** Entries with data keys, whose tags are not compared here. */
  readonly keyed: number;
  /** The first that is not erased and was accepted at another time than the run; null: none. */
  readonly other_time_at: bigint | null;
}

/** A statement of the log about its keys. */
export interface KeyStatementRow {
  readonly ordinal: number;
  readonly position: bigint;
  readonly entry: Uint8Array;
  readonly note: string;
  /** Of the block that holds the position; null: none does. */
  readonly height: bigint | null;
  readonly sealed_at: bigint | null;
  /** The leaf hash that the block's tree has for the position; null: there is none. */
  readonly leaf: Uint8Array | null;
}

/** One unchanging view of all chain tables. */
export interface ChainSnapshot {
  /**
   * The rows of `table` in key order, in pages of at most `pageSize` rows (default 2,048). Memory stays at
   * about one page. Several tables can be read in turns. Without a range the whole table, negative keys
   * included.
   */
  rows<T extends ChainTable>(table: T, range?: KeyRange, pageSize?: number): AsyncIterable<ChainRows[T][]>;

  /**
   * Runs of the organizations' registers with a first position above `after` (null: from the first on), in
   * the order of positions, at most `limit`. The server compares the tags; `rows` gives the entries
   * themselves.
   */
  registeredRuns(after: bigint | null, limit: number): Promise<RegisteredRun[]>;

  /** The statements of the log about its keys, in the order of the chain. */
  keyStatements(): Promise<KeyStatementRow[]>;

  /** How many entries have an account tag. */
  taggedEntries(): Promise<number>;

  /**
   * Positions of entries that have an account tag and are in no run, lowest first, at most `limit`. Reads all
   * tagged entries.
   */
  unregistered(limit: number): Promise<bigint[]>;

  /** Everything beside the chain. */
  readonly records: RecordRows;
}

/** Key order. A range is over the first column. */
const ORDER: Record<ChainTable, readonly [string, ...string[]]> = {
  head: ['id'],
  entry: ['position'],
  receipt: ['first_position'],
  details: ['position'],
  erasure: ['position'],
  body_erasure: ['position'],
  block: ['height'],
  state_statement: ['height'],
  block_tile: ['height', 'level', 'index'],
  log_tile: ['level', 'index'],
  checkpoint: ['size'],
};

export const COLUMNS: { readonly [T in ChainTable]: readonly (keyof ChainRows[T])[] } = {
  head: ['id', 'next_position', 'latest_time'],
  entry: ['position', 'accepted_at', 'size', 'kind', 'digest', 'salt', 'account_tag', 'details_digest'],
  receipt: ['first_position', 'entry_count', 'note'],
  details: ['position', 'json'],
  erasure: ['position'],
  body_erasure: ['position'],
  block: [
    'height',
    'first_position',
    'sealed_at',
    'nonce',
    'entry_count',
    'difficulty',
    'previous_hash',
    'merkle_root',
    'state',
    'hash',
  ],
  state_statement: ['height', 'statement'],
  block_tile: ['height', 'index', 'level', 'hashes'],
  log_tile: ['index', 'level', 'hashes', 'root'],
  checkpoint: ['size', 'root', 'note'],
};

const PAGE_SIZE = 2048;

export async function snapshot<T>(
  connections: Connections,
  read: (snapshot: ChainSnapshot) => Promise<T>,
): Promise<T> {
  const { keys } = connections;
  const client = await connections.dedicated();
  try {
    // Rows come in key order from the index: sorting a large table would need temporary files of its size.
    await query(client, {
      text: `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
             SET LOCAL statement_timeout = 0;
             SET LOCAL idle_in_transaction_session_timeout = 0;
             SET LOCAL enable_seqscan = off;
             SET LOCAL enable_sort = off`,
    });
    let cursors = 0;
    return await read({
      rows: (table, range, pageSize = PAGE_SIZE) =>
        pages(client, `page_${cursors++}`, table, range, pageSize, keys),
      registeredRuns: (after, limit) =>
        query(client, { text: REGISTERED_RUNS, values: [after ?? -1n, limit], types: EXACT_TYPES }),
      keyStatements: () => query(client, { text: KEY_STATEMENTS, types: EXACT_TYPES }),
      taggedEntries: async () => {
        const [row] = await query<{ count: bigint }>(client, { text: TAGGED_ENTRIES, types: EXACT_TYPES });
        return Number(row?.count ?? 0n);
      },
      unregistered: async (limit) => {
        const rows = await query<{ position: bigint }>(client, {
          text: UNREGISTERED,
          values: [limit],
          types: EXACT_TYPES,
        });
        return rows.map(({ position }) => position);
      },
      records: recordRows((config) => query(client, config), keys),
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function* pages<T extends ChainTable>(
  client: pg.Client,
  cursor: string,
  table: T,
  range: KeyRange | undefined,
  pageSize: number,
  keys: ErasureKeys | null,
): AsyncGenerator<ChainRows[T][]> {
  if (table === 'entry') {
    yield* entryPages(client, range, pageSize, keys) as AsyncGenerator<ChainRows[T][]>;
    return;
  }
  const [key, ...others] = ORDER[table];
  const where = range === undefined ? '' : `WHERE ${key} >= ${range.from} AND ${key} < ${range.to}`;
  await query(client, {
    text: `DECLARE ${cursor} NO SCROLL CURSOR FOR
           SELECT ${COLUMNS[table].join(', ')} FROM ${table} ${where} ORDER BY ${[key, ...others].join(', ')}`,
  });
  try {
    for (;;) {
      const page = await query<ChainRows[T]>(client, {
        text: `FETCH ${pageSize} FROM ${cursor}`,
        types: EXACT_TYPES,
      });
      if (page.length > 0) yield table === 'details' && keys !== null ? opened(page, keys) : page;
      if (page.length < pageSize) return;
    }
  } finally {
    await query(client, { text: `CLOSE ${cursor}` });
  }
}

async function* entryPages(
  client: pg.Client,
  range: KeyRange | undefined,
  pageSize: number,
  keys: ErasureKeys | null,
): AsyncGenerator<ChainRows['entry'][]> {
  const bytes = pageSize * ENTRY_BYTES;
  for (let last: bigint | null = null; ;) {
    const copied = await reading(copyOut(client, entryPageQuery(range, last, pageSize), bytes));
    const page = decodeEntryPage(copied);
    if (keys !== null) for (const row of page) row.reveal(keys);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    last = page.at(-1)?.position ?? null;
  }
}

/** Details as they were notarized; as they are stored when their key is missing. */
function opened<T extends ChainTable>(page: readonly ChainRows[T][], keys: ErasureKeys): ChainRows[T][] {
  const rows = page as readonly ChainRows['details'][];
  return rows.map((row) => ({ ...row, json: openDetails(row.json, keys) })) as ChainRows[T][];
}

async function query<R extends pg.QueryResultRow>(client: pg.Client, config: pg.QueryConfig): Promise<R[]> {
  return (await reading(client.query<R>(config))).rows;
}

async function reading<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw nothingWritten(error, 'reading the chain');
  }
}

/** As stored, with the leaf hash that each must have. */
const KEY_STATEMENTS = `
SELECT statement.ordinal, statement.position, statement.entry, statement.note, block.height, block.sealed_at,
       substring(tile.hashes FROM ((statement.position - block.first_position) % 256)::integer * 32 + 1 FOR 32) AS leaf
FROM log_key_statement AS statement
LEFT JOIN LATERAL (
  SELECT * FROM block WHERE first_position <= statement.position ORDER BY first_position DESC LIMIT 1
) AS block ON statement.position < block.first_position + block.entry_count
LEFT JOIN block_tile AS tile
  ON tile.height = block.height AND tile.level = 0 AND tile.index = (statement.position - block.first_position) / 256
ORDER BY statement.ordinal`;

/** As `accountTagOf` (proof): the first 16 bytes of SHA-256(0x03 ‖ salt ‖ organization id). */
const TAG = String.raw`substring(sha256('\x03'::bytea || entry.salt || convert_to(organization.id, 'UTF8')) FROM 1 FOR 16)`;

/** $1: above which position, $2: how many. */
const REGISTERED_RUNS = `
SELECT run.first_position, run.entry_count, run.organization_number, organization.id AS organization_id, seen.*
FROM (
  SELECT * FROM register_run WHERE first_position > $1 ORDER BY first_position LIMIT $2
) AS run
LEFT JOIN organization ON organization.number = run.organization_number
CROSS JOIN LATERAL (
  SELECT count(*)::integer AS entries, count(entry.account_tag)::integer AS tagged,
    min(entry.position) FILTER (
      WHERE entry.digest IS NOT NULL AND entry.kind <> ${KEYED} AND entry.account_tag IS DISTINCT FROM ${TAG}
    ) AS foreign_at,
    count(*) FILTER (WHERE entry.kind = ${KEYED})::integer AS keyed,
    min(entry.position) FILTER (WHERE entry.digest IS NOT NULL AND entry.accepted_at <> run.accepted_at) AS other_time_at
  FROM entry WHERE entry.position >= run.first_position AND entry.position < run.first_position + run.entry_count
) AS seen
ORDER BY run.first_position`;

/** Served by the index of tagged entries. */
const TAGGED_ENTRIES = `SELECT count(*) AS count FROM entry WHERE account_tag IS NOT NULL`;

/** $1: how many. */
const UNREGISTERED = `
SELECT entry.position FROM entry
LEFT JOIN LATERAL (
  SELECT first_position + entry_count AS beyond FROM register_run
  WHERE first_position <= entry.position ORDER BY first_position DESC LIMIT 1
) AS run ON true
WHERE entry.account_tag IS NOT NULL AND (run.beyond IS NULL OR run.beyond <= entry.position)
ORDER BY entry.position LIMIT $1`;

type EntryRow = ChainRows['entry'];

/** A page of entries, for `copyOut`. WITH TIES: a page does not end between two rows with the same key. */
export function entryPageQuery(range: KeyRange | undefined, after: bigint | null, pageSize: number): string {
  const bounds = [
    ...(range === undefined ? [] : [`position >= ${range.from}`, `position < ${range.to}`]),
    ...(after === null ? [] : [`position > ${after}`]),
  ];
  const where = bounds.length === 0 ? '' : `WHERE ${bounds.join(' AND ')}`;
  return `SELECT position, accepted_at, size, kind, digest, salt, account_tag, details_digest
    FROM entry ${where} ORDER BY position FETCH FIRST ${pageSize} ROWS WITH TIES`;
}

/**
 * Binary COPY begins with a signature, flags and the length of an extension. A row is its number of fields,
 * then the length and the bytes of each field.
 */
const EXTENSION_LENGTH_AT = 15;
const FIELDS = 8;
/** Enough for most rows; a page that needs more memory gets it. */
const ENTRY_BYTES = 192;
const END = -1;

export function decodeEntryPage(page: Buffer): CopiedEntry[] {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  const rows: CopiedEntry[] = [];
  let at = EXTENSION_LENGTH_AT + 4 + view.getInt32(EXTENSION_LENGTH_AT);
  while (view.getInt16(at) !== END) {
    at += 2;
    rows.push(new CopiedEntry(view, at));
    for (let field = 0; field < FIELDS; field++) at += 4 + Math.max(0, view.getInt32(at));
  }
  return rows;
}

/**
 * A row whose values are decoded when they are read: most never are, and decoding all of them would dominate
 * an audit.
 */
class CopiedEntry implements EntryRow {
  readonly page: DataView;
  readonly offset: number;

  constructor(page: DataView, offset: number) {
    this.page = page;
    this.offset = offset;
  }

  /** Writes the salt over the reference of the data key, so that the row is as others are; not without the key. */
  reveal(keys: ErasureKeys): void {
    if (this.kind !== KEYED) return;
    const salt = saltOf(KEYED, this.salt ?? new Uint8Array(), keys);
    if (salt === null) return;
    new Uint8Array(this.page.buffer, this.page.byteOffset + this.#field(5) + 4, salt.length).set(salt);
    this.page.setInt16(this.#field(3) + 4, KIND_DOCUMENT);
  }

  get position(): bigint {
    return this.#bigint(0) ?? 0n;
  }

  get accepted_at(): bigint {
    return this.#bigint(1) ?? -1n;
  }

  get size(): bigint | null {
    return this.#bigint(2);
  }

  get kind(): number {
    const at = this.#field(3);
    return this.page.getInt32(at) < 0 ? -1 : this.page.getInt16(at + 4);
  }

  get digest(): Uint8Array | null {
    return this.#bytes(4);
  }

  get salt(): Uint8Array | null {
    return this.#bytes(5);
  }

  get account_tag(): Uint8Array | null {
    return this.#bytes(6);
  }

  get details_digest(): Uint8Array | null {
    return this.#bytes(7);
  }

  #bigint(index: number): bigint | null {
    const at = this.#field(index);
    return this.page.getInt32(at) < 0 ? null : this.page.getBigInt64(at + 4);
  }

  #bytes(index: number): Uint8Array | null {
    const at = this.#field(index);
    const length = this.page.getInt32(at);
    return length < 0 ? null : new Uint8Array(this.page.buffer, this.page.byteOffset + at + 4, length);
  }

  /** Offset of the length of field `index`; the length -1 stands for NULL. */
  #field(index: number): number {
    let at = this.offset;
    for (let before = 0; before < index; before++) at += 4 + Math.max(0, this.page.getInt32(at));
    return at;
  }
}
