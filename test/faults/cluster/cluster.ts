import type { ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type pg from 'pg';
import { createProxy, type Proxy } from '../../support/proxy.js';
import { query } from '../harness/database.js';
import type { Scene } from '../harness/scene.js';
import { waitFor } from '../harness/wait.js';
import { fill } from '../scenarios/full-disk.js';
import { etcdInterface, serverPrograms } from './programs.js';
import {
  account,
  commandOf,
  freePorts,
  kill,
  lastLines,
  serverProcesses,
  signalAll,
  start,
} from './processes.js';

const execute = promisify(execFile);

/** Patroni's limits in seconds: shorter than its defaults, so that many faults fit into one run. */
const LIMITS = { ttl: 10, loop_wait: 2, retry_timeout: 4 } as const;

export interface ClusterOptions {
  /** Whether a commit waits for a standby, and is refused where there is none. */
  readonly isSynchronous: boolean;
  /** Of a file system for each node's data, in MiB; null: they share the scene's. */
  readonly diskMiB?: number | null;
}

/** Three nodes of PostgreSQL under Patroni, which asks etcd who leads; HAProxy leads to the primary. */
export interface Cluster {
  readonly nodes: readonly ClusterNode[];
  /** Names all nodes. */
  readonly url: string;
  /** Of HAProxy. */
  readonly throughHaproxy: string;
  readonly etcdUrl: string;
  /** The node that holds the leader's key; null: none that can be asked. */
  leader(): Promise<ClusterNode | null>;
  /** Resolves when there is a primary, and every other node streams from it. */
  whole(): Promise<void>;
  /** From now on somebody repairs standbys that do not follow the primary. */
  administer(): void;
  /** Asks Patroni to make another node the primary. */
  switchover(): Promise<void>;
  /** `patronictl pause`: from now on Patroni changes nothing, and demotes nobody when it cannot reach etcd. */
  pause(): Promise<void>;
  killEtcd(): Promise<void>;
  startEtcd(): void;
  /** One statement on a node, as a superuser. */
  query<R extends pg.QueryResultRow>(node: ClusterNode, text: string): Promise<R[]>;
}

/** A standby that follows again on its own does so within some seconds, and so does a new copy of the data. */
const ALARM_MS = 60_000;
const LOOK_MS = 2000;

/** One machine of the cluster: Patroni, PostgreSQL, and its network. */
export class ClusterNode {
  readonly name: string;
  readonly port: number;
  readonly restPort: number;
  /** Everything that others send to it, and its own way to etcd. */
  readonly links: readonly Proxy[];
  /** On a file system of its own, if it has one. */
  readonly directory: string;
  readonly #scene: Scene;
  readonly #config: string;
  #patroni: ChildProcess | null = null;

  constructor(
    scene: Scene,
    place: Pick<ClusterNode, 'name' | 'port' | 'restPort' | 'links' | 'directory'> & {
      readonly config: string;
    },
  ) {
    this.#scene = scene;
    this.#config = place.config;
    ({ name: this.name, port: this.port, restPort: this.restPort } = place);
    ({ links: this.links, directory: this.directory } = place);
    scene.defer(() => this.kill());
  }

  get data(): string {
    return join(this.directory, 'data');
  }

  /** Address of PostgreSQL, as others reach it. */
  get address(): string {
    return new URL(this.links[0]?.url ?? '').host;
  }

  get #program(): string {
    return `Patroni of ${this.name}`;
  }

  start(): void {
    this.#patroni ??= start(this.#scene, this.#program, 'patroni', [this.#config]);
  }

  /** The last lines that Patroni and PostgreSQL wrote. */
  lastLines(count: number): string[] {
    return lastLines(this.#scene, this.#program, count);
  }

  /** SIGKILL to everything on it, as a machine that loses its power. */
  async kill(): Promise<void> {
    const patroni = this.#patroni;
    this.#patroni = null;
    if (patroni !== null) await kill(patroni);
    const running = serverProcesses(this.data);
    signalAll(running, 'SIGKILL');
    await waitFor(`PostgreSQL of ${this.name} to end`, () => running.every((pid) => commandOf(pid) === ''));
  }

  /** SIGKILL to PostgreSQL alone. */
  killServer(): void {
    signalAll(serverProcesses(this.data).slice(0, 1), 'SIGKILL');
  }

  /** SIGSTOP to everything on it, or to Patroni alone. */
  pause(onlyPatroni = false): void {
    this.#patroni?.kill('SIGSTOP');
    if (!onlyPatroni) signalAll(serverProcesses(this.data), 'SIGSTOP');
  }

  resume(): void {
    signalAll(serverProcesses(this.data), 'SIGCONT');
    this.#patroni?.kill('SIGCONT');
  }

  /** From now on no packet passes; with `cut`, open connections are broken too. */
  partition(cut: boolean): void {
    for (const link of this.links) {
      link.freeze();
      if (cut) link.cut();
    }
  }

  heal(): void {
    for (const link of this.links) link.thaw();
  }

  /** SIGSTOP to the processes that send its changes to the standbys. */
  stopSending(): void {
    signalAll(
      serverProcesses(this.data).filter((pid) => commandOf(pid).includes('walsender')),
      'SIGSTOP',
    );
  }

  /** Leaves no room on its file system. @returns what makes room again */
  async fillDisk(): Promise<() => Promise<void>> {
    const ballast = join(this.directory, 'ballast');
    await fill(this.directory, ballast);
    return () => rm(ballast, { force: true });
  }

  /** Whether Patroni has noted which standby is synchronous. */
  async knowsSynchronousStandby(): Promise<boolean> {
    const response = await fetch(`http://127.0.0.1:${this.restPort}/cluster`, {
      signal: AbortSignal.timeout(2000),
    });
    const { members } = (await response.json()) as { members: readonly { readonly role: string }[] };
    return members.some(({ role }) => role === 'sync_standby');
  }

  /** Whether its Patroni knows that it is paused. */
  async isPaused(): Promise<boolean> {
    const response = await fetch(`http://127.0.0.1:${this.restPort}/patroni`, {
      signal: AbortSignal.timeout(2000),
    });
    return ((await response.json()) as { readonly pause?: boolean }).pause === true;
  }

  /** Whether its Patroni runs. */
  async answers(): Promise<boolean> {
    const response = await fetch(`http://127.0.0.1:${this.restPort}/patroni`, {
      signal: AbortSignal.timeout(2000),
    }).catch(() => null);
    return response !== null;
  }

  /** As `patronictl reinit`: a new copy of the primary's data. @returns what Patroni says */
  async reinitialize(): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.restPort}/reinitialize`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ force: true }),
      signal: AbortSignal.timeout(30_000),
    });
    return response.text();
  }

  /** Whether it holds the leader's key, by its own word. */
  async leads(): Promise<boolean> {
    const response = await fetch(`http://127.0.0.1:${this.restPort}/primary`, {
      signal: AbortSignal.timeout(2000),
    }).catch(() => null);
    return response?.status === 200;
  }
}

