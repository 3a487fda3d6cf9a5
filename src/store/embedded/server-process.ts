import type { ChildProcess } from 'node:child_process';
import { open, rename, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Binaries } from './binaries.js';
import { SUPERUSER, type Cluster } from './cluster.js';
import { EmbeddedError } from './errors.js';
import type { Runner } from './os-user.js';

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
