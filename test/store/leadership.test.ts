import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type Leadership, type Store } from '../../src/store/index.js';
import { createStore, type TestStore } from '../support/database.js';
import { createProxy } from '../support/proxy.js';
import { until } from '../support/until.js';

let db: TestStore;
let other: Store;
beforeAll(async () => {
  db = await createStore();
  other = await openStore({ url: db.url });
});
afterAll(async () => {
  await other.close();
  await db.drop();
});

function held(leadership: Leadership | null): Leadership {
  if (leadership === null) throw new Error('the leadership was to be had');
  return leadership;
}

test('one process leads at a time, and the next one after its release', async () => {
  const first = held(await db.store.acquireLeadership());
  expect(await other.acquireLeadership()).toBeNull();
  expect(await db.store.acquireLeadership()).toBeNull();
  await first.release();
  await first.release();
  expect(first.lost.aborted).toBe(false);
  const second = held(await until('the released leadership', () => other.acquireLeadership()));
  await second.release();
});

test('the leader is notified when its connection is lost', async () => {
  const first = held(await until('the leadership', () => db.store.acquireLeadership()));
  const loss = once(first.lost, 'abort');
  await db.query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 2`);
  await loss;
  expect(first.lost.aborted).toBe(true);
  await first.release();
});

test('a stale leader can be replaced, and is notified when it resumes', async () => {
  await using proxy = await createProxy(db.url);
  const paused = await openStore({ url: proxy.url });
  const old = held(await until('the leadership', () => paused.acquireLeadership()));
  const taken = held(await other.takeOverLeadership());
  await until('the old leader to notice that it was replaced', () => old.lost.aborted);
  expect(await db.store.acquireLeadership()).toBeNull();
  await taken.release();
  await paused.close();
});

test('a takeover works without a leader too, and does not affect another database', async () => {
  await using elsewhere = await createStore();
  const there = held(await elsewhere.store.acquireLeadership());
  const here = held(await db.store.takeOverLeadership());
  expect(there.lost.aborted).toBe(false);
  expect(await elsewhere.store.acquireLeadership()).toBeNull();
  await here.release();
});

test('closing the store releases the leadership', async () => {
  const closing = await openStore({ url: db.url });
  held(await until('the leadership', () => closing.acquireLeadership()));
  await closing.close();
  const next = held(await until('the leadership of the closed store', () => db.store.acquireLeadership()));
  await next.release();
});
