import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptSome, nextCommit, sampleEntry, sampleGroup } from '../support/chain.js';
import { createStore, type TestStore } from '../support/database.js';
import { codeOf } from '../support/store-error.js';

const TABLES = {
  head: 'next_position = next_position - 1',
  entry: 'accepted_at = accepted_at',
  details: `json = json`,
  erasure: 'position = position',
  body_erasure: 'position = position',
  block: 'nonce = nonce',
  state_statement: 'statement = statement',
  block_tile: 'hashes = hashes',
  log_tile: 'root = root',
  checkpoint: 'note = note',
  log_key_statement: 'note = note',
  event: 'note = note',
  map_page: 'page = page',
  map_change: 'list = list',
};
/** Beside the chain: no erasure and no restore explains a change. */
const ANCHORS = { anchor: 'source = source', revocation_list: 'data = data', renewal_leaf: 'hash = hash' };

let db: TestStore;

/** A chain with at least one row in every table: 256 blocks fill a log tile. */
beforeAll(async () => {
  db = await createStore();
  const { store } = db;
  const details = [
    { index: 0, json: '{"name":"a"}', words: [] },
    { index: 2, json: '{"name":"b"}', words: [] },
  ];
  const entries = Array.from({ length: 257 }, () => sampleEntry());
  await store.accept(sampleGroup({ entries, details }));
  for (let height = 0; height < 256; height++)
    await store.commitBlock({ ...(await nextCommit(store, 1)), statement: '{}' });
  expect(await store.erase(0)).toBe(true);
  const token = { token: new Uint8Array(1), validUntil: 1, crls: [new Uint8Array(2)] };
  await store.addAnchor({ type: 'rfc3161', size: 1, source: 'seoul', ...token }, 5);
  await store.addRenewal(
    { source: 'seoul', ...token, leaves: [{ renewed: 1, hash: new Uint8Array(32), crls: [] }] },
    6,
  );
  const hash = "sha256('x')";
  await db.query(`
    INSERT INTO event (sequence, position, height, record, before, value, type, note)
    VALUES (0, 3, 1, ${hash}, ${hash}, ${hash}, 'item.offer', 'note'), (1, 4, NULL, ${hash}, ${hash}, ${hash}, 'item.offer', 'note');
    INSERT INTO record VALUES (0, 1, ${hash}, ${hash}, 'item', 'held', 'key', '{key}', '{}');
    INSERT INTO map_page VALUES (1, '', ${hash});
    INSERT INTO map_change VALUES (1, decode(repeat('00', 69), 'hex'));
    INSERT INTO body_erasure VALUES (900)`);
  await store.storeKeyStatements([{ ordinal: 0, position: 1, entry: new Uint8Array(114), note: 'note' }]);
});
afterAll(() => db.drop());

describe.each(Object.entries(TABLES))('table %s', (table, change) => {
  test.each([`UPDATE ${table} SET ${change}`, `DELETE FROM ${table}`, `TRUNCATE ${table}`])(
    '%s is refused and says what to do',
    async (statement) => {
      const before = await db.query(`SELECT * FROM ${table}`);
      expect(before.length).toBeGreaterThan(0);
      await expect(db.query(statement)).rejects.toMatchObject({
        code: 'IG001',
        message: expect.stringMatching(/refused/) as string,
        hint: expect.stringMatching(/erase_notarization|restore/) as string,
      });
      expect(await db.query(`SELECT * FROM ${table}`)).toEqual(before);
    },
  );
});

describe.each(Object.entries(ANCHORS))('table %s', (table, change) => {
  test.each([`UPDATE ${table} SET ${change}`, `DELETE FROM ${table}`, `TRUNCATE ${table}`])(
    '%s is refused',
    async (statement) => {
      const before = await db.query(`SELECT * FROM ${table}`);
      expect(before.length).toBeGreaterThan(0);
      const message = expect.stringMatching(/refused: rows can only be added to it/) as string;
      await expect(db.query(statement)).rejects.toMatchObject({ code: 'IG001', message });
      expect(await db.query(`SELECT * FROM ${table}`)).toEqual(before);
    },
  );
});

test('an event that waits is sealed once, and a record only goes forward', async () => {
  const refused = { code: 'IG001' };
  await expect(
    db.query('UPDATE event SET height = 2, note = $$other$$ WHERE sequence = 1'),
  ).rejects.toMatchObject(refused);
  await db.query('UPDATE event SET height = 2 WHERE sequence = 1');
  await expect(db.query('UPDATE event SET void = $$stale_value$$ WHERE sequence = 1')).rejects.toMatchObject(
    refused,
  );
  await db.query('UPDATE record SET sequence = 1, height = 2');
  for (const statement of [
    'UPDATE record SET height = 2',
    'UPDATE record SET sequence = 2, height = 1',
    'DELETE FROM record',
  ])
    await expect(db.query(statement)).rejects.toMatchObject(refused);
});

