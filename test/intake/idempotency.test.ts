import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Intake, type Accepted, type Submission } from '../../src/intake/index.js';
import { createStore, type TestStore } from '../support/database.js';
import { faulty } from '../support/faulty-store.js';
import { intakeCodeOf } from '../support/intake-error.js';
import { createDirectory, document, RECEIPTS, sealerOver, submission, submitter } from '../support/parts.js';
import { until } from '../support/until.js';

let db: TestStore;
beforeAll(async () => {
  db = await createStore();
});
afterAll(() => db.drop());

const open = (store = db.store) => new Intake({ store, receipts: RECEIPTS, maxQueue: 100_000 });
let keys = 0;
const keyed = (count = 2): Submission =>
  submission(count, { submitter: submitter(1), idempotencyKey: `key-${keys++}` });
const answer = ({ firstPosition, receipt, entries }: Accepted) => ({
  firstPosition,
  receipt,
  salts: entries.map(({ salt }) => Buffer.from(salt).toString('hex')),
});

test('a repeated request gets the same response, receipt included, from any process', async () => {
  const submitted = keyed();
  const first = await open().accept(submitted);
  const size = (await db.store.head()).nextPosition;
  for (const intake of [open(), open()]) {
    const again = await intake.accept(submitted);
    expect(again.replayed).toBe(true);
    expect(answer(again)).toEqual(answer(first));
  }
  expect((await db.store.head()).nextPosition).toBe(size);
});

test('a key belongs to its organization', async () => {
  const submitted = keyed();
  const first = await open().accept(submitted);
  const other = await open().accept({ ...submitted, submitter: submitter(2) });
  expect(other.replayed).toBe(false);
  expect(other.firstPosition).not.toBe(first.firstPosition);
});

test('an anonymous client cannot claim a key: with other documents it is another submission', async () => {
  const submitted = { ...keyed(), submitter: null };
  const first = await open().accept(submitted);
  const other = await open().accept({ ...submitted, documents: [document()] });
  expect(other.replayed).toBe(false);
  expect(answer(await open().accept(submitted))).toEqual(answer(first));
});

test('any difference is a mismatch', async () => {
  const details = { a: 1 };
  const documents = [document({ details }), document({ size: null })];
  const [one, two] = documents as [ReturnType<typeof document>, ReturnType<typeof document>];
  const submitted = { ...keyed(), documents, submitter: submitter(1) };
  const intake = open();
  await intake.accept(submitted);
  const others: Partial<Submission>[] = [
    { documents: [two, one] },
    { documents: [one] },
    { documents: [...documents, one] },
    { documents: [{ ...one, size: 1 }, two] },
    { documents: [{ ...one, details: null }, two] },
    { documents: [{ ...one, details: { a: 2 } }, two] },
    { documents: [one, { ...two, size: 0 }] },
  ];
  for (const change of others) {
    expect(await intakeCodeOf(intake.accept({ ...submitted, ...change }))).toBe('idempotency_mismatch');
  }
  // The order of keys in JSON says nothing.
  expect(
    (await intake.accept({ ...submitted, documents: [{ ...one, details: { ...details } }, two] })).replayed,
  ).toBe(true);
});

test('ten concurrent requests with one key are accepted once, in one process and in two', async () => {
  for (const intakes of [[open()], [open(), open()]]) {
    const submitted = keyed();
    const size = (await db.store.head()).nextPosition;
    const bystanders = intakes.map((intake) => intake.accept(submission(3)));
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, i) => intakes[i % intakes.length]?.accept(submitted) ?? expect.fail()),
    );
    expect(all.filter(({ replayed }) => !replayed).length).toBe(1);
    expect(new Set(all.map((one) => JSON.stringify(answer(one)))).size).toBe(1);
    await Promise.all(bystanders);
    expect((await db.store.head()).nextPosition).toBe(size + 2 + 3 * intakes.length);
  }
});

test('of two concurrent requests with one key and different documents, one is accepted and one rejected', async () => {
  const submitted = keyed();
  const results = await Promise.allSettled(
    [open(), open()].map((intake, i) => intake.accept({ ...submitted, documents: [document({ size: i })] })),
  );
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'idempotency_mismatch' },
  });
});

