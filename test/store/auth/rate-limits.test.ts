import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type RateLimits, type Store } from '../../../src/store/index.js';
import { createStore, type TestStore } from '../../support/database.js';

let db: TestStore;
let limits: RateLimits;
let other: Store;
beforeAll(async () => {
  db = await createStore();
  other = await openStore({ url: db.url });
  limits = db.store.rateLimits;
});
afterAll(async () => {
  await other.close();
  await db.drop();
});

/** Moves all windows and delays into the past, as if time had passed. */
const pass = (seconds: number) =>
  db.query(
    `WITH limits AS (UPDATE rate_limit SET resets_at = resets_at - ${seconds} * 1000)
     UPDATE throttle SET blocked_until = blocked_until - ${seconds} * 1000, forgotten_at = forgotten_at - ${seconds} * 1000`,
  );

describe('consume', () => {
  const rule = { limit: 10, windowSeconds: 3600 };

  test('grants what is left, refuses more, and starts again with the next window', async () => {
    expect(await limits.consume('a', 4, rule)).toMatchObject({
      granted: true,
      remaining: 6,
      resetSeconds: 3600,
    });
    expect(await limits.consume('a', 7, rule)).toMatchObject({ granted: false, remaining: 6 });
    expect(await limits.consume('a', 6, rule)).toMatchObject({ granted: true, remaining: 0 });
    expect(await limits.consume('a', 1, rule)).toMatchObject({ granted: false, remaining: 0 });
    expect(await limits.consume('a', 0, rule)).toMatchObject({ granted: true, remaining: 0 });
    await pass(1800);
    const half = await limits.consume('a', 1, rule);
    expect(half.granted).toBe(false);
    expect(half.resetSeconds).toBeGreaterThan(1700);
    expect(half.resetSeconds).toBeLessThanOrEqual(1800);
    await pass(1800);
    expect(await limits.consume('a', 1, rule)).toMatchObject({
      granted: true,
      remaining: 9,
      resetSeconds: 3600,
    });
  });

  test('never grants more than the whole limit, and nothing for a limit of 0', async () => {
    expect(await limits.consume('b', 11, rule)).toMatchObject({
      granted: false,
      remaining: 10,
      resetSeconds: 0,
    });
    expect(await limits.consume('b', 1, { ...rule, limit: 0 })).toMatchObject({
      granted: false,
      remaining: 0,
    });
    const huge = { limit: Number.MAX_SAFE_INTEGER, windowSeconds: 60 };
    expect(await limits.consume('b', Number.MAX_SAFE_INTEGER, huge)).toMatchObject({
      granted: true,
      remaining: 0,
    });
    expect(await limits.consume('b', 1, huge)).toMatchObject({ granted: false });
    await expect(limits.consume('b', -1, rule)).rejects.toThrow(RangeError);
    await expect(limits.consume('b', 0.5, rule)).rejects.toThrow(RangeError);
  });

  test('is exact when two instances consume concurrently, from one limit and from several', async () => {
    const takers = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? limits : other.rateLimits));
    const taken = await Promise.all(takers.map((each) => each.consume('c', 3, { ...rule, limit: 100 })));
    expect(taken.filter((each) => each.granted)).toHaveLength(33);
    expect(await limits.remaining('c', { ...rule, limit: 100 })).toBe(1);

    const wide = { limit: 1000, windowSeconds: 60 };
    const both = await Promise.all(
      takers.map((each, i) => {
        const takes = [
          { key: 'd', tokens: 1, rule: wide },
          { key: 'e', tokens: 2, rule: { limit: 51, windowSeconds: 60 } },
        ];
        return each.consumeAll(i % 3 === 0 ? takes : takes.reverse());
      }),
    );
    expect(both.filter((each) => each.every((one) => one.granted))).toHaveLength(25);
    expect(await limits.remaining('d', wide)).toBe(975);
    expect(await limits.remaining('e', { limit: 51, windowSeconds: 60 })).toBe(1);
  });

  test('consumes from all of several limits or from none, and tells which one had too few tokens', async () => {
    const narrow = { limit: 1, windowSeconds: 60 };
    await limits.consume('f', 1, narrow);
    const takes = [
      { key: 'g', tokens: 1, rule },
      { key: 'f', tokens: 1, rule: narrow },
    ];
    expect((await limits.consumeAll(takes)).map(({ granted }) => granted)).toEqual([true, false]);
    expect(await limits.remaining('g', rule)).toBe(10);
    expect(await limits.consumeAll([])).toEqual([]);
    const twice = [...takes, ...takes];
    await expect(limits.consumeAll(twice)).rejects.toThrow(RangeError);
  });

  test('applies to each request its own rule when the rules for one key differ', async () => {
    const strict = { limit: 1, windowSeconds: 60 };
    const results = await Promise.all([
      limits.consume('h', 5, rule),
      limits.consume('h', 1, strict),
      limits.consume('h', 5, rule),
    ]);
    expect(results.map(({ granted }) => granted)).toEqual([true, false, true]);
  });
});

