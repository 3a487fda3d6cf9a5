import { appendFile, chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { startEmbeddedPostgres } from '../../src/postgres/index.js';
import { type DatabaseUrls, migrate } from '../../src/store/index.js';
import { stopWaiting, untilCommitsWait } from './commit-waits.js';
import { query } from './database.js';
import { pausable, type PausableServer } from './pausable-server.js';
import { startTestServer } from './postgres.js';
import { until } from './until.js';

/** A primary and its synchronous standby, with a migrated database. */
export interface ReplicatedServers extends AsyncDisposable {
  readonly primary: Pick<PausableServer, 'pause' | 'resume'>;
  readonly standby: Pick<PausableServer, 'pause' | 'resume'>;
  /** SIGKILL to the standby, which is then started again. */
  killStandby(): Promise<void>;
  /** Runs one statement on the standby, as a superuser. */
  queryStandby<R extends pg.QueryResultRow>(text: string): Promise<R[]>;
  /** Names both, the first primary first. */
  readonly url: string;
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  /** Another migrated database on both. @returns its URL, which names both servers */
  addDatabase(name: string): Promise<string>;
  /** Runs one statement on the first primary, as a superuser. */
  query<R extends pg.QueryResultRow>(text: string): Promise<R[]>;
  /**
   * Which standbys commits wait for: `*` any, empty: none. The standby must run. Resolves when new sessions have the setting, and
   * commits wait.
   */
  requireStandbys(names: string): Promise<void>;
  /** Cancels each wait for the standby until the promise settles. */
  whileCancelling<T>(promise: Promise<T>): Promise<T>;
  /** Makes the standby a primary. */
  promote(): Promise<void>;
}

export async function startReplicatedServers(): Promise<ReplicatedServers> {
  const directory = await mkdtemp(join(tmpdir(), 'ingam-test-'));
  // Started by root, the servers run as another user, who must be able to reach their data.
  await chmod(directory, 0o711);
  const [first, second] = [join(directory, 'first'), join(directory, 'second')];
  const log = { info: () => undefined, warn: () => undefined, error: console.error };
  const made = await startTestServer({ directory: first, log });
  await made.server.stop();
  await cp(first, second, { recursive: true });
  const primary = await startEmbeddedPostgres({ directory: first, log });
  const admin = withPortOf(made.adminUrl, primary.url);
  await writeFile(join(second, 'cluster', 'standby.signal'), '');
  const { hostname, port, username, password } = new URL(admin);
  await appendFile(
    join(second, 'cluster', 'postgresql.auto.conf'),
    `primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password}'\n`,
  );
  const standby = await startEmbeddedPostgres({ directory: second, log });
  const standbyAdmin = withPortOf(made.adminUrl, standby.url);
  await migrate(primary);
  const run = <R extends pg.QueryResultRow>(text: string) => query<R>(admin, text);
  const servers = { primary: pausable(first), standby: pausable(second) };
  const requireStandbys = async (names: string) => {
    await run(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
    await run('SELECT pg_reload_conf()');
    await until(
      'the setting',
      () => run<{ names: string }>(`SELECT current_setting('synchronous_standby_names') AS names`),
      ([row]) => row?.names === names,
    );
    if (names === '') return;
    servers.standby.pause();
    try {
      await untilCommitsWait({ query: run });
    } finally {
      servers.standby.resume();
    }
  };
  await until(
    'the standby to be connected',
    () => run<{ state: string }>('SELECT state FROM pg_stat_replication'),
    ([row]) => row?.state === 'streaming',
  );
  await requireStandbys('*');
  return {
    ...servers,
    url: bothOf(primary.url, standby.url),
    primaryUrl: primary.url,
    standbyUrl: standby.url,
    addDatabase: async (name) => {
      await run(`CREATE DATABASE ${name} OWNER ingam_owner`);
      const urls: DatabaseUrls = {
        url: inDatabase(primary.url, name),
        ownerUrl: inDatabase(primary.ownerUrl, name),
      };
      await migrate(urls);
      return bothOf(urls.url, standby.url);
    },
    query: run,
    queryStandby: (text) => query(standbyAdmin, text),
    killStandby: async () => {
      const pid = await until('the standby to run', () => standby.pid());
      process.kill(pid, 'SIGKILL');
      await until('the standby to be back', async () => {
        if (standby.pid() === pid) return false;
        return query(standbyAdmin, 'SELECT').then(Boolean, () => false);
      });
    },
    requireStandbys,
    whileCancelling: async (promise) => {
      let settled = false;
      const end = () => {
        settled = true;
      };
      promise.then(end, end);
      await until('the promise to settle', async () => {
        await stopWaiting({ query: run });
        return settled;
      });
      return promise;
    },
    promote: async () => {
      await query(standbyAdmin, 'SELECT pg_promote()');
    },
    [Symbol.asyncDispose]: async () => {
      servers.primary.resume();
      servers.standby.resume();
      await Promise.all([primary.stop(), standby.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function withPortOf(url: string, other: string): string {
  const changed = new URL(url);
  changed.port = new URL(other).port;
  return changed.href;
}

function inDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function bothOf(url: string, other: string): string {
  const { host } = new URL(url);
  return url.replace(host, `${host},${new URL(other).host}`);
}
