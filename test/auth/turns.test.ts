import { expect, test } from 'vitest';
import { Turns } from '../../src/auth/passwords.js';
import { codeOf, refusalOf } from './refusal.js';

/** Work that ends when it is told to. */
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

test('two at once, three waiting in their order, and the next sent away before any work', async () => {
  const { begun, end, work } = controlled();
  const turns = new Turns(2, 3);
  const taken = [0, 1, 2, 3, 4].map((id) => turns.take(work(id)));
  expect(begun).toEqual([0, 1]);
  const refusal = await refusalOf(turns.take(work(5)));
  expect([refusal.code, refusal.retryAfterSeconds]).toEqual(['busy', 5]);
  end[1]?.();
  expect(await taken[1]).toBe(1);
  expect(begun).toEqual([0, 1, 2]);
  // A place is free again.
  const later = turns.take(work(6));
  expect(await codeOf(turns.take(work(7)))).toBe('busy');
  for (const id of [0, 2, 3, 4, 6]) {
    end[id]?.();
    expect(await (taken[id] ?? later)).toBe(id);
  }
  expect(begun).toEqual([0, 1, 2, 3, 4, 6]);
});

test('work that fails hands its place on, and leaves none taken', async () => {
  const { begun, end, work } = controlled();
  const turns = new Turns(1, 1);
  for (const round of [0, 2]) {
    const first = turns.take(work(round));
    const second = turns.take(work(round + 1));
    end[round]?.(new Error('of its own'));
    await expect(first).rejects.toThrow('of its own');
    end[round + 1]?.();
    await second;
  }
  expect(begun).toEqual([0, 1, 2, 3]);
});