describe('refund', () => {
  const rule = { limit: 10, windowSeconds: 3600 };

  test('gives tokens back, of several limits at once', async () => {
    const requests = [
      { key: 'r1', tokens: 7, rule },
      { key: 'r2', tokens: 3, rule },
    ];
    const consumptions = await limits.consumeAll(requests);
    await limits.refund(
      requests.map(({ key }, i) => ({
        ...{ key, tokens: 3 },
        windowEndsAt: consumptions[i]?.windowEndsAt ?? 0,
      })),
    );
    expect(await limits.remaining('r1', rule)).toBe(6);
    expect(await limits.remaining('r2', rule)).toBe(10);
    await limits.refund([]);
  });

  test('gives no tokens of an ended window to the next one', async () => {
    const { windowEndsAt } = await limits.consume('r3', 5, rule);
    await pass(3600);
    await limits.consume('r3', 5, rule);
    await limits.refund([{ key: 'r3', tokens: 5, windowEndsAt: windowEndsAt - 3_600_000 }]);
    expect(await limits.remaining('r3', rule)).toBe(5);
  });

  test('never gives more than was consumed', async () => {
    const { windowEndsAt } = await limits.consume('r4', 5, rule);
    await limits.refund([{ key: 'r4', tokens: 6, windowEndsAt }]);
    expect(await limits.remaining('r4', rule)).toBe(10);
  });

  test('counts concurrent refunds and consumptions of two instances', async () => {
    const wide = { limit: 1_000, windowSeconds: 3600 };
    const { windowEndsAt } = await limits.consume('r5', 100, wide);
    await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        i % 2 === 0
          ? limits.refund([{ key: 'r5', tokens: 1, windowEndsAt }])
          : other.rateLimits.consume('r5', 2, wide),
      ),
    );
    expect(await limits.remaining('r5', wide)).toBe(850);
  });
});

describe('recordFailure', () => {
  const rule = { free: 2, firstDelaySeconds: 2, maxDelaySeconds: 15, forgetAfterSeconds: 100 };
  const failTimes = async (key: string, times: number): Promise<number[]> => {
    const delays: number[] = [];
    for (let i = 0; i < times; i++) delays.push((await limits.recordFailure(key, rule)).blockedSeconds);
    return delays;
  };

  test('does not block at first, then doubles the delay with each failure, up to the longest delay', async () => {
    expect(await failTimes('a', 7)).toEqual([0, 0, 2, 4, 8, 15, 15]);
    const blocked = await limits.blockedFor(['nobody', 'a']);
    expect(blocked).toBeGreaterThan(0);
    expect(blocked).toBeLessThanOrEqual(15);
    expect(await limits.blockedFor(['nobody'])).toBe(0);
    expect(await limits.blockedFor([])).toBe(0);
    await pass(15);
    expect(await limits.blockedFor(['a'])).toBe(0);
    expect(await failTimes('a', 1)).toEqual([15]);
  });

  test('forgets failures some time after the last one, and when they are cleared', async () => {
    await failTimes('b', 3);
    await pass(50);
    expect(await failTimes('b', 1)).toEqual([4]);
    await pass(100);
    expect(await failTimes('b', 3)).toEqual([0, 0, 2]);
    await limits.clearFailures('b');
    expect(await failTimes('b', 3)).toEqual([0, 0, 2]);
  });

  test('counts all concurrent failures', async () => {
    await Promise.all(
      [limits, other.rateLimits].flatMap((each) => [1, 2, 3].map(() => each.recordFailure('c', rule))),
    );
    expect(await failTimes('c', 1)).toEqual([15]);
  });
});

test('expire deletes what has ended, and changes no result', async () => {
  await db.query('DELETE FROM rate_limit; DELETE FROM throttle');
  const rule = { limit: 5, windowSeconds: 60 };
  const failure = { free: 0, firstDelaySeconds: 1, maxDelaySeconds: 5, forgetAfterSeconds: 60 };
  await limits.consume('old', 5, rule);
  await limits.recordFailure('old', failure);
  await pass(60);
  await limits.consume('new', 5, rule);
  await limits.recordFailure('new', failure);
  expect(await limits.expire(Date.now())).toBe(2);
  expect(await limits.consume('new', 1, rule)).toMatchObject({ granted: false });
  expect(await limits.recordFailure('new', failure)).toEqual({ blockedSeconds: 2 });
  expect(await limits.consume('old', 5, rule)).toMatchObject({ granted: true });
});

test('expire keeps no more failures than it may, and those that are most', async () => {
  await db.query('DELETE FROM throttle');
  const failure = { free: 1, firstDelaySeconds: 60, maxDelaySeconds: 60, forgetAfterSeconds: 3600 };
  // A flood of single failures around somebody's guesses at one address.
  for (let i = 0; i < 5; i++) await limits.recordFailure(`early ${i}`, failure);
  for (let i = 0; i < 3; i++) await limits.recordFailure('guessed', failure);
  for (let i = 0; i < 5; i++) {
    await limits.recordFailure(`late ${i}`, failure);
    // Several can fall into one millisecond.
    await db.query(`UPDATE throttle SET forgotten_at = forgotten_at + ${i} WHERE key = 'late ${i}'`);
  }
  expect(await limits.expire(Date.now(), 11)).toBe(0);
  expect(await limits.expire(Date.now(), 3)).toBe(8);
  const kept = await db.query<{ key: string }>('SELECT key FROM throttle ORDER BY key');
  expect(kept.map(({ key }) => key)).toEqual(['guessed', 'late 3', 'late 4']);
  expect(await limits.blockedFor(['guessed'])).toBeGreaterThan(0);
});
