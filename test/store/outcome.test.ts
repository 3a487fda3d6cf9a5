import pg from 'pg';
import { expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/index.js';
import { acceptSome, nextCommit, sampleEntry, sampleGroup } from '../support/chain.js';
import { createDatabase } from '../support/database.js';
import { createProxy, type Proxy } from '../support/proxy.js';
import { codeOf } from '../support/store-error.js';
import { until } from '../support/until.js';

/** A store that talks through a relay, and one that sees the same database undisturbed. */
async function disturbed(
  run: (parts: { store: Store; clear: Store; proxy: Proxy; url: string }) => Promise<void>,
): Promise<void> {
  await using database = await createDatabase();
  await using proxy = await createProxy(database.url);
  const store = await openStore({ url: proxy.url });
  const clear = await openStore({ url: database.url });
  try {
    await run({ store, clear, proxy, url: database.url });
  } finally {
    await Promise.all([store.close(), clear.close()]);
  }
}

const group = () => sampleGroup({ entries: [sampleEntry(), sampleEntry()] });

test('an accept whose response was lost is found', () =>
  disturbed(async ({ store, clear, proxy }) => {
    await acceptSome(store, 3);
    const lost = group();
    // The name of the prepared statement, in whichever message sends it.
    proxy.loseAnswers('accept\0');
    const accepting = Promise.all([acceptSome(clear, 1), codeOf(store.accept(lost))]);
    await until(
      'the commit whose response is lost',
      () => clear.head(),
      (seen) => seen.nextPosition === 6,
    );
    proxy.cut();
    expect((await accepting)[1]).toBe('outcome_unknown');
    const first = await store.findAccepted(lost.entries);
    expect(first).toBe(await clear.findAccepted(lost.entries));
    expect(first).toBeGreaterThanOrEqual(3);
  }));

test('an accept that still runs on the server is terminated before it is reported as not accepted', () =>
  disturbed(async ({ store, clear, proxy, url }) => {
    const blocker = new pg.Client({ connectionString: url });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM head FOR UPDATE');
    const lost = group();
    const accepting = codeOf(store.accept(lost));
    await until('the insert to wait for the lock', async () => {
      // Within a transaction the view stays as it was first seen.
      await blocker.query('SELECT pg_stat_clear_snapshot()');
      const { rows } = await blocker.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND
        datname = current_database()`);
      return rows.length === 1;
    });
    proxy.cut();
    expect(await accepting).toBe('outcome_unknown');
    expect(await store.findAccepted(lost.entries)).toBeNull();
    await blocker.query('COMMIT');
    await blocker.end();
    expect((await clear.head()).nextPosition).toBe(0);
    expect((await store.accept(lost)).first).toBe(0);
  }));

// A simple query's text ends with NUL; "READ COMMITTED" is not meant.
test('a block whose COMMIT was not answered is found, and not committed twice', () =>
  disturbed(async ({ store, clear, proxy }) => {
    await acceptSome(store, 3);
    const commit = await nextCommit(store);
    proxy.loseAnswers('COMMIT\0');
    const committing = codeOf(store.commitBlock(commit));
    await until('the commit of the block', () => clear.tip());
    proxy.cut();
    expect(await committing).toBe('outcome_unknown');
    expect(await store.findCommitted(commit.block)).toBe(true);
    expect(await store.commitBlock(commit)).toBe('tip_moved');
    expect(await store.tip()).toEqual({ ...commit.block });
  }));

test('a block whose COMMIT never arrived is reported as not committed, and can be committed again', () =>
  disturbed(async ({ store, proxy }) => {
    await acceptSome(store, 3);
    const commit = await nextCommit(store);
    proxy.loseAnswers('COMMIT\0', { before: true });
    const committing = codeOf(store.commitBlock(commit));
    await proxy.seen;
    proxy.cut();
    expect(await committing).toBe('outcome_unknown');
    expect(await store.findCommitted(commit.block)).toBe(false);
    expect(await store.commitBlock(commit)).toBe('committed');
  }));

test('calls are "unavailable" while the database is unreachable', async () => {
  await using database = await createDatabase();
  const proxy = await createProxy(database.url);
  const store = await openStore({ url: proxy.url });
  await proxy[Symbol.asyncDispose]();
  await until(
    'the store to notice that the database is unreachable',
    () => codeOf(store.accept(group())),
    'unavailable',
  );
  expect(await codeOf(store.ping())).toBe('unavailable');
  expect(await codeOf(store.tip())).toBe('unavailable');
  expect(await codeOf(store.acquireLeadership())).toBe('unavailable');
  expect(await codeOf(store.snapshot(() => Promise.resolve()))).toBe('unavailable');
  await store.close();
  expect(await codeOf(openStore({ url: proxy.url }))).toBe('unavailable');
});
