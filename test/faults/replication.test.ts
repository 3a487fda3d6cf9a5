import { randomBytes } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KIND_EVENT } from '../../src/proof/index.js';
import { diagnoseDatabase, openStore } from '../../src/store/index.js';
import { acceptSome, nextCommit, sampleEntry, sampleGroup } from '../support/chain.js';
import { createBackground } from '../support/parts.js';
import { createProxy } from '../support/proxy.js';
import { newSubmission, replicatedApi } from '../support/replicated-api.js';
import { type ReplicatedServers, startReplicatedServers } from '../support/replicated-servers.js';
import { startService } from '../support/service.js';
import { codeOf } from '../support/store-error.js';
import { until } from '../support/until.js';
import { newOrganization } from '../store/auth/support.js';

let servers: ReplicatedServers;
beforeAll(async () => {
  servers = await startReplicatedServers();
});
afterAll(() => servers[Symbol.asyncDispose]());

const watchedStore = (url: string, requireSync = false) =>
  openStore({ url, requireSync, poolSize: 3, background: createBackground().background });

test('what the standby has not confirmed is in the database, and is neither acknowledged nor published', async () => {
  const url = await servers.addDatabase('unconfirmed');
  const [store, other] = [await watchedStore(url), await watchedStore(url)];
  try {
    await acceptSome(store, 1);
    expect(await store.commitBlock(await nextCommit(store))).toBe('committed');
    expect((await other.checkpoint())?.size).toBe(1);
    expect(other.durability()).toBe('replicated');
    await acceptSome(store, 1);
    const commit = await nextCommit(store);
    const organization = (await newOrganization(store.access)).number;
    const key = { scope: 'org', key: 'again', fingerprint: new Uint8Array(32), offset: 0, count: 1 };
    const [record, value] = [randomBytes(32), randomBytes(32)];
    const event = {
      record,
      value,
      sequence: 0,
      type: 'document.create',
      note: '',
      before: new Uint8Array(32),
    };
    const group = sampleGroup({
      entries: [sampleEntry(), sampleEntry({ kind: KIND_EVENT, detailsDigest: randomBytes(32) })],
      idempotency: [key],
      details: [{ index: 1, json: '{}', words: [] }],
      register: [{ offset: 0, count: 2, organization, submittedBy: 'key:0' }],
      events: [{ ...event, index: 1, reader: organization }],
    });

    servers.standby.pause();
    expect(await servers.whileCancelling(codeOf(store.accept(group)))).toBe('outcome_unknown');
    await until('writes to be possible', () => store.problem(), null);
    expect(await servers.whileCancelling(codeOf(store.commitBlock(commit)))).toBe('outcome_unknown');
    expect((await other.head()).nextPosition).toBe(4);
    expect((await other.tip())?.height).toBe(1);
    // Nobody cancels these waits; what ends them is a limit of this process.
    const readings = [
      other.idempotencyRecord(key.scope, key.key),
      other.receiptOf(2),
      other.entriesByDigest(group.entries[0]?.digest ?? new Uint8Array(32), 1),
      other.searchRegister({ organization, limit: 1 }),
      other.recordSnapshots([record]),
      other.recordEvents(record, null, 1),
      other.eventsOfSequence(record, 0),
      other.eventAt(3),
      other.blocksContaining([{ first: 1, count: 1 }]),
      other.checkpoint(2),
    ];
    for (const code of await Promise.all(readings.map(codeOf))) expect(code).toBe('unavailable');
    // What was published before still is.
    expect((await other.checkpoint())?.size).toBe(1);
    expect((await other.checkpoint(1))?.size).toBe(1);

    servers.standby.resume();
    await until('the new checkpoint', async () => (await other.checkpoint())?.size, 2);
    expect((await other.idempotencyRecord(key.scope, key.key))?.firstPosition).toBe(2);
    expect((await other.receiptOf(2))?.firstPosition).toBe(2);
    expect((await other.eventAt(3))?.sequence).toBe(0);
    await until('the first store to notice', () => store.problem(), null);
    expect(await store.findAccepted(group.entries)).toBe(2);
    expect(await store.findCommitted(commit.block)).toBe(true);
  } finally {
    servers.standby.resume();
    await Promise.all([store.close(), other.close()]);
  }
});

test('a store that requires a standby writes nothing without one, whatever the role has as synchronous_commit', async () => {
  const url = await servers.addDatabase('required');
  await servers.query('ALTER ROLE ingam IN DATABASE required SET synchronous_commit = local');
  const [store, other] = [await watchedStore(url, true), await watchedStore(url)];
  try {
    expect(store.durability()).toBe('replicated');
    expect(other.durability()).toBe('local');
    await acceptSome(store, 1);
    const commit = await nextCommit(store);
    await servers.requireStandbys('');
    await until('writes to be refused', () => codeOf(store.confirmWrites()).catch(() => null), 'unavailable');
    expect(await codeOf(acceptSome(store, 1))).toBe('unavailable');
    expect(await codeOf(store.commitBlock(commit))).toBe('unavailable');
    expect(await codeOf(newOrganization(store.access))).toBe('unavailable');
    await until('the heartbeat to notice', () => store.problem(), 'unreplicated');
    expect(store.durability()).toBe('local');
    expect(await store.sealingState()).toMatchObject({ nextPosition: 1, tip: null });
    expect(await store.access.organizations({ limit: 1 })).toEqual([]);
    // It is a choice.
    expect(await acceptSome(other, 1)).toBe(1);

    await servers.requireStandbys('*');
    await until('the heartbeat to notice', () => store.problem(), null);
    expect(await acceptSome(store, 1)).toBe(2);
    expect(await store.commitBlock(commit)).toBe('committed');
    await newOrganization(store.access);
  } finally {
    await servers.requireStandbys('*');
    await Promise.all([store.close(), other.close()]);
  }
});

