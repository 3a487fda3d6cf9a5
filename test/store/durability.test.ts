import pg from 'pg';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/index.js';
import { acceptSome } from '../support/chain.js';
import { createDatabase } from '../support/database.js';
import { codeOf } from '../support/store-error.js';
import { until } from '../support/until.js';

test('a response means "on disk", also on a server with synchronous_commit=off', async () => {
  await using database = await createDatabase();
  await database.query(`
    CREATE TABLE seen (setting text);
    GRANT INSERT ON seen TO PUBLIC;
    CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO public.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
    CREATE TRIGGER look AFTER INSERT ON entry FOR EACH STATEMENT EXECUTE FUNCTION look()`);
  const name = new URL(database.url).pathname.slice(1);
  const settings = ['on', 'off', 'remote_apply', 'local'];
  for (const setting of settings) {
    await database.query(`ALTER DATABASE ${name} SET synchronous_commit = ${setting}`);
    const store = await openStore({ url: database.url });
    await acceptSome(store, 1);
    await store.close();
  }
  const seen = await database.query<{ setting: string }>('SELECT setting FROM seen');
  expect(seen.map(({ setting }) => setting)).toEqual(['on', 'on', 'remote_apply', 'local']);
});

test('abandon fails all waiting calls, prevents reconnections, and lets close resolve', async () => {
  await using database = await createDatabase();
  const store = await openStore({ url: database.url });
  const leadership = await store.acquireLeadership();
  store.onSealed(() => undefined);
  const blocker = new pg.Client({ connectionString: database.url });
  await blocker.connect();
  try {
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM head FOR UPDATE');
    const waiting = codeOf(acceptSome(store, 1));
    await until('the insert to wait for the lock', async () => {
      // Within a transaction the view stays as it was first seen.
      await blocker.query('SELECT pg_stat_clear_snapshot()');
      const { rows } = await blocker.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
      );
      return rows.length === 1;
    });
    store.abandon();
    expect(await waiting).toBe('outcome_unknown');
    expect(await codeOf(store.ping())).toBe('unavailable');
    expect(await codeOf(store.acquireLeadership())).toBe('unavailable');
    expect(leadership?.lost.aborted).toBe(true);
    await store.close();
  } finally {
    await blocker.end();
  }
});
