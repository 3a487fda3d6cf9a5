import { afterAll, beforeAll, expect, test } from 'vitest';
import { Intake } from '../../src/intake/index.js';
import { Notarizations } from '../../src/log/index.js';
import { openStore, StoreError, type Store } from '../../src/store/index.js';
import { acceptSome, nextCommit } from '../support/chain.js';
import { createStore, LISTENING, type TestStore } from '../support/database.js';
import { createBackground, createLog, RECEIPTS, submission } from '../support/parts.js';
import { until } from '../support/until.js';

let db: TestStore;
beforeAll(async () => {
  db = await createStore();
});
afterAll(() => db.drop());

const never = () => new AbortController().signal;
const seal = async () => db.store.commitBlock(await nextCommit(db.store));

async function watching(store: Store, run: (notarizations: Notarizations) => Promise<void>): Promise<void> {
  const notarizations = new Notarizations(store, createBackground().background);
  try {
    await run(notarizations);
  } finally {
    await notarizations.close();
  }
}

test('resolves for positions that are sealed before or later by another process, or when the caller aborts', async () => {
  const elsewhere = await openStore({ url: db.url });
  try {
    await watching(elsewhere, async (notarizations) => {
      const intake = new Intake({ store: db.store, receipts: RECEIPTS, maxQueue: 100 });
      const { firstPosition } = await intake.accept(submission(3));
      const waits = [0, 1, 2].map((i) => notarizations.whenSealed(firstPosition + i, never()));
      const caller = new AbortController();
      const beyond = notarizations.whenSealed(firstPosition + 3, caller.signal);
      await seal();
      expect(await Promise.all(waits)).toEqual([true, true, true]);
      expect(await notarizations.whenSealed(firstPosition, never())).toBe(true);
      caller.abort();
      expect(await beyond).toBe(false);
      expect(await notarizations.whenSealed(firstPosition + 3, AbortSignal.abort())).toBe(false);
    });
  } finally {
    await elsewhere.close();
  }
});

test('resolves for a block that is committed while the tip is being read', async () => {
  const position = await acceptSome(db.store, 1);
  let notify: () => void = () => undefined;
  let reads = 0;
  const store: Store = {
    ...db.store,
    onSealed: (listener) => {
      notify = () => {
        listener(0);
      };
      return { close: () => Promise.resolve() };
    },
    tip: async () => {
      reads++;
      const seen = await db.store.tip();
      if (reads === 1) {
        // The block is committed and announced before this result arrives.
        await seal();
        notify();
      }
      return seen;
    },
  };
  await watching(store, async (notarizations) => {
    expect(await notarizations.whenSealed(position, never())).toBe(true);
    expect(reads).toBe(2);
  });
});

test.each([
  ['an unavailable database', new StoreError('unavailable', 'x')],
  ['a rejected statement', new StoreError('refused', 'x')],
  ['a programming error', new TypeError('x')],
])('logs and counts %s, and reads the tip again without a notification', async (_, error) => {
  const position = await acceptSome(db.store, 1);
  await seal();
  let left = 2;
  const store: Store = {
    ...db.store,
    onSealed: () => ({ close: () => Promise.resolve() }),
    tip: () => (left-- > 0 ? Promise.reject(error) : db.store.tip()),
  };
  const log = createLog();
  const { background, failures } = createBackground(log);
  const notarizations = new Notarizations(store, background);
  try {
    expect(await notarizations.whenSealed(position, never())).toBe(true);
    expect(failures.get('reading the sealed position')).toBe(2);
    expect(log.lines.map((line) => line.split(' {')[0])).toEqual([
      'reading the sealed position stalled: x',
      'reading the sealed position resumed',
    ]);
  } finally {
    await notarizations.close();
  }
});

test('notices blocks that were sealed while the listening connection was lost', async () => {
  const own = await openStore({ url: db.url });
  try {
    await watching(own, async (notarizations) => {
      const position = await acceptSome(db.store, 1);
      const waiting = notarizations.whenSealed(position, never());
      await until(
        'the LISTEN connection',
        () => db.query(LISTENING),
        (seen) => seen.length > 0,
      );
      await db.query(`SELECT pg_terminate_backend(pid) FROM (${LISTENING}) AS listener`);
      await seal();
      expect(await waiting).toBe(true);
    });
  } finally {
    await own.close();
  }
});

test('ends all waits when it is closed', async () => {
  const notarizations = new Notarizations(db.store, createBackground().background);
  const waiting = notarizations.whenSealed(1_000_000, never());
  await notarizations.close();
  expect(await waiting).toBe(false);
  expect(await notarizations.whenSealed(1_000_000, never())).toBe(false);
});