/** A connection that has just been made may end at once: what the standby asks for may not be there. */
const FOLLOWING = `
SELECT application_name AS name FROM pg_stat_replication
WHERE state = 'streaming' AND backend_start < clock_timestamp() - interval '3 seconds'`;

/**
 * Does what an alarm about a standby that does not follow makes an administrator do: `patronictl reinit`. Patroni 3.0 may
 * start a server twice when it demotes a primary that cannot reach etcd. It then removes the data directory under the one
 * that it has forgotten, and the new copy of the data goes its own way on the primary's timeline, which it does not notice.
 * @param look the nodes that do not follow the primary now; none while there is no primary
 */
async function administer(
  scene: Scene,
  signal: AbortSignal,
  look: () => Promise<readonly ClusterNode[]>,
): Promise<void> {
  const since = new Map<ClusterNode, number>();
  while (!signal.aborted) {
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    const astray = await look().catch((): readonly ClusterNode[] => []);
    for (const node of since.keys()) if (!astray.includes(node)) since.delete(node);
    for (const node of astray) {
      const first = since.get(node) ?? performance.now();
      since.set(node, first);
      // A node that is killed or stopped is somebody else's work.
      if (performance.now() - first < ALARM_MS || !(await node.answers())) continue;
      since.delete(node);
      scene.say(`${node.name} has not followed the primary for a minute: patronictl reinit`);
      scene.say(`  ${await node.reinitialize().catch(String)}`);
    }
  }
}

