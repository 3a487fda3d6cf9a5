import type pg from 'pg';
import type { MapPage } from '../merkle/map-pages.js';
import { byteaArray, int8Array, textArray } from './binary.js';
import type { Connections } from './connections.js';
import { safe } from './rows.js';

/** The map of all records' values, and the change lists of the blocks. */
export interface MapStore {
  /** Pages as they were after the block of this height, in the order of the prefixes; null: there is none. */
  mapPages(prefixes: readonly string[], height: number): Promise<(Uint8Array | null)[]>;

  /** Of these heights those of blocks whose change lists have at least so many bytes. */
  blocksWithChanges(heights: readonly number[], bytes: number): Promise<number[]>;

  /** The change lists of the blocks of the heights [from, to) that change records, lowest first. */
  changeLists(from: number, to: number): Promise<PlacedChanges[]>;
}

export interface PlacedChanges {
  readonly height: number;
  readonly list: Uint8Array;
}

/** Pages that a block changes. */
export interface PlacedPage extends MapPage {
  readonly height: number;
}

/** $1: the prefixes, $2: the height. */
const MAP_PAGES = `
SELECT page.page
FROM unnest($1::text[]) WITH ORDINALITY AS wanted (prefix, place)
LEFT JOIN LATERAL (
  SELECT page FROM map_page WHERE map_page.prefix = wanted.prefix AND height <= $2 ORDER BY height DESC LIMIT 1
) AS page ON true
ORDER BY wanted.place`;

export async function mapPages(
  connections: Connections,
  prefixes: readonly string[],
  height: number,
): Promise<(Uint8Array | null)[]> {
  const rows = await connections.prepared<{ page: Uint8Array | null }>('map_pages', MAP_PAGES, [
    textArray(prefixes),
    height,
  ]);
  return rows.map(({ page }) => page);
}

export async function changeLists(
  connections: Connections,
  from: number,
  to: number,
): Promise<PlacedChanges[]> {
  const rows = await connections.prepared<{ height: string; list: Uint8Array }>(
    'change_lists',
    'SELECT height, list FROM map_change WHERE height >= $1 AND height < $2 ORDER BY height',
    [from, to],
  );
  return rows.map(({ height, list }) => ({ height: safe(height), list }));
}

export async function blocksWithChanges(
  connections: Connections,
  heights: readonly number[],
  bytes: number,
): Promise<number[]> {
  if (heights.length === 0) return [];
  const rows = await connections.prepared<{ height: string }>(
    'blocks_with_changes',
    'SELECT height FROM map_change WHERE height = ANY ($1::bigint[]) AND octet_length(list) >= $2',
    [int8Array(heights), bytes],
  );
  return rows.map(({ height }) => safe(height));
}

/** Pages in one statement: two megabytes at most. */
const PAGES_PER_STATEMENT = 2048;

export async function insertPages(client: pg.ClientBase, pages: readonly PlacedPage[]): Promise<void> {
  for (let at = 0; at < pages.length; at += PAGES_PER_STATEMENT) {
    const part = pages.slice(at, at + PAGES_PER_STATEMENT);
    await client.query(
      'INSERT INTO map_page (height, prefix, page) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])',
      [
        int8Array(part.map(({ height }) => height)),
        textArray(part.map(({ prefix }) => prefix)),
        byteaArray(part.map(({ page }) => page)),
      ],
    );
  }
}

export async function insertChangeLists(
  client: pg.ClientBase,
  lists: readonly PlacedChanges[],
): Promise<void> {
  if (lists.length === 0) return;
  await client.query(
    'INSERT INTO map_change (height, list) SELECT * FROM unnest($1::bigint[], $2::bytea[])',
    [int8Array(lists.map(({ height }) => height)), byteaArray(lists.map(({ list }) => list))],
  );
}
