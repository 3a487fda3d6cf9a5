import { expect, test } from 'vitest';
import { KeySet, type KeySetOptions } from '../../src/auth/tokens.js';

function counting(change: Partial<KeySetOptions<string>> = {}) {
  const source = new Map([['a', 'A']]);
  const state = { loads: 0, failure: null as Error | null };
  const keys = new KeySet<string>({
    load: async () => {
      state.loads++;
      const seen = new Map(source);
      await new Promise(setImmediate);
      if (state.failure !== null) throw state.failure;
      return seen;
    },
    maxAgeMs: 60_000,
    minIntervalMs: 0,
    maxStaleMs: 60_000,
    ...change,
  });
  return { source, state, keys };
}

test('loads once for concurrent lookups', async () => {
  const { keys, state } = counting();
  expect(await Promise.all(Array.from({ length: 20 }, () => keys.find('a')))).toEqual(Array(20).fill('A'));
  expect(await keys.find('a')).toBe('A');
  expect(state.loads).toBe(1);
});

test('finds a key that was added after the last load, also during a load', async () => {
  const { keys, source } = counting();
  await keys.find('a');
  source.set('b', 'B');
  expect(await keys.find('b')).toBe('B');
  const underWay = keys.find('x');
  await Promise.resolve();
  source.set('c', 'C');
  expect(await keys.find('c')).toBe('C');
  expect(await underWay).toBe(null);
});

test('unknown ids cause one load at a time, and no more than the interval allows', async () => {
  const { keys, state } = counting({ minIntervalMs: 50 });
  await keys.find('a');
  const started = performance.now();
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => keys.find(`x${i}`)));
  expect(new Set(answers)).toEqual(new Set([null]));
  expect(state.loads - 1).toBeLessThanOrEqual(1 + (performance.now() - started) / 50);
});

test('while loading fails, known keys stay valid and unknown ones fail at once', async () => {
  const { keys, state } = counting({ maxAgeMs: 0, minIntervalMs: 3_600_000 });
  state.failure = new Error('away');
  await expect(keys.find('a')).rejects.toThrow('could not be loaded');
  await expect(keys.find('a')).rejects.toThrow('could not be loaded');
  expect(state.loads).toBe(1);

  const known = counting({ maxAgeMs: 0 });
  expect(await known.keys.find('a')).toBe('A');
  known.state.failure = new Error('away');
  expect(await known.keys.find('a')).toBe('A');
  await expect(known.keys.find('b')).rejects.toThrow('could not be loaded');

  const old = counting({ maxAgeMs: 0, maxStaleMs: 0 });
  expect(await old.keys.find('a')).toBe('A');
  old.state.failure = new Error('away');
  await expect(old.keys.find('a')).rejects.toThrow('could not be loaded');
  old.state.failure = null;
  expect(await old.keys.find('a')).toBe('A');
});

test('keys that were read earlier do not replace newer ones', async () => {
  const { keys, state } = counting();
  const earlier = performance.now();
  await keys.find('a');
  keys.put(new Map(), earlier);
  expect(await keys.find('a')).toBe('A');
  keys.put(new Map([['z', 'Z']]), performance.now());
  expect(await keys.find('z')).toBe('Z');
  expect(state.loads).toBe(1);
});
