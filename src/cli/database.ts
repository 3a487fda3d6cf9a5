import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Config, ConfigError, loadConfig } from '../service/config.js';
import { migrate, openStore, pendingMigrations, type Store, StoreError } from '../store/index.js';
import { EmbeddedError, findEmbeddedPostgres, startEmbeddedPostgres } from '../postgres/index.js';
import { Failure } from './failure.js';
import type { Io } from './io.js';

/** Which database a command works on. */
export interface DatabasePlace {
  readonly config: Config;
  /** null when the database was named alone. */
  readonly dataDir: string | null;
  /** null: the one in the data directory. */
  readonly url: string | null;
}

export interface OpenDatabase {
  readonly store: Store;
  readonly close: () => Promise<void>;
}

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** By default the database that `ingam serve` uses in this environment. @throws {Failure} usage */
export function databasePlace(values: DatabaseOptions, io: Io): DatabasePlace {
  const config = readConfig(io);
  const named = values['data-dir'];
  return {
    config,
    dataDir:
      named !== undefined ? resolve(io.cwd, named) : values.database !== undefined ? null : config.dataDir,
    url: values.database ?? (named === undefined ? config.databaseUrl : null),
  };
}

/**
 * Opens a service's database, whether the service is running or not.
 * @param schema 'any': as it is; 'current': refused unless this version has set it up; 'make': what is missing is made, database
 *   and all
 * @throws {Failure} unreadable, unreachable
 */
export async function openDatabase(
  { config, dataDir, url }: DatabasePlace,
  schema: 'any' | 'current' | 'make',
): Promise<OpenDatabase> {
  try {
    const database =
      url === null
        ? await embeddedDatabase(dataDir ?? config.dataDir, schema === 'make')
        : { url, stop: () => Promise.resolve() };
    try {
      if (schema === 'make') await migrate(database.url);
      if (schema === 'current') await assertCurrent(database.url);
      const store = await openStore({ url: database.url, poolSize: 2 });
      const close = async () => {
        await store.close();
        await database.stop();
      };
      return { store, close };
    } catch (error) {
      await database.stop();
      throw error;
    }
  } catch (error) {
    throw databaseFailure(error);
  }
}

/** What a database can do wrong, in words; anything else is passed on unchanged. */
export function databaseFailure(error: unknown): unknown {
  if (!(error instanceof StoreError || error instanceof EmbeddedError)) return error;
  return new Failure('unreachable', `the database cannot be used: ${error.message}`, {
    code: error.code,
    cause: error,
  });
}

/** A running service's own PostgreSQL, or, when no service runs, that PostgreSQL started for the time of the command. */
async function embeddedDatabase(
  dataDir: string,
  make: boolean,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const directory = join(dataDir, 'postgres');
  try {
    if (!make) await access(directory);
  } catch (error) {
    throw new Failure('unreadable', `there is no database of a service in ${dataDir}`, {
      cause: error,
      hint: 'Name the data directory with --data-dir, or a PostgreSQL with --database.',
    });
  }
  const running = await findEmbeddedPostgres(directory);
  if (running !== null) return { url: running, stop: () => Promise.resolve() };
  return startEmbeddedPostgres({ directory, log: QUIET });
}

async function assertCurrent(url: string): Promise<void> {
  const pending = await pendingMigrations(url);
  if (pending.length === 0) return;
  throw new Failure('malformed', 'this version of Ingam has not set up the database yet', {
    code: 'not_migrated',
    hint: 'Start the service once (ingam serve), or make its first operator: ingam user operator EMAIL',
  });
}

/** Apart from database.ts: who only shows help does not load PostgreSQL's client. */

/** The options of every command that works on a service's database itself. */
export const DATABASE_OPTIONS = {
  'data-dir': {
    type: 'string',
    value: 'DIR',
    help: 'the data directory of a service (default: $INGAM_DATA_DIR, else data)',
  },
  database: { type: 'string', value: 'URL', help: 'a PostgreSQL server (default: $DATABASE_URL)' },
} as const;

export interface DatabaseOptions {
  readonly database: string | undefined;
  readonly 'data-dir': string | undefined;
}

/** The service's configuration from the environment. @throws {Failure} usage, with every mistake */
export function readConfig(io: Io): Config {
  try {
    return loadConfig(io.env);
  } catch (error) {
    if (error instanceof ConfigError) throw new Failure('usage', error.message, { cause: error });
    throw error;
  }
}
