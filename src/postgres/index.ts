import { existsSync } from 'node:fs';
import { chmod, mkdir, realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Background } from '../background/index.js';
import type { DatabaseUrls, StoreLog } from '../store/index.js';
import { claim, type Cluster, clusterPath, ensureCluster, type Ownership, readSecret } from './directory.js';
import { type Binaries, EmbeddedError, findBinaries } from './programs.js';
import { chooseRunner, type Runner } from './runner.js';
import {
  clearPredecessor,
  freePort,
  isServerOf,
  launch,
  readPidFile,
  rotateLog,
  type ServerProcess,
  stopServer,
  urlOf,
} from './server.js';

export { SUPERUSER } from './directory.js';
export { childEnvironment } from './environment.js';
export { EmbeddedError } from './programs.js';

const DEFAULT_CONNECTIONS = 100;
const START_ATTEMPTS = 8;
const FIRST_RETRY_MS = 100;

export interface EmbeddedOptions {
  /** Of the data directory, the secret behind its passwords, and the server's log. Created when missing. */
  readonly directory: string;
  readonly log: StoreLog;
  /** The server's max_connections, default 100. */
  readonly connections?: number;
}

/** Its URLs stay the same across restarts of the server. */
export interface EmbeddedPostgres extends DatabaseUrls {
  /** The running postmaster's process id; null while it is being restarted. */
  pid(): number | null;
  /** Stops the server cleanly and releases the directory. Nothing is left running. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL for this process alone, with its data in `directory`, on a free port of 127.0.0.1.
 *
 * Repairs first what an earlier process left behind: a server that outlived its service is stopped, an
 * incomplete data directory is created again, and PostgreSQL recovers the data of a killed server. When the
 * server ends unexpectedly, it is restarted at the same port, where connection pools find it again.
 *
 * @throws {EmbeddedError}
 */
export async function startEmbeddedPostgres({
  directory,
  log,
  connections = DEFAULT_CONNECTIONS,
}: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries();
  // Under root, the server's own user must be able to reach its files; the secret stays readable for root
  // alone.
  const isRoot = process.getuid?.() === 0;
  await mkdir(directory, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  const home = await realpath(directory);
  if (isRoot) await chmod(home, 0o711);
  const owner = await claim(home);
  try {
    const runner = await chooseRunner(home, binaries.postgres, log);
    if (!existsSync(clusterPath(home))) {
      log.info({ directory: home }, 'creating the embedded PostgreSQL, which takes some seconds');
    }
    const cluster = await ensureCluster(home, binaries, runner);
    const server = new Supervised(binaries, runner, cluster, home, log, owner, connections);
    await server.start();
    return server;
  } catch (error) {
    await owner.release();
    throw error;
  }
}

/** The server that another process runs on this directory, or null when none runs. */
export async function findEmbeddedPostgres(directory: string): Promise<DatabaseUrls | null> {
  const path = clusterPath(directory);
  const found = await readPidFile(path);
  if (found === null || !(await isServerOf(path, found.pid))) return null;
  const secret = await readSecret(directory);
  return secret === null ? null : urlsOf({ secret }, found.port);
}

function urlsOf(cluster: Pick<Cluster, 'secret'>, port: number): DatabaseUrls {
  return { url: urlOf(cluster, port, 'ingam'), ownerUrl: urlOf(cluster, port, 'ingam_owner') };
}

class Supervised implements EmbeddedPostgres {
  readonly #binaries: Binaries;
  readonly #runner: Runner;
  readonly #cluster: Cluster;
  readonly #home: string;
  readonly #log: StoreLog;
  readonly #owner: Ownership;
  readonly #connections: number;
  readonly #stopping = new AbortController();
  #port = 0;
  #process: ServerProcess | null = null;
  #watching: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;

  constructor(
    binaries: Binaries,
    runner: Runner,
    cluster: Cluster,
    home: string,
    log: StoreLog,
    owner: Ownership,
    connections: number,
  ) {
    this.#binaries = binaries;
    this.#runner = runner;
    this.#cluster = cluster;
    this.#home = home;
    this.#log = log;
    this.#owner = owner;
    this.#connections = connections;
  }

  get url(): string {
    return urlsOf(this.#cluster, this.#port).url;
  }

  get ownerUrl(): string {
    return urlsOf(this.#cluster, this.#port).ownerUrl;
  }

  pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Any port will do for the first start: when it is in use, another one is tried. */
  async start(): Promise<void> {
    for (let attempt = 1; this.#process === null; attempt++) {
      this.#port = await freePort();
      try {
        await this.#launch();
      } catch (error) {
        if (attempt === START_ATTEMPTS || !isTransient(error)) throw error;
        this.#log.warn({ err: error }, 'PostgreSQL did not start; trying again');
        await delay(FIRST_RETRY_MS * attempt);
      }
    }
    this.#watching = this.#watch(this.#process);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#process !== null) await this.#end(this.#process);
    // A restart in progress sees the abort and stops what it started.
    await this.#watching;
    await this.#owner.release();
  }

  async #end({ child, pid, ended }: ServerProcess): Promise<void> {
    child.ref();
    await stopServer(this.#binaries, this.#cluster.path, pid);
    await ended;
    this.#process = null;
  }

  async #launch(): Promise<void> {
    await clearPredecessor(this.#binaries, this.#cluster.path);
    const logPath = await rotateLog(this.#home);
    try {
      this.#process = await launch(
        this.#binaries,
        this.#runner,
        this.#cluster,
        this.#port,
        this.#connections,
        logPath,
      );
    } catch (error) {
      await clearPredecessor(this.#binaries, this.#cluster.path);
      throw error;
    }
    this.#log.info({ serverPid: this.#process.pid, port: this.#port }, 'PostgreSQL is running');
  }

  /** Restarts the server whenever it ends unexpectedly, until that succeeds. */
  async #watch(first: ServerProcess): Promise<void> {
    let ended = first.ended;
    for (;;) {
      const how = await ended;
      this.#process = null;
      if (this.#isStopping()) return;
      this.#log.error({ how }, 'PostgreSQL ended unexpectedly; restarting it');
      const restarted = await this.#restart();
      if (restarted === null) return;
      ended = restarted.ended;
    }
  }

  async #restart(): Promise<ServerProcess | null> {
    // Logs each cause once. The process that owns the server has no metrics.
    const task = new Background(this.#log).task('restarting PostgreSQL');
    while (!this.#isStopping()) {
      try {
        await this.#launch();
        task.succeeded();
        if (this.#process !== null && this.#isStopping()) await this.#end(this.#process);
        return this.#process;
      } catch (error) {
        task.failed(error);
        await task.pause(this.#stopping.signal);
      }
    }
    return null;
  }
}

/**
 * Failures that may not happen again: another process took the port, or memory of a killed server is still in
 * use.
 */
function isTransient(error: unknown): boolean {
  if (!(error instanceof EmbeddedError) || error.code !== 'start_failed') return false;
  return /in use|could not (bind|create any TCP)/.test(error.message);
}
