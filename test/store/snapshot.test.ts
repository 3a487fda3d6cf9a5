import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChainRows, ChainSnapshot, ChainTable, KeyRange } from '../../src/store/index.js';
import { acceptSome, nextCommit, sampleEntry, sampleGroup } from '../support/chain.js';
import { createStore, type TestStore } from '../support/database.js';

const TABLES: readonly ChainTable[] = [
  'head',
  'entry',
  'details',
  'erasure',
  'body_erasure',
  'block',
  'block_tile',
  'log_tile',
  'checkpoint',
];

let db: TestStore;
beforeAll(async () => {
  db = await createStore();
  const details = [{ index: 3, json: '{"a":1}', words: [] }];
  const entries = Array.from({ length: 600 }, () => sampleEntry());
  await db.store.accept(sampleGroup({ acceptedAt: 1, entries, details }));
  await db.store.commitBlock(await nextCommit(db.store, 300));
  for (let height = 1; height < 257; height++) await db.store.commitBlock(await nextCommit(db.store, 1));
  await db.store.erase(4);
  await db.query('INSERT INTO body_erasure VALUES (599)');
});
afterAll(() => db.drop());

async function all<T extends ChainTable>(
  snapshot: ChainSnapshot,
  table: T,
  range?: KeyRange,
  pageSize?: number,
): Promise<ChainRows[T][]> {
  const rows: ChainRows[T][] = [];
  for await (const page of snapshot.rows(table, range, pageSize)) {
    expect(page.length).toBeLessThanOrEqual(pageSize ?? 2048);
    rows.push(...page);
  }
  return rows;
}

test('returns every column of every chain table, in key order', async () => {
  await db.store.snapshot(async (snapshot) => {
    for (const table of TABLES) {
      const rows = await all(snapshot, table, undefined, 7);
      const columns = await db.query<{ name: string }>(
        'SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1',
        [table],
      );
      const [count] = await db.query<{ count: number }>(`SELECT count(*)::integer AS count FROM ${table}`);
      expect([table, rows.length]).toEqual([table, count?.count]);
      expect(rows.length).toBeGreaterThan(0);
      const [row = expect.fail()] = rows;
      expect(columns.filter(({ name }) => !(name in row))).toEqual([]);
    }
    const positions = (await all(snapshot, 'entry', undefined, 100)).map(({ position }) => position);
    expect(positions).toEqual(Array.from({ length: 600 }, (_, i) => BigInt(i)));
    const tiles = (await all(snapshot, 'block_tile', { from: 0n, to: 2n })).map((tile) => [
      tile.height,
      tile.index,
    ]);
    expect(tiles).toEqual([
      [0n, 0],
      [0n, 1],
      [1n, 0],
    ]);
    const [erased] = await all(snapshot, 'entry', { from: 4n, to: 5n });
    expect(erased).toMatchObject({
      position: 4n,
      accepted_at: 0n,
      size: null,
      kind: 0,
      digest: null,
      salt: null,
      account_tag: null,
      details_digest: null,
    });
  });
});

test('does not change while it is read, and several tables can be read in turns', async () => {
  await db.store.snapshot(async (snapshot) => {
    const entries = snapshot.rows('entry', undefined, 50)[Symbol.asyncIterator]();
    const blocks = snapshot.rows('block', undefined, 50)[Symbol.asyncIterator]();
    const first = (await entries.next()).value as ChainRows['entry'][];
    await acceptSome(db.store, 10);
    await db.store.commitBlock(await nextCommit(db.store, 1));
    expect(((await blocks.next()).value as ChainRows['block'][])[0]?.height).toBe(0n);
    const second = (await entries.next()).value as ChainRows['entry'][];
    expect([first.at(-1)?.position, second[0]?.position]).toEqual([49n, 50n]);
    expect(await all(snapshot, 'entry')).toHaveLength(600);
    expect(await all(snapshot, 'block')).toHaveLength(257);
  });
});

test('returns values out of range unchanged', async () => {
  await db.query('ALTER TABLE entry DISABLE TRIGGER ALL');
  await db.query('ALTER TABLE entry DROP CONSTRAINT entry_range, DROP CONSTRAINT entry_lengths');
  await db.query(
    `INSERT INTO entry VALUES (-5, -1, 9223372036854775807, -1, 'a', 'b', NULL, ''), (9223372036854775807, 1, 1, 1, '', '', NULL, NULL)`,
  );
  await db.store.snapshot(async (snapshot) => {
    const rows = await all(snapshot, 'entry');
    expect(rows[0]).toMatchObject({
      position: -5n,
      size: 2n ** 63n - 1n,
      kind: -1,
      digest: new Uint8Array([97]),
    });
    expect(rows.at(-1)).toMatchObject({ position: 2n ** 63n - 1n, digest: new Uint8Array() });
  });
});
