import { expect, test } from 'vitest';
import { until } from './until.js';

test('returns the first state that is there, equals the expected value or is accepted', async () => {
  const states = [null, 0, 1, 2, 3];
  const next = () => states.shift() ?? null;
  expect(await until('any state', next)).toBe(0);
  expect(await until('two', next, 2)).toBe(2);
  expect(await until('an odd state', next, (seen) => (seen ?? 0) % 2 === 1)).toBe(3);
});

test('says what it waited for and what it last saw when it gives up', async () => {
  const waiting = until(
    'the block to be sealed',
    () => ({ height: 3 }),
    (seen) => seen.height === 4,
    0,
  );
  await expect(waiting).rejects.toThrow('waited 0 s for the block to be sealed; last seen: { height: 3 }');
});

test('passes an error on', async () => {
  const failing = () => Promise.reject(new Error('unreachable'));
  await expect(until('nothing', failing)).rejects.toThrow('unreachable');
});
