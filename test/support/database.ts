import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { openStore, type Store } from '../../src/store/index.js';

export interface TestDatabase extends AsyncDisposable {
  /** For the role that services work as: no superuser. It owns an empty database, and nothing in a copy. */
  readonly url: string;
  /** The same database for a superuser, who can do everything in it. */
  readonly adminUrl: string;
  /** Runs a statement as the superuser. */
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
  /** Terminates the connections to the database and removes it. */
  drop(): Promise<void>;
}

/** Databases are removed one after the other. */
let removing: Promise<void> = Promise.resolve();
const ignore = (): void => undefined;

/**
 * Creates a database on the test server: a copy of the migrated template, or of another database that nobody
 * is connected to, or an empty one.
 */
export async function createDatabase(
  options: { readonly empty?: boolean; readonly copyOf?: string } = {},
): Promise<TestDatabase> {
  const name = `ingam_test_${randomBytes(6).toString('hex')}`;
  const worker = inject('worker');
  const original = options.copyOf === undefined ? inject('templateDatabase') : databaseOf(options.copyOf);
  // Copying the files takes half of what copying page by page through the write-ahead log takes.
  const from = options.empty === true ? '' : `TEMPLATE ${original} STRATEGY FILE_COPY`;
  const owner = options.empty === true || options.copyOf !== undefined ? `OWNER ${worker.name}` : '';
  if (options.copyOf !== undefined) await disconnect(databaseOf(options.copyOf));
  await query(inject('adminUrl'), `CREATE DATABASE ${name} ${owner} ${from}`);
  const adminUrl = new URL(inject('adminUrl'));
  adminUrl.pathname = `/${name}`;
  const url = new URL(adminUrl);
  url.username = worker.name;
  url.password = worker.password;
  const drop = async (): Promise<void> => {
    const dropped = removing.then(async () => {
      // Not awaited: a statement that waits for a lock ends with the database.
      void disconnect(name).catch(ignore);
      await query(inject('adminUrl'), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    });
    // PostgreSQL makes a checkpoint for it, which no test has to wait for.
    removing = dropped.then(ignore, ignore);
    if (!inject('temporaryServer')) await dropped;
  };
  return {
    url: url.href,
    adminUrl: adminUrl.href,
    query: (text, values) => query(adminUrl.href, text, values),
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

/** The name of the database that a URL leads to. */
export function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

export interface TestStore extends TestDatabase {
  readonly store: Store;
}

/** Opens a store on a new database; `drop` closes it as well. */
export async function createStore(options: { readonly poolSize?: number } = {}): Promise<TestStore> {
  const database = await createDatabase();
  const store = await openStore({ url: database.url, ...options });
  const drop = async (): Promise<void> => {
    await store.close();
    await database.drop();
  };
  return { ...database, store, drop, [Symbol.asyncDispose]: drop };
}

/** The connections to this database on which stores hear of blocks: there the last statement listens, or is a heartbeat. */
export const LISTENING =
  "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND (query LIKE 'LISTEN%' OR query LIKE '%SyncRep%')";

/** A new connection costs more than most statements: those to databases of the test server are kept for a while. */
const IDLE_MS = 2000;
const pools = new Map<string, pg.Pool>();

/** Runs a statement; several in one text on a connection of their own, because what they set holds for as long as it. */
export async function query<R extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<R[]> {
  // Other servers are stopped and killed under their connections.
  if (new URL(url).host === new URL(inject('adminUrl')).host && !/;\s*\S/.test(text)) {
    return (await poolOf(url).query<R>(text, values)).rows;
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(text, values)).rows;
  } finally {
    await client.end();
  }
}

function poolOf(url: string): pg.Pool {
  let pool = pools.get(url);
  if (pool === undefined) {
    pool = new pg.Pool({ connectionString: url, idleTimeoutMillis: IDLE_MS, allowExitOnIdle: true });
    // A test may terminate all connections to its database.
    pool.on('error', ignore);
    pools.set(url, pool);
  }
  return pool;
}

/** Ends the kept connections to a database. */
async function disconnect(database: string): Promise<void> {
  for (const [url, pool] of pools) {
    if (databaseOf(url) !== database) continue;
    pools.delete(url);
    await pool.end();
  }
}
