import type pg from 'pg';
import type { Json, JsonObject } from '../proof/index.js';
import { CLOCK_TOLERANCE_MS } from './accept.js';
import { insertEvent } from './auth/events.js';
import type { NewAccessEvent } from './auth/model.js';
import { int8Array, textArray } from './binary.js';
import type { Connections } from './connections.js';
import { nothingWritten } from './errors.js';
import type { PrismaAccess } from './prisma-client.js';
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
}

type RegisterOrder = 'newest' | 'oldest';

export interface RegisterQuery {
  /** The organization's number. */
  readonly organization: number;
  /** By acceptance; by default the newest first. */
  readonly order?: RegisterOrder;
  /** Only positions after this one in that order. */
  readonly beyond?: number;
  /** 1 to 1,000. */
  readonly limit: number;
  /** Each must be the beginning of a word of the details. */
  readonly words?: readonly string[];
  /** Each must be a tag of the details, in upper or lower case. */
  readonly tags?: readonly string[];
  /** 8 to 64 lower-case hex digits. */
  readonly digestPrefix?: string;
  /** Time of acceptance, inclusive. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
  readonly status?: 'accepted' | 'sealed';
  /** Only entries in blocks below this height; for the status `sealed`. */
  readonly belowHeight?: number;
}

/** By the text, in lower case, in the order of its characters; entries without it come last. */
type TextOrder = 'name' | 'name-reversed' | 'reference' | 'reference-reversed';

export interface RegisterPageQuery extends Omit<RegisterQuery, 'order' | 'beyond'> {
  readonly order: RegisterOrder | TextOrder;
  /** Matches to leave out before the first. */
  readonly skip: number;
}

export interface RegisteredEntry {
  readonly entry: KeptEntry;
  /** `key:<id>` or `person:<id>`, as given at acceptance. */
  readonly submittedBy: string;
  /**
   * By the register, for the entry's account tag to confirm; null: there is no organization of that number.
   */
  readonly organizationId: string | null;
}

/** A query, ready for SQL. */
export interface Search {
  readonly organization: number;
  readonly limit: number;
  /** Of positions. */
  readonly direction: 'ASC' | 'DESC';
  /** tsquery; null: any words. */
  readonly words: string | null;
  /** First and last digest with the prefix; null: any digest. */
  readonly digests: { readonly first: Uint8Array; readonly last: Uint8Array } | null;
  readonly from: number;
  readonly to: number;
}

/** Positions [low, high). */
export interface Span {
  readonly low: number;
  readonly high: number;
}

const MAX_LIMIT = 1000;
const DIGEST_PREFIX = /^[0-9a-f]{8,64}$/;

/** null: nothing can match. @throws {RangeError} */
export function toSearch(query: RegisterQuery): Search | null {
  const {
    organization,
    limit,
    order = 'newest',
    words = [],
    tags = [],
    digestPrefix,
    from = 0,
    to = Number.MAX_SAFE_INTEGER,
  } = query;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new RangeError(`limit must be an integer from 1 to ${MAX_LIMIT}`);
  }
  if (digestPrefix !== undefined && !DIGEST_PREFIX.test(digestPrefix)) {
    throw new RangeError('digestPrefix must be 8 to 64 lower-case hex digits');
  }
  const tsquery = words.length + tags.length === 0 ? '' : searchQuery(organization, words, tags);
  if (tsquery === null) return null;
  return {
    organization,
    limit,
    direction: order === 'newest' ? 'DESC' : 'ASC',
    words: tsquery === '' ? null : tsquery,
    digests:
      digestPrefix === undefined
        ? null
        : { first: hex(digestPrefix.padEnd(64, '0')), last: hex(digestPrefix.padEnd(64, 'f')) },
    from,
    to,
  };
}

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/**
 * Times of acceptance grow with positions, except for the tolerance that `accept` allows. So a run that is
 * older than `from` by more than that has only older runs before it, and one that is younger than `to` by as
 * much has only younger ones after it.
 */
const SPAN = `
SELECT
  (SELECT first_position + entry_count FROM block WHERE height < $4::bigint ORDER BY height DESC LIMIT 1) AS sealed,
  (SELECT first_position FROM register_run WHERE organization_number = $1 AND accepted_at < $2::bigint - ${CLOCK_TOLERANCE_MS}
   ORDER BY accepted_at DESC LIMIT 1) AS older,
  (SELECT first_position FROM register_run WHERE organization_number = $1 AND accepted_at >= $3::bigint + ${CLOCK_TOLERANCE_MS}
   ORDER BY accepted_at LIMIT 1) AS younger`;

