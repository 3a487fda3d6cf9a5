import { expect, test } from 'vitest';
import { StoreError } from '../../src/store/errors.js';
import { Confirmed } from '../../src/store/replication.js';
import { codeOf } from '../support/store-error.js';

/** Confirmations that the test settles, in the order in which they were begun. */
function confirmations() {
  const begun: PromiseWithResolvers[] = [];
  const part = new Confirmed(() => {
    const next = withResolvers();
    begun.push(next);
    return next.promise;
  });
  return { begun, part };
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function withResolvers(): PromiseWithResolvers {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const turn = () => new Promise(setImmediate);

test('readers share a confirmation, but not one that began before they read', async () => {
  const { begun, part } = confirmations();
  const early = [part.require({ blocks: 1 }), part.require({ nextPosition: 5 })];
  await turn();
  expect(begun).toHaveLength(1);
  let isLate = true;
  const late = part.require({ blocks: 2 }).then(() => {
    isLate = false;
  });
  begun[0]?.resolve();
  await Promise.all(early);
  await turn();
  expect(begun).toHaveLength(2);
  expect(isLate).toBe(true);
  expect(part.covers({ blocks: 1, nextPosition: 5 })).toBe(true);
  expect(part.covers({ blocks: 2 })).toBe(false);
  begun[1]?.resolve();
  await late;
  // What is known needs none.
  await part.require({ blocks: 2, nextPosition: 4 });
  expect(begun).toHaveLength(2);
});

test('a confirmation that fails confirms nothing, and the next one is tried', async () => {
  const { begun, part } = confirmations();
  const failing = codeOf(part.require({ blocks: 1 }));
  await turn();
  begun[0]?.reject(new StoreError('unavailable', 'asked for by the test'));
  expect(await failing).toBe('unavailable');
  expect(part.covers({ blocks: 1 })).toBe(false);
  const again = part.require({ blocks: 1 });
  await turn();
  begun[1]?.resolve();
  await again;
  expect(part.blocks).toBe(1);
});