export async function startCluster(scene: Scene, options: ClusterOptions): Promise<Cluster> {
  const [client = 0, peer = 0, haproxy = 0, ...ports] = await freePorts(9);
  const passwords = { postgres: password(), replicator: password(), rewinder: password(), ingam: password() };
  await hand(scene.directory);
  const etcd = () => startEtcd(scene, client, peer);
  let etcdProcess = etcd();
  const nodes: ClusterNode[] = [];
  for (let i = 0; i < 3; i++) {
    const [port = 0, restPort = 0] = ports.slice(2 * i, 2 * i + 2);
    const links = await Promise.all(
      [port, restPort, client].map((to) => createProxy(`http://127.0.0.1:${to}`)),
    );
    for (const link of links) scene.defer(async () => link[Symbol.asyncDispose]());
    const place = { name: `node${i + 1}`, port, restPort, links };
    const directory = await ownDirectory(scene, place.name, options.diskMiB ?? null);
    const config = join(scene.directory, `${place.name}.yml`);
    await writeFile(
      config,
      JSON.stringify(patroniConfig({ ...place, directory }, passwords, options.isSynchronous)),
    );
    nodes.push(new ClusterNode(scene, { ...place, directory, config }));
  }
  for (const node of nodes) node.start();
  const admin = (node: ClusterNode) =>
    `postgresql://postgres:${passwords.postgres}@127.0.0.1:${node.port}/postgres`;
  const run = <R extends pg.QueryResultRow>(node: ClusterNode, text: string) => query<R>(admin(node), text);
  const leader = async () => {
    const leading = await Promise.all(nodes.map((node) => node.leads()));
    return nodes[leading.indexOf(true)] ?? null;
  };
  const astray = async (primary: ClusterNode): Promise<ClusterNode[]> => {
    const rows = await run<{ name: string }>(primary, FOLLOWING);
    return nodes.filter((node) => node !== primary && rows.every(({ name }) => name !== node.name));
  };
  const cluster: Cluster = {
    nodes,
    url: `postgresql://ingam:${passwords.ingam}@${nodes.map(({ address }) => address).join(',')}/ingam`,
    etcdUrl: `http://127.0.0.1:${client}`,
    throughHaproxy: `postgresql://ingam:${passwords.ingam}@127.0.0.1:${haproxy}/ingam`,
    leader,
    query: run,
    whole: async () => {
      await waitFor('a primary with two standbys', async () => {
        const node = await leader();
        if (node === null || (await astray(node)).length > 0) return false;
        // Patroni promotes only a standby that it knows as synchronous.
        return !options.isSynchronous || node.knowsSynchronousStandby();
      });
    },
    administer: () => {
      const stop = new AbortController();
      const work = administer(scene, stop.signal, async () => {
        const node = await leader();
        return node === null ? [] : astray(node);
      });
      scene.defer(async () => {
        stop.abort();
        await work;
      });
    },
    switchover: async () => {
      const node = await waitFor('a primary', leader);
      const answer = await fetch(`http://127.0.0.1:${node.restPort}/switchover`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ leader: node.name }),
        signal: AbortSignal.timeout(60_000),
      });
      if (!answer.ok) throw new Error(`switchover: ${answer.status} ${await answer.text()}`);
    },
    pause: async () => {
      const node = await waitFor('a primary', leader);
      const answer = await fetch(`http://127.0.0.1:${node.restPort}/config`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ pause: true }),
        signal: AbortSignal.timeout(60_000),
      });
      if (!answer.ok) throw new Error(`pause: ${answer.status} ${await answer.text()}`);
      await waitFor('every Patroni to pause', async () => {
        const states = await Promise.all(nodes.map((each) => each.isPaused()));
        return states.every(Boolean);
      });
    },
    killEtcd: () => kill(etcdProcess),
    startEtcd: () => {
      etcdProcess = etcd();
    },
  };
  const first = await waitFor('the first primary', leader);
  await run(first, `CREATE ROLE ingam LOGIN PASSWORD '${passwords.ingam}'`);
  await run(first, 'CREATE DATABASE ingam OWNER ingam');
  await startHaproxy(scene, haproxy, nodes);
  await cluster.whole();
  return cluster;
}

const password = () => randomBytes(16).toString('hex');

