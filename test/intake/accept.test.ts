import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Intake, IntakeError, type Accepted } from '../../src/intake/index.js';
import { prepare } from '../../src/intake/submission.js';
import {
  canonicalJson,
  checkSignature,
  detailsDigestOf,
  encodeEntry,
  leafHash,
  parseNote,
  parseReceipt,
  rootFromRunPath,
  toHex,
} from '../../src/proof/index.js';
import { CLOCK_TOLERANCE_MS, openStore, type Store } from '../../src/store/index.js';
import { createDatabase, createStore, type TestStore } from '../support/database.js';
import { intakeCodeOf } from '../support/intake-error.js';
import {
  document,
  ORIGIN,
  PROMISE_MS,
  RECEIPT_KEY,
  RECEIPTS,
  submission,
  submitter,
} from '../support/parts.js';
import { until } from '../support/until.js';

let db: TestStore;
beforeAll(async () => {
  db = await createStore();
});
afterAll(() => db.drop());

const open = (store: Store = db.store, clock?: () => number) =>
  new Intake({ store, receipts: RECEIPTS, maxQueue: 100_000, ...(clock === undefined ? {} : { clock }) });

/** Counts the statements that intake asks for. */
function counting(store: Store): { store: Store; groups: number[] } {
  const groups: number[] = [];
  const accept: Store['accept'] = (group) => {
    groups.push(group.entries.length);
    return store.accept(group);
  };
  return { store: { ...store, accept }, groups };
}

async function expectStored(accepted: Accepted): Promise<void> {
  const stored = await db.store.entries(accepted.firstPosition, accepted.entries.length);
  const hex = (entries: readonly Parameters<typeof encodeEntry>[0][]) =>
    entries.map((e) => toHex(encodeEntry(e)));
  expect(hex(stored.map((entry) => (entry.erased ? expect.fail('erased') : entry)))).toEqual(
    hex(accepted.entries),
  );
}

/** The receipt of the group, and the accepted entries' own path in it, from their entries alone. */
function expectReceipt({ receipt, entries }: Accepted): void {
  const { note: text, index, path } = receipt ?? expect.fail();
  const note = parseNote(text);
  expect(checkSignature(note, RECEIPT_KEY.key)).toEqual({ state: 'good', time: null });
  const acceptedAt = entries[0]?.acceptedAt ?? -1;
  const read = parseReceipt(note.text);
  const leaves = entries.map((entry) => leafHash(encodeEntry(entry)));
  expect(read).toEqual({
    origin: ORIGIN,
    count: read.count,
    root: rootFromRunPath(leaves, index, read.count, path),
    acceptedAt,
    deadline: acceptedAt + PROMISE_MS,
  });
}

