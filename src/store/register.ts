import { insertEvent } from './auth/events.js';
import type { NewAccessEvent } from './auth/model.js';
import { int8Array, textArray } from './binary.js';
import type { Connections } from './connections.js';
import type { PrismaAccess } from './prisma-client.js';
import {
  matchingSql,
  type RegisterPageQuery,
  type RegisterQuery,
  type Search,
  type Span,
  spanOf,
  toSearch,
  wordsTable,
} from './register-query.js';
import { above } from './replication.js';
import { ENTRY_COLUMNS, type EntryRow, type KeptEntry, safe, toEntry } from './rows.js';

/** The registers of the organizations, and which details are public. */
export interface RegisterStore {
  /**
   * The organization's entries that match, without those that were erased. An accepted entry is found from
   * that moment on.
   * @throws {RangeError} limit or digestPrefix is out of range
   */
  searchRegister(query: RegisterQuery): Promise<RegisteredEntry[]>;

  /**
   * A page of them by number, in any order. The cost grows with what is left out before it; in the order of a
   * text, with all that match.
   * @throws {RangeError} limit or digestPrefix is out of range
   */
  pageRegister(query: RegisterPageQuery): Promise<RegisteredEntry[]>;

  /** How many match, counted to at most `most`. @throws {RangeError} digestPrefix is out of range */
  countRegister(query: Omit<RegisterQuery, 'limit' | 'beyond' | 'order'>, most: number): Promise<number>;

  /**
   * Makes the details of a notarization public, together with `event`. Idempotent. false, and no event is
   * written: they are public already, there is no such notarization, or it was erased.
   * @throws {StoreError} unavailable; outcome_unknown: call it again
   */
  publish(position: number, at: number, event?: NewAccessEvent): Promise<boolean>;

  /** Reverses `publish`, likewise. */
  withdraw(position: number, event?: NewAccessEvent): Promise<boolean>;

  /** Those of these positions whose details are public. */
  publishedAmong(positions: readonly number[]): Promise<ReadonlySet<number>>;

  /** When, and by whom, the notarization at this position was submitted, also if it was erased; null: it is not the organization's. */
  submissionAt(organization: number, position: number): Promise<Submission | null>;

  /** What is recorded about these positions beside their entries; of those with nothing, nothing. */
  marksOf(positions: readonly number[]): Promise<ReadonlyMap<number, Marks>>;
}

export interface Submission {
  readonly acceptedAt: number;
  /** `key:<id>` or `person:<id>`, as given at acceptance. */
  readonly submittedBy: string;
}

/** What an organization has done with a notarization since it was accepted. */
export interface Marks {
  /** Its details are public. */
  readonly published: boolean;
  /** A legal hold that is in force keeps it. */
  readonly held: boolean;
  /** The vault keeps its document. */
  readonly kept: boolean;
  /** Which it has been given since, in the order of their characters; those in the details are not among them. */
  readonly addedTags: readonly string[];
}

export const UNMARKED: Marks = { published: false, held: false, kept: false, addedTags: [] };

export interface RegisteredEntry {
  readonly entry: KeptEntry;
  /** `key:<id>` or `person:<id>`, as given at acceptance. */
  readonly submittedBy: string;
  /**
   * By the register, for the entry's account tag to confirm; null: there is no organization of that number.
   */
  readonly organizationId: string | null;
}

/**
 * Positions that are searched for words before the index of words is used, and most that are read at once.
 */
const WINDOW = 4096;
const MAX_WINDOW = 16_384;

const COLUMNS = ENTRY_COLUMNS.split(', ')
  .map((column) => `entry.${column}`)
  .join(', ');

/** Looked up once per query. */
const ORGANIZATION = '(SELECT id FROM organization WHERE number = $1)';

/**
 * The cost of a query follows from the size of its result, not from that of the register: runs are read from
 * one end, and the beginning of a digest has an index in the order of positions. Words have an index too, but
 * words of many entries are found sooner among the first positions.
 */
