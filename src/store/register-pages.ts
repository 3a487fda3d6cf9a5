import type { Connections } from './connections.js';
import {
  entriesAt,
  type RegisteredEntry,
  type RegisterOrder,
  type RegisterQuery,
  type Search,
  type Span,
  spanOf,
  toSearch,
} from './register.js';
import { safe } from './rows.js';

/** Pages of a register by number, counts, and other orders than that of acceptance: their cost grows with the matches. */

/** By the text, in lower case, in the order of its characters; entries without it come last. */
export type TextOrder = 'name' | 'name-reversed' | 'reference' | 'reference-reversed';

export interface RegisterPageQuery extends Omit<RegisterQuery, 'order' | 'beyond'> {
  readonly order: RegisterOrder | TextOrder;
  /** Matches to leave out before the first. */
  readonly skip: number;
}

/** The positions that match. A run says whose they are; the rest only narrows them down. */
function matching({ words, digests }: Search, [first, second]: readonly [number, number]): string {
  return `
FROM register_run AS run CROSS JOIN LATERAL generate_series(
  GREATEST(run.first_position, $2::bigint), LEAST(run.first_position + run.entry_count, $3::bigint) - 1
) AS found (position)
WHERE run.organization_number = $1 AND run.first_position < $3 AND run.first_position + run.entry_count > $2
  AND run.accepted_at >= $4 AND run.accepted_at < $5
  AND NOT EXISTS (SELECT FROM erasure WHERE erasure.position = found.position)
  ${words === null ? '' : `AND found.position IN (SELECT position FROM details_words WHERE words @@ $${first}::tsquery)`}
  ${
    digests === null
      ? ''
      : `AND found.position IN (
    SELECT position FROM entry WHERE substring(digest FROM 1 FOR 4) = substring($${second}::bytea FROM 1 FOR 4)
      AND account_tag IS NOT NULL AND digest BETWEEN $${second} AND $${second + 1})`
  }`;
}

/** The SQL of what matches, and its values. @param others values of the rest of the statement: from $6 on */
function matchingSql(search: Search, { low, high }: Span, others: readonly unknown[]) {
  const { organization, from, to, words, digests } = search;
  const next = 6 + others.length;
  return {
    sql: matching(search, [next, words === null ? next : next + 1]),
    values: [
      ...[organization, low, high, from, to, ...others],
      ...(words === null ? [] : [words]),
      ...(digests === null ? [] : [digests.first, digests.last]),
    ],
  };
}

/** The numbers of the organization's entries that match, counted to at most `most`. */
export async function countRegister(
  connections: Connections,
  query: Omit<RegisterQuery, 'limit' | 'beyond' | 'order'>,
  most: number,
): Promise<number> {
  const search = toSearch({ ...query, limit: 1 });
  if (search === null) return 0;
  const span = await spanOf(connections, { ...query, limit: 1 });
  const { sql, values } = matchingSql(search, span, [most]);
  const [row] = await connections.read<{ count: string }>(
    `SELECT count(*) FROM (SELECT ${sql} LIMIT $6) AS counted`,
    values,
  );
  return safe(row?.count ?? 0);
}

/** A title takes the place of a name. JSON with the character NUL has no text in PostgreSQL. */
const TEXTS = {
  name: `COALESCE(details.json::json ->> 'name', details.json::json ->> 'title')`,
  reference: `details.json::json ->> 'reference'`,
} as const;

/** One page of the matches, in any order. @throws {RangeError} limit or digestPrefix is out of range */
export async function pageRegister(
  connections: Connections,
  { order, skip, ...query }: RegisterPageQuery,
): Promise<RegisteredEntry[]> {
  const isTime = order === 'newest' || order === 'oldest';
  const search = toSearch({ ...query, order: isTime ? order : 'newest' });
  if (search === null) return [];
  const span = await spanOf(connections, query);
  const { sql, values } = matchingSql(search, span, [skip, search.limit]);
  const [text = '', reversed] = order.split('-');
  const sorted = isTime
    ? `SELECT found.position, run.submitted_by ${sql}
       ORDER BY run.first_position ${search.direction}, found.position ${search.direction}`
    : `SELECT matching.position, matching.submitted_by
       FROM (SELECT found.position, run.submitted_by ${sql}) AS matching
       LEFT JOIN details ON details.position = matching.position AND strpos(details.json, '\\u0000') = 0
       ORDER BY lower(${TEXTS[text as keyof typeof TEXTS]}) ${reversed === undefined ? 'ASC' : 'DESC'} NULLS LAST,
         matching.position DESC`;
  const rows = await connections.read<{ position: string; submitted_by: string }>(
    `${sorted} OFFSET $6 LIMIT $7`,
    values,
  );
  return entriesAt(
    connections,
    search,
    rows.map((row) => ({ position: safe(row.position), submittedBy: row.submitted_by })),
  );
}