describe('group commit', () => {
  test('concurrent submissions get consecutive positions and valid receipts in one commit', async () => {
    const before = await db.store.head();
    const { store, groups } = counting(db.store);
    const intake = open(store);
    const sizes = Array.from({ length: 400 }, (_, i) => (i % 7) + 1);
    const accepted = await Promise.all(
      sizes.map((size, i) =>
        intake.accept(submission(size, { submitter: i % 2 === 0 ? null : submitter(i) })),
      ),
    );
    const total = sizes.reduce((a, b) => a + b);
    expect((await db.store.head()).nextPosition).toBe(before.nextPosition + total);
    const taken = accepted.flatMap(({ firstPosition, entries }) => entries.map((_, i) => firstPosition + i));
    expect(taken.sort((a, b) => a - b)).toEqual(
      Array.from({ length: total }, (_, i) => before.nextPosition + i),
    );
    expect(accepted.map(({ entries }) => entries.length)).toEqual(sizes);
    // What arrives together is committed together.
    expect(groups).toEqual([total]);
    for (const one of accepted) {
      await expectStored(one);
      expectReceipt(one);
      expect(one.replayed).toBe(false);
    }
  });

  test('consecutive submissions of one submitter are one row of the register', async () => {
    const intake = open(db.store);
    const submitters = [
      null,
      submitter(1077),
      submitter(1077),
      submitter(1077),
      submitter(1078),
      submitter(1077),
    ];
    const accepted = await Promise.all(
      submitters.map((each, i) => intake.accept(submission(i + 1, { submitter: each }))),
    );
    const [first = 0] = accepted.map(({ firstPosition }) => firstPosition);
    const rows = await db.query(
      `SELECT organization_number AS organization, first_position - $1 AS first, entry_count AS count FROM register_run
       WHERE organization_number IN (1077, 1078) ORDER BY first_position`,
      [first],
    );
    expect(rows).toEqual([
      { organization: 1077, first: '1', count: 2 + 3 + 4 },
      { organization: 1078, first: '10', count: 5 },
      { organization: 1077, first: '15', count: 6 },
    ]);
  });

  test('submissions that arrive during a commit become the next one', async () => {
    const { store, groups } = counting(db.store);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let first = true;
    const intake = open({
      ...store,
      accept: async (group) => {
        if (first) {
          first = false;
          await held;
        }
        return store.accept(group);
      },
    });
    const early = intake.accept(submission());
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const late = Array.from({ length: 50 }, () => intake.accept(submission()));
    release();
    await Promise.all([early, ...late]);
    expect(groups).toEqual([1, 50]);
  });

  test('a large submission does not wait for the commit that runs, and a third group does', async () => {
    const { store, groups } = counting(db.store);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const isHeld = { small: true, large: false };
    const intake = open({
      ...store,
      accept: async (group) => {
        const begun = store.accept(group);
        if (group.entries.length < 256 ? isHeld.small : isHeld.large) await held;
        return begun;
      },
    });
    const early = intake.accept(submission());
    await until('the first commit', () => groups.length === 1);
    const small = intake.accept(submission());
    const large = await intake.accept(submission(300));
    // The small one that waited came along.
    expect(groups).toEqual([1, 301]);
    expectReceipt(large);
    isHeld.large = true;
    const held2 = intake.accept(submission(400));
    await until('the second group to run again', () => groups.length === 3);
    const waiting = [500, 1].map((size) => intake.accept(submission(size)));
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(groups).toEqual([1, 301, 400]);
    release();
    const all = await Promise.all([early, small, held2, ...waiting]);
    for (const accepted of all) await expectStored(accepted);
    expect(groups.reduce((sum, size) => sum + size, 0)).toBe(1 + 301 + 400 + 501);
  });

  test('a very large submission is committed alone', async () => {
    const { store, groups } = counting(db.store);
    const intake = open(store);
    const [small, large, other] = await Promise.all(
      [1, 12_000, 1].map((size) => intake.accept(submission(size))),
    );
    // The small ones need not wait until the large one is prepared.
    expect(groups).toContain(12_000);
    expect(groups.reduce((sum, size) => sum + size, 0)).toBe(12_002);
    const others = [small, other].map((one) => one?.firstPosition ?? -1);
    const from = large?.firstPosition ?? -1;
    for (const position of others) expect(position < from || position >= from + 12_000).toBe(true);
    if (large !== undefined) expectReceipt(large);
  });

  test('submissions with long details are committed a few at a time', async () => {
    const { store, groups } = counting(db.store);
    const intake = open(store);
    const details = { note: 'n'.repeat(30_000) };
    const documents = Array.from({ length: 50 }, () => document({ details }));
    const all = await Promise.all(
      Array.from({ length: 5 }, () => intake.accept(submission(50, { documents }))),
    );
    // 1.5 MB each, and at most 4 MiB together.
    expect(Math.max(...groups)).toBeLessThanOrEqual(100);
    for (const one of all) await expectStored(one);
  });

  test('other work runs while a submission with many details is prepared', async () => {
    // As if each document took longer than a slice of time.
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 1000));
    try {
      const documents = Array.from({ length: 20 }, (_, i) => document({ details: { note: String(i) } }));
      let turns = 0;
      let prepared = false;
      const count = () => {
        turns++;
        if (!prepared) setImmediate(count);
      };
      setImmediate(count);
      const { entries } = await prepare(submission(1, { documents, idempotencyKey: 'k' }));
      prepared = true;
      expect(turns).toBeGreaterThanOrEqual(20);
      expect(entries.map(({ digest }) => digest)).toEqual(documents.map(({ sha256 }) => sha256));
    } finally {
      clock.mockRestore();
    }
  });

  test('two services on one database get separate positions', async () => {
    const before = (await db.store.head()).nextPosition;
    const intakes = [open(), open()];
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, i) => intakes[i % 2]?.accept(submission(3)) ?? expect.fail()),
    );
    const firsts = all.map(({ firstPosition }) => firstPosition).sort((a, b) => a - b);
    expect(firsts).toEqual(Array.from({ length: 100 }, (_, i) => before + 3 * i));
    for (const one of all) await expectStored(one);
  });

  test('details are stored as they were hashed', async () => {
    const details = { title: 'Vertrag № 7', name: 'b', a: [1, { y: null, x: true }] };
    const accepted = await open().accept(submission(1, { documents: [document(), document({ details })] }));
    const [plain, described] = accepted.entries;
    const texts = await db.store.detailsIn([{ first: accepted.firstPosition, count: 2 }]);
    expect([...texts]).toEqual([[accepted.firstPosition + 1, canonicalJson(details)]]);
    expect(toHex(described?.detailsDigest ?? new Uint8Array())).toBe(
      toHex(detailsDigestOf(described?.salt ?? new Uint8Array(), details)),
    );
    expect(toHex(plain?.detailsDigest ?? new Uint8Array())).toBe('00'.repeat(32));
    expect(accepted.details).toEqual([null, canonicalJson(details)]);
  });
});

