import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/postgres/index.js';
import {
  connectionsPerStore,
  openStore,
  readServerConnections,
  type Leadership,
  type Store,
} from '../../src/store/index.js';
import { acceptSome, nextCommit } from '../support/chain.js';
import { createDatabase } from '../support/database.js';
import { createBackground, createLog } from '../support/parts.js';
import { createProxy } from '../support/proxy.js';
import { until } from '../support/until.js';
import { newOrganization } from './auth/support.js';

test('a standby keeps its connection while it waits for the leadership', async () => {
  await using database = await createDatabase();
  await using proxy = await createProxy(database.url);
  const leader = await openStore({ url: database.url });
  const standby = await openStore({ url: proxy.url, poolSize: 1 });
  try {
    const leadership = await leader.acquireLeadership();
    const heard: (number | null)[] = [];
    standby.onSealed((height) => heard.push(height));
    await until('the standby to listen', () => heard.length, 1);
    const before = proxy.connections.total;
    for (let interval = 0; interval < 50; interval++) expect(await standby.acquireLeadership()).toBeNull();
    expect(proxy.connections.total).toBe(before);
    await leadership?.release();
    const next = await until('the standby to lead', () => standby.acquireLeadership());
    await next.release();
    // And it still listens.
    await acceptSome(leader, 1);
    await leader.commitBlock(await nextCommit(leader));
    await until('the notification of block 0', () => heard.length, 2);
    expect(heard).toEqual([null, 0]);
    expect(proxy.connections.total).toBe(before);
  } finally {
    await Promise.all([leader.close(), standby.close()]);
  }
});

test('counts failures to listen for notifications, and logs the cause once', async () => {
  await using database = await createDatabase();
  const proxy = await createProxy(database.url);
  const log = createLog();
  const { background, failures } = createBackground(log);
  const store = await openStore({ url: proxy.url, background });
  try {
    const heard: (number | null)[] = [];
    store.onSealed((height) => heard.push(height));
    await until('the store to listen', () => heard.length, 1);
    await proxy[Symbol.asyncDispose]();
    await until('two failures', () => (failures.get('listening for notifications') ?? 0) >= 2);
    expect(log.lines).toEqual([expect.stringContaining('listening for notifications stalled')]);
  } finally {
    await store.close();
  }
});

test.each([1, 3, 10])(
  'a store with a pool of %i opens one connection more, whatever it does',
  async (poolSize) => {
    await using database = await createDatabase();
    await using proxy = await createProxy(database.url);
    const store = await openStore({ url: proxy.url, poolSize });
    try {
      await doEverything(store);
      expect(proxy.connections.peak).toBe(connectionsPerStore(poolSize));
    } finally {
      await store.close();
    }
  },
);

/** What a process of a service with members does, many times at once. */
async function doEverything(store: Store): Promise<void> {
  const subscriptions = [
    ...[1, 2, 3].map(() => store.onSealed(() => undefined)),
    ...[1, 2].map(() => store.onCosigned(() => undefined)),
  ];
  const leadership: Leadership = await until('the leadership', () => store.acquireLeadership());
  const organization = await newOrganization(store.access);
  const rule = { limit: 10_000, windowSeconds: 60 };
  for (let round = 0; round < 5; round++) {
    await Promise.all(
      [1, 2, 3].flatMap((i) => [
        acceptSome(store, 2),
        store.acquireLeadership(),
        store.rateLimits.consume(`key ${i}`, 1, rule),
        store.access.organization(organization.id),
        store.access.users(organization.id),
        newOrganization(store.access),
        store.addCosignature({
          ...{ size: 3 * round + i, signedAt: 1, witness: 'w' },
          ...{ keyId: new Uint8Array(4), signature: new Uint8Array(64) },
        }),
        store.sealingState(),
        store.entries(0, 2),
        store.head(),
      ]),
    );
  }
  await store.commitBlock(await nextCommit(store));
  await leadership.release();
  await (await store.takeOverLeadership())?.release();
  await Promise.all(subscriptions.map((subscription) => subscription.close()));
}

test('reads how many connections the server has left', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'ingam-connections-'));
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  try {
    const server = await startEmbeddedPostgres({
      directory: join(scratch, 'postgres'),
      log: quiet,
      connections: 20,
    });
    try {
      // Three are the superuser's.
      expect(await readServerConnections(server.url)).toEqual({ available: 17, used: 0 });
    } finally {
      await server.stop();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});

test('counts a limit of the database', async () => {
  await using database = await createDatabase();
  await database.query(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} CONNECTION LIMIT 7`);
  expect((await readServerConnections(database.url)).available).toBe(7);
});
