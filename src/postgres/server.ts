import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { open, readdir, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Binaries, type Cluster, type Runner, SUPERUSER } from './cluster.js';
import { EmbeddedError } from './errors.js';

/** Waits for a short program and answers its exit code (null: not started, or killed) and all that it printed. */
export function output(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly text: string }> {
  return new Promise((resolve) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    child.once('error', (error) => {
      resolve({ code: null, text: error.message });
    });
    child.once('close', (code) => {
      resolve({ code, text });
    });
  });
}

export interface Ownership {
  release(): Promise<void>;
}

/**
 * Claims the directory for this process. The claim is a listening local socket named after the directory: taking it is
 * atomic, and the system takes it away when its holder dies, even by kill -9. A lock file can do neither.
 * It is seen within one machine (on Linux, one network namespace): two containers must not be given the same volume, as with
 * any PostgreSQL.
 * @throws {EmbeddedError} in_use
 */
export async function claim(directory: string): Promise<Ownership> {
  const address = await addressOf(directory);
  for (let attempt = 0; attempt < 3; attempt++) {
    const server = await listen(address);
    if (server !== null) return { release: () => close(server) };
    const holder = await askHolder(address);
    if (holder !== null) {
      throw new EmbeddedError(
        'in_use',
        `${directory} is in use by process ${holder}: stop that one first, or give this one another data directory`,
      );
    }
    // Nobody answers: a socket file that its holder left behind (abstract sockets and pipes leave none).
    if (isFile(address)) await rm(address, { force: true });
  }
  throw new EmbeddedError('in_use', `${directory} is being claimed by another process: try again`);
}

async function addressOf(directory: string): Promise<string> {
  const hash = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex');
  const name = `ingam-${hash.slice(0, 32)}`;
  switch (process.platform) {
    case 'linux':
      return `\0${name}`;
    case 'win32':
      return `\\\\.\\pipe\\${name}`;
    default:
      return join(tmpdir(), name);
  }
}

function isFile(address: string): boolean {
  return process.platform !== 'linux' && process.platform !== 'win32' && address.startsWith('/');
}

async function listen(address: string): Promise<Server | null> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(String(process.pid));
  });
  server.listen(address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return null;
    throw error;
  }
  return server.unref();
}

/** The holder's process id, "?" when it does not say it in time, null when there is none. */
async function askHolder(address: string): Promise<string | null> {
  const socket = connect(address);
  try {
    await once(socket, 'connect');
  } catch {
    return null;
  }
  socket.setTimeout(2_000, () => {
    socket.destroy();
  });
  const answer = await text(socket).catch(() => '');
  return answer === '' ? '?' : answer;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}

const STOP_POLL_MS = 20;
// Together within the ten seconds that a service has to end; what a harder stop leaves undone, the next start recovers.
const FAST_STOP_MS = 6_000;
const IMMEDIATE_STOP_MS = 1_500;
const ORPHANS_MS = 3_000;

export interface PidFile {
  readonly pid: number;
  readonly port: number;
}

/** What postmaster.pid says; null when there is none, or when it is being written. */
export async function readPidFile(cluster: string): Promise<PidFile | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 ? { pid, port } : null;
}

/**
 * Whether the process is alive and works in this cluster. The number alone says nothing: after a restart of the machine or the
 * container it belongs to somebody else. A dead process that nobody waited for counts as dead.
 */
export async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  const path = await realpath(cluster);
  if (process.platform === 'linux') {
    // Every process of a server has its data directory as working directory.
    return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === path;
  }
  if (process.platform === 'win32') return isAlive(pid);
  const { text } = await output(
    spawn('ps', ['-o', 'args=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] }),
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

/** Stops a server that may be ours or a predecessor's: fast first, then harder. Resolves when it is gone. */
export async function stopServer(binaries: Binaries, cluster: string, pid: number): Promise<void> {
  if (process.platform === 'win32') {
    const args = ['stop', '-D', cluster, '-m', 'fast', '-w', '-t', String(FAST_STOP_MS / 1000)];
    await output(spawn(binaries.pg_ctl, args, { stdio: 'ignore' }));
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
 * Makes way for a new postmaster: ends one that a killed service left running, then processes that outlived a killed
 * postmaster (they would make the new one refuse: "pre-existing shared memory block is still in use"), then a stale
 * postmaster.pid. Only the owner of the directory may call this.
 */
export async function clearPredecessor(binaries: Binaries, cluster: string): Promise<void> {
  const left = await readPidFile(cluster);
  if (left !== null && (await isServerOf(cluster, left.pid))) await stopServer(binaries, cluster, left.pid);
  // They notice the postmaster's death by themselves, but for those in the middle of a long statement.
  if (!(await waitUntil(async () => (await serversOf(cluster)).length === 0, ORPHANS_MS))) {
    for (const pid of await serversOf(cluster)) kill(pid, 'SIGKILL');
    await waitUntil(async () => (await serversOf(cluster)).length === 0, ORPHANS_MS);
  }
  await rm(join(cluster, 'postmaster.pid'), { force: true });
}

/** Linux only; elsewhere the start is simply repeated until they are gone. */
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

/** Settings that the service relies on; given on the command line, they win over anything in the data directory. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // An acknowledged notarization is on disk: never trade these for speed.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_wal_size: '2GB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Values from rows and statements have no place in a log file.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

export interface ServerProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when the postmaster has ended, with how. */
  readonly ended: Promise<string>;
}

export function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgresql://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/${database}`;
}

/**
 * Starts the postmaster and resolves when it answers queries; crash recovery may come before that and take its time.
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
  // It outlives a service that dies, and must not keep alive one that wants to end.
  child.unref();
  await log.close();
  const isGone = (): boolean =>
    child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  while (!(await answers(urlOf(cluster, port, 'postgres')))) {
    if (isGone()) {
      throw new EmbeddedError(
        'start_failed',
        `PostgreSQL did not start (${await ended}): ${await tail(logPath, logStart)}`,
      );
    }
    await delay(POLL_MS);
  }
  // Somebody else's server at that port would have refused the password; still, the child must be the one that answered.
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
      throw new EmbeddedError('bad_directory', 'the password file does not belong to this data directory', {
        cause: error,
      });
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

/** Keeps the server's log from growing for ever: one old file beside the current one. */
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
