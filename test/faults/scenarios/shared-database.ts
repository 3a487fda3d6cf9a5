import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDatabaseServer, type DatabaseServer } from '../harness/database.js';
import { judge } from '../harness/judge.js';
import { startLoad, type Load } from '../harness/load.js';
import { startProxy, type Cut, type Moment, type PgProxy } from '../harness/pg-proxy.js';
import type { Scene } from '../harness/scene.js';
import { startService, type Service } from '../harness/service.js';
import { waitFor } from '../harness/wait.js';

/**
 * Services that share a database and a data directory. Services on two machines would share the keys instead.
 */
async function startServices(scene: Scene, urls: readonly string[]): Promise<Service[]> {
  const dataDir = join(scene.directory, 'data');
  // Started at the same time on an empty database and directory, they race for migrations, keys and the first
  // block.
  return Promise.all(urls.map((databaseUrl) => startService(scene, { dataDir, databaseUrl })));
}

/** Every kind of cut at every moment of accepting and sealing, under load. */
export async function cutConnections(scene: Scene, rounds: number): Promise<void> {
  const server = await startDatabaseServer(scene);
  const proxies = [await startProxy(scene, server.url), await startProxy(scene, server.url)];
  const services = await startServices(
    scene,
    proxies.map(({ url }) => url),
  );
  const load = startLoad(scene, { urls: () => services.map(({ url }) => url), maxLines: 300 });
  const moments: readonly Moment[] = ['accept', 'commit', 'block'];
  const cuts: readonly Cut[] = ['before', 'answer', 'half', 'full'];
  for (let round = 0; round < rounds; round++) {
    for (const moment of moments) {
      for (const cut of cuts) await suffer(scene, proxies, load, moment, cut);
    }
  }
  await load.finish();
  await judge(scene, services[0]?.url ?? '', server.url, load.ledger);
}

/** Cuts whichever service reaches the moment first: only one of them seals. */
async function suffer(
  scene: Scene,
  proxies: readonly PgProxy[],
  load: Load,
  moment: Moment,
  cut: Cut,
): Promise<void> {
  const times = cut === 'full' ? scene.random.integer(1, 4) : 1;
  for (const proxy of proxies) proxy.aim(moment, cut, times);
  await waitFor(`"${cut}" at ${moment}`, () => proxies.some(({ left }) => left < times));
  await load.progress(5);
  for (const proxy of proxies) proxy.calm();
}

/** kill -9 exactly when a message passes: during an accept, and on either side of a block's COMMIT. */
export async function killedAtMoments(
  scene: Scene,
  rounds: number,
  moments: readonly Moment[],
): Promise<void> {
  const server = await startDatabaseServer(scene);
  const proxy = await startProxy(scene, server.url);
  const options = { dataDir: join(scene.directory, 'data'), databaseUrl: proxy.url };
  let service = await startService(scene, options);
  const load = startLoad(scene, { urls: () => [service.url], maxLines: 300 });
  for (let round = 0; round < rounds; round++) {
    for (const moment of moments) {
      for (const cut of ['before', 'answer'] as const) {
        await load.progress(5);
        const victim = service;
        proxy.aim(moment, cut, 1, () => {
          victim.signal('SIGKILL');
        });
        await waitFor(`kill -9 at ${moment}`, () => proxy.left === 0);
        await victim.kill();
        service = await startService(scene, options);
      }
    }
  }
  await load.progress(5);
  await load.finish();
  await judge(scene, service.url, server.url, load.ledger);
}

/** kill -9 and immediate stop of the server of two services, under load, even with synchronous_commit off. */
export async function killedServer(scene: Scene, rounds: number): Promise<void> {
  const server = await startDatabaseServer(scene);
  await server.query('ALTER DATABASE ingam SET synchronous_commit = off');
  const services = await startServices(scene, [server.url, server.url]);
  const load = startLoad(scene, { urls: () => services.map(({ url }) => url), maxLines: 300 });
  for (let round = 0; round < rounds; round++) {
    await load.progress(30);
    await delay(scene.random.integer(0, 200));
    await (round % 2 === 0 ? server.stopImmediately() : server.kill());
  }
  await load.progress(30);
  await load.finish();
  await judge(scene, services[1]?.url ?? '', server.url, load.ledger);
}

/**
 * Stops the leading one of three services (SIGSTOP to all of its processes) for longer than the others wait,
 * at a random moment or in a commit.
 */
export async function pausedLeader(scene: Scene, rounds: number): Promise<void> {
  const server = await startDatabaseServer(scene);
  const proxies = await Promise.all([0, 1, 2].map(() => startProxy(scene, server.url)));
  const services = await startServices(
    scene,
    proxies.map(({ url }) => url),
  );
  let paused: Service | null = null;
  const awake = (): Service[] => services.filter((service) => service !== paused);
  const load = startLoad(scene, {
    urls: () => awake().map(({ url }) => url),
    maxLines: 100,
    clients: 2,
    pauseMs: 200,
  });
  for (let round = 0; round < rounds; round++) {
    await load.progress(20);
    const leader = await waitFor('one service to lead', () => leaderOf(services));
    const pause = (): void => {
      leader.pause();
    };
    if (round % 2 === 0) {
      // In the middle of its transaction: its lock is held by a connection that nobody closes.
      const proxy = proxies[services.indexOf(leader)];
      proxy?.aim('commit', 'answer', 1, pause);
      paused = leader;
      await waitFor('the leader to be stopped in its commit', () => proxy?.left === 0);
    } else {
      paused = leader;
      pause();
    }
    const heir = await waitFor('another service to lead', () => leaderOf(awake()));
    scene.say(`service ${heir.pid} leads`);
    await sealedProgress(server);
    paused = null;
    leader.resume();
    await load.progress(20);
    await sealedProgress(server);
    // Once resumed, it knows that it no longer leads.
    await waitFor('exactly one service to lead', async () => (await leadersOf(services)).length === 1);
  }
  await load.finish();
  await judge(scene, services[2]?.url ?? '', server.url, load.ledger);
}

async function leaderOf(services: readonly Service[]): Promise<Service | null> {
  return (await leadersOf(services))[0] ?? null;
}

async function leadersOf(services: readonly Service[]): Promise<Service[]> {
  const states = await Promise.all(services.map((service) => service.readiness()));
  return services.filter((_, i) => states[i]?.leading === true);
}

async function sealedProgress(server: DatabaseServer): Promise<void> {
  const height = async (): Promise<number> => {
    const [row] = await server.query<{ height: string }>(
      'SELECT COALESCE(max(height), -1) AS height FROM public.block',
    );
    return Number(row?.height);
  };
  const before = await height();
  await waitFor('another block', async () => (await height()) > before);
}
