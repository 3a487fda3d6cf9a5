import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../../config.js';
import {
  EmbeddedError,
  findEmbeddedPostgres,
  migrate,
  openStore,
  pendingMigrations,
  startEmbeddedPostgres,
  StoreError,
  type Store,
} from '../../store/index.js';
import { Failure } from '../failure.js';
import type { Io } from '../io.js';
import type { DatabaseOptions } from './database-options.js';
import { readConfig } from './read-config.js';

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
