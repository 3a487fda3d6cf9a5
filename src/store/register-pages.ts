import type { Connections } from './connections.js';
import { entriesAt, type RegisteredEntry } from './register.js';
import {
  isAll,
  matchingSql,
  type RegisterPageQuery,
  type RegisterQuery,
  spanOf,
  toSearch,
} from './register-query.js';
import { safe } from './rows.js';

/** Pages of a register by number, counts, and other orders than that of acceptance: their cost grows with the matches. */

/** The number of the organization's entries that match, counted to at most `most`. */
export async function countRegister(
  connections: Connections,
  query: Omit<RegisterQuery, 'limit' | 'beyond' | 'order'>,
  most: number,
): Promise<number> {
  const search = toSearch({ ...query, limit: 1 });
  if (search === null) return 0;
  const span = await spanOf(connections, { ...query, limit: 1 });
  const { sql, values } = matchingSql(search, span, [most], false);
  const [row] = await connections.read<{ count: string }>(
    `SELECT count(*) FROM (SELECT ${sql} LIMIT $7) AS counted`,
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
    `${sorted} OFFSET $7 LIMIT $8`,
    values,
  );
  return entriesAt(
    connections,
    search,
    rows.map((row) => ({ position: safe(row.position), submittedBy: row.submitted_by })),
  );
}
