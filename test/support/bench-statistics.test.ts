import { describe, expect, it } from 'vitest';
import { atLeast, atMost, compared, meets } from '../bench/harness/figure.js';
import { formatTable } from '../bench/harness/report.js';
import { inTurns, quantile, ratioOf, Spoiled, summarise } from '../bench/harness/statistics.js';

describe('the statistics of the benchmark', () => {
  it('summarises by median, least and greatest', () => {
    expect(summarise([3, 1, 2])).toEqual({ median: 2, least: 1, greatest: 3, count: 3 });
    expect(summarise([4, 1, 2, 3]).median).toBe(2.5);
    expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
  });

  it('makes no figure of nothing, or of what is no measurement', () => {
    for (const samples of [[], [1, NaN], [Infinity], [-1]]) expect(() => summarise(samples)).toThrow(Spoiled);
    expect(() => ratioOf([{ ours: 1, yardstick: 0 }])).toThrow(Spoiled);
  });

  it('measures in turns, and refuses all when one run is spoiled', async () => {
    const order: string[] = [];
    const side = (name: string, value: number) => () => {
      order.push(name);
      return Promise.resolve(value);
    };
    expect(await inTurns(2, side('A', 1), side('B', 2))).toEqual([
      { ours: 1, yardstick: 2 },
      { ours: 1, yardstick: 2 },
    ]);
    expect(order).toEqual(['A', 'B', 'A', 'B']);
    const spoiled = () => Promise.reject(new Spoiled('3 errors'));
    await expect(inTurns(2, side('A', 1), spoiled)).rejects.toThrow(Spoiled);
  });

  it('relates each measurement to its neighbour, so that a slow machine changes nothing', () => {
    const pairs = [100, 50, 10].map((speed) => ({ ours: speed * 0.9, yardstick: speed }));
    const { median, least, greatest } = ratioOf(pairs);
    for (const ratio of [median, least, greatest]) expect(ratio).toBeCloseTo(0.9);
  });

  it('holds figures against their goals, and prints them', () => {
    const figure = (ours: number, goal = atLeast(0.5)) =>
      compared({ what: 'work', unit: 's', ours: 'a', yardstick: 'b', goal }, [{ ours, yardstick: 10 }]);
    expect([figure(5), figure(4), figure(4, atMost(0.5))].map(meets)).toEqual([true, false, true]);
    const table = formatTable([
      { row: 'good', figures: [figure(5)], failure: null, seconds: 1 },
      { row: 'bad', figures: [], failure: 'errors', seconds: 1 },
    ]);
    expect(table).toMatch(/good .* 0\.5 × .* met/);
    expect(table).toMatch(/bad .* no figure/);
  });
});
