import type pg from 'pg';
import { Connections, EXACT_TYPES } from './connections.js';
import { copyOut, copyRows } from './copy.js';
import { nothingWritten } from './errors.js';
import { KEY_STATEMENTS } from './log-keys.js';
import {
  type ChainRows,
  type ChainSnapshot,
  type ChainTable,
  COLUMNS,
  copySelect,
  type KeyRange,
  ORDER,
  type SharedSnapshot,
} from './rows.js';
import type { StoreLog } from './store.js';

const PAGE_SIZE = 2048;

export async function snapshot<T>(
  connections: Connections,
  read: (snapshot: ChainSnapshot) => Promise<T>,
  shared: string | null = null,
): Promise<T> {
  const client = await connections.dedicated();
  try {
    // Key order comes from the index: sorting a large table would need its size in temporary files.
    await ask(client, {
      text: `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
             ${shared === null ? '' : `SET TRANSACTION SNAPSHOT ${client.escapeLiteral(shared)};`}
             SET LOCAL statement_timeout = 0;
             SET LOCAL idle_in_transaction_session_timeout = 0;
             SET LOCAL enable_seqscan = off;
             SET LOCAL enable_sort = off`,
    });
    let cursors = 0;
    return await read({
      rows: (table, range, pageSize = PAGE_SIZE) =>
        pages(client, `page_${cursors++}`, table, range, pageSize),
      registeredRuns: (after, limit) =>
        ask(client, { text: REGISTERED_RUNS, values: [after ?? -1n, limit], types: EXACT_TYPES }),
      keyStatements: () => ask(client, { text: KEY_STATEMENTS, types: EXACT_TYPES }),
      taggedEntries: async () => {
        const [row] = await ask<{ count: bigint }>(client, { text: TAGGED_ENTRIES, types: EXACT_TYPES });
        return Number(row?.count ?? 0n);
      },
      unregistered: async (limit) => {
        const query = { text: UNREGISTERED, values: [limit], types: EXACT_TYPES };
        return (await ask<{ position: bigint }>(client, query)).map(({ position }) => position);
      },
      copy: (parts, onRow) => reading(copyRows(client, parts.map(copySelect), onRow)),
      share: async () => {
        const [row] = await ask<{ id: string }>(client, { text: 'SELECT pg_export_snapshot() AS id' });
        return { ...connections.place, id: row?.id ?? '' };
      },
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Runs `read` over the same view as another snapshot, which must not have ended; on a connection of its own, without the rest of a store: a
 * worker thread has nothing else to load.
 */
export function joinSnapshot<T>(
  { id, url, settings }: SharedSnapshot,
  read: (snapshot: ChainSnapshot) => Promise<T>,
): Promise<T> {
  return snapshot(new Connections(url, 1, QUIET, settings), read, id);
}

const QUIET: StoreLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function* pages<T extends ChainTable>(
  client: pg.Client,
  cursor: string,
  table: T,
  range: KeyRange | undefined,
  pageSize: number,
): AsyncGenerator<ChainRows[T][]> {
  if (table === 'entry') {
    yield* entryPages(client, range, pageSize) as AsyncGenerator<ChainRows[T][]>;
    return;
  }
  const [key, ...others] = ORDER[table];
  const where = range === undefined ? '' : `WHERE ${key} >= ${range.from} AND ${key} < ${range.to}`;
  await ask(client, {
    text: `DECLARE ${cursor} NO SCROLL CURSOR FOR
           SELECT ${COLUMNS[table].join(', ')} FROM ${table} ${where} ORDER BY ${[key, ...others].join(', ')}`,
  });
  try {
    for (;;) {
      const page = await ask<ChainRows[T]>(client, {
        text: `FETCH ${pageSize} FROM ${cursor}`,
        types: EXACT_TYPES,
      });
      if (page.length > 0) yield page;
      if (page.length < pageSize) return;
    }
  } finally {
    await ask(client, { text: `CLOSE ${cursor}` });
  }
}

async function* entryPages(
  client: pg.Client,
  range: KeyRange | undefined,
  pageSize: number,
): AsyncGenerator<ChainRows['entry'][]> {
  const bytes = pageSize * ENTRY_BYTES;
  for (let last: bigint | null = null; ;) {
    const copied = await reading(copyOut(client, entryPageQuery(range, last, pageSize), bytes));
    const page = decodeEntryPage(copied);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    last = page.at(-1)?.position ?? null;
  }
}

async function ask<R extends pg.QueryResultRow>(client: pg.Client, query: pg.QueryConfig): Promise<R[]> {
  return (await reading(client.query<R>(query))).rows;
}

async function reading<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw nothingWritten(error, 'reading the chain');
  }
}

/** As `accountTagOf` (proof): the first 16 bytes of SHA-256(0x03 ‖ salt ‖ organization id). */
const TAG = String.raw`substring(sha256('\x03'::bytea || entry.salt || convert_to(organization.id, 'UTF8')) FROM 1 FOR 16)`;

/** $1: above which position, $2: how many. */
export const REGISTERED_RUNS = `
SELECT run.first_position, run.entry_count, run.organization_number, organization.id AS organization_id, seen.*
FROM (
  SELECT * FROM register_run WHERE first_position > $1 ORDER BY first_position LIMIT $2
) AS run
LEFT JOIN organization ON organization.number = run.organization_number
CROSS JOIN LATERAL (
  SELECT count(*)::integer AS entries, count(entry.account_tag)::integer AS tagged,
    min(entry.position) FILTER (WHERE entry.digest IS NOT NULL AND entry.account_tag IS DISTINCT FROM ${TAG}) AS foreign_at,
    min(entry.position) FILTER (WHERE entry.digest IS NOT NULL AND entry.accepted_at <> run.accepted_at) AS other_time_at
  FROM entry WHERE entry.position >= run.first_position AND entry.position < run.first_position + run.entry_count
) AS seen
ORDER BY run.first_position`;

/** By the index that holds tagged entries only. */
export const TAGGED_ENTRIES = `SELECT count(*) AS count FROM entry WHERE account_tag IS NOT NULL`;

/** $1: how many. */
export const UNREGISTERED = `
SELECT entry.position FROM entry
LEFT JOIN LATERAL (
  SELECT first_position + entry_count AS beyond FROM register_run
  WHERE first_position <= entry.position ORDER BY first_position DESC LIMIT 1
) AS run ON true
WHERE entry.account_tag IS NOT NULL AND (run.beyond IS NULL OR run.beyond <= entry.position)
ORDER BY entry.position LIMIT $1`;

type EntryRow = ChainRows['entry'];

/** A page of entries, to be copied out. WITH TIES: should a key stand twice, no page ends between the two. */
export function entryPageQuery(range: KeyRange | undefined, after: bigint | null, pageSize: number): string {
  const bounds = [
    ...(range === undefined ? [] : [`position >= ${range.from}`, `position < ${range.to}`]),
    ...(after === null ? [] : [`position > ${after}`]),
  ];
  const where = bounds.length === 0 ? '' : `WHERE ${bounds.join(' AND ')}`;
  return `SELECT position, accepted_at, size, kind, digest, salt, account_tag, details_digest
    FROM entry ${where} ORDER BY position FETCH FIRST ${pageSize} ROWS WITH TIES`;
}

/** The format begins with a signature, flags and the length of what may follow; a row is its number of fields, then each one's length and bytes. */
const EXTENSION_LENGTH_AT = 15;
const FIELDS = 8;
/** What most rows take at most; a page that needs more memory gets it. */
const ENTRY_BYTES = 192;
const END = -1;

export function decodeEntryPage(page: Buffer): EntryRow[] {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  const rows: EntryRow[] = [];
  let at = EXTENSION_LENGTH_AT + 4 + view.getInt32(EXTENSION_LENGTH_AT);
  while (view.getInt16(at) !== END) {
    at += 2;
    rows.push(new CopiedEntry(view, at));
    for (let field = 0; field < FIELDS; field++) at += 4 + Math.max(0, view.getInt32(at));
  }
  return rows;
}

/** A row whose values are made when they are asked for: most of them never are, and objects for all would take most of an audit. */
class CopiedEntry implements EntryRow {
  readonly page: DataView;
  readonly offset: number;

  constructor(page: DataView, offset: number) {
    this.page = page;
    this.offset = offset;
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

  /** Where the length of field `index` is; -1 there is NULL. */
  #field(index: number): number {
    let at = this.offset;
    for (let before = 0; before < index; before++) at += 4 + Math.max(0, this.page.getInt32(at));
    return at;
  }
}