test('a retry finds a commit whose confirmation was lost', async () => {
  const broken = faulty(db.store);
  const submitted = keyed();
  // The service dies, or gives up, before it learns what became of the commit.
  broken.break('accept', 'persisted');
  broken.hide(1000);
  const dying = open(broken.store);
  const lost = intakeCodeOf(dying.accept(submitted));
  await until('the idempotency record of the lost submission', () =>
    db.store.idempotencyRecord('org_1', submitted.idempotencyKey ?? ''),
  );
  await dying.close();
  expect(await lost).toBe('outcome_unknown');
  const size = (await db.store.head()).nextPosition;
  const retried = await open().accept(submitted);
  expect(retried.replayed).toBe(true);
  expect(retried.firstPosition).toBe(size - 2);
});

test('a failed commit leaves no key', async () => {
  const broken = faulty(db.store);
  const submitted = keyed();
  broken.break('accept', 'lost');
  expect(await intakeCodeOf(open(broken.store).accept(submitted))).toBe('unavailable');
  expect((await open().accept(submitted)).replayed).toBe(false);
});

test('a key that expires between the conflict and the look-up leads to a retry', async () => {
  const submitted = keyed();
  const intake = open({
    ...db.store,
    // The look-ups of this intake see a table from which the key has just been removed.
    idempotencyRecord: () => Promise.resolve(null),
  });
  await intake.accept(submitted);
  expect(await intakeCodeOf(intake.accept(submitted))).toBe('unavailable');
});

test('a repeated request is rejected when a notarization was erased', async () => {
  await using directory = await createDirectory();
  const submitted = keyed();
  const { firstPosition } = await open().accept(submitted);
  const sealer = sealerOver(db.store, directory.path);
  sealer.start();
  try {
    await until(
      'the entry to be sealed',
      () => db.store.blocksContaining([{ first: firstPosition, count: 1 }]),
      (seen) => seen.length > 0,
    );
  } finally {
    await sealer.stop();
  }
  expect((await open().accept(submitted)).replayed).toBe(true);
  await db.store.erase(firstPosition);
  expect(await intakeCodeOf(open().accept(submitted))).toBe('erased');
});

describe('quota', () => {
  /** Counts what is reserved and not released. */
  function counting() {
    const quota = {
      charged: 0,
      reserve: () => Promise.resolve(void quota.charged++),
      release: () => Promise.resolve(void quota.charged--),
    };
    return quota;
  }

  test('a submission is charged, a repeated one is not', async () => {
    const quota = counting();
    const submitted = { ...keyed(), quota };
    await open().accept(submitted);
    await open().accept(submitted);
    expect(quota.charged).toBe(1);
  });

  test('concurrent requests with one key are charged once', async () => {
    const quota = counting();
    const submitted = { ...keyed(), quota };
    await Promise.all(Array.from({ length: 10 }, () => open().accept(submitted)));
    expect(quota.charged).toBe(1);
  });

  test('a submission that was not accepted is not charged', async () => {
    const quota = counting();
    const broken = faulty(db.store);
    broken.break('accept', 'fails');
    expect(await intakeCodeOf(open(broken.store).accept({ ...keyed(), quota }))).toBe('unavailable');
    broken.break('accept', 'lost');
    expect(await intakeCodeOf(open(broken.store).accept({ ...keyed(), quota }))).toBe('unavailable');
    const bad = { ...keyed(), quota, documents: [document({ sha256: new Uint8Array(31) })] };
    await expect(open().accept(bad)).rejects.toThrow(RangeError);
    expect(quota.charged).toBe(0);
  });

  test('a submission whose outcome is unknown keeps its charge', async () => {
    const quota = counting();
    const broken = faulty(db.store);
    broken.break('accept', 'persisted');
    broken.hide(1000);
    const intake = open(broken.store);
    const lost = intakeCodeOf(intake.accept({ ...keyed(), quota }));
    await until('the quota to be reserved', () => quota.charged, 1);
    await intake.close();
    expect(await lost).toBe('outcome_unknown');
    expect(quota.charged).toBe(1);
  });

  test('a submission that its quota rejects is not accepted', async () => {
    const before = (await db.store.head()).nextPosition;
    const quota = { ...counting(), reserve: () => Promise.reject(new Error('exceeded')) };
    await expect(open().accept({ ...keyed(), quota })).rejects.toThrow('exceeded');
    expect((await db.store.head()).nextPosition).toBe(before);
  });
});
