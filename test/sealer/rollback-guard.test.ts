import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Intake } from '../../src/intake/index.js';
import { generateKey } from '../../src/crypto/keys.js';
import { parseCheckpoint, parseNote } from '../../src/proof/index.js';
import { RollbackGuard, SealProblem, type SealProblemCode } from '../../src/sealer/index.js';
import { LastCheckpointFile, type Store } from '../../src/store/index.js';
import { createStore, type TestStore } from '../support/database.js';
import {
  createDirectory,
  guardOver,
  ORIGIN,
  RECEIPTS,
  sealerOver,
  submission,
  type Directory,
} from '../support/parts.js';
import { until } from '../support/until.js';

let db: TestStore;
let directory: Directory;
beforeEach(async () => {
  directory = await createDirectory();
  db = await createStore();
});
afterEach(async () => {
  await db.drop();
  await directory[Symbol.asyncDispose]();
});

async function seal(blocks: number, store: Store = db.store, path = directory.path): Promise<void> {
  const intake = new Intake({ store, receipts: RECEIPTS, maxQueue: 100 });
  const sealer = sealerOver(store, path);
  sealer.start();
  try {
    for (let i = 0; i < blocks; i++) {
      const { firstPosition } = await intake.accept(submission());
      await until(
        'the entry to be sealed',
        () => store.blocksContaining([{ first: firstPosition, count: 1 }]),
        (seen) => seen.length > 0,
      );
    }
  } finally {
    await sealer.stop();
  }
}

async function problemOf(promise: Promise<unknown>): Promise<SealProblem> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof SealProblem
    ? error
    : expect.fail(`a SealProblem was expected, not ${String(error)}`);
}

const codeOf = async (promise: Promise<unknown>): Promise<SealProblemCode> => (await problemOf(promise)).code;
const file = () => join(directory.path, 'checkpoint');
const remembered = async () => parseCheckpoint(parseNote(await readFile(file(), 'utf8')).text).size;
const check = async (store: Store = db.store, path = directory.path) =>
  guardOver(store, path).check(await store.tip());

/** The database as it was when it had so many blocks. */
async function copyOf(size: number): Promise<Store> {
  const [tip = null] = await db.store.blocksBetween(size - 1, size);
  return {
    ...db.store,
    tip: () => Promise.resolve(tip),
    checkpoint: (of = size) => (of <= size ? db.store.checkpoint(of) : Promise.resolve(null)),
    sealingState: async () => ({ ...(await db.store.sealingState()), tip, firstUnsealed: size }),
  };
}

test('an empty chain and no file: nothing to compare, nothing written', async () => {
  await check();
  expect(await readdir(directory.path)).toEqual([]);
});

test('the file follows every block, and nothing else lies beside it', async () => {
  await seal(3);
  expect(await remembered()).toBe(3);
  expect(await readFile(file(), 'utf8')).toBe((await db.store.checkpoint())?.note);
  expect(await readdir(directory.path)).toEqual(['checkpoint']);
});

test('a file that is missing or behind is brought up to date', async () => {
  await seal(3);
  await using other = await createDirectory();
  await check(db.store, other.path);
  expect(await readFile(join(other.path, 'checkpoint'), 'utf8')).toBe(await readFile(file(), 'utf8'));
  await writeFile(file(), (await db.store.checkpoint(1))?.note ?? '');
  await check();
  expect(await remembered()).toBe(3);
});

test('rejects an older database and an empty one, and says what to do', async () => {
  await seal(3);
  const older = await copyOf(2);
  const problem = await problemOf(check(older));
  expect(problem.code).toBe('rolled_back');
  expect(problem.message).toContain('the database holds 2 blocks, but a checkpoint over 3 was signed');
  expect(problem.message).toContain('Restore the newest copy');
  await using empty = await createStore();
  expect((await problemOf(check(empty.store))).message).toContain('the database holds 0 blocks');
  expect(await remembered()).toBe(3);
});

test('another history is refused, whether it is as long, longer, or of one block', async () => {
  await seal(2);
  for (const blocks of [2, 4]) {
    await using other = await createStore();
    await using elsewhere = await createDirectory();
    await seal(blocks, other.store, elsewhere.path);
    const problem = await problemOf(check(other.store));
    expect(problem.code).toBe('rolled_back');
    expect(problem.message).toContain('its history was changed');
  }
});

test('a database of another log, and a file of another log', async () => {
  await seal(1);
  await using elsewhere = await createDirectory();
  for (const name of [ORIGIN, 'another.example/log']) {
    const key = generateKey(name).key;
    const guard = new RollbackGuard(db.store, new LastCheckpointFile(elsewhere.path), key);
    expect(await codeOf(guard.check(await db.store.tip()))).toBe('wrong_key');
    await using empty = await createStore();
    const withFile = new RollbackGuard(empty.store, new LastCheckpointFile(directory.path), key);
    expect(await codeOf(withFile.check(null))).toBe('wrong_key');
  }
});

