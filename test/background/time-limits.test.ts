import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { timeLimit } from '../../src/background/time-limits.js';
import { until } from '../support/until.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('a time limit ends the wait although nothing but its signal refers to it', async () => {
  const limit = timeLimit(200, new AbortController().signal);
  const ignore = () => undefined;
  await until('the limit', () => {
    // As waits that follow each other: listeners are added and removed.
    limit.addEventListener('abort', ignore);
    limit.removeEventListener('abort', ignore);
    collectGarbage();
    return limit.aborted;
  });
  expect(limit.reason).toMatchObject({ name: 'TimeoutError' });
});

test('a time limit ends with the work that it belongs to', () => {
  const work = new AbortController();
  const limit = timeLimit(600_000, work.signal);
  expect(limit.aborted).toBe(false);
  work.abort(new Error('stopped'));
  expect(limit.reason).toMatchObject({ message: 'stopped' });
});
