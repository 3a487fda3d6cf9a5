import { afterEach, beforeEach, expect, test } from 'vitest';
import { Intake } from '../../src/intake/index.js';
import type { Sealer, SealerOptions } from '../../src/sealer/index.js';
import { openStore, StoreError, type Store } from '../../src/store/index.js';
import { checkChain } from '../support/check-chain.js';
import { createStore, type TestStore } from '../support/database.js';
import {
  createDirectory,
  createLog,
  LOG_KEY,
  RECEIPTS,
  sealerOver,
  submission,
  type Directory,
} from '../support/parts.js';
import { until } from '../support/until.js';

let db: TestStore;
let directory: Directory;
let intake: Intake;
const sealers: Sealer[] = [];
beforeEach(async () => {
  directory = await createDirectory();
  db = await createStore();
  intake = new Intake({ store: db.store, receipts: RECEIPTS, maxQueue: 100_000 });
});
afterEach(async () => {
  for (const sealer of sealers.splice(0)) await sealer.stop();
  await db.drop();
  await directory[Symbol.asyncDispose]();
});

function start(change: Partial<SealerOptions> = {}, store: Store = db.store): Sealer {
  const sealer = sealerOver(store, directory.path, change);
  sealers.push(sealer);
  sealer.start();
  return sealer;
}

const allSealed = () =>
  until('every accepted entry to be sealed', async () => {
    const { nextPosition, firstUnsealed } = await db.store.sealingState();
    return nextPosition > 0 && nextPosition === firstUnsealed;
  });

const accept = (count: number) => intake.accept(submission(count));

test('what waits is sealed in position order, in blocks of at most the given size, and nothing is sealed empty', async () => {
  await accept(25);
  start({ maxBlockEntries: 10 });
  await allSealed();
  await accept(1);
  await allSealed();
  const blocks = await checkChain(db.store, LOG_KEY.key);
  expect(blocks.map(({ entryCount }) => entryCount)).toEqual([10, 10, 5, 1]);
});

test('a full block does not wait for the end of the interval', async () => {
  await accept(1);
  start({ maxBlockEntries: 10, sealIntervalMs: 3_600_000 });
  await allSealed();
  await accept(20);
  await allSealed();
  const blocks = await checkChain(db.store, LOG_KEY.key);
  expect(blocks.map(({ entryCount }) => entryCount)).toEqual([1, 10, 10]);
});

test('the difficulty of the first block is the given one, and the chain’s minimum ever after', async () => {
  start({ minDifficulty: 6, miningTargetMs: 0 });
  for (let i = 0; i < 5; i++) {
    await accept(1);
    await allSealed();
  }
  await sealers[0]?.stop();
  // Another setting changes nothing any more.
  start({ minDifficulty: 1, miningTargetMs: 0 });
  await accept(1);
  await allSealed();
  const blocks = await checkChain(db.store, LOG_KEY.key);
  expect(new Set(blocks.map(({ difficulty }) => difficulty))).toEqual(new Set([6]));
});

test('what was sealed is told', async () => {
  const told: number[] = [];
  start({
    onSealed: ({ block, attempts, miningMs, totalMs }) => {
      expect(attempts).toBeGreaterThan(0);
      expect(totalMs).toBeGreaterThanOrEqual(miningMs);
      told.push(block.height);
    },
  });
  await accept(1);
  await until('the callback about the sealed block', () => told.length, 1);
  expect(told).toEqual([0]);
});

test('mining leaves the event loop free', async () => {
  await accept(10);
  let turns = 0;
  let counting = true;
  const count = () => {
    turns++;
    if (counting) setImmediate(count);
  };
  const attempts = await new Promise<number>((resolve) => {
    start({
      minDifficulty: 18,
      onSealed: (sealed) => {
        resolve(sealed.attempts);
      },
    });
    count();
  });
  counting = false;
  // Some 2^18 hashes were tried; on this thread they would have left room for a few dozen turns.
  expect(attempts).toBeGreaterThan(100);
  expect(turns).toBeGreaterThan(500);
});

test('stop drops a block that is being mined; its entries are sealed later', async () => {
  await accept(3);
  const sealer = start({ minDifficulty: 60 });
  await until('the sealer to lead', () => sealer.status.leading);
  await sealer.stop();
  expect(sealer.status.leading).toBe(false);
  expect(await db.store.tip()).toBeNull();
  start();
  await allSealed();
  await checkChain(db.store, LOG_KEY.key);
});