describe('a rejected submission', () => {
  test('does not affect the others in its group', async () => {
    const before = (await db.store.head()).nextPosition;
    const intake = open();
    const bad = submission(1, { documents: [document({ sha256: new Uint8Array(31) })] });
    const results = await Promise.allSettled(
      Array.from({ length: 11 }, (_, i) => intake.accept(i === 5 ? bad : submission(2))),
    );
    expect(results.map(({ status }) => status)).toEqual(
      results.map((_, i) => (i === 5 ? 'rejected' : 'fulfilled')),
    );
    expect(results[5]).toMatchObject({ reason: expect.any(RangeError) as unknown });
    expect((await db.store.head()).nextPosition).toBe(before + 20);
    expect(intake.queued).toBe(0);
  });

  test('without documents is a RangeError', async () => {
    await expect(open().accept(submission(0))).rejects.toThrow(RangeError);
  });

  test('has the reason for which nothing is accepted', async () => {
    let refusal: string | null = 'because';
    const intake = new Intake({ store: db.store, receipts: RECEIPTS, maxQueue: 10, refusal: () => refusal });
    await expect(intake.accept(submission())).rejects.toMatchObject({
      code: 'unavailable',
      message: 'because',
    });
    refusal = null;
    await intake.accept(submission());
  });

  test('is not written while the clock is too far behind, and is accepted when the clock is right again', async () => {
    await using own = await createStore();
    const now = Date.now();
    let time = now;
    const intake = open(own.store, () => time);
    await intake.accept(submission());
    time = now - CLOCK_TOLERANCE_MS - 1;
    const refused = await intake.accept(submission()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(IntakeError);
    expect(refused).toMatchObject({ code: 'clock_behind', retryAfterSeconds: 5 });
    expect(await own.store.head()).toEqual({ nextPosition: 1, latestTime: now });
    time = now - CLOCK_TOLERANCE_MS;
    const { entries } = await intake.accept(submission());
    expect(entries[0]?.acceptedAt).toBe(time);
    expect(await own.store.head()).toEqual({ nextPosition: 2, latestTime: now });
  });

  test('is `unavailable` when the database is', async () => {
    await using own = await createDatabase();
    const store = await openStore({ url: own.url });
    const intake = open(store);
    await store.close();
    expect(await intakeCodeOf(intake.accept(submission()))).toBe('unavailable');
    expect(await intakeCodeOf(intake.accept(submission(1, { idempotencyKey: 'k' })))).toBe('unavailable');
    expect(intake.queued).toBe(0);
  });
});

describe('documents that state their time of acceptance', () => {
  test('are accepted at that time, in a group of their own, and others at the time of writing', async () => {
    const now = Date.now();
    const { store, groups } = counting(db.store);
    const intake = open(store, () => now);
    const at = (time: number, count = 1) => intake.accept(submission(count, { acceptedAt: time }));
    const [first, second, third, fourth, fifth] = await Promise.all([
      intake.accept(submission(2)),
      at(now - 20),
      intake.accept(submission(3)),
      at(now - 20, 4),
      at(now - 10),
    ]);
    const times = (accepted: Accepted) => accepted.entries.map(({ acceptedAt }) => acceptedAt - now);
    expect([first, second, third, fourth, fifth].map(times)).toEqual([
      [0, 0],
      [-20],
      [0, 0, 0],
      [-20, -20, -20, -20],
      [-10],
    ]);
    expect(groups).toEqual([5, 5, 1]);
    for (const each of [first, second, third, fourth, fifth]) {
      await expectStored(each);
      const receipt = parseReceipt(parseNote(each.receipt?.note ?? '').text);
      expect(receipt.acceptedAt).toBe(each.entries[0]?.acceptedAt);
    }
  });

  test('are rejected when the chain is further ahead than clocks may differ', async () => {
    const intake = open();
    await intake.accept(submission(1));
    const late = intake.accept(submission(1, { acceptedAt: Date.now() - CLOCK_TOLERANCE_MS - 1000 }));
    expect(await intakeCodeOf(late)).toBe('clock_behind');
  });
});
