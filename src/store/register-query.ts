import { CLOCK_TOLERANCE_MS } from './accept.js';
import type { Connections } from './connections.js';
import { searchQuery } from './register-words.js';
import { safe } from './rows.js';

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
  /** Each must be a part of a word of the details, of at least three letters, or the beginning of one. */
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
  /** As given at acceptance. */
  readonly submittedBy?: string;
  /** Id of a legal hold that keeps them, or any that is in force. */
  readonly hold?: string;
}

/** As `hold` of a query: kept by a legal hold that is in force. */
const ANY_HOLD = 'any';

/** By the text, in lower case, in the order of its characters; entries without it come last. */
type TextOrder = 'name' | 'name-reversed' | 'reference' | 'reference-reversed';

export interface RegisterPageQuery extends Omit<RegisterQuery, 'order' | 'beyond'> {
  readonly order: RegisterOrder | TextOrder;
  /** Matches to leave out before the first. */
  readonly skip: number;
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
  /** null: anybody. */
  readonly submittedBy: string | null;
  /** Id, or `ANY_HOLD`; null: whether it is kept or not. */
  readonly hold: string | null;
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
    submittedBy: query.submittedBy ?? null,
    hold: query.hold ?? null,
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

/** The words of all details: those of encrypted ones are in a table of their own. */
export function wordsTable({ keys }: Pick<Connections, 'keys'>, alias: string): string {
  return keys === null
    ? `details_words AS ${alias}`
    : `(SELECT position, words FROM details_words UNION ALL SELECT position, words FROM unlogged_words) AS ${alias}`;
}

/** Bounds that are none are left out, or the planner would read all runs by the index of their times. */
const ALL = `
FROM register_run AS run CROSS JOIN LATERAL generate_series(
  GREATEST(run.first_position, $2::bigint), LEAST(run.first_position + run.entry_count, $3::bigint) - 1
) AS found (position)
WHERE run.organization_number = $1 AND run.first_position < $3 AND run.first_position + run.entry_count > $2
  AND ($4::bigint = 0 OR run.accepted_at >= $4)
  AND ($5::bigint = ${Number.MAX_SAFE_INTEGER} OR run.accepted_at < $5)
  AND ($6::text IS NULL OR run.submitted_by = $6)
  AND NOT EXISTS (SELECT FROM erasure WHERE erasure.position = found.position)`;

/**
 * From what is rarer: the planner would look for the words or the digest of each entry of the register.
 * @param found selects positions, as expressions that have no index: the planner would read the table by it
 */
const narrowed = (found: string, order: string) => `
FROM (
  SELECT position FROM (${found}) AS found WHERE position >= $2 AND position < $3 ${order}
) AS found
JOIN LATERAL (
  SELECT first_position, entry_count, submitted_by, accepted_at FROM register_run
  WHERE organization_number = $1 AND first_position <= found.position ORDER BY first_position DESC LIMIT 1
) AS run ON found.position < run.first_position + run.entry_count AND run.accepted_at >= $4 AND run.accepted_at < $5
  AND ($6::text IS NULL OR run.submitted_by = $6)`;

/**
 * The FROM of the positions that match, as `found.position`, with their runs as `run`, and its values.
 * @param others values of the rest of the statement: from $7 on
 * @param isOrdered whether their order matters: without it, a LIMIT ends the search sooner
 */
export function matchingSql(
  connections: Connections,
  search: Search,
  { low, high }: Span,
  others: readonly unknown[],
  isOrdered = true,
) {
  const order = isOrdered ? `ORDER BY 1 ${search.direction}` : '';
  const { organization, from, to, words, digests, submittedBy, hold } = search;
  const values: unknown[] = [organization, low, high, from, to, submittedBy, ...others];
  const next = (value: unknown) => `$${values.push(value)}`;
  const withDigest = () => {
    const [first, last] = [next(digests?.first), next(digests?.last)];
    return `substring(entry.digest FROM 1 FOR 4) = substring(${first}::bytea FROM 1 FOR 4)
      AND entry.account_tag IS NOT NULL AND entry.digest BETWEEN ${first} AND ${last}`;
  };
  const withWords = () => `EXISTS (
    SELECT FROM ${wordsTable(connections, 'details_words')}
    WHERE details_words.position = entry.position AND words @@ ${next(words)}::tsquery)`;
  const all = (conditions: readonly string[]) => conditions.join(' AND ');
  if (hold !== null) {
    const id = next(hold);
    const found = `SELECT DISTINCT entry.position + 0 AS position
      FROM legal_hold JOIN held_notarization ON held_notarization.hold = legal_hold.id
      JOIN entry ON entry.position = held_notarization.position
      WHERE ${all([
        'legal_hold.organization_number = $1',
        `(legal_hold.id = ${id} OR (${id} = '${ANY_HOLD}' AND legal_hold.lifted_at IS NULL))`,
        ...(digests === null ? ['entry.digest IS NOT NULL'] : [withDigest()]),
        ...(words === null ? [] : [withWords()]),
      ])}`;
    return { sql: narrowed(found, order), values };
  }
  if (digests !== null) {
    const conditions = [withDigest(), ...(words === null ? [] : [withWords()])];
    return {
      sql: narrowed(`SELECT entry.position + 0 AS position FROM entry WHERE ${all(conditions)}`, order),
      values,
    };
  }
  if (words === null) return { sql: ALL, values };
  const table = wordsTable(connections, 'details_words');
  const found = `SELECT position + 0 AS position FROM ${table} WHERE words @@ ${next(words)}::tsquery`;
  return { sql: narrowed(found, order), values };
}

/** Whether `matchingSql` reads the runs in their order. */
export function isAll({ words, digests, hold }: Search): boolean {
  return words === null && digests === null && hold === null;
}
