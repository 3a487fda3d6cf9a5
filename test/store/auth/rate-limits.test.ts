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

/** Lets all windows and delays end, as time would. */
const pass = (seconds: number) =>
  db.query(
    `WITH limits AS (UPDATE rate_limit SET resets_at = resets_at - ${seconds} * 1000)
     UPDATE throttle SET blocked_until = blocked_until - ${seconds} * 1000, forgotten_at = forgotten_at - ${seconds} * 1000`,
  );

describe('take', () => {
  const rule = { limit: 10, windowSeconds: 3600 };

  test('takes what is left, refuses what is not, and begins anew with the window', async () => {
    expect(await limits.take('a', 4, rule)).toEqual({ taken: true, remaining: 6, resetSeconds: 3600 });
    expect(await limits.take('a', 7, rule)).toMatchObject({ taken: false, remaining: 6 });
    expect(await limits.take('a', 6, rule)).toMatchObject({ taken: true, remaining: 0 });
    expect(await limits.take('a', 1, rule)).toMatchObject({ taken: false, remaining: 0 });
    expect(await limits.take('a', 0, rule)).toMatchObject({ taken: true, remaining: 0 });
    await pass(1800);
    const half = await limits.take('a', 1, rule);
    expect(half.taken).toBe(false);
    expect(half.resetSeconds).toBeGreaterThan(1700);
    expect(half.resetSeconds).toBeLessThanOrEqual(1800);
    await pass(1800);
    expect(await limits.take('a', 1, rule)).toEqual({ taken: true, remaining: 9, resetSeconds: 3600 });
  });

  test('more than the whole limit is never taken; a limit of 0 lets nothing through', async () => {
    expect(await limits.take('b', 11, rule)).toEqual({ taken: false, remaining: 10, resetSeconds: 0 });
    expect(await limits.take('b', 1, { ...rule, limit: 0 })).toMatchObject({ taken: false, remaining: 0 });
    const huge = { limit: Number.MAX_SAFE_INTEGER, windowSeconds: 60 };
    expect(await limits.take('b', Number.MAX_SAFE_INTEGER, huge)).toMatchObject({
      taken: true,
      remaining: 0,
    });
    expect(await limits.take('b', 1, huge)).toMatchObject({ taken: false });
    await expect(limits.take('b', -1, rule)).rejects.toThrow(RangeError);
    await expect(limits.take('b', 0.5, rule)).rejects.toThrow(RangeError);
  });

  test('is exact when many take at once from two instances, alone and by several limits', async () => {
    const takers = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? limits : other.rateLimits));
    const taken = await Promise.all(takers.map((each) => each.take('c', 3, { ...rule, limit: 100 })));
    expect(taken.filter((each) => each.taken)).toHaveLength(33);
    expect(await limits.remaining('c', { ...rule, limit: 100 })).toBe(1);

    const wide = { limit: 1000, windowSeconds: 60 };
    const both = await Promise.all(
      takers.map((each, i) => {
        const takes = [
          { key: 'd', points: 1, rule: wide },
          { key: 'e', points: 2, rule: { limit: 51, windowSeconds: 60 } },
        ];
        return each.takeAll(i % 3 === 0 ? takes : takes.reverse());
      }),
    );
    expect(both.filter((each) => each.every((one) => one.taken))).toHaveLength(25);
    expect(await limits.remaining('d', wide)).toBe(975);
    expect(await limits.remaining('e', { limit: 51, windowSeconds: 60 })).toBe(1);
  });

  test('of several limits takes from all or from none, and says which one lacked', async () => {
    const narrow = { limit: 1, windowSeconds: 60 };
    await limits.take('f', 1, narrow);
    const takes = [
      { key: 'g', points: 1, rule },
      { key: 'f', points: 1, rule: narrow },
    ];
    expect((await limits.takeAll(takes)).map(({ taken }) => taken)).toEqual([true, false]);
    expect(await limits.remaining('g', rule)).toBe(10);
    expect(await limits.takeAll([])).toEqual([]);
    const twice = [...takes, ...takes];
    await expect(limits.takeAll(twice)).rejects.toThrow(RangeError);
  });

  test('each goes by its own rule when rules for one key differ at one moment', async () => {
    const strict = { limit: 1, windowSeconds: 60 };
    const results = await Promise.all([
      limits.take('h', 5, rule),
      limits.take('h', 1, strict),
      limits.take('h', 5, rule),
    ]);
    expect(results.map(({ taken }) => taken)).toEqual([true, false, true]);
  });
});

describe('fail', () => {
  const rule = { free: 2, firstDelaySeconds: 2, maxDelaySeconds: 15, forgetAfterSeconds: 100 };
  const failTimes = async (key: string, times: number): Promise<number[]> => {
    const delays: number[] = [];
    for (let i = 0; i < times; i++) delays.push((await limits.fail(key, rule)).blockedSeconds);
    return delays;
  };

  test('some are free, then each costs twice as much as the one before, up to the longest delay', async () => {
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

  test('failures are forgotten some time after the last one, and when asked', async () => {
    await failTimes('b', 3);
    await pass(50);
    expect(await failTimes('b', 1)).toEqual([4]);
    await pass(100);
    expect(await failTimes('b', 3)).toEqual([0, 0, 2]);
    await limits.forget('b');
    expect(await failTimes('b', 3)).toEqual([0, 0, 2]);
  });

  test('are all counted when they come at once', async () => {
    await Promise.all(
      [limits, other.rateLimits].flatMap((each) => [1, 2, 3].map(() => each.fail('c', rule))),
    );
    expect(await failTimes('c', 1)).toEqual([15]);
  });
});

test('what is over is removed, and that changes no answer', async () => {
  await db.query('DELETE FROM rate_limit; DELETE FROM throttle');
  const rule = { limit: 5, windowSeconds: 60 };
  const failure = { free: 0, firstDelaySeconds: 1, maxDelaySeconds: 5, forgetAfterSeconds: 60 };
  await limits.take('old', 5, rule);
  await limits.fail('old', failure);
  await pass(60);
  await limits.take('new', 5, rule);
  await limits.fail('new', failure);
  expect(await limits.expire(Date.now())).toBe(2);
  expect(await limits.take('new', 1, rule)).toMatchObject({ taken: false });
  expect(await limits.fail('new', failure)).toEqual({ blockedSeconds: 2 });
  expect(await limits.take('old', 5, rule)).toMatchObject({ taken: true });
});
