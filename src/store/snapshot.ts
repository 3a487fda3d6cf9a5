import type pg from 'pg';
import type { ChainRows, ChainSnapshot, ChainTable, KeyRange, SharedSnapshot } from './chain-rows.js';
import { COLUMNS, copySelect, ORDER } from './chain-columns.js';
import { Connections } from './connections.js';
import { copyOut } from './copy-out.js';
import { copyRows } from './copy-rows.js';
import { decodeEntryPage, entryPageQuery } from './entry-pages.js';
import { KEY_STATEMENTS } from './log-keys.js';
import { nothingWritten } from './pg-errors.js';
import { EXACT_TYPES } from './pg-types.js';
import { REGISTERED_RUNS, TAGGED_ENTRIES, UNREGISTERED } from './register-snapshot.js';
import type { StoreLog } from './types.js';

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
  for (let last: bigint | null = null; ;) {
    const copied = await reading(copyOut(client, entryPageQuery(range, last, pageSize)));
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
