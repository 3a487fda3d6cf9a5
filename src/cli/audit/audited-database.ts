import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parsePrivateKey } from '../../keys.js';
import { ProofError, type VerifierKey } from '../../proof/index.js';
import {
  EmbeddedError,
  findEmbeddedPostgres,
  openStore,
  startEmbeddedPostgres,
  StoreError,
  type Store,
} from '../../store/index.js';
import type { DatabaseOptions } from './audit-database.js';
import { Failure, fileFailure, systemCode, usageError } from '../failure.js';
import type { Io } from '../io.js';
import { readConfig } from '../input/read-config.js';
import { loadTrust } from '../input/trust-store.js';

export interface AuditedDatabase {
  readonly store: Store;
  readonly logKey: VerifierKey;
  /** null when the database was named alone. */
  readonly dataDir: string | null;
  readonly close: () => Promise<void>;
}

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Opens the database that is to be audited, and finds the key to judge it by. Changes nothing. @throws {Failure} */
export async function openAudited(values: DatabaseOptions, io: Io): Promise<AuditedDatabase> {
  const config = readConfig(io);
  const named = values['data-dir'];
  const dataDir =
    named !== undefined ? resolve(io.cwd, named) : values.database !== undefined ? null : config.dataDir;
  const url = values.database ?? (named === undefined ? config.databaseUrl : null);
  const logKey = await findLogKey(values, config.logKey, dataDir, io);
  try {
    const database = url === null ? await embeddedDatabase(dataDir ?? config.dataDir) : { url, stop: noStop };
    const store = await openStore({ url: database.url, poolSize: 2 }).catch(async (error: unknown) => {
      await database.stop();
      throw error;
    });
    const close = async () => {
      await store.close();
      await database.stop();
    };
    return { store, logKey, dataDir, close };
  } catch (error) {
    if (!(error instanceof StoreError || error instanceof EmbeddedError)) throw error;
    throw new Failure('unreachable', `the database cannot be read: ${error.message}`, { cause: error });
  }
}

const noStop = () => Promise.resolve();

/** A running service's own PostgreSQL, or, when no service runs, that PostgreSQL started for the time of the audit. */
async function embeddedDatabase(dataDir: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const directory = join(dataDir, 'postgres');
  try {
    await access(directory);
  } catch (error) {
    throw new Failure('unreadable', `there is no database of a service in ${dataDir}`, {
      cause: error,
      hint: 'Name the data directory with --data-dir, or a PostgreSQL with --database.',
    });
  }
  const running = await findEmbeddedPostgres(directory);
  return running === null ? startEmbeddedPostgres({ directory, log: QUIET }) : { url: running, stop: noStop };
}

/** What the user names wins; a local installation is judged by its own key; then by whom the user trusts anyway. */
async function findLogKey(
  values: DatabaseOptions,
  configured: string | null,
  dataDir: string | null,
  io: Io,
): Promise<VerifierKey> {
  const explicit = values.key.length > 0 || values.trust !== undefined;
  const own = explicit || dataDir === null ? null : (configured ?? (await readKeyFile(dataDir)));
  if (own !== null) return parseOwnKey(own);
  const { policy, source } = await loadTrust(values, io);
  const [key, ...others] = policy?.logs ?? [];
  if (key === undefined) throw usageError('by which key? Give the log’s with --key VKEY');
  if (others.length > 0) throw usageError(`${source ?? ''} names several logs: name the one with --key VKEY`);
  return key;
}

async function readKeyFile(dataDir: string): Promise<string | null> {
  const path = join(dataDir, 'keys', 'log.key');
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw fileFailure(error, path);
  }
}

function parseOwnKey(text: string): VerifierKey {
  try {
    return parsePrivateKey(text).key;
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new Failure('malformed', `the log key of the service: ${error.message}`, { cause: error });
  }
}
