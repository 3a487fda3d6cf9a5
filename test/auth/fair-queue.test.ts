import { expect, test } from 'vitest';
import { FairQueue } from '../../src/auth/fair-queue.js';
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

/** Ends the tasks in the order in which they begin. @returns that order */
async function drain({ begun, end }: ReturnType<typeof controlled>, tasks: readonly Promise<number>[]) {
  const all = Promise.allSettled(tasks);
  for (let i = 0; i < begun.length; i++) {
    end[begun[i] ?? -1]?.();
    // Lets the next one begin.
    await new Promise(setImmediate);
  }
  await all;
  return begun;
}

test('runs two tasks at once, queues three in order, and rejects the next one unstarted', async () => {
  const { begun, end, work } = controlled();
  const queue = new FairQueue({ maxRunning: 2, maxWaiting: 3 });
  const taken = [0, 1, 2, 3, 4].map((id) => queue.run('a', false, work(id)));
  expect(begun).toEqual([0, 1]);
  const refusal = await refusalOf(queue.run('a', false, work(5)));
  expect([refusal.code, refusal.retryAfterSeconds]).toEqual(['busy', 5]);
  end[1]?.();
  expect(await taken[1]).toBe(1);
  expect(begun).toEqual([0, 1, 2]);
  // A slot is free again.
  const later = queue.run('a', false, work(6));
  expect(await codeOf(queue.run('a', false, work(7)))).toBe('busy');
  for (const id of [0, 2, 3, 4, 6]) {
    end[id]?.();
    expect(await (taken[id] ?? later)).toBe(id);
  }
  expect(begun).toEqual([0, 1, 2, 3, 4, 6]);
});

test('frees the slot of a task that fails', async () => {
  const { begun, end, work } = controlled();
  const queue = new FairQueue({ maxRunning: 1, maxWaiting: 1 });
  for (const round of [0, 2]) {
    const first = queue.run('a', false, work(round));
    const second = queue.run('a', false, work(round + 1));
    end[round]?.(new Error('of its own'));
    await expect(first).rejects.toThrow('of its own');
    end[round + 1]?.();
    await second;
  }
  expect(begun).toEqual([0, 1, 2, 3]);
});

test('networks take turns, and one that floods the queue loses its own places', async () => {
  const tasks = controlled();
  const queue = new FairQueue({ maxRunning: 1, maxWaiting: 4 });
  const run = (id: number, network: string) => queue.run(network, false, tasks.work(id));
  const flood = [0, 1, 2, 3, 4].map((id) => run(id, 'flood'));
  expect(await codeOf(run(5, 'flood'))).toBe('busy');
  // Each newcomer takes the latest place of the network that has most.
  const [fourth, third] = [
    codeOf(flood[4] ?? Promise.reject(new Error())),
    codeOf(flood[3] ?? Promise.reject(new Error())),
  ];
  const others = [run(10, 'home'), run(11, 'office')];
  expect([await fourth, await third]).toEqual(['busy', 'busy']);
  expect(await drain(tasks, [...flood.slice(0, 3), ...others])).toEqual([0, 1, 10, 11, 2]);
});

test('a queue that is full of single tasks of other networks rejects the newcomer', async () => {
  const tasks = controlled();
  const queue = new FairQueue({ maxRunning: 1, maxWaiting: 3 });
  const taken = ['a', 'b', 'c', 'd'].map((network, id) => queue.run(network, false, tasks.work(id)));
  expect(await codeOf(queue.run('e', false, tasks.work(4)))).toBe('busy');
  expect(await drain(tasks, taken)).toEqual([0, 1, 2, 3]);
});

test('reserved tasks have places of their own and run first, but not for ever', async () => {
  const tasks = controlled();
  const queue = new FairQueue({ maxRunning: 1, maxWaiting: 5 });
  const strangers = Array.from({ length: 6 }, (_, id) => queue.run(`stranger ${id}`, false, tasks.work(id)));
  const reserved = Array.from({ length: 5 }, (_, i) => queue.run('office', true, tasks.work(10 + i)));
  expect(await codeOf(queue.run('another', false, tasks.work(20)))).toBe('busy');
  expect(await codeOf(queue.run('office', true, tasks.work(21)))).toBe('busy');
  const order = await drain(tasks, [...strangers, ...reserved]);
  expect(order).toEqual([0, 10, 11, 12, 1, 13, 14, 2, 3, 4, 5]);
});
