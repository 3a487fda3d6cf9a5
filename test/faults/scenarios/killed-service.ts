import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findEmbeddedPostgres } from '../../../src/postgres/index.js';
import { judge } from '../harness/judge.js';
import { startLoad } from '../harness/load.js';
import type { Scene } from '../harness/scene.js';
import { startService, type Service } from '../harness/service.js';
import { waitFor } from '../harness/wait.js';
import { isAlive } from '../../support/built.js';

/** kill -9 of a service whose own PostgreSQL outlives it: at random moments, and while it mines. */
export async function killedService(scene: Scene, rounds: number): Promise<void> {
  const dataDir = join(scene.directory, 'data');
  const start = (env: Record<string, string> = {}): Promise<Service> => startService(scene, { dataDir, env });
  // So difficult that the service dies while it mines the first block.
  let service = await start({ INGAM_MIN_DIFFICULTY: '30' });
  const load = startLoad(scene, { urls: () => [service.url], maxLines: 300 });
  await load.progress(50);
  await waitFor('the service to lead, and so to mine', async () => (await service.readiness()).leading);
  for (let round = 0; round < rounds; round++) {
    await service.kill();
    service = await start();
    await load.progress(20);
    await delay(scene.random.integer(0, 400));
  }
  await load.finish();
  // After a graceful stop and another start, it still has everything.
  const code = await service.stop();
  if (code !== 0) throw new Error(`SIGTERM ended in exit code ${String(code)}`);
  service = await start();
  await judge(scene, service.url, await databaseOf(dataDir), load.ledger);
  await service.stop();
}

/**
 * kill -9 or SIGSTOP of one of two workers under load, whether it seals or not: the other continues, and the
 * lost one is replaced. Then kill -9 of the primary process: the workers end with it, and the port is free.
 */
export async function lostWorker(scene: Scene, rounds: number, signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
  const options = { dataDir: join(scene.directory, 'data'), env: { INGAM_WORKERS: '2' } };
  let service = await startService(scene, options);
  const load = startLoad(scene, { urls: () => [service.url], maxLines: 300, pauseMs: 200 });
  for (let round = 0; round < rounds; round++) {
    await load.progress(20);
    const victim = scene.random.pick(twoWorkers(service));
    scene.say(`${signal} to worker ${victim}`);
    process.kill(victim, signal);
    await load.progress(10);
    const workers = await waitFor('the replacement of the lost worker', () => {
      const now = service.workers();
      return now.length === 2 && !now.includes(victim) && now;
    });
    await load.progress(20);
    await service.kill();
    await waitFor('its workers to exit', () => !workers.some(isAlive));
    // On the same port, which no process holds any more.
    service = await startService(scene, {
      ...options,
      env: { ...options.env, PORT: new URL(service.url).port },
    });
  }
  await load.progress(20);
  await load.finish();
  await judge(scene, service.url, await databaseOf(options.dataDir), load.ledger);
  const workers = twoWorkers(service);
  const code = await service.stop();
  if (code !== 0) throw new Error(`SIGTERM ended in exit code ${String(code)}`);
  if (workers.some(isAlive)) throw new Error('a worker has outlived the service');
}

function twoWorkers(service: Service): number[] {
  const workers = service.workers();
  if (workers.length !== 2) throw new Error(`there are ${workers.length} workers`);
  return workers;
}

/** kill -9 and immediate stop of the service's own postmaster, under load. */
export async function killedOwnDatabase(scene: Scene, rounds: number): Promise<void> {
  const dataDir = join(scene.directory, 'data');
  const service = await startService(scene, { dataDir });
  const load = startLoad(scene, { urls: () => [service.url], maxLines: 300 });
  for (let round = 0; round < rounds; round++) {
    await load.progress(30);
    await delay(scene.random.integer(0, 200));
    const pid = await postmasterOf(dataDir);
    const signal = round % 2 === 0 ? 'SIGKILL' : 'SIGQUIT';
    scene.say(`${signal} to postmaster ${pid}`);
    process.kill(pid, signal);
    await waitFor('another postmaster', async () => (await postmasterOf(dataDir)) !== pid);
  }
  await load.progress(30);
  await load.finish();
  await judge(scene, service.url, await databaseOf(dataDir), load.ledger);
  await service.stop();
}

export async function databaseOf(dataDir: string): Promise<string> {
  const { url } = await waitFor('the embedded database of the service', () =>
    findEmbeddedPostgres(join(dataDir, 'postgres')),
  );
  return url;
}

export async function postmasterOf(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8');
  const pid = Number(text.split('\n')[0]);
  if (!(pid > 1)) throw new Error('no postmaster.pid');
  return pid;
}
