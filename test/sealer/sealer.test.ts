import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
/** What the clocks of intake and sealer show; null: the time. */
let now: number | null = null;
const clock = () => now ?? Date.now();
const sealers: Sealer[] = [];
beforeEach(async () => {
  directory = await createDirectory();
  db = await createStore();
  now = null;
  intake = new Intake({ store: db.store, receipts: RECEIPTS, maxQueue: 100_000, clock });
});
afterEach(async () => {
  for (const sealer of sealers.splice(0)) await sealer.stop();
  await db.drop();
  await directory[Symbol.asyncDispose]();
});

function start(change: Partial<SealerOptions> = {}, store: Store = db.store): Sealer {
  const sealer = sealerOver(store, directory.path, { clock, ...change });
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

test('seals waiting entries in position order, in blocks of at most the configured size, and no empty block', async () => {
  for (const count of [8, 2, 7, 3, 5]) await accept(count);
  start({ maxBlockEntries: 10 });
  await allSealed();
  await accept(1);
  await allSealed();
  const blocks = await checkChain(db.store, LOG_KEY.key);
  expect(blocks.map(({ entryCount }) => entryCount)).toEqual([10, 10, 5, 1]);
});

test('seals a full block before the interval ends', async () => {
  await accept(1);
  start({ maxBlockEntries: 10, sealIntervalMs: 3_600_000 });
  await allSealed();
  await accept(10);
  await accept(10);
  await allSealed();
  const blocks = await checkChain(db.store, LOG_KEY.key);
  expect(blocks.map(({ entryCount }) => entryCount)).toEqual([1, 10, 10]);
});

test('starts with the configured difficulty, which is the minimum of the chain from then on', async () => {
  start({ minDifficulty: 6, miningTargetMs: 0 });
  for (let i = 0; i < 5; i++) {
    await accept(1);
    await allSealed();
  }
  await sealers[0]?.stop();
  // The setting of the first block stays in effect.
  start({ minDifficulty: 1, miningTargetMs: 0 });
  await accept(1);
  await allSealed();
  const blocks = await checkChain(db.store, LOG_KEY.key);
  expect(new Set(blocks.map(({ difficulty }) => difficulty))).toEqual(new Set([6]));
});

test('calls onSealed after each block', async () => {
  const heights: number[] = [];
  start({
    onSealed: ({ block, attempts, miningMs, totalMs }) => {
      expect(attempts).toBeGreaterThan(0);
      expect(totalMs).toBeGreaterThanOrEqual(miningMs);
      heights.push(block.height);
    },
  });
  await accept(1);
  await until('the callback about the sealed block', () => heights.length, 1);
  expect(heights).toEqual([0]);
});

test('does not block the event loop while it mines', async () => {
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

test('abandons a block that is being mined when it stops; the next sealer seals its entries', async () => {
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

test('lets one of two processes lead; the standby takes over when the leader stops', async () => {
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
    const height = (await db.store.tip())?.height ?? -1;
    await accept(2);
    await allSealed();
    expect((await db.store.tip())?.height).toBeGreaterThan(height);
    await checkChain(db.store, LOG_KEY.key);
    await pair[1].stop();
  } finally {
    await other.close();
  }
});

test('seals every entry once in one chain when five processes all believe that they lead', async () => {
  const granted = { lost: new AbortController().signal, release: () => Promise.resolve() };
  const storeOfLeaders: Store = { ...db.store, acquireLeadership: () => Promise.resolve(granted) };
  const directories = await Promise.all(Array.from({ length: 5 }, createDirectory));
  try {
    for (const { path } of directories) {
      const sealer = sealerOver(storeOfLeaders, path, { maxBlockEntries: 3 });
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

test('replaces a leader that hangs, and refuses its block when it continues', async () => {
  const other = await openStore({ url: db.url });
  try {
    let resume: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => (resume = resolve));
    let paused = 0;
    // At the worst moment: its block is mined and signed, and about to be committed.
    const stale = start(
      {},
      {
        ...other,
        commitBlock: async (commit) => {
          paused++;
          await hanging;
          return other.commitBlock(commit);
        },
      },
    );
    await accept(2);
    await until('the leader to be paused', () => paused, 1);
    await using second = await createDirectory();
    const log = createLog();
    const successor = sealerOver(db.store, second.path, { takeOverMs: 50, log });
    sealers.push(successor);
    successor.start();
    await allSealed();
    expect(successor.status.leading).toBe(true);
    expect(log.lines.join('\n')).toContain('stale leader');
    const tip = await db.store.tip();
    resume();
    await until('the old leader to give up', () => !stale.status.leading);
    expect(await db.store.tip()).toEqual(tip);
    await accept(1);
    await allSealed();
    await checkChain(db.store, LOG_KEY.key);
    await stale.stop();
    await successor.stop();
  } finally {
    await other.close();
  }
});

test('leads again after its connection was closed, when no other process leads', async () => {
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

test('reports once that the database is unavailable, and resumes when it is available again', async () => {
  let isUnavailable = true;
  let failures = 0;
  const read = async <T>(reading: () => Promise<T>): Promise<T> => {
    failures += Number(isUnavailable);
    if (isUnavailable) throw new StoreError('unavailable', 'injected by the test');
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
  isUnavailable = false;
  await allSealed();
  await until('the problem to be cleared', () => sealer.status.problem, null);
  expect(log.lines.filter((line) => line.includes('sealing resumed')).length).toBe(1);
});

test('stops sealing when an entry is missing, and says what to do', async () => {
  await accept(3);
  const incomplete: Store = {
    ...db.store,
    entries: async (first, count) =>
      (await db.store.entries(first, count)).filter(({ position }) => position !== 1),
  };
  const sealer = start({}, incomplete);
  await until('the sealer to report the missing row', () => sealer.status.problem);
  expect(sealer.status.problem).toMatchObject({
    code: 'inconsistent',
    message: 'the entry at position 1 is missing; run "ingam audit"',
  });
  expect(await db.store.tip()).toBeNull();
});

describe('the clock', () => {
  const sealedAt = () => until('a sealed block', async () => (await db.store.tip())?.sealedAt ?? null);

  test('stops sealing while it is far behind the entries, and resumes when it has caught up', async () => {
    const accepted = (now = Date.now());
    await accept(1);
    now = accepted - 60_000;
    const sealer = start();
    await until('the sealer to report the clock', () => sealer.status.problem);
    expect(sealer.status.problem).toMatchObject({
      code: 'clock_behind',
      message: expect.stringContaining('60000 ms behind the chain') as unknown,
    });
    now = accepted - 30_000;
    await until(
      'the report of the smaller lag',
      () => sealer.status.problem?.message.includes('30000 ms behind'),
      true,
    );
    expect(await db.store.tip()).toBeNull();
    now = accepted + 5;
    expect(await sealedAt()).toBe(accepted + 5);
    await until('the problem to be cleared', () => sealer.status.problem, null);
  });

  test('delays sealing without an alarm while it is slightly behind the entries', async () => {
    const accepted = (now = Date.now());
    await accept(1);
    now = accepted - 1000;
    // The sealer reads the clock once in each turn in which entries wait.
    let turns = 0;
    const sealer = start({
      clock: () => {
        turns++;
        return clock();
      },
    });
    await until('five turns of the sealer', () => turns >= 5);
    expect(sealer.status.problem).toBeNull();
    expect(await db.store.tip()).toBeNull();
    now = accepted;
    expect(await sealedAt()).toBe(accepted);
  });

  test('never gives a block an earlier time than the block before it', async () => {
    const began = (now = Date.now());
    start();
    await accept(1);
    now = began + 4000;
    const first = await sealedAt();
    // Intake tolerates a clock that was set back by five seconds; a block does not.
    now = began;
    const late = await accept(1);
    expect(late.entries[0]?.acceptedAt).toBeLessThanOrEqual(first);
    now = began + 4001;
    await until(
      'block 1',
      () => db.store.tip(),
      (seen) => seen?.height === 1,
    );
    await checkChain(db.store, LOG_KEY.key);
  });
});