/** The positions outside of which nothing can match: one index lookup for each bound. */
export async function spanOf(connections: Connections, query: RegisterQuery): Promise<Span> {
  const { organization, from, to, status, belowHeight = Number.MAX_SAFE_INTEGER } = query;
  const { low, high } = beyond(query);
  if (from === undefined && to === undefined && status === undefined) return { low, high };
  const [row] = await connections.read<{
    sealed: string | null;
    older: string | null;
    younger: string | null;
  }>(SPAN, [organization, from ?? null, to ?? null, belowHeight]);
  const sealed = safe(row?.sealed ?? 0);
  return {
    low: Math.max(low, status === 'accepted' ? sealed : 0, row?.older == null ? 0 : safe(row.older) + 1),
    high: Math.min(
      high,
      status === 'sealed' ? sealed : Number.MAX_SAFE_INTEGER,
      safe(row?.younger ?? Number.MAX_SAFE_INTEGER),
    ),
  };
}

function beyond({ order = 'newest', beyond: position }: RegisterQuery): Span {
  const all = { low: 0, high: Number.MAX_SAFE_INTEGER };
  if (position === undefined) return all;
  return order === 'newest' ? { ...all, high: position } : { ...all, low: position + 1 };
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
  if (search.digests !== null) return byDigest(connections, search, search.digests, span);
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
  AND accepted_at >= $4 AND accepted_at < $5
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
    [organization, low, high, from, to, size],
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
      : `JOIN details_words AS found ON found.position = entry.position AND (found.words @@ $6::tsquery) IS TRUE
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
       SELECT position + 0 AS position FROM details_words
       WHERE words @@ $7::tsquery AND position + 0 >= $2 AND position + 0 < $3 ORDER BY 1 ${search.direction}
     ) AS found
     CROSS JOIN LATERAL (
       SELECT * FROM entry WHERE entry.position = found.position AND entry.digest IS NOT NULL
         AND entry.accepted_at >= $4 AND entry.accepted_at < $5 LIMIT 1
     ) AS entry ${WITH_RUN}
     ORDER BY found.position ${search.direction} LIMIT $6`,
    [search.organization, low, high, search.from, search.to, search.limit, search.words],
  );
}

function byDigest(
  connections: Connections,
  search: Search,
  { first, last }: { readonly first: Uint8Array; readonly last: Uint8Array },
  { low, high }: Span,
): Promise<RegisteredEntry[]> {
  const wordsCondition =
    search.words === null
      ? ''
      : `AND EXISTS (
           SELECT FROM details_words WHERE details_words.position = entry.position AND words @@ $9::tsquery
         )`;
  return readEntries(
    connections,
    `SELECT ${COLUMNS}, run.submitted_by, ${ORGANIZATION} FROM entry ${WITH_RUN}
     WHERE substring(entry.digest FROM 1 FOR 4) = substring($7::bytea FROM 1 FOR 4) AND entry.account_tag IS NOT NULL
       AND entry.digest BETWEEN $7 AND $8 AND entry.position >= $2 AND entry.position < $3
       AND entry.accepted_at >= $4 AND entry.accepted_at < $5 ${wordsCondition}
     ORDER BY entry.position ${search.direction} LIMIT $6`,
    [
      ...[search.organization, low, high, search.from, search.to, search.limit],
      ...[first, last],
      ...(search.words === null ? [] : [search.words]),
    ],
  );
}

type Row = readonly [...EntryRow, submittedBy: string, organizationId: string | null];