test('the head only goes forward, in each of its columns', async () => {
  await expect(db.query('UPDATE head SET latest_time = latest_time - 1')).rejects.toMatchObject({
    code: 'IG001',
  });
  await expect(db.query('UPDATE head SET id = false')).rejects.toMatchObject({ code: 'IG001' });
  await expect(db.query('INSERT INTO head VALUES (false, 0, 0)')).rejects.toMatchObject({ code: '23514' });
});

describe('erasure', () => {
  test('removes the content and keeps the rest', async () => {
    const before = await db.store.entry(2);
    expect(await db.store.detailsIn([{ first: 2, count: 1 }])).toEqual(new Map([[2, '{"name":"b"}']]));
    expect(await db.store.erase(2)).toBe(true);
    expect(await db.store.entry(2)).toEqual({
      erased: true,
      position: 2,
    });
    expect(await db.store.detailsIn([{ first: 2, count: 1 }])).toEqual(new Map());
    expect(await db.query('SELECT * FROM entry WHERE position = 2')).toMatchObject([
      {
        digest: null,
        salt: null,
        size: null,
        account_tag: null,
        details_digest: null,
        accepted_at: '0',
        kind: 0,
      },
    ]);
    expect(await db.store.erase(2)).toBe(false);
    expect(await db.query('SELECT position::integer FROM erasure WHERE position = 2')).toEqual([
      { position: 2 },
    ]);
    if (before === null || before.erased) throw new Error('the entry was there');
    expect(await db.store.entriesByDigest(before.digest, 5)).toEqual({ entries: [], more: false });
    expect(await db.store.blockTiles([{ height: 2, level: 0, index: 0 }])).toEqual([
      expect.objectContaining({ length: 32 }),
    ]);
  });

  test('is refused for an unsealed or unknown entry', async () => {
    expect(await codeOf(db.store.erase(256))).toBe('not_sealed');
    expect(await codeOf(db.store.erase(257))).toBe('unknown_position');
  });

  test('a row in erasure allows the erasure of that entry, and no other change', async () => {
    await db.query('INSERT INTO erasure VALUES (7)');
    await expect(db.query('UPDATE entry SET accepted_at = 1 WHERE position = 7')).rejects.toThrow(
      /append-only/,
    );
    await expect(db.query('UPDATE entry SET size = 7 WHERE position = 7')).rejects.toThrow(/append-only/);
    await expect(
      db.query('UPDATE entry SET digest = NULL, salt = NULL, size = NULL WHERE position = 8'),
    ).rejects.toThrow(/append-only/);
  });

  test('of a body removes the details of a sealed event, and nothing else', async () => {
    const hash = "sha256('y')";
    await db.query(`
      INSERT INTO event (sequence, position, height, record, before, value, type, note)
      VALUES (0, 10, 9, ${hash}, ${hash}, ${hash}, 'item.offer', 'note'), (1, 11, NULL, ${hash}, ${hash}, ${hash}, 'item.offer', 'note');
      INSERT INTO details VALUES (10, '{"nonce":"x"}'), (12, '{"name":"c"}')`);
    const before = await db.query('SELECT * FROM entry WHERE position = 10');
    expect(await codeOf(db.store.eraseEventBody(11))).toBe('not_sealed');
    expect(await codeOf(db.store.eraseEventBody(12))).toBe('unknown_position');
    await expect(db.query('DELETE FROM details WHERE position = 10')).rejects.toThrow(/append-only/);
    expect(await db.store.eraseEventBody(10)).toBe(true);
    expect(await db.store.eraseEventBody(10)).toBe(false);
    expect([...(await db.store.detailsIn([{ first: 10, count: 3 }])).keys()]).toEqual([12]);
    expect(await db.query('SELECT * FROM entry WHERE position = 10')).toEqual(before);
  });

  test('autovacuum removes the dead row whatever the size of the table', async () => {
    const [row] = await db.query<{ options: string[] }>(
      "SELECT reloptions AS options FROM pg_class WHERE relname = 'entry'",
    );
    expect(row?.options).toContain('autovacuum_vacuum_scale_factor=0');
  });
});

test('the table rejects rows that do not fit', async () => {
  const digest = "decode(repeat('ab', 32), 'hex')";
  const salt = "decode(repeat('ab', 16), 'hex')";
  for (const values of [
    `999, 1, NULL, 0, decode('ab', 'hex'), ${salt}, NULL, NULL`,
    `999, 1, NULL, 0, ${digest}, decode('ab', 'hex'), NULL, NULL`,
    `999, 1, NULL, 0, ${digest}, NULL, NULL, NULL`,
    `999, 1, 5, 0, NULL, NULL, NULL, NULL`,
    `999, 1, -1, 0, ${digest}, ${salt}, NULL, NULL`,
    `-1, 1, NULL, 0, ${digest}, ${salt}, NULL, NULL`,
    `999, 1, NULL, 257, ${digest}, ${salt}, NULL, NULL`,
  ]) {
    await expect(db.query(`INSERT INTO entry VALUES (${values})`)).rejects.toMatchObject({ code: '23514' });
  }
  await acceptSome(db.store, 1);
});
