import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Config, loadConfig } from '../service/config.js';
import { isForMember, MEMBER_DATA_DIR } from '../service/member-config.js';
import { ConfigError } from '../service/settings.js';
import {
  type DatabaseUrls,
  databaseUrlMistake,
  migrate,
  openStore,
  pendingMigrations,
  type Store,
  StoreError,
} from '../store/index.js';
import { EmbeddedError, findEmbeddedPostgres, startEmbeddedPostgres } from '../postgres/index.js';
import { parseLogKeys, parseReceiptKeys, type PrivateKey } from '../crypto/keys.js';
import { ProofError } from '../proof/index.js';
import { openErasureKeys } from '../service/erasure-keys.js';
import { loadSecrets, logKeyFile, receiptKeyFile, type ServiceKeys } from '../service/keys.js';
import { givenDatabase } from '../service/lifecycle.js';
import { Failure, fileFailure, usageError } from './failure.js';
import { type Io, withChanges } from './io.js';
import { administrationMessages } from './messages/administration.js';
import { serveMessages } from './messages/serve.js';

/** The database that a command uses. */
export interface DatabasePlace {
  readonly config: Config;
  /** null if only --database was given. */
  readonly dataDir: string | null;
  /** null: the embedded database in the data directory. */
  readonly urls: DatabaseUrls | null;
}

interface OpenDatabase {
  readonly store: Store;
  readonly urls: DatabaseUrls;
  readonly close: () => Promise<void>;
}

/** The logger of commands, which print their own messages. */
export const NO_LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** By default the database that `ingam serve` uses in this environment. @throws {Failure} usage */
export function databasePlace(values: DatabaseOptions, io: Io): DatabasePlace {
  const config = readConfig(io);
  const named = values['data-dir'];
  const mistake = values.database === undefined ? null : databaseUrlMistake(values.database);
  if (mistake !== null) throw usageError(administrationMessages().databaseMistake(mistake));
  return {
    config,
    dataDir:
      named !== undefined ? resolve(io.cwd, named) : values.database !== undefined ? null : config.dataDir,
    urls:
      values.database !== undefined
        ? { url: values.database, ownerUrl: values.database }
        : named === undefined
          ? givenDatabase(config)
          : null,
  };
}

/**
 * The same, also with the settings of a member's node, whose database and keys are copied and put back like a service's.
 * @throws {Failure} usage
 */
export function nodePlace(values: DatabaseOptions, io: Io): DatabasePlace {
  if (!isForMember(io.env)) return databasePlace(values, io);
  const shared = Object.fromEntries(
    Object.entries(io.env).filter(([name]) => !name.startsWith('INGAM_MEMBER_')),
  );
  const { INGAM_DATA_DIR: named = '' } = io.env;
  const env = { ...shared, INGAM_DATA_DIR: named === '' ? MEMBER_DATA_DIR : named };
  return databasePlace(values, withChanges(io, { env }));
}

/**
 * Opens a service's database. The service may be running.
 * @param schema 'any': open as it is; 'current': require all migrations of this version; 'make': create the
 *   database and migrate it
 * @throws {Failure} unreadable, unreachable
 */
export async function openDatabase(
  { config, dataDir, urls }: DatabasePlace,
  schema: 'any' | 'current' | 'make',
): Promise<OpenDatabase> {
  try {
    const database =
      urls === null
        ? await embeddedDatabase(dataDir ?? config.dataDir, schema === 'make')
        : { ...urls, stop: () => Promise.resolve() };
    try {
      if (schema === 'make') await migrate(database);
      if (schema === 'current') await assertCurrent(database.url);
      const [rowKey] = (await readSecrets({ config, dataDir }))?.rows ?? [null];
      const erasureKeys = await openErasureKeys(config.erasureKeys);
      const store = await openStore({
        ...{ url: database.url, poolSize: 2, rowKey, erasureKeys },
        asItIs: schema === 'any',
      });
      const close = async () => {
        await store.close();
        await database.stop();
      };
      return { store, urls: { url: database.url, ownerUrl: database.ownerUrl }, close };
    } catch (error) {
      await database.stop();
      throw error;
    }
  } catch (error) {
    throw databaseFailure(error);
  }
}

/**
 * What is derived from the service's secret; null: neither the environment nor the data directory has it.
 * @throws {Failure} unreadable, malformed
 */
