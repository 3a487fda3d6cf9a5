import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Intake } from '../../src/intake/index.js';
import { generateKey } from '../../src/crypto/keys.js';
import { parseCheckpoint, parseNote } from '../../src/proof/index.js';
import { SealProblem, type SealProblemCode, type SealerOptions } from '../../src/sealer/index.js';
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

async function seal(
  blocks: number,
  store: Store = db.store,
  path = directory.path,
  change: Partial<SealerOptions> = {},
): Promise<void> {
  const intake = new Intake({ store, receipts: RECEIPTS, maxQueue: 100 });
  const sealer = sealerOver(store, path, change);
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

test('remembers that the chain was empty, so that a kill after the first commit keeps nobody out', async () => {
  await check();
  expect(await readdir(directory.path)).toEqual(['checkpoint.none']);
  await using killed = await createDirectory();
  await check(db.store, killed.path);
  await seal(1);
  // As the process left it that was killed before it wrote the first checkpoint.
  await check(db.store, killed.path);
  expect(await readdir(killed.path)).toEqual(['checkpoint']);
  // A directory that knows of no block is no witness for two.
  await using behind = await createDirectory();
  await new LastCheckpointFile(behind.path).markEmpty();
  await seal(1);
  expect(await codeOf(check(db.store, behind.path))).toBe('no_checkpoint');
});

test('writes the checkpoint of every block to the file, and leaves no other file', async () => {
  await seal(3);
  expect(await remembered()).toBe(3);
  expect(await readFile(file(), 'utf8')).toBe((await db.store.checkpoint())?.note);
  expect(await readdir(directory.path)).toEqual(['checkpoint']);
});

test('refuses a database with blocks of which nothing outside it was kept, unless told that it is the newest', async () => {
  await seal(3);
  await using other = await createDirectory();
  const problem = await problemOf(check(db.store, other.path));
  expect(problem.code).toBe('no_checkpoint');
  expect(problem.message).toContain('the database has 3 blocks');
  expect(problem.message).toContain('Copy this file from another instance');
  expect(problem.message).toContain('INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT=on');
  expect(await readdir(other.path)).toEqual([]);
  const told = guardOver(db.store, other.path, { withoutKept: true });
  expect(await told.check(await db.store.tip())).toBe(true);
  expect(await readFile(join(other.path, 'checkpoint'), 'utf8')).toBe(await readFile(file(), 'utf8'));
  await check(db.store, other.path);
});

describe('what members and the own address publish', () => {
  const at = (url: string) => [{ name: 'the member Kim', url }];
  const noteOf = async (size: number, store = db.store) => (await store.checkpoint(size))?.note ?? '';

  test('stops a database that is older, and one with another history', async () => {
    await seal(3);
    await using other = await createStore();
    await using elsewhere = await createDirectory();
    await seal(3, other.store, elsewhere.path);
    await using older = await publish(await noteOf(3));
    const behind = await problemOf(
      guardOver(await copyOf(2), directory.path, { elsewhere: at(older.url) }).compareElsewhere(),
    );
    expect(behind.code).toBe('rolled_back');
    expect(behind.message).toContain('the database holds 2 blocks, but a checkpoint over 3 was signed');
    expect(behind.message).toContain('It is published by the member Kim.');
    const changed = await problemOf(
      guardOver(other.store, elsewhere.path, { elsewhere: at(older.url) }).compareElsewhere(),
    );
    expect(changed.message).toMatch(
      /over 3 blocks, as the member Kim publishes it, had the root .* history was changed/,
    );
  });

  test('does not stop the same history, also where it is a block behind', async () => {
    await seal(3);
    for (const size of [2, 3]) {
      await using place = await publish(await noteOf(size));
      await guardOver(db.store, directory.path, { elsewhere: at(place.url) }).compareElsewhere();
    }
  });

  test('is no obstacle when it is away, unreadable, or signed by somebody else', async () => {
    await seal(1);
    await using foreign = await createStore();
    await using elsewhere = await createDirectory();
    const logKey = generateKey(ORIGIN);
    const guard = guardOver(foreign.store, elsewhere.path, { key: logKey.key });
    await seal(2, foreign.store, elsewhere.path, { logKey, guard });
    await using forged = await publish(await noteOf(2, foreign.store));
    await using rubbish = await publish('rubbish');
    await using endless = await publish('x'.repeat(100_000));
    await using missing = await publish(null);
    await using silent = await publish(undefined);
    const places = [forged, rubbish, endless, missing, silent].map(({ url }) => at(url)).flat();
    await guardOver(db.store, directory.path, {
      elsewhere: [...places, ...at('http://127.0.0.1:1/checkpoint')],
    }).compareElsewhere();
  });

  test('is asked by each leader before it seals', async () => {
    await seal(2);
    await using place = await publish(await noteOf(2));
    const older = await copyOf(1);
    const sealer = sealerOver(older, directory.path, {
      guard: guardOver(older, (await createDirectory()).path, {
        withoutKept: true,
        elsewhere: at(place.url),
      }),
    });
    sealer.start();
    try {
      await until('the sealer to stop', () => sealer.status.problem?.code, 'rolled_back');
      expect(sealer.status.leading).toBe(false);
      expect((await db.store.tip())?.height).toBe(1);
    } finally {
      await sealer.stop();
    }
  });
});

/** An address that responds with this note; null: with 404; undefined: not at all. */
async function publish(note: string | null | undefined): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_, response) => {
    if (note === undefined) return;
    response.writeHead(note === null ? 404 : 200).end(note ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/checkpoint`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('updates a file that is older than the database', async () => {
  await seal(3);
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

test('rejects another history that is as long as the remembered one, or longer', async () => {
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

test('reports wrong_key for a database or a file of another log', async () => {
  await seal(1);
  await using elsewhere = await createDirectory();
  for (const name of [ORIGIN, 'another.example/log']) {
    const key = generateKey(name).key;
    const guard = guardOver(db.store, elsewhere.path, { key });
    expect(await codeOf(guard.check(await db.store.tip()))).toBe('wrong_key');
    await using empty = await createStore();
    const withFile = guardOver(empty.store, directory.path, { key });
    expect(await codeOf(withFile.check(null))).toBe('wrong_key');
  }
});

test.each(['', 'rubbish', 'a\n1\nAAAA\n\n— a AAAA\n'])(
  'names the file when it is not a checkpoint: %j',
  async (text) => {
    await seal(1);
    await writeFile(file(), text);
    const problem = await problemOf(check());
    expect(problem.code).toBe('inconsistent');
    expect(problem.message).toContain(file());
  },
);

test('stops a running sealer when an older database replaces its own, until the newest copy is restored', async () => {
  await seal(3);
  const older = await copyOf(2);
  let current: Store = db.store;
  const replaced: Store = {
    ...db.store,
    tip: () => current.tip(),
    sealingState: () => current.sealingState(),
    checkpoint: (size) => current.checkpoint(size),
    commitBlock: (commit) =>
      current === older
        ? expect.fail('a second history was about to be committed')
        : db.store.commitBlock(commit),
  };
  const sealer = sealerOver(replaced, directory.path);
  sealer.start();
  try {
    await until('the sealer to lead', () => sealer.status.leading);
    current = older;
    const intake = new Intake({ store: db.store, receipts: RECEIPTS, maxQueue: 100 });
    await intake.accept(submission());
    // Replaced between two reads of one turn, that turn finds a checkpoint missing, and the next one the
    // rollback.
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

test('leaves the leadership to other processes when its own file rules out the database', async () => {
  await seal(3);
  await using other = await createDirectory();
  await writeFile(join(other.path, 'checkpoint'), 'rubbish');
  const disqualified = sealerOver(db.store, other.path);
  disqualified.start();
  const sealer = sealerOver(db.store, directory.path);
  try {
    await until(
      'the first process to report its file',
      () => disqualified.status.problem?.code,
      'inconsistent',
    );
    sealer.start();
    await until('the second process to lead', () => sealer.status.leading);
  } finally {
    await disqualified.stop();
    await sealer.stop();
  }
});

test('does not build on a database that is replaced after the comparison', async () => {
  await seal(3);
  const intake = new Intake({ store: db.store, receipts: RECEIPTS, maxQueue: 100 });
  await intake.accept(submission());
  const older = await copyOf(2);
  let reads = 0;
  const replaced: Store = {
    ...db.store,
    // Only the rows to build on are those of the older copy.
    sealingState: () => {
      reads++;
      return older.sealingState();
    },
    commitBlock: () => expect.fail('a second history was about to be committed'),
  };
  const sealer = sealerOver(replaced, directory.path);
  sealer.start();
  try {
    await until('several turns of the sealer', () => reads > 3);
  } finally {
    await sealer.stop();
  }
  // A process that has read the newer copy itself reports the rollback.
  const guard = guardOver(db.store, directory.path);
  await guard.check(await db.store.tip());
  const problem = await problemOf(guard.check({ height: 1 }));
  expect(problem.message).toContain('the database holds 2 blocks, but a checkpoint over 3');
});

test('never replaces the shared file by an older checkpoint, and reports a file that is newer than the database', async () => {
  await seal(2);
  const standby = guardOver(db.store, directory.path);
  const before = await db.store.tip();
  await seal(2);
  // Another process has sealed since the standby read the tip.
  expect(await standby.check(before)).toBe(false);
  expect(await remembered()).toBe(4);
  expect(await standby.check(await db.store.tip())).toBe(true);

  const [two, four] = await Promise.all([2, 4].map((size) => db.store.checkpoint(size)));
  const behind = await copyOf(3);
  const successor = guardOver(behind, directory.path);
  await writeFile(file(), two?.note ?? '');
  await successor.check(await behind.tip());
  expect(await remembered()).toBe(3);
  await writeFile(file(), four?.note ?? '');
  expect(await codeOf(successor.check(await behind.tip()))).toBe('rolled_back');
});

test('detects two processes that seal different databases with one directory', async () => {
  await seal(2);
  const guard = guardOver(db.store, directory.path);
  await guard.check(await db.store.tip());
  await using other = await createStore();
  await using elsewhere = await createDirectory();
  await seal(2, other.store, elsewhere.path);
  await writeFile(file(), (await other.store.checkpoint())?.note ?? '');
  expect(await codeOf(guard.check(await db.store.tip()))).toBe('rolled_back');
});

test('never leaves a partly written file when two services share a data directory', async () => {
  await seal(2);
  const files = [new LastCheckpointFile(directory.path), new LastCheckpointFile(directory.path)];
  const notes = await Promise.all([1, 2].map(async (size) => (await db.store.checkpoint(size))?.note ?? ''));
  await Promise.all(
    Array.from({ length: 40 }, (_, i) => (files[i % 2] ?? expect.fail()).write(notes[i % 2] ?? '')),
  );
  expect(notes).toContain(await readFile(file(), 'utf8'));
  expect(await readdir(directory.path)).toEqual(['checkpoint']);
});
