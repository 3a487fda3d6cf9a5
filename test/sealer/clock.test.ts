import { afterEach, beforeEach, expect, test } from 'vitest';
import { Intake } from '../../src/intake/index.js';
import type { Sealer } from '../../src/sealer/index.js';
import { checkChain } from '../support/check-chain.js';
import { createStore, type TestStore } from '../support/database.js';
import {
  createDirectory,
  LOG_KEY,
  RECEIPTS,
  sealerOver,
  submission,
  type Directory,
} from '../support/parts.js';
import { until } from '../support/until.js';

let db: TestStore;
let directory: Directory;
let now = Date.now();
/** How often the sealer has looked at the clock: once in each turn in which entries wait. */
let looks = 0;
let sealer: Sealer;
let intake: Intake;
beforeEach(async () => {
  now = Date.now();
  directory = await createDirectory();
  db = await createStore();
  intake = new Intake({ store: db.store, receipts: RECEIPTS, maxQueue: 1000, clock: () => now });
  looks = 0;
  sealer = sealerOver(db.store, directory.path, {
    clock: () => {
      looks++;
      return now;
    },
  });
});
afterEach(async () => {
  await sealer.stop();
  await db.drop();
  await directory[Symbol.asyncDispose]();
});

const sealedAt = () => until('a sealed block', async () => (await db.store.tip())?.sealedAt ?? null);

test('a clock set back: sealing stops with an alarm, nothing is sealed, and it goes on by itself', async () => {
  const right = now;
  await intake.accept(submission());
  now = right - 60_000;
  sealer.start();
  await until('the sealer to report the clock', () => sealer.status.problem);
  expect(sealer.status.problem).toMatchObject({
    code: 'clock_behind',
    message: expect.stringContaining('60000 ms behind the chain') as unknown,
  });
  now = right - 30_000;
  await until(
    'the report of the smaller lag',
    () => sealer.status.problem?.message.includes('30000 ms behind'),
    true,
  );
  expect(await db.store.tip()).toBeNull();
  now = right + 5;
  expect(await sealedAt()).toBe(right + 5);
  await until('the problem to be cleared', () => sealer.status.problem, null);
});

test('a clock that is a moment behind the one that accepted: no alarm, and no time is invented', async () => {
  const right = now;
  await intake.accept(submission());
  now = right - 1000;
  sealer.start();
  await until('five turns of the sealer', () => looks >= 5);
  expect(sealer.status.problem).toBeNull();
  expect(await db.store.tip()).toBeNull();
  now = right;
  expect(await sealedAt()).toBe(right);
});

test('a block is not older than the one before it, whatever its entries’ time', async () => {
  const right = now;
  sealer.start();
  await intake.accept(submission());
  now = right + 4000;
  await sealedAt();
  // Accepting tolerates five seconds; sealing has its own floor.
  now = right;
  const late = await intake.accept(submission());
  expect(late.entries[0]?.acceptedAt).toBeLessThan((await sealedAt()) + 1);
  now = right + 4001;
  await until(
    'block 1',
    () => db.store.tip(),
    (seen) => seen?.height === 1,
  );
  await checkChain(db.store, LOG_KEY.key);
});
