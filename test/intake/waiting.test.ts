import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WaitingSubmissions } from '../../src/intake/intake.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const enter = (line: WaitingSubmissions, count: number) => Array.from({ length: count }, () => line.enter());

test('a long queue rejects new submissions when the first one has waited too long', () => {
  const line = new WaitingSubmissions();
  const few = enter(line, 63);
  vi.advanceTimersByTime(10_000);
  expect(line.isLong).toBe(false);
  const last = line.enter();
  expect(line.isLong).toBe(true);
  for (const leave of few) leave();
  expect(line.isLong).toBe(false);
  last();

  enter(line, 64);
  vi.advanceTimersByTime(500);
  expect(line.isLong).toBe(false);
  vi.advanceTimersByTime(1);
  expect(line.isLong).toBe(true);
});

test('a very long queue rejects new submissions at once', () => {
  const line = new WaitingSubmissions();
  const [first] = enter(line, 2047);
  expect(line.isLong).toBe(false);
  line.enter();
  expect(line.isLong).toBe(true);
  first?.();
  expect(line.isLong).toBe(false);
});
