import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { ownLikeFolder } from '../store/files.js';
import { type Cluster, DATABASE, passwordOf, type Role } from './directory.js';
import { childEnvironment } from './environment.js';
import { type Binaries, EmbeddedError, outputOf } from './programs.js';
import type { Runner } from './runner.js';

const STOP_POLL_MS = 20;
// Together less than the ten seconds that a service has to stop. After a harder stop, the next start recovers
// the data.
const FAST_STOP_MS = 6_000;
const IMMEDIATE_STOP_MS = 1_500;
const ORPHANS_MS = 3_000;

export interface PidFile {
  readonly pid: number;
  readonly port: number;
}

/** The contents of postmaster.pid; null when there is none, or when it is being written. */
export async function readPidFile(cluster: string): Promise<PidFile | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 ? { pid, port } : null;
}

/**
 * Whether the process is alive and works in this data directory. The number alone proves nothing: after a
 * restart of the machine or the container it may be another process's. A zombie counts as dead.
 */
export async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  const path = await realpath(cluster);
  if (process.platform === 'linux') {
    // Every process of a server has its data directory as working directory.
    return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === path;
  }
  if (process.platform === 'win32') return isAlive(pid);
  const { text } = await outputOf(
    spawn('ps', ['-o', 'args=', '-p', String(pid)], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: childEnvironment(),
    }),
  );
  return text.includes(path);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Stops a server of ours or of a predecessor, with increasing force. Resolves when its process has ended. */
export async function stopServer(binaries: Binaries, cluster: string, pid: number): Promise<void> {
  if (process.platform === 'win32') {
    const args = ['stop', '-D', cluster, '-m', 'fast', '-w', '-t', String(FAST_STOP_MS / 1000)];
    await outputOf(spawn(binaries.pg_ctl, args, { stdio: 'ignore', env: childEnvironment() }));
    return;
  }
  const steps: readonly [NodeJS.Signals, number][] = [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', IMMEDIATE_STOP_MS],
  ];
  for (const [signal, patience] of steps) {
    if (!(await isServerOf(cluster, pid))) return;
    kill(pid, signal);
    if (await waitUntil(async () => !(await isServerOf(cluster, pid)), patience)) return;
  }
}

/**
 * Removes what would stop a new postmaster from starting: a postmaster that a killed service left running,
 * processes that outlived a killed postmaster ("pre-existing shared memory block is still in use"), and a
 * stale postmaster.pid. Only the owner of the directory may call this.
 */
export async function clearPredecessor(binaries: Binaries, cluster: string): Promise<void> {
  const left = await readPidFile(cluster);
  if (left !== null && (await isServerOf(cluster, left.pid))) await stopServer(binaries, cluster, left.pid);
  // They notice the postmaster's death by themselves, except in the middle of a long statement.
  if (!(await waitUntil(async () => (await serversOf(cluster)).length === 0, ORPHANS_MS))) {
    for (const pid of await serversOf(cluster)) kill(pid, 'SIGKILL');
    await waitUntil(async () => (await serversOf(cluster)).length === 0, ORPHANS_MS);
  }
  await rm(join(cluster, 'postmaster.pid'), { force: true });
}

/** Linux only; elsewhere the start is repeated until they have ended. */
async function serversOf(cluster: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name)).map(Number);
  const ours = await Promise.all(
    pids.map(async (pid) => pid !== process.pid && (await isServerOf(cluster, pid))),
  );
  return pids.filter((_, i) => ours[i]);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function waitUntil(condition: () => Promise<boolean>, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) return false;
    await delay(STOP_POLL_MS);
  }
  return true;
}

const LOG_LIMIT = 16 * 2 ** 20;
const POLL_MS = 25;

/** Settings that the service relies on. On the command line, they override those in the data directory. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // An acknowledged notarization must be on disk.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_wal_size: '2GB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Values of rows and statements must not get into a log file.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

export interface ServerProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when the postmaster has ended, to a description of how. */
  readonly ended: Promise<string>;
}

export function urlOf({ secret }: Pick<Cluster, 'secret'>, port: number, role: Role): string {
  return `postgresql://${role}:${passwordOf(secret, role)}@127.0.0.1:${port}/${DATABASE}`;
}

/**
 * Starts the postmaster and resolves when it answers queries, which may be after a long crash recovery.
 * @throws {EmbeddedError} start_failed, with the end of the server's log
 */
export async function launch(
  binaries: Binaries,
  runner: Runner,
  cluster: Cluster,
  port: number,
  connections: number,
  logPath: string,
): Promise<ServerProcess> {
  const settings = Object.entries({
    ...SETTINGS,
    port: String(port),
    max_connections: String(connections),
  });
  const args = ['-D', cluster.path, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const log = await open(logPath, 'a', 0o600);
  await ownLikeFolder(logPath);
  const logStart = (await log.stat()).size;
  const child = runner.spawn(binaries.postgres, args, ['ignore', log.fd, log.fd]);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `exit code ${code ?? '?'}` : `signal ${signal}`);
    });
  });
  // The server must not keep a service running that is about to end.
  child.unref();
  await log.close();
  const isGone = (): boolean =>
    child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  while (!(await answers(urlOf(cluster, port, 'ingam')))) {
    if (isGone()) {
      throw new EmbeddedError(
        'start_failed',
        `PostgreSQL did not start (${await ended}): ${await tail(logPath, logStart)}`,
      );
    }
    await delay(POLL_MS);
  }
  // Another server at that port would have refused the password; still, the child must be the one that
  // answered.
  if (isGone() || child.pid === undefined) {
    throw new EmbeddedError('start_failed', `PostgreSQL ended while starting (${await ended})`);
  }
  return { pid: child.pid, child, ended };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '28P01') {
      throw new EmbeddedError(
        'bad_directory',
        'the file "secret" does not belong to this data directory: restore the two from one backup',
        {
          cause: error,
        },
      );
    }
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function tail(path: string, from: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - 4096);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - start), position: start });
    return buffer.subarray(0, bytesRead).toString('utf8').trim();
  } finally {
    await file.close();
  }
}

/** Limits the size of the server's log: one old file is kept beside the current one. */
export async function rotateLog(directory: string): Promise<string> {
  const path = join(directory, 'server.log');
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_LIMIT) await rename(path, `${path}.1`);
  return path;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
