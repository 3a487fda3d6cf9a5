import { describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/index.js';
import { acceptSome, nextCommit, sampleGroup } from '../support/chain.js';
import { countWaiting, stopWaiting, untilCommitsWait } from '../support/commit-waits.js';
import { createDatabase } from '../support/database.js';
import { createBackground, createLog } from '../support/parts.js';
import { type PausableServer, startServer } from '../support/pausable-server.js';
import { createProxy } from '../support/proxy.js';
import { codeOf } from '../support/store-error.js';
import { until } from '../support/until.js';
import { newOrganization } from './auth/support.js';

const group = () => sampleGroup();

async function watchedStore(url: string) {
  const log = createLog();
  const { background } = createBackground(log);
  return { log, store: await openStore({ url, background, poolSize: 3 }) };
}

/** What a store must do while `silence` keeps its database from answering, and after `end`. */
async function surviveSilence(
  { store, log }: { readonly store: Store; readonly log: { readonly lines: readonly string[] } },
  disturbance: { silence(): void; end(): void },
): Promise<void> {
  await acceptSome(store, 2);
  await newOrganization(store.access);
  const leadership = await until('the leadership', () => store.acquireLeadership());
  const heard: (number | null)[] = [];
  store.onSealed((height) => heard.push(height));
  await until('the store to listen', () => heard.length, 1);
  const lost = group();

  disturbance.silence();
  // More than the pool has connections: the others wait for one.
  const waiting = [
    codeOf(store.accept(lost)),
    codeOf(store.tip()),
    codeOf(store.access.organizations({ limit: 1 })),
    codeOf(newOrganization(store.access)),
    codeOf(store.sealingState()),
    codeOf(store.confirmWrites()),
  ];
  const [accepting, ...others] = await Promise.all(waiting);
  expect(accepting).toBe('outcome_unknown');
  expect(new Set(others)).toEqual(new Set(['unavailable']));
  expect(store.problem()).toBe('silent');
  await until('the leadership to be lost', () => leadership.lost.aborted);
  expect(await codeOf(store.findAccepted(lost.entries))).toBe('unavailable');
  await until('the log to say why', () =>
    log.lines.some((line) =>
      line.includes('listening for notifications stalled: PostgreSQL does not respond'),
    ),
  );

  disturbance.end();
  await until('the store to notice the end', () => store.problem() === null && heard.length > 1);
  // Final, whichever it is: what was sent before the silence may have been executed.
  const first = await store.findAccepted(lost.entries);
  expect((await store.head()).nextPosition).toBe(first === null ? 2 : 3);
  expect(await acceptSome(store, 1)).toBe(first === null ? 2 : 3);
  await (await until('the leadership again', () => store.acquireLeadership())).release();
}

describe.concurrent('a database that goes silent without closing its connections', () => {
  // First, because these wait longest.
  test.each([
    ['a read', (store: Store) => store.ping(), 'SELECT 1', 'unavailable'],
    [
      'a read of Prisma',
      (store: Store) => store.access.organizations({ limit: 1 }),
      '"organization"',
      'unavailable',
    ],
    ['a transaction of Prisma', (store: Store) => newOrganization(store.access), 'COMMIT', 'outcome_unknown'],
    ['an acceptance', (store: Store) => store.accept(group()), 'accept', 'outcome_unknown'],
  ])('%s on one connection that goes silent fails, while others work', async (_, work, text, code) => {
    await using database = await createDatabase();
    await using proxy = await createProxy(database.url);
    const { store } = await watchedStore(proxy.url);
    try {
      await newOrganization(store.access);
      proxy.loseAnswers(text);
      const failing = codeOf(work(store));
      await proxy.seen;
      await store.head();
      expect(store.problem()).toBeNull();
      expect(await failing).toBe(code);
    } finally {
      await store.close();
    }
  });

  test('a paused server fails everything that waits for it, and works again when it continues', async () => {
    await using server = await startServer();
    const watched = await watchedStore(server.url);
    try {
      await surviveSilence(watched, { silence: server.pause, end: server.resume });
    } finally {
      server.resume();
      await watched.store.close();
    }
  });

  test('a network that drops all packets does the same', async () => {
    await using database = await createDatabase();
    await using proxy = await createProxy(database.url);
    const watched = await watchedStore(proxy.url);
    try {
      await surviveSilence(watched, { silence: proxy.freeze, end: proxy.thaw });
    } finally {
      proxy.thaw();
      await watched.store.close();
    }
  });

  test('a snapshot, whose statements have no limit, fails too', async () => {
    await using database = await createDatabase();
    await using proxy = await createProxy(database.url);
    const store = await openStore({ url: proxy.url });
    try {
      const reading = codeOf(
        store.snapshot(async (view) => {
          await until('the heartbeat to begin', () => proxy.connections.open >= 2);
          proxy.freeze();
          return view.taggedEntries();
        }),
      );
      expect(await reading).toBe('unavailable');
    } finally {
      proxy.thaw();
      await store.close();
    }
  });

  test('a statement that takes long is not mistaken for silence', async () => {
    await using database = await createDatabase();
    const { store } = await watchedStore(database.url);
    try {
      // Longer than the heartbeats that may be missed.
      await database.query(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(7); RETURN NULL; END $$`);
      await database.query(`CREATE TRIGGER slow AFTER INSERT ON entry EXECUTE FUNCTION slow()`);
      expect(await acceptSome(store, 1)).toBe(0);
      expect(store.problem()).toBeNull();
    } finally {
      await store.close();
    }
  });
});

/** From now on each commit waits for a standby that does not exist. */
async function requireMissingStandby(server: PausableServer): Promise<void> {
  await server.query(`ALTER SYSTEM SET synchronous_standby_names = 'missing'`);
  await server.query('SELECT pg_reload_conf()');
  await untilCommitsWait(server);
}

async function requireNoStandby(server: PausableServer): Promise<void> {
  await server.query('ALTER SYSTEM RESET synchronous_standby_names');
  await server.query('SELECT pg_reload_conf()');
}

describe.concurrent('a synchronous standby that does not respond', () => {
  test('nothing is reported as durable before it confirms, and nothing waits for it for ever', async () => {
    await using server = await startServer();
    const { store } = await watchedStore(server.url);
    const waiting = () => countWaiting(server);
    try {
      await acceptSome(store, 1);
      await requireMissingStandby(server);

      // Whoever cancels the wait makes PostgreSQL report success, with a warning.
      const cancelled = group();
      const accepting = codeOf(store.accept(cancelled));
      await until('the commit to wait', waiting, 1);
      await stopWaiting(server);
      expect(await accepting).toBe('outcome_unknown');
      const creating = codeOf(newOrganization(store.access));
      await until('the transaction to wait', waiting, 1);
      await stopWaiting(server);
      expect(await creating).toBe('outcome_unknown');
      expect((await store.head()).nextPosition).toBe(2);

      const lost = group();
      expect(await codeOf(store.accept(lost))).toBe('outcome_unknown');
      expect(store.problem()).toBe('standby');
      // Both are there, or will be, and neither is confirmed. Other writes fail before they write.
      const total = await waiting();
      for (const { entries } of [cancelled, lost]) {
        expect(await codeOf(store.findAccepted(entries))).toBe('unavailable');
      }
      expect(await codeOf(store.accept(group()))).toBe('unavailable');
      expect(await codeOf(newOrganization(store.access))).toBe('unavailable');
      expect(await codeOf(store.confirmWrites())).toBe('unavailable');
      expect(await waiting()).toBe(total);
      // What only reads goes on.
      expect((await store.head()).nextPosition).toBe(2);

      await requireNoStandby(server);
      await until('the store to notice', () => store.problem(), null);
      expect(await store.findAccepted(cancelled.entries)).toBe(1);
      expect(await store.findAccepted(lost.entries)).toBe(2);
      expect(await acceptSome(store, 1)).toBe(3);
    } finally {
      await store.close();
    }
  });

  test('a block is not reported as committed before the standby confirms it', async () => {
    await using server = await startServer();
    const { store } = await watchedStore(server.url);
    try {
      await acceptSome(store, 1);
      const commit = await nextCommit(store);
      await requireMissingStandby(server);
      const committing = codeOf(store.commitBlock(commit));
      await until('the commit to wait', () => countWaiting(server), 1);
      await stopWaiting(server);
      expect(await committing).toBe('outcome_unknown');
      expect(await codeOf(store.findCommitted(commit.block))).toBe('unavailable');
      await requireNoStandby(server);
      expect(await until('the confirmation', () => store.findCommitted(commit.block).catch(() => null))).toBe(
        true,
      );
    } finally {
      await store.close();
    }
  });
});