test('a service acknowledges and publishes nothing whose wait for the standby was cancelled', async () => {
  const databaseUrl = await servers.addDatabase('service');
  await using service = await startService({ databaseUrl, requireSync: true });
  const api = replicatedApi(service);
  await api.submit(newSubmission()).expect(201);
  const { nextPosition } = await api.allSealed();
  await until('the service to be ready', api.isReady);
  expect((await api.readiness()).durability).toBe('replicated');
  const checkpoint = await api.checkpoint();
  const submission = newSubmission();

  servers.standby.pause();
  try {
    const first = api.submit(submission).then((res) => res);
    const isVisible = async () => (await service.store.head()).nextPosition > nextPosition;
    await servers.whileCancelling(until('the document to be in the database', isVisible));
    expect((await first).status).toBe(503);
    expect((await first).headers['retry-after']).toBeDefined();
    // It is in the database, which must not make a repeated request an acknowledged one.
    await api.submit(submission).expect(503);
    expect(await api.checkpoint()).toBe(checkpoint);
    await until('readyz to report durability', api.reportsDurability);
    await request(service.url).get('/v1/chain').expect(200);
  } finally {
    servers.standby.resume();
  }
  await until('the service to be ready', api.isReady);
  await api.submit(submission).expect(201);
  expect((await service.store.head()).nextPosition).toBe(nextPosition + 1);
  await until('the checkpoint to grow', async () => (await api.checkpoint()) !== checkpoint);
  const { text: metrics } = await request(service.url).get('/metrics').expect(200);
  expect(metrics).toMatch(/^ingam_database_replicated 1$/m);
  expect(metrics).toMatch(/^ingam_database_unconfirmed_commits_total [1-9]/m);
});

test('reads from a standby when asked to, and connects to one for nothing else', async () => {
  const looking = await openStore({ url: servers.standbyUrl, asItIs: true });
  try {
    const head = () => looking.head().catch(() => null);
    await until('the migrations to be replayed', async () => (await head())?.nextPosition ?? null, 0);
    expect(await codeOf(acceptSome(looking, 1))).toBe('unavailable');
  } finally {
    await looking.close();
  }
  expect((await diagnoseDatabase(servers.standbyUrl)).isStandby).toBe(true);
  expect((await diagnoseDatabase(servers.url)).isStandby).toBe(false);
  expect(await codeOf(openStore({ url: servers.standbyUrl }))).toBe('unavailable');
});

test('uses no connection to a standby behind an address that led to the primary', async () => {
  await using proxy = await createProxy(servers.primaryUrl);
  const store = await openStore({ url: proxy.url, poolSize: 3 });
  try {
    await newOrganization(store.access);
    proxy.redirect(servers.standbyUrl);
    proxy.cut();
    const connect = () =>
      store.head().then(
        () => 'connected',
        (error: unknown) => String(error),
      );
    await until('the standby to be noticed', connect, (said) => said.includes('is a standby'));
    const works = [store.confirmWrites(), newOrganization(store.access), store.acquireLeadership()];
    expect(await Promise.all(works.map(codeOf))).toEqual(works.map(() => 'unavailable'));
    proxy.redirect(servers.primaryUrl);
    await newOrganization(store.access);
    await store.confirmWrites();
  } finally {
    await store.close();
  }
});

// The last one: afterwards there are two primaries.
test('goes on with the promoted standby after the primary went silent, and loses nothing', async () => {
  const store = await watchedStore(servers.url);
  const heard: (number | null)[] = [];
  store.onSealed((height) => heard.push(height));
  try {
    const leadership = await until('the leadership', () => store.acquireLeadership());
    await acceptSome(store, 2);
    expect(await store.commitBlock(await nextCommit(store))).toBe('committed');
    await until('the notification', () => heard.includes(0));
    const organization = await newOrganization(store.access);

    servers.primary.pause();
    const lost = sampleGroup();
    expect(await codeOf(store.accept(lost))).toBe('outcome_unknown');
    await until('the leadership to be lost', () => leadership.lost.aborted);
    await servers.promote();
    await until('the new primary to be found', () => store.problem(), null);
    const first = await until('the outcome', async () => {
      const found = store.findAccepted(lost.entries);
      return found.then(
        (position) => ({ position }),
        () => null,
      );
    });
    const next = first.position === null ? 2 : 3;
    expect(await acceptSome(store, 1)).toBe(next);
    expect(await store.access.organization(organization.id)).not.toBeNull();
    const lead = () => store.acquireLeadership().catch(() => null);
    await (await until('the leadership again', lead)).release();

    // The old primary comes back as if nothing had happened.
    servers.primary.resume();
    expect(await store.commitBlock(await nextCommit(store))).toBe('committed');
    await until('the notification of the new primary', () => heard.includes(1));
    expect(await acceptSome(store, 1)).toBe(next + 1);
  } finally {
    servers.primary.resume();
    await store.close();
  }
});