test.each(['', 'rubbish', 'a\n1\nAAAA\n\n— a AAAA\n'])(
  'a file that is not a checkpoint is named: %j',
  async (text) => {
    await seal(1);
    await writeFile(file(), text);
    const problem = await problemOf(check());
    expect(problem.code).toBe('inconsistent');
    expect(problem.message).toContain(file());
  },
);

test('a running sealer stops when the database falls back, and resumes when the newest copy is restored', async () => {
  await seal(3);
  const older = await copyOf(2);
  let current: Store = db.store;
  const exchanged: Store = {
    ...db.store,
    tip: () => current.tip(),
    sealingState: () => current.sealingState(),
    checkpoint: (size) => current.checkpoint(size),
    commitBlock: (commit) =>
      current === older
        ? expect.fail('a second history was about to be committed')
        : db.store.commitBlock(commit),
  };
  const sealer = sealerOver(exchanged, directory.path);
  sealer.start();
  try {
    await until('the sealer to lead', () => sealer.status.leading);
    current = older;
    const intake = new Intake({ store: db.store, receipts: RECEIPTS, maxQueue: 100 });
    await intake.accept(submission());
    // The exchange can fall between two reads of one turn: that turn finds a checkpoint missing, the next one the rollback.
    await until('the sealer to report the rollback', () => sealer.status.problem?.code, 'rolled_back');
    expect((await db.store.tip())?.height).toBe(2);
    current = db.store;
    await until(
      'block 3',
      () => db.store.tip(),
      (seen) => seen?.height === 3,
    );
    await until('the problem to be cleared', () => sealer.status.problem, null);
  } finally {
    await sealer.stop();
  }
});

test('a process that must not build on the database leaves the leadership to others', async () => {
  await seal(3);
  await using other = await createDirectory();
  await writeFile(join(other.path, 'checkpoint'), 'rubbish');
  const barred = sealerOver(db.store, other.path);
  barred.start();
  const sealer = sealerOver(db.store, directory.path);
  try {
    await until('the first process to report its file', () => barred.status.problem?.code, 'inconsistent');
    sealer.start();
    await until('the second process to lead', () => sealer.status.leading);
  } finally {
    await barred.stop();
    await sealer.stop();
  }
});

test('a database that is exchanged after it was compared is not built on', async () => {
  await seal(3);
  const intake = new Intake({ store: db.store, receipts: RECEIPTS, maxQueue: 100 });
  await intake.accept(submission());
  const older = await copyOf(2);
  let readings = 0;
  const exchanged: Store = {
    ...db.store,
    // Only the rows to build on are those of the older copy.
    sealingState: () => {
      readings++;
      return older.sealingState();
    },
    commitBlock: () => expect.fail('a second history was about to be committed'),
  };
  const sealer = sealerOver(exchanged, directory.path);
  sealer.start();
  try {
    await until('several turns of the sealer', () => readings > 3);
  } finally {
    await sealer.stop();
  }
  // A process that has seen the newer copy itself says so.
  const guard = guardOver(db.store, directory.path);
  await guard.check(await db.store.tip());
  const problem = await problemOf(guard.check({ height: 1 }));
  expect(problem.message).toContain('the database holds 2 blocks, but a checkpoint over 3');
});

test('processes that share a directory never replace the file by an older checkpoint, and learn from it', async () => {
  await seal(2);
  const standby = guardOver(db.store, directory.path);
  const before = await db.store.tip();
  await seal(2);
  // The tip that it has read is that of a moment ago: another process has sealed since.
  expect(await standby.check(before)).toBe(false);
  expect(await remembered()).toBe(4);
  expect(await standby.check(await db.store.tip())).toBe(true);

  const [two, four] = await Promise.all([2, 4].map((size) => db.store.checkpoint(size)));
  const behind = await copyOf(3);
  const heir = guardOver(behind, directory.path);
  await writeFile(file(), two?.note ?? '');
  await heir.check(await behind.tip());
  expect(await remembered()).toBe(3);
  await writeFile(file(), four?.note ?? '');
  expect(await codeOf(heir.check(await behind.tip()))).toBe('rolled_back');
});

test('two processes that seal different databases into one directory are found out', async () => {
  await seal(2);
  const guard = guardOver(db.store, directory.path);
  await guard.check(await db.store.tip());
  await using other = await createStore();
  await using elsewhere = await createDirectory();
  await seal(2, other.store, elsewhere.path);
  await writeFile(file(), (await other.store.checkpoint())?.note ?? '');
  expect(await codeOf(guard.check(await db.store.tip()))).toBe('rolled_back');
});

test('two services that share a data directory never leave half a file', async () => {
  await seal(2);
  const files = [new LastCheckpointFile(directory.path), new LastCheckpointFile(directory.path)];
  const notes = await Promise.all([1, 2].map(async (size) => (await db.store.checkpoint(size))?.note ?? ''));
  await Promise.all(
    Array.from({ length: 40 }, (_, i) => (files[i % 2] ?? expect.fail()).write(notes[i % 2] ?? '')),
  );
  expect(notes).toContain(await readFile(file(), 'utf8'));
  expect(await readdir(directory.path)).toEqual(['checkpoint']);
});
