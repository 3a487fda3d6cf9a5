import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { judge } from '../harness/judge.js';
import { type Load, startLoad } from '../harness/load.js';
import type { Scene } from '../harness/scene.js';
import { type Service, startService } from '../harness/service.js';
import { waitFor } from '../harness/wait.js';
import { SeenCheckpoints } from './checkpoints.js';
import { type Cluster, type ClusterNode, startCluster } from './cluster.js';
import { reportOn } from './report.js';
import { Acknowledgements } from './watch.js';

export interface Numbers {
  readonly kills: number;
  readonly partitions: number;
  /** Of each other kind of fault. */
  readonly others: number;
  /** Whether file systems can be mounted, of which one becomes full. */
  readonly canMount: boolean;
}

interface Stage {
  readonly scene: Scene;
  readonly cluster: Cluster;
  readonly services: readonly Service[];
  readonly load: Load;
}

/** Each causes a fault of the primary and resolves when its cause is over. */
const FAULTS = {
  'kill -9 of PostgreSQL': async ({ cluster }: Stage) => {
    (await primaryOf(cluster)).killServer();
  },
  'kill -9 of the whole primary': async ({ cluster, load }: Stage) => {
    const primary = await primaryOf(cluster);
    await primary.kill();
    await load.progress(20);
    primary.start();
  },
  'kill -9 of the synchronous standby': async ({ cluster, load }: Stage) => {
    const standby = await synchronousStandby(cluster);
    await standby.kill();
    await load.progress(20);
    standby.start();
  },
  'kill -9 of etcd': async ({ cluster, scene }: Stage) => {
    await cluster.killEtcd();
    await delay(scene.random.integer(0, 15_000));
    cluster.startEtcd();
  },
  'partition of the primary': async ({ cluster, load }: Stage) => {
    const primary = await primaryOf(cluster);
    primary.partition(false);
    await load.progress(20);
    primary.heal();
  },
  'cut of the primary’s network': async ({ cluster, load }: Stage) => {
    const primary = await primaryOf(cluster);
    primary.partition(true);
    await load.progress(20);
    primary.heal();
  },
  'SIGSTOP of the whole primary': async ({ cluster, load }: Stage) => {
    const primary = await primaryOf(cluster);
    primary.pause();
    await load.progress(20);
    primary.resume();
  },
  // The old primary goes on while another one is made.
  'SIGSTOP of the primary’s Patroni': async ({ cluster, load }: Stage) => {
    const primary = await primaryOf(cluster);
    primary.pause(true);
    await waitFor('another primary', async () => {
      const leader = await cluster.leader();
      return leader !== null && leader !== primary;
    });
    await load.progress(20);
    primary.resume();
  },
  switchover: async ({ cluster }: Stage) => cluster.switchover(),
  'SIGSTOP of both standbys': async ({ cluster, load, services }: Stage) => {
    const primary = await primaryOf(cluster);
    const standbys = cluster.nodes.filter((node) => node !== primary);
    for (const standby of standbys) standby.pause();
    const before = rejectionsOf(load);
    await waitFor('submissions to be rejected', () => rejectionsOf(load) > before + 10);
    await waitFor('each service to report durability', async () => {
      const states = await Promise.all(services.map((service) => service.readiness()));
      return states.every(({ problems }) => problems.some(({ code }) => code === 'durability'));
    });
    // What is published is served all the time.
    for (const { url } of services) {
      const response = await fetch(`${url}/checkpoint`, { signal: AbortSignal.timeout(30_000) });
      assert.equal(response.status, 200, await response.text());
    }
    for (const standby of standbys) standby.resume();
  },
  'full disk of the primary': async ({ cluster, load }: Stage) => {
    const before = rejectionsOf(load);
    const makeRoom = await (await primaryOf(cluster)).fillDisk();
    await waitFor('submissions to be rejected', () => rejectionsOf(load) > before + 3);
    await makeRoom();
  },
} as const;

type Fault = keyof typeof FAULTS;

const KILLS: readonly Fault[] = [
  'kill -9 of the whole primary',
  'kill -9 of PostgreSQL',
  'kill -9 of the synchronous standby',
];
const PARTITIONS: readonly Fault[] = ['partition of the primary', 'cut of the primary’s network'];
const OTHERS: readonly Fault[] = [
  'switchover',
  'SIGSTOP of the whole primary',
  'SIGSTOP of the primary’s Patroni',
  'SIGSTOP of both standbys',
  'kill -9 of etcd',
];

/**
 * Every fault of a strictly synchronous cluster of three nodes, under load. Nothing that was acknowledged is
 * lost, and every checkpoint that was published is part of the log that remains.
 */
