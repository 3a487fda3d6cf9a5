import { describe, expect, it } from 'vitest';
import { batched } from '../../src/auth/api-keys.js';

/** A source whose queries are answered by hand, in order. */
function source() {
  const queries: { ids: readonly string[]; answer: () => void; fail: () => void }[] = [];
  const ask = batched(
    (ids) =>
      new Promise<string[]>((resolve, reject) => {
        const number = queries.length;
        queries.push({
          ids,
          answer: () => {
            resolve(ids.map((id) => `${id} by query ${number}`));
          },
          fail: () => {
            reject(new Error(`query ${number} failed`));
          },
        });
      }),
  );
  const query = (number: number) => expect.poll(() => queries.length).toBeGreaterThan(number);
  return { ask, queries, query };
}

describe('batched lookups', () => {
  it('combines lookups that arrive together or while a query runs', async () => {
    const { ask, queries, query } = source();
    const first = Promise.all([ask('a'), ask('b'), ask('a')]);
    await query(0);
    const second = Promise.all(Array.from({ length: 100 }, (_, i) => ask(`c${i % 10}`)));
    queries[0]?.answer();
    expect(await first).toEqual(['a by query 0', 'b by query 0', 'a by query 0']);
    await query(1);
    queries[1]?.answer();
    expect(new Set(await second).size).toBe(10);
    expect(queries.map(({ ids }) => ids.length)).toEqual([2, 10]);
  });

  it('never answers from a query that began before the lookup', async () => {
    const { ask, queries, query } = source();
    const before = ask('key');
    await query(0);
    const after = ask('key');
    queries[0]?.answer();
    expect(await before).toBe('key by query 0');
    await query(1);
    queries[1]?.answer();
    expect(await after).toBe('key by query 1');
  });

  it('a failing query rejects its own lookups only', async () => {
    const { ask, queries, query } = source();
    const lost = ask('a');
    await query(0);
    const next = ask('a');
    queries[0]?.fail();
    await expect(lost).rejects.toThrow('query 0 failed');
    await query(1);
    queries[1]?.answer();
    expect(await next).toBe('a by query 1');
  });
});
