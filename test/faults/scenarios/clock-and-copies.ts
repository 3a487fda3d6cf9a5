import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { openStore } from '../../../src/store/index.js';
import { judge } from '../harness/judge.js';
import { startLoad } from '../harness/load.js';
import type { Scene } from '../harness/scene.js';
import { refusedStart, startService } from '../harness/service.js';
import { waitFor } from '../harness/wait.js';
import { databaseOf } from './killed-service.js';

const execute = promisify(execFile);
/**
 * An hour is longer than the scenario takes, so entries accepted by this clock would be dated before all
 * others.
 */
const BACK_MS = 3_600_000;
/** Long enough that the last accepted entries still wait when the service dies. */
const SLOWLY = { INGAM_SEAL_INTERVAL_MS: '3000' };

/**
 * Sets the clock back by an hour while the service is stopped: nothing is accepted or sealed until the clock
 * is right again.
 */
export async function clockSetBack(scene: Scene): Promise<void> {
  const dataDir = join(scene.directory, 'data');
  const begun = Date.now();
  let service = await startService(scene, { dataDir, env: SLOWLY });
  const load = startLoad(scene, { urls: () => [service.url], maxLines: 300 });
  await load.progress(50);
  await service.kill();
  const preload = join(scene.directory, 'clock.mjs');
  await writeFile(preload, `const now = Date.now;\nDate.now = () => now() - ${BACK_MS};\n`);
  service = await startService(scene, { dataDir, preload: [pathToFileURL(preload).href] });
  scene.say(`the clock is ${BACK_MS} ms back`);
  const { ledger } = load;
  await waitFor(
    'submissions to be rejected because of the clock',
    () => (ledger.responses.get('clock_behind') ?? 0) > 10,
  );
  await waitFor('readyz to report the clock', async () =>
    (await service.readiness()).problems.some(({ code }) => code === 'clock_behind'),
  );
  // Acknowledgements would not show it: a retry with the key of an accepted request is acknowledged by any
  // clock.
  assert.deepEqual(
    await acceptedBefore(await databaseOf(dataDir), begun),
    [],
    'accepted by a clock that is behind',
  );
  await service.kill();
  service = await startService(scene, { dataDir });
  await load.progress(30);
  await load.finish();
  await waitFor('the service to be ready', async () => (await service.readiness()).ready);
  await judge(scene, service.url, await databaseOf(dataDir), ledger);
  await service.stop();
}

/** The positions of entries that are dated before `time`. */
async function acceptedBefore(databaseUrl: string, time: number): Promise<number[]> {
  const store = await openStore({ url: databaseUrl });
  try {
    const { nextPosition } = await store.sealingState();
    const entries = await store.entries(0, nextPosition);
    return entries
      .filter((entry) => !entry.erased && entry.acceptedAt < time)
      .map(({ position }) => position);
  } finally {
    await store.close();
  }
}

/** Replaces the database by a copy that lacks the latest blocks. */
export async function databaseRolledBack(scene: Scene): Promise<void> {
  const dataDir = join(scene.directory, 'data');
  const cluster = join(dataDir, 'postgres');
  let service = await startService(scene, { dataDir });
  const load = startLoad(scene, { urls: () => [service.url], maxLines: 300, clients: 2 });
  await load.progress(50);
  await service.stop();
  const copy = join(scene.directory, 'copy');
  // With owners and modes, as a backup keeps them.
  await execute('cp', ['-a', cluster, copy]);
  service = await startService(scene, { dataDir });
  await load.progress(50);
  await load.finish();
  await judge(scene, service.url, await databaseOf(dataDir), load.ledger);
  await service.stop();

  const newest = join(scene.directory, 'newest');
  await rename(cluster, newest);
  await execute('cp', ['-a', copy, cluster]);
  scene.say('the older copy is in place');
  const { code, stderr } = await refusedStart(scene, { dataDir });
  assert.equal(code, 1, stderr);
  assert.match(stderr, /the database holds \d+ blocks, but a checkpoint over \d+ was signed/);
  assert.match(stderr, /Restore the newest copy/);

  await rm(cluster, { recursive: true });
  await rename(newest, cluster);
  service = await startService(scene, { dataDir });
  await judge(scene, service.url, await databaseOf(dataDir), load.ledger);
  await service.stop();
  assert.deepEqual(
    (await readdir(dataDir)).sort(),
    ['checkpoint', 'keys', 'postgres'],
    'what the data directory holds',
  );
}
