import { expect, test } from 'vitest';
import type { Store } from '../../src/store/index.js';
import { acceptSome, nextCommit, sampleEntry } from '../support/chain.js';
import { createStore, query, type TestStore } from '../support/database.js';
import { startService } from '../support/service.js';
import { codeOf } from '../support/store-error.js';
import { until } from '../support/until.js';

/*
 * An older copy of the database takes the place of the newest one while the service runs, as after a failover
 * to a standby that lacked the last transactions.
 */

async function seal(store: Store): Promise<void> {
  expect(await store.commitBlock(await nextCommit(store))).toBe('committed');
}

/** Loses the last entries, and every block. */
async function rollBack(db: Pick<TestStore, 'query'>, entries: number, blocks = 0): Promise<void> {
  await db.query(`
    BEGIN;
    SET LOCAL session_replication_role = replica;
    DELETE FROM entry WHERE position >= ${entries};
    DELETE FROM block WHERE height >= ${blocks};
    DELETE FROM checkpoint WHERE size > ${blocks};
    UPDATE head SET next_position = ${entries};
    COMMIT`);
}

const acceptStatement = (store: Store) =>
  store.acceptKeyStatement({
    ordinal: 0,
    entry: { ...sampleEntry(), acceptedAt: Date.now() },
    note: 'a statement',
    receipt: 'a receipt',
  });

test('nothing is accepted into a database that lacks an acknowledged entry', async () => {
  await using db = await createStore();
  await acceptSome(db.store, 3);
  await rollBack(db, 2);
  expect(await codeOf(acceptSome(db.store, 1))).toBe('rolled_back');
  expect(await codeOf(acceptStatement(db.store))).toBe('rolled_back');
  expect(await codeOf(db.store.sealingState())).toBe('rolled_back');
  expect(await db.query('SELECT next_position::integer AS next FROM head')).toEqual([{ next: 2 }]);
  expect(await db.query('SELECT count(*)::integer AS entries FROM entry')).toEqual([{ entries: 2 }]);
});

test('nothing is accepted into a database that lacks a block that this process has seen', async () => {
  await using db = await createStore();
  await acceptSome(db.store, 3);
  await seal(db.store);
  await db.store.tip();
  // As many entries as before, and others wait: only the block is missing.
  await rollBack(db, 3);
  expect(await codeOf(acceptSome(db.store, 1))).toBe('rolled_back');
  expect(await codeOf(acceptStatement(db.store))).toBe('rolled_back');
});

test('nothing is accepted into a database in which another block has that height', async () => {
  await using db = await createStore();
  await acceptSome(db.store, 3);
  await seal(db.store);
  await db.store.tip();
  await db.query(
    `BEGIN; SET LOCAL session_replication_role = replica; UPDATE block SET hash = sha256('other'); COMMIT`,
  );
  expect(await codeOf(acceptSome(db.store, 1))).toBe('rolled_back');
});

test('reading and accepting at once is no rollback', async () => {
  await using db = await createStore();
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let i = 0; i < 20; i++) {
        await acceptSome(db.store, 1);
        await db.store.sealingState();
      }
    }),
  );
  expect((await db.store.sealingState()).nextPosition).toBe(120);
});

test('the service accepts nothing more, and says that it is not ready and why', async () => {
  await using service = await startService();
  const notarize = async (text: string) =>
    fetch(`${service.url}/v1/notarizations`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: text,
    });
  expect((await notarize('kept')).status).toBe(201);
  expect((await notarize('lost')).status).toBe(201);
  await rollBack({ query: (text) => query(service.adminUrl, text) }, 1);
  const refused = await notarize('into the older copy');
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ code: 'unavailable' });
  const codes = await until(
    'the service to be not ready',
    async () => {
      const { problems } = (await (await fetch(`${service.url}/readyz`)).json()) as {
        problems: { code: string }[];
      };
      return problems.map(({ code }) => code);
    },
    (seen) => seen.includes('rolled_back'),
  );
  expect(codes).toContain('rolled_back');
  expect(await query(service.adminUrl, 'SELECT next_position::integer AS next FROM head')).toEqual([
    { next: 1 },
  ]);
});
