import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { StoredCosignature } from '../../src/store/index.js';
import { createStore } from '../support/database.js';
import { until } from '../support/until.js';

const bytes = (length: number) => new Uint8Array(randomBytes(length));

const cosignature = (change: Partial<StoredCosignature> = {}): StoredCosignature => ({
  size: 1,
  signedAt: 1_700_000_000,
  witness: 'w1',
  keyId: Uint8Array.of(1, 2, 3, 4),
  signature: bytes(64),
  ...change,
});

test('a cosignature is stored once, notified to listeners, and never changed', async () => {
  await using db = await createStore();
  const heard: (number | null)[] = [];
  const subscription = db.store.onCosigned((size) => heard.push(size));
  await until('the first notification', () => heard.length, 1);
  expect(heard).toEqual([null]);
  const first = cosignature();
  await db.store.addCosignature(first);
  await db.store.addCosignature(cosignature({ signedAt: 1_700_000_009 }));
  expect(await db.store.cosignatures(1)).toEqual([first]);
  await db.store.addCosignature(cosignature({ size: 2 }));
  await until('the notification of the cosignature over 2 blocks', () => heard.includes(2));
  expect(heard).toEqual([null, 1, 2]);
  await subscription.close();
  for (const change of [
    'UPDATE cosignature SET size = 3',
    'DELETE FROM cosignature',
    'TRUNCATE cosignature',
  ]) {
    await expect(db.query(change)).rejects.toMatchObject({ code: 'IG001' });
  }
});

test('finds the last size that each member has cosigned, and the sizes that several have', async () => {
  await using db = await createStore();
  const keyOf = (witness: string) => ({ witness, keyId: Uint8Array.of(0, 0, 0, witness.length) });
  const given: [string, number[]][] = [
    ['a', [1, 2, 5]],
    ['bb', [2, 3, 5, 7]],
    ['ccc', [5]],
  ];
  for (const [witness, sizes] of given) {
    for (const size of sizes) await db.store.addCosignature(cosignature({ ...keyOf(witness), size }));
  }
  const asked = ['ccc', 'nobody', 'a', 'bb'].map(keyOf);
  expect(await db.store.latestCosignedSizes(asked)).toEqual([5, 0, 5, 7]);
  expect(await db.store.latestCosignedSizes([{ ...keyOf('a'), keyId: bytes(4) }])).toEqual([0]);
  expect(await db.store.cosignedSizes({ above: 0, minimum: 2, limit: 10 })).toEqual([5, 2]);
  expect(await db.store.cosignedSizes({ above: 2, minimum: 1, limit: 2 })).toEqual([7, 5]);
  expect(await db.store.cosignedSizes({ above: 5, minimum: 2, limit: 10 })).toEqual([]);
});
