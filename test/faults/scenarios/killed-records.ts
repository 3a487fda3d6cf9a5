import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newHolder } from '../../support/records.js';
import { startEventLoad } from '../harness/events.js';
import { judgeRecords } from '../harness/judge-records.js';
import type { Scene } from '../harness/scene.js';
import { startService } from '../harness/service.js';
import { waitFor } from '../harness/wait.js';
import { databaseOf, postmasterOf } from './killed-service.js';

/**
 * kill -9 of the service, and of its PostgreSQL, while events are accepted and sealed, and while contracts wait for
 * their deadlines, for signatures and for each other.
 */
export async function killedWithRecords(scene: Scene, rounds: number): Promise<void> {
  const dataDir = join(scene.directory, 'data');
  let service = await startService(scene, { dataDir });
  const chain = await fetch(`${service.url}/v1/chain`);
  const { origin } = (await chain.json()) as { origin: string };
  const [alice, bob] = [newHolder('alice.example'), newHolder('bob.example')];
  const load = startEventLoad(scene, { url: () => service.url, origin, alice, bob });
  for (let round = 0; round < rounds; round++) {
    await load.progress(20);
    await delay(scene.random.integer(0, 200));
    await service.kill();
    service = await startService(scene, { dataDir });
    await load.progress(20);
    await delay(scene.random.integer(0, 200));
    const pid = await postmasterOf(dataDir);
    scene.say(`SIGKILL to postmaster ${pid}`);
    process.kill(pid, 'SIGKILL');
    await waitFor('another postmaster', async () => (await postmasterOf(dataDir)) !== pid);
  }
  await load.progress(20);
  await load.finish();
  // Contracts wait for their deadlines, and nobody submits anything any more.
  await service.kill();
  service = await startService(scene, { dataDir });
  await judgeRecords(scene, service.url, await databaseOf(dataDir), load);
  await service.stop();
}
