import { readFileSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../src/store/index.js';
import { startTestServer } from './postgres.js';
import { until } from './until.js';

/** A PostgreSQL server of a test's own, with a migrated database, that can be paused and reconfigured. */
export interface PausableServer extends AsyncDisposable {
  readonly url: string;
  /** Stops all of its processes, which neither answer nor close anything: SIGSTOP. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** SIGKILL to all of its processes. Resolves when it runs again, without what was not on the disk. */
  readonly kill: () => Promise<void>;
  /** Runs one statement on a new connection, as a superuser. */
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
}

export async function startServer(): Promise<PausableServer> {
  const directory = await mkdtemp(join(tmpdir(), 'ingam-test-'));
  // Started by root, the server runs as another user, who must be able to reach its data.
  await chmod(directory, 0o711);
  const log = { info: () => undefined, warn: () => undefined, error: console.error };
  const { server, adminUrl } = await startTestServer({ directory: join(directory, 'postgres'), log });
  await migrate(server);
  const query = async <R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> => {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    try {
      return (await client.query<R>(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  const { pause, resume, kill } = pausable(join(directory, 'postgres'));
  return {
    url: server.url,
    query,
    pause,
    resume,
    kill: async () => {
      kill();
      await until('the server to be back', () =>
        query('SELECT').then(
          () => true,
          () => false,
        ),
      );
    },
    [Symbol.asyncDispose]: async () => {
      resume();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Signals for all processes of the embedded server in the directory. */
export function pausable(
  directory: string,
): Pick<PausableServer, 'pause' | 'resume'> & { readonly kill: () => void } {
  let paused: readonly number[] = [];
  const pause = () => {
    const postmaster = postmasterIn(directory);
    paused = [postmaster, ...childrenOf(postmaster)];
    for (const pid of paused) process.kill(pid, 'SIGSTOP');
  };
  return {
    pause,
    kill: () => {
      // None of them does anything about the end of the others.
      pause();
      for (const pid of paused) process.kill(pid, 'SIGKILL');
      paused = [];
    },
    resume: () => {
      for (const pid of paused) process.kill(pid, 'SIGCONT');
      paused = [];
    },
  };
}

function postmasterIn(directory: string): number {
  const file = readdirSync(directory, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('postmaster.pid'),
  );
  if (file === undefined) throw new Error('the server does not run');
  return Number(readFileSync(join(directory, file), 'utf8').split('\n')[0]);
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number);
}

function parentOf(pid: string): number | null {
  try {
    return Number(/^PPid:\s*([0-9]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return null; // it has ended
  }
}