test('two at once on one database: one leads, the other stands by and takes over when it stops', async () => {
  const other = await openStore({ url: db.url });
  await using second = await createDirectory();
  try {
    const pair = [start(), sealerOver(other, second.path)] as const;
    sealers.push(pair[1]);
    pair[1].start();
    for (let i = 0; i < 20; i++) await accept(2);
    await allSealed();
    const leaders = pair.filter(({ status }) => status.leading);
    expect(leaders.length).toBe(1);
    await leaders[0]?.stop();
    const heights = (await db.store.tip())?.height ?? -1;
    await accept(2);
    await allSealed();
    expect((await db.store.tip())?.height).toBeGreaterThan(heights);
    await checkChain(db.store, LOG_KEY.key);
    await pair[1].stop();
  } finally {
    await other.close();
  }
});

test('five that all believe they lead, together: no fork, nothing twice, nothing lost', async () => {
  const free = { lost: new AbortController().signal, release: () => Promise.resolve() };
  const everyoneLeads: Store = { ...db.store, acquireLeadership: () => Promise.resolve(free) };
  const directories = await Promise.all(Array.from({ length: 5 }, createDirectory));
  try {
    for (const { path } of directories) {
      const sealer = sealerOver(everyoneLeads, path, { maxBlockEntries: 3 });
      sealers.push(sealer);
      sealer.start();
    }
    await Promise.all(Array.from({ length: 40 }, () => accept(2)));
    await allSealed();
    await checkChain(db.store, LOG_KEY.key);
    for (const sealer of sealers.splice(0)) {
      await sealer.stop();
      expect(sealer.status.problem).toBeNull();
    }
  } finally {
    for (const each of directories) await each[Symbol.asyncDispose]();
  }
});

test('a leader that has gone silent is replaced, and can do no harm when it wakes up', async () => {
  const other = await openStore({ url: db.url });
  try {
    let wake: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    let paused = 0;
    // Stops where a stopped process hurts most: its block is mined and signed, and about to be committed.
    const sleepy = start(
      {},
      {
        ...other,
        commitBlock: async (commit) => {
          paused++;
          await asleep;
          return other.commitBlock(commit);
        },
      },
    );
    await accept(2);
    await until('the leader to be paused', () => paused, 1);
    await using second = await createDirectory();
    const log = createLog();
    const heir = sealerOver(db.store, second.path, { takeOverMs: 50, log });
    sealers.push(heir);
    heir.start();
    await allSealed();
    expect(heir.status.leading).toBe(true);
    expect(log.lines.join('\n')).toContain('stale leader');
    const tip = await db.store.tip();
    wake();
    await until('the old leader to give up', () => !sleepy.status.leading);
    expect(await db.store.tip()).toEqual(tip);
    await accept(1);
    await allSealed();
    await checkChain(db.store, LOG_KEY.key);
    await sleepy.stop();
    await heir.stop();
  } finally {
    await other.close();
  }
});

test('a leader whose connection is ended loses the lead, and leads again when nobody else does', async () => {
  const log = createLog();
  const sealer = start({ log });
  await until('the sealer to lead', () => sealer.status.leading);
  await db.query(`SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
  await until('the log line about the lost leadership', () =>
    log.lines.some((line) => line.includes('leadership lost')),
  );
  await accept(1);
  await allSealed();
  expect(sealer.status).toEqual({ leading: true, problem: null });
});

test('a database that fails for a while: the problem is told, and goes away with its cause', async () => {
  let away = true;
  let failures = 0;
  const read = async <T>(reading: () => Promise<T>): Promise<T> => {
    failures += Number(away);
    if (away) throw new StoreError('unavailable', 'asked for by the test');
    return reading();
  };
  const flaky: Store = { ...db.store, sealingState: () => read(() => db.store.sealingState()) };
  const log = createLog();
  const sealer = start({ log }, flaky);
  await accept(1);
  await until(
    'the sealer to report the database as unavailable',
    () => sealer.status.problem?.code,
    'unavailable',
  );
  // Reported once, not at every attempt.
  const since = sealer.status.problem?.since;
  await until('five more failures', () => failures >= 6);
  expect(sealer.status.problem?.since).toBe(since);
  expect(log.lines.filter((line) => line.includes('sealing stalled')).length).toBe(1);
  away = false;
  await allSealed();
  await until('the problem to be cleared', () => sealer.status.problem, null);
  expect(log.lines.filter((line) => line.includes('sealing resumed')).length).toBe(1);
});

test('rows that are missing stop sealing with a message that says what to do', async () => {
  await accept(3);
  const holey: Store = {
    ...db.store,
    entries: async (first, count) =>
      (await db.store.entries(first, count)).filter(({ position }) => position !== 1),
  };
  const sealer = start({}, holey);
  await until('the sealer to report the missing row', () => sealer.status.problem);
  expect(sealer.status.problem).toMatchObject({
    code: 'inconsistent',
    message: 'the entry at position 1 is missing; run "ingam audit"',
  });
  expect(await db.store.tip()).toBeNull();
});