function startEtcd(scene: Scene, client: number, peer: number): ChildProcess {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  return start(scene, 'etcd', 'etcd', [
    ...['--name', 'etcd', '--data-dir', join(scene.directory, 'etcd'), '--log-level', 'error'],
    ...['--listen-client-urls', at(client), '--advertise-client-urls', at(client)],
    ...['--listen-peer-urls', at(peer), '--initial-advertise-peer-urls', at(peer)],
    ...['--initial-cluster', `etcd=${at(peer)}`],
    ...(etcdInterface() === 'etcd' ? ['--enable-v2=true'] : []),
  ]);
}

/** Gives a directory to the user whom the programs run as. */
async function hand(directory: string): Promise<void> {
  const owner = account();
  if (owner !== null) await chown(directory, owner.uid, owner.gid);
}

async function ownDirectory(scene: Scene, name: string, mib: number | null): Promise<string> {
  const directory = join(scene.directory, name);
  await mkdir(directory);
  if (mib !== null) {
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tmpfs', directory]);
    scene.defer(async () => {
      await execute('umount', ['--lazy', directory]);
    });
  }
  await hand(directory);
  return directory;
}

function patroniConfig(
  {
    name,
    port,
    restPort,
    links,
    directory,
  }: Pick<ClusterNode, 'name' | 'port' | 'restPort' | 'links' | 'directory'>,
  passwords: Readonly<Record<'postgres' | 'replicator' | 'rewinder', string>>,
  isSynchronous: boolean,
): object {
  const [server = '', rest = '', etcd = ''] = links.map(({ url }) => new URL(url).host);
  return {
    scope: 'ingam',
    name,
    restapi: { listen: `127.0.0.1:${restPort}`, connect_address: rest },
    // Else Patroni asks etcd for its address, and uses that.
    [etcdInterface()]: { hosts: [etcd], use_proxies: true },
    bootstrap: {
      dcs: {
        ...LIMITS,
        synchronous_mode: isSynchronous,
        synchronous_mode_strict: isSynchronous,
        // A primary that was lost is replaced at once, and not waited for.
        master_start_timeout: 0,
        postgresql: {
          use_pg_rewind: true,
          // They would keep the changes for a node that is away until the disk is full.
          use_slots: false,
          parameters: {
            max_connections: 60,
            shared_buffers: '32MB',
            max_wal_size: '64MB',
            min_wal_size: '32MB',
            wal_keep_size: '48MB',
            // A primary that has lost its network and shuts down waits for its standbys as long, 60 s by default.
            wal_sender_timeout: `${LIMITS.ttl}s`,
            wal_log_hints: 'on',
            max_worker_processes: 2,
          },
        },
      },
      // Each promotion begins a segment, and a node keeps those of all timelines in the last 48 MB: with segments of 16 MB, twenty
      // promotions in a row fill a disk of 400 MiB.
      initdb: [{ encoding: 'UTF8' }, { locale: 'C' }, { 'wal-segsize': '2' }, 'data-checksums'],
    },
    postgresql: {
      listen: `127.0.0.1:${port}`,
      connect_address: server,
      data_dir: join(directory, 'data'),
      bin_dir: serverPrograms(),
      pgpass: join(directory, 'pgpass'),
      authentication: {
        superuser: { username: 'postgres', password: passwords.postgres },
        replication: { username: 'replicator', password: passwords.replicator },
        rewind: { username: 'rewinder', password: passwords.rewinder },
      },
      parameters: { unix_socket_directories: directory },
      pg_hba: ['host all all 127.0.0.1/32 scram-sha-256', 'host replication all 127.0.0.1/32 scram-sha-256'],
      basebackup: [{ checkpoint: 'fast' }],
      remove_data_directory_on_rewind_failure: true,
      remove_data_directory_on_diverged_timelines: true,
    },
  };
}

async function startHaproxy(scene: Scene, port: number, nodes: readonly ClusterNode[]): Promise<void> {
  const config = join(scene.directory, 'haproxy.cfg');
  const servers = nodes.map(({ name, address, links }) => {
    const rest = new URL(links[1]?.url ?? '').port;
    return `  server ${name} ${address} check port ${rest}`;
  });
  await writeFile(
    config,
    `global
  maxconn 300
defaults
  mode tcp
  timeout connect 2s
  timeout client 30m
  timeout server 30m
  timeout check 2s
listen postgresql
  bind 127.0.0.1:${port}
  option httpchk GET /primary
  http-check expect status 200
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
${servers.join('\n')}
`,
  );
  start(scene, 'HAProxy', 'haproxy', ['-db', '-f', config]);
}
