import { execFile } from 'node:child_process';
import { chmod, mkdir, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startDatabaseServer } from '../harness/database.js';
import { judge } from '../harness/judge.js';
import { startLoad } from '../harness/load.js';
import { startProxy } from '../harness/pg-proxy.js';
import type { Scene } from '../harness/scene.js';
import { startService } from '../harness/service.js';
import { waitFor } from '../harness/wait.js';
import { databaseOf } from './killed-service.js';

const execute = promisify(execFile);
const FOR_EVER = 1_000_000;

/**
 * PostgreSQL reports "no space left" for every write for a while. This variant works everywhere and needs no
 * privileges.
 */
export async function fullDiskReported(scene: Scene): Promise<void> {
  const server = await startDatabaseServer(scene);
  const proxy = await startProxy(scene, server.url);
  const service = await startService(scene, {
    dataDir: join(scene.directory, 'data'),
    databaseUrl: proxy.url,
  });
  const load = startLoad(scene, { urls: () => [service.url], maxLines: 300 });
  const refusals = (): number => load.ledger.responses.get('unavailable') ?? 0;
  await load.progress(30);
  proxy.aim('block', 'full', FOR_EVER);
  await waitFor('readyz to report that sealing stalled', async () =>
    (await service.readiness()).problems.some(({ code }) => code === 'unavailable'),
  );
  await load.progress(10);
  const before = refusals();
  proxy.aim('accept', 'full', FOR_EVER);
  await waitFor('submissions to be rejected', () => refusals() > before + 5);
  proxy.calm();
  await load.progress(30);
  await waitFor('the service to be ready again', async () => (await service.readiness()).ready);
  await load.finish();
  await judge(scene, service.url, server.url, load.ledger);
}

/**
 * A disk that is really full, under the service's own PostgreSQL. It needs a separate file system, and
 * therefore root on Linux.
 */
export async function fullDisk(scene: Scene): Promise<void> {
  const disk = join(scene.directory, 'disk');
  await mkdir(disk);
  await execute('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=0755', 'tmpfs', disk]);
  scene.defer(async () => {
    await execute('umount', ['--lazy', disk]);
  });
  await chmod(disk, 0o755);
  const dataDir = join(disk, 'data');
  const service = await startService(scene, { dataDir });
  const load = startLoad(scene, { urls: () => [service.url], maxLines: 1000 });
  const notAccepted = (): number =>
    (load.ledger.responses.get('unavailable') ?? 0) + (load.ledger.responses.get('outcome_unknown') ?? 0);
  await load.progress(100);
  const ballast = join(disk, 'ballast');
  await fill(disk, ballast);
  scene.say('the disk is full');
  const before = notAccepted();
  await waitFor('submissions to be rejected', () => notAccepted() > before + 3);
  await rm(ballast);
  scene.say('the disk has room again');
  await load.progress(100);
  await waitFor('the service to be ready again', async () => (await service.readiness()).ready);
  await load.finish();
  await judge(scene, service.url, await databaseOf(dataDir), load.ledger);
  await service.stop();
}

/** Why `fullDisk` cannot run here; null: it can. */
export async function whyNotMountable(scene: Scene): Promise<string | null> {
  if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`;
  if (process.getuid?.() !== 0) return 'only root can mount a file system';
  const probe = join(scene.directory, 'probe');
  await mkdir(probe);
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe]);
    await execute('umount', [probe]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}

/** Leaves 64 KiB: enough for a few more rows, so that the disk becomes full in the middle of a write. */
export async function fill(disk: string, ballast: string): Promise<void> {
  const file = await open(ballast, 'w');
  try {
    for (;;) {
      const { bavail, bsize } = await statfs(disk);
      const room = bavail * bsize - 65_536;
      if (room <= 0) return;
      await file.write(Buffer.alloc(Math.min(room, 2 ** 20), 1));
    }
  } catch (error) {
    // The service used the last of it first.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    await file.close();
  }
}