export async function readSecrets({
  config,
  dataDir,
}: Pick<DatabasePlace, 'config' | 'dataDir'>): Promise<Pick<ServiceKeys, 'access' | 'rows'> | null> {
  try {
    return await loadSecrets({ dataDir, secret: config.secret });
  } catch (error) {
    if (!(error instanceof ProofError)) throw fileFailure(error, dataDir ?? '');
    throw new Failure('malformed', administrationMessages().secretMistake(error.message), { cause: error });
  }
}

/** A readable message for a database error. Any other error is returned unchanged. */
export function databaseFailure(error: unknown): unknown {
  if (!(error instanceof StoreError || error instanceof EmbeddedError)) return error;
  return new Failure('unreachable', administrationMessages().databaseUnusable(error.message), {
    code: error.code,
    cause: error,
    ...(error instanceof StoreError && error.code === 'unavailable'
      ? { hint: administrationMessages().checkDatabase }
      : {}),
  });
}

/**
 * The embedded PostgreSQL of a running service, or that PostgreSQL started for the duration of the command.
 */
async function embeddedDatabase(
  dataDir: string,
  make: boolean,
): Promise<DatabaseUrls & { stop(): Promise<void> }> {
  const directory = join(dataDir, 'postgres');
  try {
    if (!make) await access(directory);
  } catch (error) {
    throw new Failure('unreadable', administrationMessages().noDatabase(dataDir), {
      cause: error,
      hint: administrationMessages().giveDatabase,
    });
  }
  const running = await findEmbeddedPostgres(directory);
  if (running !== null) return { ...running, stop: () => Promise.resolve() };
  return startEmbeddedPostgres({ directory, log: NO_LOG });
}

async function assertCurrent(url: string): Promise<void> {
  const pending = await pendingMigrations(url);
  if (pending.length === 0) return;
  throw new Failure('malformed', administrationMessages().notMigrated, {
    code: 'not_migrated',
    hint: administrationMessages().howToMigrate,
  });
}

type PrivateKeys = readonly [PrivateKey, ...PrivateKey[]];

/**
 * The private log keys of the service, from INGAM_LOG_KEY or else the data directory.
 * @throws {Failure} unreadable, malformed
 */
export function readLogKeys({ logKey }: Config, dataDir: string): Promise<PrivateKeys> {
  return readKeys('log', logKey, logKeyFile(dataDir), parseLogKeys);
}

/**
 * The private receipt keys of the service, the present one first, from INGAM_RECEIPT_KEY or else the data
 * directory.
 * @throws {Failure} unreadable, malformed
 */
export function readReceiptKeys({ receiptKey }: Config, dataDir: string): Promise<PrivateKeys> {
  return readKeys('receipt', receiptKey, receiptKeyFile(dataDir), parseReceiptKeys);
}

async function readKeys(
  what: 'log' | 'receipt',
  given: string | null,
  path: string,
  parse: (text: string) => PrivateKeys,
): Promise<PrivateKeys> {
  try {
    return parse(given ?? (await readFile(path, 'utf8')));
  } catch (error) {
    if (!(error instanceof ProofError)) throw fileFailure(error, path);
    throw new Failure('malformed', administrationMessages().privateKeyMistake(what, error.message), {
      cause: error,
    });
  }
}

/** The options of every command that opens a service's database. */
export const DATABASE_OPTIONS = {
  'data-dir': {
    type: 'string',
    value: 'DIR',
    help: {
      en: 'data directory of the service (default: $INGAM_DATA_DIR, else data)',
      ko: '서비스의 데이터 디렉터리(기본값: $INGAM_DATA_DIR, 없으면 data)',
    },
  },
  database: {
    type: 'string',
    value: 'URL',
    help: { en: 'PostgreSQL URL (default: $DATABASE_URL)', ko: 'PostgreSQL URL(기본값: $DATABASE_URL)' },
  },
} as const;

export interface DatabaseOptions {
  readonly database: string | undefined;
  readonly 'data-dir': string | undefined;
}

/** The service's configuration from the environment. @throws {Failure} usage, with every mistake */
export function readConfig(io: Io): Config {
  return readSettings(() => loadConfig(io.env));
}

/** What `read` makes of the environment. @throws {Failure} usage, with every mistake */
export function readSettings<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError)
      throw new Failure('usage', serveMessages().settings(error.message), { cause: error });
    throw error;
  }
}
