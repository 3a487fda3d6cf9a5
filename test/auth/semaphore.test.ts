import { expect, test } from 'vitest';
import { Semaphore } from '../../src/auth/passwords.js';
import { codeOf, refusalOf } from './refusal.js';

/** Tasks that end on demand. */
function controlled() {
  const begun: number[] = [];
  const end: ((failure?: Error) => void)[] = [];
  const work = (id: number) => () =>
    new Promise<number>((resolve, reject) => {
      begun.push(id);
      end[id] = (failure) => {
        if (failure === undefined) resolve(id);
        else reject(failure);
      };
    });
  return { begun, end, work };
}

test('runs two tasks at once, queues three in order, and rejects the next one unstarted', async () => {
  const { begun, end, work } = controlled();
  const semaphore = new Semaphore(2, 3);
  const taken = [0, 1, 2, 3, 4].map((id) => semaphore.run(work(id)));
  expect(begun).toEqual([0, 1]);
  const refusal = await refusalOf(semaphore.run(work(5)));
  expect([refusal.code, refusal.retryAfterSeconds]).toEqual(['busy', 5]);
  end[1]?.();
  expect(await taken[1]).toBe(1);
  expect(begun).toEqual([0, 1, 2]);
  // A slot is free again.
  const later = semaphore.run(work(6));
  expect(await codeOf(semaphore.run(work(7)))).toBe('busy');
  for (const id of [0, 2, 3, 4, 6]) {
    end[id]?.();
    expect(await (taken[id] ?? later)).toBe(id);
  }
  expect(begun).toEqual([0, 1, 2, 3, 4, 6]);
});

test('frees the slot of a task that fails', async () => {
  const { begun, end, work } = controlled();
  const semaphore = new Semaphore(1, 1);
  for (const round of [0, 2]) {
    const first = semaphore.run(work(round));
    const second = semaphore.run(work(round + 1));
    end[round]?.(new Error('of its own'));
    await expect(first).rejects.toThrow('of its own');
    end[round + 1]?.();
    await second;
  }
  expect(begun).toEqual([0, 1, 2, 3]);
});

test('urgent tasks run first and wait in a queue of their own', async () => {
  const { begun, end, work } = controlled();
  const semaphore = new Semaphore(1, 1);
  const running = [semaphore.run(work(0)), semaphore.run(work(1)), semaphore.run(work(2), true)];
  expect(await codeOf(semaphore.run(work(3)))).toBe('busy');
  expect(await codeOf(semaphore.run(work(4), true))).toBe('busy');
  for (const id of [0, 2, 1]) {
    end[id]?.();
    await running[id];
  }
  expect(begun).toEqual([0, 2, 1]);
});
