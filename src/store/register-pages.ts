import { Slices } from '../background/slices.js';
import { type ErasureKeys, isSealed } from '../crypto/erasure-keys.js';
import type { Connections } from './connections.js';
import { entriesAt, type RegisteredEntry } from './register.js';
import {
  isAll,
  matchingSql,
  type RegisterPageQuery,
  type RegisterQuery,
  type Search,
  type Span,
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
  const { sql, values } = matchingSql(connections, search, span, [most], false);
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
  if (!isTime && connections.keys !== null)
    return pageByText(connections, connections.keys, search, span, order, skip);
  const { sql, values } = matchingSql(connections, search, span, [skip, search.limit]);
  const [text = '', reversed] = order.split('-');
  const sorted = isTime
    ? `SELECT found.position, run.submitted_by ${sql}
       ORDER BY ${isAll(search) ? `run.first_position ${search.direction}, ` : ''}found.position ${search.direction}`
    : `SELECT matching.position, matching.submitted_by
       FROM (SELECT found.position, run.submitted_by ${sql}) AS matching
       LEFT JOIN details ON details.position = matching.position AND left(details.json, 1) = '{'
         AND strpos(details.json, '\\u0000') = 0
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

/** Most matches that are read to be ordered here. */
const MAX_ORDERED = 100_000;

/** PostgreSQL cannot order by what is encrypted: the texts of all matches are decrypted and ordered here. */
async function pageByText(
  connections: Connections,
  keys: ErasureKeys,
  search: Search,
  span: Span,
  order: RegisterPageQuery['order'],
  skip: number,
): Promise<RegisteredEntry[]> {
  const { sql, values } = matchingSql(connections, search, span, [MAX_ORDERED]);
  const rows = await connections.read<{ position: string; submitted_by: string; json: string | null }>(
    `SELECT matching.position, matching.submitted_by, details.json
     FROM (SELECT found.position, run.submitted_by ${sql} LIMIT $7) AS matching
     LEFT JOIN details ON details.position = matching.position`,
    values,
  );
  const isReference = order.startsWith('reference');
  const slices = new Slices();
  const found: { readonly position: number; readonly submittedBy: string; readonly text: Buffer | null }[] =
    [];
  for (const { position, submitted_by: submittedBy, json } of rows) {
    if (slices.isOver) await slices.next();
    const text = json === null ? null : isSealed(json) ? keys.open(json) : json;
    const { name, title, reference } = (text === null ? {} : JSON.parse(text)) as Record<string, unknown>;
    const wanted = isReference ? reference : (name ?? title);
    found.push({
      ...{ position: safe(position), submittedBy },
      text: typeof wanted === 'string' ? Buffer.from(wanted.toLowerCase()) : null,
    });
  }
  const direction = order.endsWith('-reversed') ? -1 : 1;
  found.sort((a, b) => {
    if (a.text === null || b.text === null)
      return a.text === b.text ? b.position - a.position : a.text === null ? 1 : -1;
    return direction * Buffer.compare(a.text, b.text) || b.position - a.position;
  });
  return entriesAt(connections, search, found.slice(skip, skip + search.limit));
}
