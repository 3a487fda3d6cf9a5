import { expect, test } from 'vitest';
import { judgeSoak, type SoakWindow } from '../bench/harness/soak.js';

const steady = (i: number): SoakWindow => ({
  second: (i + 1) * 60,
  perSecond: 1000,
  p99Ms: 40 + (i % 3),
  refused: 0,
  // The first minutes are the warm-up; then the collector's ups and downs.
  memoryMiB: i < 5 ? 150 + 20 * i : 250 + 15 * (i % 4),
  descriptors: 100 + (i % 2),
});

const failing = (change: (i: number, window: SoakWindow) => Partial<SoakWindow>) => {
  const windows = Array.from({ length: 30 }, (_, i) => ({ ...steady(i), ...change(i, steady(i)) }));
  return judgeSoak(windows)
    .filter(({ passed }) => !passed)
    .map(({ what }) => what.split(/[ ,]/)[0]);
};

test('a steady service passes, and every trend is noticed', () => {
  expect(failing(() => ({}))).toEqual([]);
  expect(failing((i, { memoryMiB }) => ({ memoryMiB: memoryMiB + 3 * i }))).toEqual(['growth']);
  expect(failing((i, { descriptors }) => ({ descriptors: descriptors + i }))).toEqual(['most']);
  expect(failing((i, { p99Ms }) => ({ p99Ms: p99Ms + 20 * i }))).toEqual(['median']);
  expect(failing((i) => ({ refused: i === 7 ? 1 : 0 }))).toEqual(['refused']);
  expect(() => judgeSoak([steady(0)])).toThrow(RangeError);
});
