import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Config } from '../../config.js';
import { logKeyFile, parseLogKeys, type PrivateKey } from '../../keys.js';
import {
  ANONYMOUS,
  KIND_DOCUMENT,
  LogKeys,
  NO_DETAILS,
  ProofError,
  quorumHolds,
  SALT_LENGTH,
  sameKey,
  sha256,
  signKeyStatement,
  utf8,
  type VerifierKey,
} from '../../proof/index.js';
import type { Store } from '../../store/index.js';
import { Failure, fileFailure, usageError } from '../failure.js';
import { databaseFailure, databasePlace, openDatabase } from '../input/database.js';
import type { DatabaseOptions } from '../input/database-options.js';
import type { ExitCode, Io } from '../io.js';

/** What a command that changes the log's key works with. */
export interface KeyChange {
  readonly store: Store;
  readonly config: Config;
  readonly dataDir: string;
  /** The private keys that are at hand. */
  readonly signers: readonly PrivateKey[];
  /** Whether they are in the data directory's file, and not in the configuration. */
  readonly inFile: boolean;
  /** By all that has been stated, and by what of it blocks hold already. */
  readonly stated: LogKeys;
  readonly sealed: LogKeys;
  readonly statements: Awaited<ReturnType<Store['logKeyStatements']>>;
}

/** Opens the service's database and keys for `work`, whether the service runs or not. @throws {Failure} */
export async function withKeys(
  values: DatabaseOptions,
  io: Io,
  work: (change: KeyChange) => Promise<ExitCode>,
): Promise<ExitCode> {
  const place = databasePlace(values, io);
  const { config, dataDir } = place;
  if (dataDir === null) throw usageError('where are the keys? Give --data-dir DIR, or set INGAM_DATA_DIR');
  const signers = readSigners(config.logKey ?? (await readKeyFile(dataDir)));
  const { store, close } = await openDatabase(place, 'current');
  try {
    const statements = await store.logKeyStatements();
    const keys = (all: typeof statements) =>
      LogKeys.of(
        signers[0].key,
        all.map(({ note, height }) => ({
          text: note,
          firstSize: height === null ? Number.MAX_SAFE_INTEGER : height + 1,
        })),
      );
    return await work({
      store,
      config,
      dataDir,
      signers,
      inFile: config.logKey === null,
      stated: keys(statements),
      sealed: keys(statements.filter(({ height }) => height !== null)),
      statements,
    });
  } catch (error) {
    throw error instanceof ProofError ? malformedStatements(error) : databaseFailure(error);
  } finally {
    await close();
  }
}

/**
 * Writes into the chain that these keys sign from the next block on. One transaction: a command that is interrupted has stated it or
 * has not, and can be given again.
 * @throws {Failure} conflict
 */
export async function state(
  { store, statements, signers }: KeyChange,
  keys: readonly VerifierKey[],
): Promise<void> {
  const note = signKeyStatement(keys.map((key) => signerOf(signers, key)));
  const bytes = utf8(note);
  const entry = {
    kind: KIND_DOCUMENT,
    digest: sha256(bytes),
    size: bytes.length,
    acceptedAt: Date.now(),
    salt: new Uint8Array(randomBytes(SALT_LENGTH)),
    accountTag: ANONYMOUS,
    detailsDigest: NO_DETAILS,
  };
  if (await store.acceptKeyStatement({ ordinal: statements.length, entry, note })) return;
  throw new Failure('conflict', 'somebody else has changed the log key in this moment', {
    hint: 'See what there is with: ingam log-key show',
  });
}

/** Whether the quorum has signed a checkpoint that both keys sign: what lets verifiers believe the new one by the old. */
export async function isCosigned({ store, config, statements }: KeyChange): Promise<boolean> {
  const { witnesses } = config;
  const height = statements.at(-1)?.height ?? null;
  if (witnesses === null) return true;
  if (height === null) return false;
  const minimum = Math.max(1, witnesses.needed);
  for (const size of await store.cosignedSizes({ above: height, minimum, limit: 100 })) {
    const rows = await store.cosignatures(size);
    const names = witnesses.all.filter(({ key }) => rows.some(({ witness }) => witness === key.name));
    if (quorumHolds(witnesses.policy, new Set(names.map(({ name }) => name)))) return true;
  }
  return false;
}

function signerOf(signers: readonly PrivateKey[], key: VerifierKey): PrivateKey {
  const signer = signers.find((each) => sameKey(each.key, key));
  if (signer === undefined) throw new Error('a key was chosen that is not at hand');
  return signer;
}

function readSigners(text: string): readonly [PrivateKey, ...PrivateKey[]] {
  try {
    return parseLogKeys(text);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new Failure('malformed', `the log key of the service: ${error.message}`, { cause: error });
  }
}

async function readKeyFile(dataDir: string): Promise<string> {
  const path = logKeyFile(dataDir);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fileFailure(error, path);
  }
}

function malformedStatements(error: ProofError): Failure {
  return new Failure('malformed', `what the log says of its keys does not hold: ${error.message}`, {
    hint: 'Find out what happened to the database with: ingam audit',
    cause: error,
  });
}
