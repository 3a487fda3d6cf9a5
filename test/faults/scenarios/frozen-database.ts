import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDatabaseServer } from '../harness/database.js';
import { judge } from '../harness/judge.js';
import { startLoad } from '../harness/load.js';
import { startProxy } from '../harness/pg-proxy.js';
import type { Scene } from '../harness/scene.js';
import { startService } from '../harness/service.js';
import { waitFor } from '../harness/wait.js';

/**
 * A database that neither responds nor closes its connections: the service says so, recovers by itself when
 * it responds again, and is stopped by SIGTERM in between.
 */
export async function frozenDatabase(scene: Scene, rounds: number): Promise<void> {
  const server = await startDatabaseServer(scene);
  const proxy = await startProxy(scene, server.url);
  const options = { dataDir: join(scene.directory, 'data'), databaseUrl: proxy.url };
  let service = await startService(scene, options);
  const load = startLoad(scene, { urls: () => [service.url], maxLines: 300, pauseMs: 200 });
  const isReady = async () => (await service.readiness()).ready;
  for (let round = 0; round < rounds; round++) {
    await load.progress(20);
    proxy.freeze();
    await delay(scene.random.integer(0, 500));
    proxy.thaw();
    await load.progress(20);
    proxy.freeze();
    await waitFor('the service to report that it is not ready', async () => !(await isReady()));
    proxy.thaw();
    await waitFor('the service to be ready again', isReady);
    await load.progress(20);
    proxy.freeze();
    await waitFor('the service to report that it is not ready', async () => !(await isReady()));
    // It exits by itself; a service that waited for the database would not.
    assert.equal(await service.stop(), 0, 'the exit code');
    proxy.thaw();
    service = await startService(scene, options);
  }
  await load.progress(20);
  await load.finish();
  await judge(scene, service.url, server.url, load.ledger);
}
