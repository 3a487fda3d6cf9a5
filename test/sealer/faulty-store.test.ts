import { expect, test as alone } from 'vitest';
import { Intake, type Accepted } from '../../src/intake/index.js';
import { encodeEntry, toHex } from '../../src/proof/index.js';
import type { Sealer } from '../../src/sealer/index.js';
import { checkChain } from '../support/check-chain.js';
import { createStore, type TestStore } from '../support/database.js';
import { faulty, type Fault, type FaultyStore } from '../support/faulty-store.js';
import { intakeCodeOf } from '../support/intake-error.js';
import {
  createBackground,
  createDirectory,
  createLog,
  LOG_KEY,
  RECEIPTS,
  sealerOver,
  submission,
  type Directory,
} from '../support/parts.js';
import { until } from '../support/until.js';

// Beside each other: most of the time they wait for the next attempt.
const test = alone.concurrent;

const FAULTS: readonly Fault[] = ['fails', 'lost', 'persisted'];

interface Scene extends AsyncDisposable {
  readonly db: TestStore;
  readonly directory: Directory;
  readonly broken: FaultyStore;
  readonly intake: Intake;
  readonly acknowledged: Accepted[];
  /** Running. */
  sealer: Sealer;
}

async function createScene(): Promise<Scene> {
  const directory = await createDirectory();
  const db = await createStore();
  const broken = faulty(db.store);
  const scene: Scene = {
    ...{ db, directory, broken, acknowledged: [] },
    intake: new Intake({ store: broken.store, receipts: RECEIPTS, maxQueue: 100_000 }),
    sealer: sealerOver(broken.store, directory.path),
    [Symbol.asyncDispose]: async () => {
      await scene.intake.close();
      await scene.sealer.stop();
      await db.drop();
      await directory[Symbol.asyncDispose]();
    },
  };
  scene.sealer.start();
  return scene;
}

/**
 * Expects every acknowledged entry once, at its acknowledged position, in a sealed chain that passes the
 * audit.
 */
async function expectNothingLost({ db, acknowledged }: Scene): Promise<void> {
  const { nextPosition } = await db.store.head();
  await until(
    'every accepted entry to be sealed',
    () => db.store.sealingState(),
    (seen) => seen.firstUnsealed === nextPosition,
  );
  await checkChain(db.store, LOG_KEY.key);
  const positions = new Set<number>();
  for (const { firstPosition, entries } of acknowledged) {
    const stored = await db.store.entries(firstPosition, entries.length);
    expect(stored.map((entry) => (entry.erased ? null : toHex(encodeEntry(entry))))).toEqual(
      entries.map((entry) => toHex(encodeEntry(entry))),
    );
    entries.forEach((_, i) => positions.add(firstPosition + i));
  }
  expect(positions.size).toBe(acknowledged.reduce((sum, { entries }) => sum + entries.length, 0));
}

test.each(FAULTS)('acknowledges exactly the stored entries after a faulty accept: %s', async (fault) => {
  await using scene = await createScene();
  const { db, broken, intake, acknowledged } = scene;
  for (let round = 0; round < 5; round++) {
    acknowledged.push(await intake.accept(submission(3)));
    broken.break('accept', fault);
    const group = [submission(1), submission(4), submission(2)].map((one) => intake.accept(one));
    if (fault === 'persisted') acknowledged.push(...(await Promise.all(group)));
    else for (const one of group) expect(await intakeCodeOf(one)).toBe('unavailable');
    acknowledged.push(await intake.accept(submission(2)));
  }
  expect(broken.left).toBe(0);
  // With "lost" and "fails", nothing that was rejected is stored.
  const total = acknowledged.reduce((sum, { entries }) => sum + entries.length, 0);
  expect((await db.store.head()).nextPosition).toBe(total);
  await expectNothingLost(scene);
});

test.each(['lost', 'persisted'] as const)(
  'reads the outcome of a faulty accept at the third attempt: %s',
  async (fault) => {
    await using scene = await createScene();
    const { broken, intake, acknowledged } = scene;
    broken.break('accept', fault);
    broken.hide(2);
    const one = intake.accept(submission(2));
    if (fault === 'persisted') acknowledged.push(await one);
    else expect(await intakeCodeOf(one)).toBe('unavailable');
    acknowledged.push(await intake.accept(submission(1)));
    await expectNothingLost(scene);
  },
);

test.each(FAULTS)('seals every entry once after a faulty commit: %s', async (fault) => {
  await using scene = await createScene();
  const { broken, intake, acknowledged } = scene;
  for (let round = 0; round < 5; round++) {
    broken.break('commitBlock', fault);
    acknowledged.push(await intake.accept(submission(3)));
    await until('the injected fault to happen', () => broken.left, 0);
    acknowledged.push(await intake.accept(submission(1)));
  }
  await expectNothingLost(scene);
  expect(scene.sealer.status.problem).toBeNull();
});

test.each(['lost', 'persisted'] as const)(
  'reads the outcome of a faulty commit at the third attempt: %s',
  async (fault) => {
    await using scene = await createScene();
    const { broken, intake, acknowledged } = scene;
    broken.break('commitBlock', fault);
    broken.hide(2);
    acknowledged.push(await intake.accept(submission(3)));
    await until('the injected fault to happen', () => broken.left, 0);
    acknowledged.push(await intake.accept(submission(1)));
    await expectNothingLost(scene);
  },
);

test('logs and counts the unknown outcome of a commit until it can be read', async () => {
  await using scene = await createScene();
  const { directory, broken, intake, acknowledged } = scene;
  await scene.sealer.stop();
  const log = createLog();
  const { background, failures } = createBackground(log);
  scene.sealer = sealerOver(broken.store, directory.path, { log, background });
  broken.break('commitBlock', 'persisted');
  broken.hide(3);
  scene.sealer.start();
  acknowledged.push(await intake.accept(submission(3)));
  await until('the report of the unknown outcome', () => scene.sealer.status.problem?.code, 'unavailable');
  await expectNothingLost(scene);
  await until('the problem to be cleared', () => scene.sealer.status.problem, null);
  expect(failures.get('sealing')).toBe(3);
  expect(log.lines.filter((line) => line.startsWith('sealing stalled'))).toHaveLength(1);
  expect(log.lines.filter((line) => line.startsWith('sealing resumed'))).toHaveLength(1);
});

test('loses nothing under load when all faults alternate', async () => {
  await using scene = await createScene();
  const { broken, intake, acknowledged } = scene;
  const faults = ['accept', 'commitBlock'] as const;
  for (let i = 0; i < 30; i++) {
    broken.break(faults[i % 2] ?? 'accept', FAULTS[(i * 7) % 3] ?? 'fails');
  }
  const submitters = Array.from({ length: 4 }, async () => {
    while (broken.left > 0) {
      try {
        acknowledged.push(await intake.accept(submission(2)));
      } catch (error) {
        expect(error).toMatchObject({ code: 'unavailable' });
      }
    }
  });
  await Promise.all(submitters);
  await expectNothingLost(scene);
});

test('continues from the stored chain after a stop during an unknown outcome', async () => {
  await using scene = await createScene();
  const { db, directory, broken, intake, acknowledged } = scene;
  broken.break('commitBlock', 'persisted');
  broken.hide(1e9);
  acknowledged.push(await intake.accept(submission(3)));
  await until('the block to be committed', () => db.store.tip());
  await scene.sealer.stop();
  scene.sealer = sealerOver(db.store, directory.path);
  scene.sealer.start();
  broken.hide(0);
  acknowledged.push(await intake.accept(submission(1)));
  await expectNothingLost(scene);
});