async function readEntries(
  connections: Connections,
  text: string,
  values: unknown[],
): Promise<RegisteredEntry[]> {
  const query: pg.QueryArrayConfig = { text, values, rowMode: 'array' };
  try {
    const { rows } = await connections.pool.query<[...Row]>(query);
    return rows.flatMap((row) => {
      const [submittedBy, organizationId] = [row[8], row[9]];
      const entry = toEntry(row.slice(0, 8) as unknown as EntryRow);
      return entry.erased ? [] : [{ entry, submittedBy, organizationId }];
    });
  } catch (error) {
    throw nothingWritten(error, 'reading the register');
  }
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

/** Fields of details in the order in which their words are indexed, up to the limit. */
const FIRST_FIELDS: readonly string[] = ['name', 'title', 'reference', 'author'];
const LAST_FIELDS: readonly string[] = ['note'];

/** Most lexemes of one entry, and most characters of one. */
const MAX_LEXEMES = 256;
const MAX_LENGTH = 64;
const MAX_TAG_LENGTH = 255;

/** The usual case, which is faster. */
const ASCII = /^[\x20-\x7e]*$/;
const ASCII_WORD = /[a-z0-9]+/g;
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Scripts without spaces: a search term may be anywhere in such a word. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const CONTROLS = /\p{Cc}/gu;

/**
 * The words by which the organization's register finds these details. Each has the organization's number as
 * prefix, so that a search for the beginning of a word reads this organization's words only.
 */
export function lexemesOf(organization: number, details: JsonObject): string[] {
  const tags = tagsOf(details);
  const lexemes = new Set(tags.map((tag) => tagLexeme(organization, tag)));
  for (const part of partsOf([...textsOf(details), ...tags].flatMap(wordsOf))) {
    if (lexemes.size >= MAX_LEXEMES) break;
    lexemes.add(wordLexeme(organization, part));
  }
  return [...lexemes].slice(0, MAX_LEXEMES);
}

/** Whole words before ends of words: beyond the limit, words are still found by their beginnings. */
function* partsOf(words: readonly string[]): Generator<string> {
  for (const word of words) yield cut(word, MAX_LENGTH);
  for (const word of words.filter((each) => UNSPACED.test(each))) {
    const characters = Array.from(word);
    let wasUnspaced = false;
    for (const [i, character] of characters.entries()) {
      const isUnspaced = UNSPACED.test(character);
      if (i > 0 && (isUnspaced || wasUnspaced)) yield characters.slice(i, i + MAX_LENGTH).join('');
      wasUnspaced = isUnspaced;
    }
  }
}

/**
 * A tsquery for all of these, or null when nothing can match: no details contain a word without a letter or
 * digit.
 * @param words each must begin a word of the details, one with several words in it begins several
 * @param tags  each must be a tag
 */
export function searchQuery(
  organization: number,
  words: readonly string[],
  tags: readonly string[],
): string | null {
  const found = words.map(wordsOf);
  if (found.some((each) => each.length === 0)) return null;
  return [
    ...found.flat().map((word) => `${quoted(wordLexeme(organization, cut(word, MAX_LENGTH)))}:*`),
    ...tags.map((tag) => quoted(tagLexeme(organization, tag))),
  ].join(' & ');
}

function textsOf(details: JsonObject): string[] {
  const others = Object.keys(details).filter((key) => ![...FIRST_FIELDS, ...LAST_FIELDS].includes(key));
  return [...FIRST_FIELDS, ...others, ...LAST_FIELDS]
    .filter((key) => key !== 'tags' && key !== 'nonce')
    .flatMap((key) => [...textsIn(details[key])]);
}

const VERIFIER_KEY = /^([^+\s]+)\+[0-9a-f]{8}\+\S+$/;

/** Bodies of events nest; of a verifier key only its name is a word. */
function* textsIn(value: Json | undefined): Generator<string> {
  if (isText(value)) {
    yield VERIFIER_KEY.exec(value)?.[1] ?? value;
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) yield* textsIn(each);
  }
}

function tagsOf({ tags }: JsonObject): string[] {
  return Array.isArray(tags) ? tags.filter(isText) : [];
}

const isText = (value: Json | undefined): value is string => typeof value === 'string';

const folded = (text: string): string => (ASCII.test(text) ? text : text.normalize('NFKC')).toLowerCase();

const wordsOf = (text: string): string[] => folded(text).match(ASCII.test(text) ? ASCII_WORD : WORD) ?? [];

const wordLexeme = (organization: number, word: string): string => `${organization}/${word}`;

const tagLexeme = (organization: number, tag: string): string =>
  `${organization}#${cut(folded(tag).replaceAll(CONTROLS, ' ').trim(), MAX_TAG_LENGTH)}`;

/** The first `length` characters; never half of one. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : Array.from(text).slice(0, length).join('');
}

/** A lexeme in the syntax of a tsquery. */
const quoted = (lexeme: string): string => `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
