import { expect, test } from 'vitest';
import { StoreError } from '../../src/store/index.js';
import { createBackground, createLog } from '../support/parts.js';

const fail = (error: Error) => () => Promise.reject(error);
const succeed = () => Promise.resolve();

test('counts every failure, and logs the first of each kind and the recovery', async () => {
  const log = createLog();
  const { background, failures } = createBackground(log);
  const task = background.task('sweeping', { fields: { room: 1 } });
  expect(failures.get('sweeping')).toBe(0);
  await task.run(succeed);
  expect(log.lines).toEqual([]);

  const away = new StoreError('unavailable', 'no connection');
  for (let i = 0; i < 3; i++) expect(await task.run(fail(away))).toBe(false);
  expect(task.problem).toMatchObject({ code: 'unavailable', message: 'no connection' });
  for (let i = 0; i < 3; i++) await task.run(fail(new StoreError('refused', 'no such column')));
  for (let i = 0; i < 3; i++) await task.run(fail(new TypeError('x is not a function')));
  await task.run(fail(new TypeError('y is not a function')));
  expect(await task.run(succeed)).toBe(true);

  expect(failures.get('sweeping')).toBe(10);
  expect(task.problem).toBeNull();
  expect(log.lines.map((line) => line.split(' {')[0])).toEqual([
    'sweeping stalled: no connection',
    'sweeping stalled: no such column',
    'sweeping stalled: x is not a function',
    'sweeping stalled: y is not a function',
    'sweeping resumed',
  ]);
  expect(log.lines[0]).toContain('"room":1');
});

test('keeps the time at which a problem began while only its message changes', async () => {
  const { background } = createBackground();
  const task = background.task('sweeping', { codeOf: () => 'late' as const });
  await task.run(fail(new Error('late by 2 ms')));
  const since = task.problem?.since;
  await task.run(fail(new Error('late by 3 ms')));
  expect(task.problem).toEqual({ code: 'late', message: 'late by 3 ms', since });
});

test('waits longer after each failure, up to a limit, and not after a success', async () => {
  const task = createBackground().background.task('sweeping');
  const pauses: number[] = [];
  for (let i = 0; i < 20; i++) {
    task.failed(new Error('dust'));
    pauses.push(task.retryMs);
  }
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(pauses[1]).toBe(2 * (pauses[0] ?? 0));
  expect(pauses.at(-1)).toBe(5000);
  task.succeeded();
  expect(task.retryMs).toBe(0);
  await task.pause(new AbortController().signal);
});

test('a pause ends when it is aborted and when the work is to be retried now', async () => {
  const task = createBackground().background.task('sweeping');
  for (let i = 0; i < 20; i++) task.failed(new Error('dust'));
  await task.pause(AbortSignal.abort());
  const pause = task.pause(new AbortController().signal);
  task.retryNow();
  await pause;
});
