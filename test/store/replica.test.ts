import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/index.js';
import type { ReplicaReads } from '../../src/store/replica.js';
import { acceptSome, nextCommit, sampleEntry, sampleGroup } from '../support/chain.js';
import { createBackground, createLog } from '../support/parts.js';
import { type ReplicatedServers, startReplicatedServers } from '../support/replicated-servers.js';
import { until } from '../support/until.js';

let servers: ReplicatedServers;
beforeAll(async () => {
  servers = await startReplicatedServers();
  // Whether commits wait for the standby does not matter here, and a standby is paused.
  await servers.requireStandbys('');
});
afterAll(() => servers[Symbol.asyncDispose]());

interface Reading extends AsyncDisposable {
  readonly store: Store;
  readonly readers: ReplicaReads;
  readonly messages: readonly string[];
  /** Resolves when the standby answers what it can. */
  readFromStandby(): Promise<void>;
}

/** A store on a database of its own, with one block of three entries, that reads from the standby. */
async function startReading(name: string): Promise<Reading> {
  const primary = await servers.addDatabase(name);
  const messages: string[] = [];
  const keep = (fields: object, message: string) => messages.push(message);
  const log = { ...createLog(), info: keep, warn: keep, error: keep };
  const store = await openStore({
    ...{ url: primary, poolSize: 3, log, background: createBackground(log).background },
    replica: { url: inDatabase(servers.standbyUrl, name), poolSize: 3 },
  });
  const readers = store.replica;
  if (readers === null) throw new Error('the store has no replica');
  await acceptSome(store, 3);
  await store.commitBlock(await nextCommit(store));
  return {
    ...{ store, readers, messages },
    readFromStandby: () => {
      const before = randomBytes(4).toString('hex');
      return until(`the standby to serve ${name} (${before})`, async () => {
        const [earlier] = await servers.queryStandby<{ reads: string }>(COUNT_OF(name));
        for (let i = 0; i < 3; i++) await readers.entry(0);
        const [now] = await servers.queryStandby<{ reads: string }>(COUNT_OF(name));
        return now?.reads !== earlier?.reads;
      }).then(() => undefined);
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
}

/** When the connections of the pool last ran a statement on the standby. */
const COUNT_OF = (name: string) =>
  `SELECT max(query_start)::text AS reads FROM pg_stat_activity
   WHERE datname = '${name}' AND query LIKE '%FROM entry WHERE position%'`;

function inDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

test('the standby serves what never changes, also while the primary does not respond', async () => {
  await using reading = await startReading('silent');
  const { readers, store } = reading;
  const digest = (await store.entries(0, 1)).map((entry) => (entry.erased ? null : entry.digest))[0];
  await reading.readFromStandby();
  servers.primary.pause();
  try {
    expect((await readers.block(0))?.entryCount).toBe(3);
    expect(await readers.blocks({ before: 1, limit: 10 })).toHaveLength(1);
    expect(await readers.blocksBetween(0, 1)).toHaveLength(1);
    expect(await readers.blocksAt([0])).toHaveLength(1);
    expect(await readers.blocksContaining([{ first: 1, count: 2 }])).toHaveLength(1);
    expect((await readers.blockTiles([{ height: 0, level: 0, index: 0 }]))[0]).toHaveLength(3 * 32);
    expect(await readers.logTile(0, 0, 1)).toHaveLength(32);
    expect((await readers.checkpoint(1))?.size).toBe(1);
    expect(await readers.leafHashes(0, 3)).toHaveLength(3 * 32);
  } finally {
    servers.primary.resume();
  }
  expect((await readers.entriesByDigest(digest ?? new Uint8Array(32), 2)).entries).toHaveLength(1);
});

test('what a lagging standby lacks comes from the primary, and what is erased is not shown', async () => {
  await using reading = await startReading('lagging');
  const { readers, store } = reading;
  await reading.readFromStandby();
  await using other = await startOther('lagging');
  await until('the other store to see the block', async () => (await other.replica?.block(0)) ?? null);
  const known = sampleEntry();
  await servers.queryStandby('SELECT pg_wal_replay_pause()');
  try {
    const group = sampleGroup({ entries: [known, sampleEntry({ digest: known.digest })] });
    const { first } = await store.accept(group);
    // Another process, which did not accept it, does not call it unknown either.
    for (const reads of [readers, other.replica ?? readers]) {
      expect((await reads.entriesByDigest(known.digest, 5)).entries).toHaveLength(2);
      expect(await reads.entry(first)).toMatchObject({ position: first, erased: false });
    }
    await store.commitBlock(await nextCommit(store));
    expect((await readers.block(1))?.entryCount).toBe(2);
    expect(await readers.blocksContaining([{ first, count: 2 }])).toHaveLength(1);
    expect((await readers.checkpoint())?.size).toBe(2);
    expect(await readers.blocks({ limit: 5 })).toHaveLength(2);
    expect(await readers.logTile(0, 0, 2)).toHaveLength(64);

    expect(await store.erase(0)).toBe(true);
    expect(await readers.entry(0)).toMatchObject({ erased: true });
    await until(
      'the other process to show the erasure',
      async () => (await other.replica?.entry(0))?.erased,
      true,
    );
  } finally {
    await servers.queryStandby('SELECT pg_wal_replay_resume()');
  }
  await reading.readFromStandby();
  expect(await readers.entry(0)).toMatchObject({ erased: true });
});

async function startOther(name: string): Promise<Store & AsyncDisposable> {
  const store = await openStore({
    ...{ url: inDatabase(servers.primaryUrl, name), poolSize: 3, background: createBackground().background },
    replica: { url: inDatabase(servers.standbyUrl, name), poolSize: 3 },
  });
  return { ...store, [Symbol.asyncDispose]: () => store.close() };
}

test('the primary serves readers while the standby is silent or killed, and the standby again when it is back', async () => {
  await using reading = await startReading('lost');
  const { readers } = reading;
  await reading.readFromStandby();
  servers.standby.pause();
  try {
    expect((await readers.block(0))?.entryCount).toBe(3);
    expect(await readers.entry(2)).toMatchObject({ position: 2 });
  } finally {
    servers.standby.resume();
  }
  await reading.readFromStandby();
  await servers.killStandby();
  expect((await readers.block(0))?.entryCount).toBe(3);
  expect(await readers.entry(2)).toMatchObject({ position: 2 });
  await reading.readFromStandby();
});

test('a server with another history is noticed, and not read from', async () => {
  await using reading = await startReading('astray');
  const { readers, store, messages } = reading;
  await reading.readFromStandby();
  await servers.promote();
  await until('the standby to be a primary', async () => {
    const [row] = await servers.queryStandby<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
    return row?.standby === false;
  });
  await using astray = await startAlone(inDatabase(servers.standbyUrl, 'astray'));
  const [ours, theirs] = [sampleEntry(), sampleEntry()];
  await store.accept(sampleGroup({ entries: [ours] }));
  await astray.accept(sampleGroup({ entries: [theirs] }));
  expect(await readers.entry(3)).toMatchObject({ digest: new Uint8Array(ours.digest) });
  await until('the other history to be noticed', () =>
    messages.some((each) => each.includes('has another history than the primary')),
  );
  expect(await readers.entry(3)).toMatchObject({ digest: new Uint8Array(ours.digest) });
  expect((await readers.entriesByDigest(theirs.digest, 1)).entries).toEqual([]);
});

async function startAlone(url: string): Promise<Store & AsyncDisposable> {
  const store = await openStore({ url, poolSize: 3 });
  return { ...store, [Symbol.asyncDispose]: () => store.close() };
}
