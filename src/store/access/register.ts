import type pg from 'pg';
import { int8Array, textArray } from '../arrays.js';
import type { Connections } from '../connections.js';
import { nothingWritten } from '../pg-errors.js';
import { ENTRY_COLUMNS, safe, toEntry, type EntryRow } from '../rows.js';
import {
  spanOf,
  toSearch,
  type RegisteredEntry,
  type RegisterQuery,
  type Search,
  type Span,
} from './register-query.js';

/** Positions that are looked through for words before the index of words is asked, and most that are read at once. */
const WINDOW = 4096;
const MAX_WINDOW = 16_384;

const COLUMNS = ENTRY_COLUMNS.split(', ')
  .map((column) => `entry.${column}`)
  .join(', ');

/** Looked up once for the whole answer. */
const ACCOUNT = '(SELECT id FROM account WHERE number = $1)';

/**
 * The account's entries, newest or oldest first. What each way of asking costs follows from what it answers, not from what the account or
 * the service holds: runs are read from that end on, a digest's beginning has an index in position order, and so have words, except that
 * those of many entries are found sooner among the first.
 */
export async function register(connections: Connections, query: RegisterQuery): Promise<RegisteredEntry[]> {
  const search = toSearch(query);
  if (search === null) return [];
  let span = await spanOf(connections, query);
  if (span.low >= span.high) return [];
  if (search.digests !== null) return byDigest(connections, search, search.digests, span);
  const found: RegisteredEntry[] = [];
  for (let size = search.words === null ? search.limit : WINDOW; ; size = Math.min(4 * size, MAX_WINDOW)) {
    const window = await nextRuns(connections, search, span, size);
    const left = search.limit - found.length;
    found.push(...(await entriesOf(connections, window.runs, search, left)));
    span = window.rest;
    if (found.length === search.limit || span.low >= span.high) return found;
    if (search.words !== null) break;
    // Erased entries are left out: there was less in the window than its size.
  }
  const rest = { ...search, limit: search.limit - found.length };
  return [...found, ...(await byWords(connections, rest, span))];
}

interface Run {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
  readonly submittedBy: string;
}

const runsSql = ({ direction }: Search) => `
SELECT first_position, entry_count, submitted_by FROM register_run
WHERE account_number = $1 AND first_position < $3 AND first_position + entry_count > $2
  AND first_position >= COALESCE((
    SELECT first_position FROM register_run WHERE account_number = $1 AND first_position <= $2
    ORDER BY first_position DESC LIMIT 1
  ), 0)
  AND accepted_at >= $4 AND accepted_at < $5
ORDER BY first_position ${direction} LIMIT $6`;

/** The first positions of the span that are the account's, `size` at most. `rest`: where to go on; empty at the end. */
async function nextRuns(
  connections: Connections,
  search: Search,
  { low, high }: Span,
  size: number,
): Promise<{ readonly runs: readonly Run[]; readonly rest: Span }> {
  const { account, from, to } = search;
  const rows = await connections.read<{ first_position: string; entry_count: number; submitted_by: string }>(
    runsSql(search),
    [account, low, high, from, to, size],
  );
  const isDown = search.direction === 'DESC';
  const runs: Run[] = [];
  let left = size;
  for (const row of rows) {
    let first = Math.max(safe(row.first_position), low);
    let end = Math.min(safe(row.first_position) + row.entry_count, high);
    if (isDown) first = Math.max(first, end - left);
    else end = Math.min(end, first + left);
    runs.push({ first, end, submittedBy: row.submitted_by });
    left -= end - first;
    if (left === 0) break;
  }
  const last = left === 0 ? runs.at(-1) : undefined;
  if (last === undefined) return { runs, rest: { low: high, high } };
  return { runs, rest: isDown ? { low, high: last.first } : { low: last.end, high } };
}

/**
 * LATERAL with a LIMIT, because the planner has no idea of how few rows a run of positions is, and would rather read the whole
 * table; IS TRUE, so that each run is walked, and the index of words not asked once for each.
 */
