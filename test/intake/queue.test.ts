import { afterAll, beforeAll, expect, test } from 'vitest';
import { Intake } from '../../src/intake/index.js';
import { StoreError, type Store } from '../../src/store/index.js';
import { createStore, type TestStore } from '../support/database.js';
import { intakeCodeOf } from '../support/intake-error.js';
import { faulty } from '../support/faulty-store.js';
import { createBackground, createLog, RECEIPTS, submission, submitter } from '../support/parts.js';
import { until } from '../support/until.js';

let db: TestStore;
beforeAll(async () => {
  db = await createStore();
});
afterAll(() => db.drop());

/** A store whose method waits until `open` is called. */
function gated(method: 'accept' | 'idempotencyRecord'): { store: Store; open: () => void } {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const store: Store = { ...db.store };
  if (method === 'accept') {
    store.accept = async (group) => {
      await gate;
      return db.store.accept(group);
    };
  } else {
    store.idempotencyRecord = async (scope, key) => {
      await gate;
      return db.store.idempotencyRecord(scope, key);
    };
  }
  return { store, open };
}

const intakeOver = (store: Store, maxQueue: number) => new Intake({ store, receipts: RECEIPTS, maxQueue });
const keyed = (key: string, count = 1) => submission(count, { submitter: submitter(1), idempotencyKey: key });

test('rejects submissions when the queue is full, and accepts them when there is room', async () => {
  const { store, open } = gated('accept');
  const intake = intakeOver(store, 10);
  const waiting = [intake.accept(submission(6)), intake.accept(submission(4))];
  expect(intake.queued).toBe(10);
  const refused = await intake.accept(submission()).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'queue_full', retryAfterSeconds: 1 });
  open();
  await Promise.all(waiting);
  expect(intake.queued).toBe(0);
  await intake.accept(submission(10));
});

test('admits a submission larger than the queue when it is alone', async () => {
  const { store, open } = gated('accept');
  const intake = intakeOver(store, 10);
  const large = intake.accept(submission(25));
  expect(await intakeCodeOf(intake.accept(submission()))).toBe('queue_full');
  open();
  expect((await large).entries.length).toBe(25);
});

test('counts submissions whose key is still being looked up', async () => {
  const { store, open } = gated('idempotencyRecord');
  const intake = intakeOver(store, 3);
  const waiting = ['a', 'b', 'c'].map((key) => intake.accept(keyed(key)));
  expect(intake.queued).toBe(3);
  expect(await intakeCodeOf(intake.accept(keyed('d')))).toBe('queue_full');
  open();
  await Promise.all(waiting);
});

test('whenRoom resolves when the queue is half empty', async () => {
  const { store, open } = gated('accept');
  const intake = intakeOver(store, 10);
  await intake.whenRoom();
  const accepting = intake.accept(submission(6));
  let room = false;
  const waiting = intake.whenRoom().then(() => {
    room = true;
  });
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  expect(room).toBe(false);
  open();
  await accepting;
  await waiting;
});

test('whenRoom resolves after a failure too', async () => {
  const intake = intakeOver(
    { ...db.store, accept: () => Promise.reject(new StoreError('unavailable', 'x')) },
    10,
  );
  const accepting = intakeCodeOf(intake.accept(submission(6)));
  await intake.whenRoom();
  expect(await accepting).toBe('unavailable');
});

test('close rejects new submissions and settles earlier ones, wherever they wait', async () => {
  const commits = gated('accept');
  const lookUps = gated('idempotencyRecord');
  const intake = intakeOver({ ...lookUps.store, accept: (group) => commits.store.accept(group) }, 100);
  const first = intake.accept(submission());
  await new Promise(setImmediate);
  const second = intake.accept(submission());
  const third = intake.accept(keyed('closing'));
  let closed = false;
  const closing = intake.close().then(() => {
    closed = true;
  });
  expect(await intakeCodeOf(intake.accept(submission()))).toBe('stopping');
  commits.open();
  await Promise.all([first, second]);
  expect(closed).toBe(false);
  lookUps.open();
  await third;
  await closing;
  expect(intake.queued).toBe(0);
  await intake.close();
});

test('close does not wait for an unavailable database', async () => {
  let asked = 0;
  const intake = intakeOver(
    {
      ...db.store,
      accept: () => Promise.reject(new StoreError('outcome_unknown', 'x')),
      findAccepted: () => {
        asked++;
        return new Promise(() => undefined);
      },
    },
    100,
  );
  const accepting = [intake.accept(submission()), intake.accept(submission())];
  await until('the first lookup', () => asked > 0);
  await intake.close();
  for (const one of accepting) expect(await intakeCodeOf(one)).toBe('outcome_unknown');
});

test('counts failures to read the outcome of a lost commit, and logs each cause once', async () => {
  const broken = faulty(db.store);
  const log = createLog();
  const { background, failures } = createBackground(log);
  const intake = new Intake({ store: broken.store, receipts: RECEIPTS, maxQueue: 100, background });
  broken.break('accept', 'persisted');
  broken.hide(2);
  await intake.accept(submission());
  expect(failures.get('reading unknown outcomes')).toBe(2);
  expect(log.lines.filter((line) => line.includes('reading unknown outcomes'))).toEqual([
    expect.stringContaining('reading unknown outcomes stalled'),
    expect.stringContaining('reading unknown outcomes resumed'),
  ]);
});