export async function searchRegister(
  connections: Connections,
  query: RegisterQuery,
): Promise<RegisteredEntry[]> {
  const search = toSearch(query);
  if (search === null) return [];
  let span = await spanOf(connections, query);
  if (span.low >= span.high) return [];
  if (search.digests !== null || search.hold !== null) return byMatches(connections, search, span);
  const found: RegisteredEntry[] = [];
  for (let size = search.words === null ? search.limit : WINDOW; ; size = Math.min(4 * size, MAX_WINDOW)) {
    const window = await nextRuns(connections, search, span, size);
    const left = search.limit - found.length;
    found.push(...(await entriesOf(connections, window.runs, search, left)));
    span = window.rest;
    if (found.length === search.limit || span.low >= span.high) return found;
    if (search.words !== null) break;
    // Erased entries were left out: the window gave fewer than the limit.
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
WHERE organization_number = $1 AND first_position < $3 AND first_position + entry_count > $2
  AND first_position >= COALESCE((
    SELECT first_position FROM register_run WHERE organization_number = $1 AND first_position <= $2
    ORDER BY first_position DESC LIMIT 1
  ), 0)
  AND accepted_at >= $4 AND accepted_at < $5 AND ($7::text IS NULL OR submitted_by = $7)
ORDER BY first_position ${direction} LIMIT $6`;

/**
 * The first positions of the span that are the organization's, at most `size`. `rest`: the span that is left.
 */
async function nextRuns(
  connections: Connections,
  search: Search,
  { low, high }: Span,
  size: number,
): Promise<{ readonly runs: readonly Run[]; readonly rest: Span }> {
  const { organization, from, to } = search;
  const rows = await connections.read<{ first_position: string; entry_count: number; submitted_by: string }>(
    runsSql(search),
    [organization, low, high, from, to, size, search.submittedBy],
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
 * LATERAL with a LIMIT, because the planner overestimates the rows of a run, and would read the whole table.
 * IS TRUE makes it read each run instead of using the index of words once for each.
 */
async function entriesOf(
  connections: Connections,
  runs: readonly Run[],
  { organization, words, direction }: Search,
  limit: number,
): Promise<RegisteredEntry[]> {
  if (runs.length === 0) return [];
  const wordsCondition =
    words === null
      ? ''
      : `JOIN ${wordsTable(connections, 'found')} ON found.position = entry.position AND (found.words @@ $6::tsquery) IS TRUE
           AND found.position >= run.first AND found.position < run.beyond`;
  return readEntries(
    connections,
    `SELECT ${COLUMNS}, run.submitted_by, ${ORGANIZATION}
     FROM unnest($2::bigint[], $3::bigint[], $4::text[]) AS run (first, beyond, submitted_by)
     CROSS JOIN LATERAL (
       SELECT entry.* FROM entry ${wordsCondition}
       WHERE entry.position >= run.first AND entry.position < run.beyond AND entry.digest IS NOT NULL
       ORDER BY entry.position ${direction} LIMIT $5
     ) AS entry
     ORDER BY entry.position ${direction} LIMIT $5`,
    [
      organization,
      int8Array(runs.map(({ first }) => first)),
      int8Array(runs.map(({ end }) => end)),
      textArray(runs.map(({ submittedBy }) => submittedBy)),
      limit,
      ...(words === null ? [] : [words]),
    ],
  );
}

/** The entries at these positions, in their order. */
export async function entriesAt(
  connections: Connections,
  search: Search,
  places: readonly { readonly position: number; readonly submittedBy: string }[],
): Promise<RegisteredEntry[]> {
  const runs = places.map(({ position, submittedBy }) => ({
    first: position,
    end: position + 1,
    submittedBy,
  }));
  const found = await entriesOf(connections, runs, { ...search, words: null }, places.length);
  const at = new Map(found.map((each) => [each.entry.position, each]));
  return places.flatMap(({ position }) => at.get(position) ?? []);
}

/** The organization's run that holds an entry, if any. */
const WITH_RUN = `
JOIN LATERAL (
  SELECT first_position, entry_count, submitted_by FROM register_run
  WHERE organization_number = $1 AND first_position <= entry.position ORDER BY first_position DESC LIMIT 1
) AS run ON entry.position < run.first_position + run.entry_count`;

/** Positions are sorted before they are joined, so that no entries beyond the limit are read. */
function byWords(connections: Connections, search: Search, { low, high }: Span): Promise<RegisteredEntry[]> {
  return readEntries(
    connections,
    `SELECT ${COLUMNS}, run.submitted_by, ${ORGANIZATION}
     FROM (
       SELECT position + 0 AS position FROM ${wordsTable(connections, 'details_words')}
       WHERE words @@ $7::tsquery AND position + 0 >= $2 AND position + 0 < $3 ORDER BY 1 ${search.direction}
     ) AS found
     CROSS JOIN LATERAL (
       SELECT * FROM entry WHERE entry.position = found.position AND entry.digest IS NOT NULL
         AND entry.accepted_at >= $4 AND entry.accepted_at < $5 LIMIT 1
     ) AS entry ${WITH_RUN} AND ($8::text IS NULL OR run.submitted_by = $8)
     ORDER BY found.position ${search.direction} LIMIT $6`,
    [search.organization, low, high, search.from, search.to, search.limit, search.words, search.submittedBy],
  );
}

/** By the beginning of a digest, or a legal hold. */
async function byMatches(connections: Connections, search: Search, span: Span): Promise<RegisteredEntry[]> {
  const { sql, values } = matchingSql(connections, search, span, [search.limit]);
  const rows = await connections.read<{ position: string; submitted_by: string }>(
    `SELECT found.position, run.submitted_by ${sql} ORDER BY found.position ${search.direction} LIMIT $7`,
    values,
  );
  return entriesAt(
    connections,
    search,
    rows.map((row) => ({ position: safe(row.position), submittedBy: row.submitted_by })),
  );
}

type Row = readonly [...EntryRow, submittedBy: string, organizationId: string | null];

async function readEntries(
  connections: Connections,
  text: string,
  values: unknown[],
): Promise<RegisteredEntry[]> {
  const rows = await connections.readArrays<[...Row]>({ text, values });
  const found = rows.flatMap((row) => {
    const [submittedBy, organizationId] = [row[8], row[9]];
    const entry = toEntry(row.slice(0, 8) as unknown as EntryRow, connections.keys);
    return entry.erased ? [] : [{ entry, submittedBy, organizationId }];
  });
  await connections.requireConfirmed({ nextPosition: above(found.map(({ entry }) => entry.position)) });
  return found;
}

/**
 * In a Prisma transaction, because Prisma writes the event. The row lock makes a concurrent erasure wait, or
 * waits for it: an erased notarization is not published.
 */
export function publish(
  prisma: PrismaAccess,
  position: number,
  at: number,
  event?: NewAccessEvent,
): Promise<boolean> {
  return prisma.transaction('publishing details', async (tx) => {
    const count = await tx.$executeRaw`
      INSERT INTO publication (position, published_at)
      SELECT position, ${at}::bigint FROM entry WHERE position = ${position}::bigint AND digest IS NOT NULL FOR SHARE
      ON CONFLICT DO NOTHING`;
    if (count === 1 && event !== undefined) await insertEvent(tx, event);
    return count === 1;
  });
}

export function withdraw(prisma: PrismaAccess, position: number, event?: NewAccessEvent): Promise<boolean> {
  return prisma.transaction('withdrawing details', async (tx) => {
    const count = await tx.$executeRaw`DELETE FROM publication WHERE position = ${position}::bigint`;
    if (count === 1 && event !== undefined) await insertEvent(tx, event);
    return count === 1;
  });
}

export async function submissionAt(
  connections: Connections,
  organization: number,
  position: number,
): Promise<Submission | null> {
  const [row] = await connections.read<{
    accepted_at: string;
    entry_count: number;
    submitted_by: string;
    first_position: string;
  }>(
    `SELECT first_position, entry_count, accepted_at, submitted_by FROM register_run
     WHERE organization_number = $1 AND first_position <= $2 ORDER BY first_position DESC LIMIT 1`,
    [organization, position],
  );
  if (row === undefined || position >= safe(row.first_position) + row.entry_count) return null;
  return { acceptedAt: safe(row.accepted_at), submittedBy: row.submitted_by };
}

const MARKS = `
SELECT position, 'published' AS mark, NULL AS tag FROM publication WHERE position = ANY ($1::bigint[])
UNION ALL
SELECT position, 'tag', tag FROM notarization_tag WHERE position = ANY ($1::bigint[])
UNION ALL
SELECT position, 'kept', NULL FROM kept_document WHERE position = ANY ($1::bigint[])
UNION ALL
SELECT position, 'held', NULL FROM held_notarization JOIN legal_hold ON legal_hold.id = held_notarization.hold
WHERE position = ANY ($1::bigint[]) AND legal_hold.lifted_at IS NULL`;

export async function marksOf(
  connections: Connections,
  positions: readonly number[],
): Promise<ReadonlyMap<number, Marks>> {
  if (positions.length === 0) return new Map();
  const rows = await connections.prepared<{ position: string; mark: string; tag: string | null }>(
    'marks_of',
    MARKS,
    [int8Array(positions)],
  );
  const marks = new Map<number, Marks>();
  for (const { mark, tag, ...row } of rows) {
    const position = safe(row.position);
    const known = marks.get(position) ?? UNMARKED;
    marks.set(position, {
      published: known.published || mark === 'published',
      held: known.held || mark === 'held',
      kept: known.kept || mark === 'kept',
      addedTags: tag === null ? known.addedTags : [...known.addedTags, tag].sort(),
    });
  }
  return marks;
}

export async function publishedAmong(
  connections: Connections,
  positions: readonly number[],
): Promise<ReadonlySet<number>> {
  if (positions.length === 0) return new Set();
  const rows = await connections.prepared<{ position: string }>(
    'published_among',
    'SELECT position FROM publication WHERE position = ANY ($1::bigint[])',
    [int8Array(positions)],
  );
  return new Set(rows.map(({ position }) => safe(position)));
}
