import { readFile } from 'node:fs/promises';
import { logKeyFile, parseLogKeys } from '../../keys.js';
import { ProofError, type VerifierKey } from '../../proof/index.js';
import type { Store } from '../../store/index.js';
import { Failure, fileFailure, systemCode, usageError } from '../failure.js';
import type { Io } from '../io.js';
import { databasePlace, openDatabase } from '../input/database.js';
import type { DatabaseOptions } from '../input/database-options.js';
import { loadTrust, type TrustOptions } from '../input/trust-store.js';

export interface AuditedOptions extends TrustOptions, DatabaseOptions {}

export interface AuditedDatabase {
  readonly store: Store;
  readonly logKey: VerifierKey;
  /** null when the database was named alone. */
  readonly dataDir: string | null;
  readonly close: () => Promise<void>;
}

/** Opens the database that is to be audited, and finds the key to judge it by. Changes nothing. @throws {Failure} */
export async function openAudited(values: AuditedOptions, io: Io): Promise<AuditedDatabase> {
  const place = databasePlace(values, io);
  const { dataDir } = place;
  const logKey = await findLogKey(values, place.config.logKey, dataDir, io);
  return { ...(await openDatabase(place, 'any')), logKey, dataDir };
}

/** What the user names wins; a local installation is judged by its own key; then by whom the user trusts anyway. */
async function findLogKey(
  values: AuditedOptions,
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
  if (others.some(({ name }) => name !== key.name))
    throw usageError(`${source ?? ''} names several logs: name the one with --key VKEY`);
  return key;
}

async function readKeyFile(dataDir: string): Promise<string | null> {
  const path = logKeyFile(dataDir);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw fileFailure(error, path);
  }
}

function parseOwnKey(text: string): VerifierKey {
  try {
    return parseLogKeys(text)[0].key;
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new Failure('malformed', `the log key of the service: ${error.message}`, { cause: error });
  }
}
