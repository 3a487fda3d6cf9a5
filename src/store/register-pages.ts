import type { Connections } from './connections.js';
import {
  entriesAt,
  type RegisteredEntry,
  type RegisterPageQuery,
  type RegisterQuery,
  type Search,
  type Span,
  spanOf,
  toSearch,
} from './register.js';
import { safe } from './rows.js';

/** Pages of a register by number, counts, and other orders than that of acceptance: their cost grows with the matches. */

const ALL = `
FROM register_run AS run CROSS JOIN LATERAL generate_series(
  GREATEST(run.first_position, $2::bigint), LEAST(run.first_position + run.entry_count, $3::bigint) - 1
) AS found (position)
WHERE run.organization_number = $1 AND run.first_position < $3 AND run.first_position + run.entry_count > $2
  AND run.accepted_at >= $4 AND run.accepted_at < $5
  AND NOT EXISTS (SELECT FROM erasure WHERE erasure.position = found.position)`;

/** From what is rarer: the planner would look for the words or the digest of each entry of the register. */
const narrowed = (found: string, { direction }: Search) => `
FROM (
  SELECT position + 0 AS position FROM ${found} AND position + 0 >= $2 AND position + 0 < $3 ORDER BY 1 ${direction}
) AS found
JOIN LATERAL (
  SELECT first_position, entry_count, submitted_by, accepted_at FROM register_run
  WHERE organization_number = $1 AND first_position <= found.position ORDER BY first_position DESC LIMIT 1
) AS run ON found.position < run.first_position + run.entry_count AND run.accepted_at >= $4 AND run.accepted_at < $5`;

/** The SQL of what matches, and its values. @param others values of the rest of the statement: from $6 on */
function matchingSql(search: Search, { low, high }: Span, others: readonly unknown[]) {
  const { organization, from, to, words, digests } = search;
  const values: unknown[] = [organization, low, high, from, to, ...others];
  const next = (value: unknown) => `$${values.push(value)}`;
  if (digests !== null) {
    const [first, last] = [next(digests.first), next(digests.last)];
    const found = `entry WHERE substring(digest FROM 1 FOR 4) = substring(${first}::bytea FROM 1 FOR 4)
      AND account_tag IS NOT NULL AND digest BETWEEN ${first} AND ${last}`;
    if (words === null) return { sql: narrowed(found, search), values };
    const both = `${found} AND EXISTS (
      SELECT FROM details_words WHERE details_words.position = entry.position AND words @@ ${next(words)}::tsquery)`;
    return { sql: narrowed(both, search), values };
  }
  if (words === null) return { sql: ALL, values };
  return { sql: narrowed(`details_words WHERE words @@ ${next(words)}::tsquery`, search), values };
}

const isAll = ({ words, digests }: Search): boolean => words === null && digests === null;

/** The number of the organization's entries that match, counted to at most `most`. */
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
       ORDER BY ${isAll(search) ? `run.first_position ${search.direction}, ` : ''}found.position ${search.direction}`
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
