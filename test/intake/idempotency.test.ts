import { afterAll, beforeAll, expect, test } from 'vitest';
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
  submission(count, { idempotency: { scope: 'caller', key: `key-${keys++}` } });
const answer = ({ firstPosition, receipt, entries }: Accepted) => ({
  firstPosition,
  receipt,
  salts: entries.map(({ salt }) => Buffer.from(salt).toString('hex')),
});

test('the same again gives the same answer, receipt included, also from another process', async () => {
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

test('the key is the caller’s: another scope is another key', async () => {
  const submitted = keyed();
  const first = await open().accept(submitted);
  const key = submitted.idempotency?.key ?? '';
  const other = await open().accept({ ...submitted, idempotency: { scope: 'other', key } });
  expect(other.replayed).toBe(false);
  expect(other.firstPosition).not.toBe(first.firstPosition);
});

test('whatever differs is a mismatch', async () => {
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
    { submitter: submitter(2) },
    { submitter: null },
  ];
  for (const change of others) {
    expect(await intakeCodeOf(intake.accept({ ...submitted, ...change }))).toBe('idempotency_mismatch');
  }
  // The order of keys in JSON says nothing.
  expect(
    (await intake.accept({ ...submitted, documents: [{ ...one, details: { ...details } }, two] })).replayed,
  ).toBe(true);
});

test('ten at once with one key are one, in one process and in two', async () => {
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

test('two at once with one key and other documents: one is accepted, the other refused', async () => {
  const submitted = keyed();
  const results = await Promise.allSettled(
    [open(), open()].map((intake, i) => intake.accept({ ...submitted, documents: [document({ size: i })] })),
  );
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'idempotency_mismatch' },
  });
});

test('a commit that nobody heard of is found by the retry', async () => {
  const broken = faulty(db.store);
  const submitted = keyed();
  // The service dies, or gives up, before it learns what became of the commit.
  broken.break('accept', 'persisted');
  broken.hide(1000);
  const dying = open(broken.store);
  const lost = intakeCodeOf(dying.accept(submitted));
  await until('the idempotency record of the lost submission', () =>
    db.store.idempotencyRecord('caller', submitted.idempotency?.key ?? ''),
  );
  await dying.close();
  expect(await lost).toBe('outcome_unknown');
  const size = (await db.store.head()).nextPosition;
  const retried = await open().accept(submitted);
  expect(retried.replayed).toBe(true);
  expect(retried.firstPosition).toBe(size - 2);
});

test('a commit that never was leaves no key', async () => {
  const broken = faulty(db.store);
  const submitted = keyed();
  broken.break('accept', 'lost');
  expect(await intakeCodeOf(open(broken.store).accept(submitted))).toBe('unavailable');
  expect((await open().accept(submitted)).replayed).toBe(false);
});

test('a key that expires between the conflict and the look-up is no dead end', async () => {
  const submitted = keyed();
  const intake = open({
    ...db.store,
    // The look-ups of this intake see a table from which the key has just been removed.
    idempotencyRecord: () => Promise.resolve(null),
  });
  await intake.accept(submitted);
  expect(await intakeCodeOf(intake.accept(submitted))).toBe('unavailable');
});

test('what was erased since is not answered for', async () => {
  await using directory = await createDirectory();
  const submitted = keyed();
  const { firstPosition } = await open().accept(submitted);
  const sealer = sealerOver(db.store, directory.path);
  sealer.start();
  try {
    await until(
      'the entry to be sealed',
      () => db.store.blocksOver([{ first: firstPosition, count: 1 }]),
      (seen) => seen.length > 0,
    );
  } finally {
    await sealer.stop();
  }
  expect((await open().accept(submitted)).replayed).toBe(true);
  await db.store.erase(firstPosition);
  expect(await intakeCodeOf(open().accept(submitted))).toBe('erased');
});