export async function synchronousCluster(scene: Scene, numbers: Numbers): Promise<void> {
  const stage = await setUp(scene, true, numbers.canMount ? 400 : null);
  const { cluster, services, load } = stage;
  cluster.administer();
  const checkpoints = new SeenCheckpoints(scene, () => services);
  const acknowledgements = new Acknowledgements(scene, load, async (seconds) => {
    scene.say(`nothing has been acknowledged for ${seconds} s`);
    for (const line of await reportOn(cluster, services)) scene.say(line);
  });
  const others = numbers.canMount ? [...OTHERS, 'full disk of the primary' as const] : OTHERS;
  const faults = shuffled(scene, [
    ...repeated(KILLS, numbers.kills),
    ...repeated(PARTITIONS, numbers.partitions),
    ...repeated(others, numbers.others * others.length),
  ]);
  for (const [i, fault] of faults.entries()) {
    await cluster.whole();
    await load.progress(scene.random.integer(10, 60));
    scene.say(`${i + 1}/${faults.length} ${fault}`);
    await acknowledgements.during(fault, async () => {
      await FAULTS[fault](stage);
      await load.progress(20);
    });
  }
  await cluster.whole();
  await load.finish();
  await acknowledgements.end();
  // Patroni's way to etcd leads through this process, which is busy from now on.
  await cluster.pause();
  await judge(scene, services[0]?.url ?? '', cluster.url, load.ledger);
  await checkpoints.compare(cluster.url);
  for (const line of acknowledgements.summary()) scene.say(line);
  scene.say(
    `0 of ${load.ledger.acknowledged.size} acknowledged notarizations lost, 0 forks in ${checkpoints.roots.size} published checkpoints`,
  );
}

/**
 * A failover to an asynchronous standby that lacks what was acknowledged. That cannot be prevented; it is
 * noticed before anything is acknowledged or signed on the older database.
 */
export async function asynchronousCluster(scene: Scene): Promise<void> {
  const { cluster, services, load } = await setUp(scene, false, null);
  const checkpoints = new SeenCheckpoints(scene, () => services);
  await load.progress(50);
  const primary = await primaryOf(cluster);
  primary.stopSending();
  scene.say('the standbys receive nothing more');
  await load.progress(50);
  await primary.kill();
  await waitFor('another primary', () => cluster.leader());
  const problems = await Promise.all(
    services.map((service) =>
      waitFor('the service to notice the loss', async () => {
        const { problems: all } = await service.readiness();
        const found = all.find(({ code }) => code === 'rolled_back');
        if (found !== undefined)
          assert.ok(!all.some(({ code }) => code === 'database'), 'the database responds');
        return found;
      }),
    ),
  );
  const { message = '' } = problems[0] ?? {};
  assert.match(message, /the database has \d+ entries and \d+ blocks, but this process has seen \d+ entries/);
  scene.say(message);
  scene.say(load.ledger.summary());
  const acknowledged = load.ledger.acknowledged.size;
  const before = rejectionsOf(load);
  await waitFor('submissions to be rejected', () => rejectionsOf(load) > before + 50);
  scene.say(load.ledger.summary());
  assert.equal(
    load.ledger.acknowledged.size,
    acknowledged,
    'something was acknowledged on the older database',
  );
  assert.deepEqual(load.ledger.wrong, []);
  for (const [size, roots] of checkpoints.roots) assert.equal(roots.size, 1, `a fork at ${size} blocks`);
}

async function setUp(scene: Scene, isSynchronous: boolean, diskMiB: number | null): Promise<Stage> {
  const cluster = await startCluster(scene, { isSynchronous, diskMiB });
  scene.say('the cluster runs');
  const env = { INGAM_REQUIRE_SYNC: isSynchronous ? 'on' : 'off' };
  const first = join(scene.directory, 'first');
  const services = [await startService(scene, { dataDir: first, databaseUrl: cluster.url, env })];
  const second = join(scene.directory, 'second');
  await cp(join(first, 'keys'), join(second, 'keys'), { recursive: true });
  services.push(await startService(scene, { dataDir: second, databaseUrl: cluster.throughHaproxy, env }));
  const load = startLoad(scene, {
    urls: () => services.map(({ url }) => url),
    maxLines: 50,
    // A database that was rolled back never accepts again.
    ...(isSynchronous ? {} : { patienceMs: 0 }),
  });
  return { scene, cluster, services, load };
}

/** Responses that acknowledged nothing. */
function rejectionsOf({ ledger: { responses } }: Load): number {
  return (responses.get('unavailable') ?? 0) + (responses.get('outcome_unknown') ?? 0);
}

function primaryOf(cluster: Cluster): Promise<ClusterNode> {
  return waitFor('a primary', () => cluster.leader());
}

async function synchronousStandby(cluster: Cluster): Promise<ClusterNode> {
  const [standby] = await cluster.query<{ name: string }>(
    await primaryOf(cluster),
    `SELECT application_name AS name FROM pg_stat_replication WHERE sync_state = 'sync'`,
  );
  const found = cluster.nodes.find(({ name }) => name === standby?.name);
  if (found === undefined) throw new Error('there is no synchronous standby');
  return found;
}

function repeated(faults: readonly Fault[], count: number): Fault[] {
  return Array.from({ length: count }, (_, i) => faults[i % faults.length] as Fault);
}

function shuffled(scene: Scene, faults: Fault[]): Fault[] {
  for (let i = faults.length - 1; i > 0; i--) {
    const j = scene.random.integer(0, i);
    [faults[i], faults[j]] = [faults[j] as Fault, faults[i] as Fault];
  }
  return faults;
}