async function entriesOf(
  connections: Connections,
  runs: readonly Run[],
  { account, words, direction }: Search,
  limit: number,
): Promise<RegisteredEntry[]> {
  if (runs.length === 0) return [];
  const worded =
    words === null
      ? ''
      : `JOIN details_words AS found ON found.position = entry.position AND (found.words @@ $6::tsquery) IS TRUE
           AND found.position >= run.first AND found.position < run.beyond`;
  return ask(
    connections,
    `SELECT ${COLUMNS}, run.submitted_by, ${ACCOUNT}
     FROM unnest($2::bigint[], $3::bigint[], $4::text[]) AS run (first, beyond, submitted_by)
     CROSS JOIN LATERAL (
       SELECT entry.* FROM entry ${worded}
       WHERE entry.position >= run.first AND entry.position < run.beyond AND entry.digest IS NOT NULL
       ORDER BY entry.position ${direction} LIMIT $5
     ) AS entry
     ORDER BY entry.position ${direction} LIMIT $5`,
    [
      account,
      int8Array(runs.map(({ first }) => first)),
      int8Array(runs.map(({ end }) => end)),
      textArray(runs.map(({ submittedBy }) => submittedBy)),
      limit,
      ...(words === null ? [] : [words]),
    ],
  );
}

/** The run that an entry is in, if it is in one of the account's. */
const WITH_RUN = `
JOIN LATERAL (
  SELECT first_position, entry_count, submitted_by FROM register_run
  WHERE account_number = $1 AND first_position <= entry.position ORDER BY first_position DESC LIMIT 1
) AS run ON entry.position < run.first_position + run.entry_count`;

/** Sorted before anything is joined to it, one by one: what is beyond the limit costs no look at its entry. */
function byWords(connections: Connections, search: Search, { low, high }: Span): Promise<RegisteredEntry[]> {
  return ask(
    connections,
    `SELECT ${COLUMNS}, run.submitted_by, ${ACCOUNT}
     FROM (
       SELECT position + 0 AS position FROM details_words
       WHERE words @@ $7::tsquery AND position + 0 >= $2 AND position + 0 < $3 ORDER BY 1 ${search.direction}
     ) AS found
     CROSS JOIN LATERAL (
       SELECT * FROM entry WHERE entry.position = found.position AND entry.digest IS NOT NULL
         AND entry.accepted_at >= $4 AND entry.accepted_at < $5 LIMIT 1
     ) AS entry ${WITH_RUN}
     ORDER BY found.position ${search.direction} LIMIT $6`,
    [search.account, low, high, search.from, search.to, search.limit, search.words],
  );
}

function byDigest(
  connections: Connections,
  search: Search,
  { first, last }: { readonly first: Uint8Array; readonly last: Uint8Array },
  { low, high }: Span,
): Promise<RegisteredEntry[]> {
  const worded =
    search.words === null
      ? ''
      : `AND EXISTS (
           SELECT FROM details_words WHERE details_words.position = entry.position AND words @@ $9::tsquery
         )`;
  return ask(
    connections,
    `SELECT ${COLUMNS}, run.submitted_by, ${ACCOUNT} FROM entry ${WITH_RUN}
     WHERE substring(entry.digest FROM 1 FOR 4) = substring($7::bytea FROM 1 FOR 4) AND entry.account_tag IS NOT NULL
       AND entry.digest BETWEEN $7 AND $8 AND entry.position >= $2 AND entry.position < $3
       AND entry.accepted_at >= $4 AND entry.accepted_at < $5 ${worded}
     ORDER BY entry.position ${search.direction} LIMIT $6`,
    [
      ...[search.account, low, high, search.from, search.to, search.limit],
      ...[first, last],
      ...(search.words === null ? [] : [search.words]),
    ],
  );
}

type Row = readonly [...EntryRow, submittedBy: string, accountId: string | null];

async function ask(connections: Connections, text: string, values: unknown[]): Promise<RegisteredEntry[]> {
  const query: pg.QueryArrayConfig = { text, values, rowMode: 'array' };
  try {
    const { rows } = await connections.pool.query<[...Row]>(query);
    return rows.flatMap((row) => {
      const [submittedBy, accountId] = [row[8], row[9]];
      const entry = toEntry(row.slice(0, 8) as unknown as EntryRow);
      return entry.erased ? [] : [{ entry, submittedBy, accountId }];
    });
  } catch (error) {
    throw nothingWritten(error, 'reading the register');
  }
}
