import { join } from 'node:path';
import pg from 'pg';
import { startTestServer } from '../../support/postgres.js';
import type { Scene } from './scene.js';
import { waitFor } from './wait.js';

/** A PostgreSQL that services use by DATABASE_URL. Like a supervised server, it is restarted when it dies. */
export interface DatabaseServer {
  /** For the role that owns the database. */
  readonly url: string;
  /** SIGKILL to the postmaster, as the out-of-memory killer does; its children exit too. */
  kill(): Promise<void>;
  /** SIGQUIT to the postmaster, as `pg_ctl stop -m immediate` does: no checkpoint is written. */
  stopImmediately(): Promise<void>;
  /** Runs one statement as a superuser. */
  query<R extends pg.QueryResultRow>(text: string): Promise<R[]>;
}

export async function startDatabaseServer(scene: Scene): Promise<DatabaseServer> {
  const directory = join(scene.directory, 'server');
  const log: string[] = [];
  const keep = (fields: object, message: string): void => {
    log.push(`${message} ${JSON.stringify(fields)}`);
  };
  scene.evidence('the database server', () => log.slice(-30).join('\n'));
  const { server, adminUrl } = await startTestServer({
    directory,
    log: { info: keep, warn: keep, error: keep },
  });
  scene.defer(() => server.stop());
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const pid = await waitFor('the database server to run', () => server.pid());
    scene.say(`${signal} to postmaster ${pid}`);
    process.kill(pid, signal);
    await waitFor('the database server to exit', () => server.pid() !== pid);
  };
  return {
    url: server.ownerUrl,
    kill: () => end('SIGKILL'),
    stopImmediately: () => end('SIGQUIT'),
    query: (text) => query(adminUrl, text),
  };
}

/** Runs one statement on its own connection. */
export async function query<R extends pg.QueryResultRow>(url: string, text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
