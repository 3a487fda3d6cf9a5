import { readFile } from 'node:fs/promises';
import { audit, type AuditFinding } from '../../audit/index.js';
import { parseLogKeys } from '../../crypto/keys.js';
import { logKeyFile } from '../../service/keys.js';
import {
  type Checkpoint,
  equal,
  parseCheckpoint,
  parseNote,
  ProofError,
  toHex,
  type VerifierKey,
} from '../../proof/index.js';
import { LastCheckpointFile, type Store } from '../../store/index.js';
import { databaseFailure, type DatabaseOptions, databasePlace, openDatabase } from '../database.js';
import { Failure, fileFailure, systemCode, usageError } from '../failure.js';
import { throwIfStopped } from '../files.js';
import {
  counted,
  createProgress,
  EXIT,
  type ExitCode,
  type Io,
  printable,
  printJson,
  printLine,
} from '../io.js';
import { loadTrust, type TrustOptions } from '../trust-store.js';
import { FindingPrinter, type ShownFinding } from './audit-report.js';

/** Checks every row of a service's database. @throws {Failure} */
export async function auditDatabase(
  values: AuditedOptions & { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const { store, logKey, dataDir, close } = await openAudited(values, io);
  const progress = createProgress(io, 'Checking entries', 1);
  try {
    const result = await audit({
      store,
      logKey,
      limit: values.json ? JSON_LIMIT : PRINTED_LIMIT,
      signal: io.signal,
      onProgress: ({ done, total, blocks }) => {
        progress.update(total === 0 ? 1 : done / total, counted(blocks, 'block'));
      },
    });
    progress.clear();
    const kept = dataDir === null ? [] : await checkKeptCheckpoint(store, dataDir);
    const { findings, findingCount, ...totals } = result;
    const count = findingCount + kept.length;
    if (values.json) {
      printJson(io.stdout, {
        sound: count === 0,
        findingCount: count,
        findings: [...findings, ...kept],
        ...totals,
      });
    } else {
      const printer = new FindingPrinter(io);
      for (const one of findings) printer.print(shown(one));
      for (const one of kept) printer.print(one);
      const what = `${counted(result.entries, 'entry', 'entries')} in ${counted(result.blocks, 'block')} of ${logKey.name}`;
      if (count === 0) printLine(io.stdout, printable(`SOUND  ${what}: no findings`));
      else printLine(io.stderr, printable(`${counted(count, 'finding')} in ${what}.`));
    }
    return count === 0 ? EXIT.ok : EXIT.failed;
  } catch (error) {
    throwIfStopped(io.signal);
    throw databaseFailure(error);
  } finally {
    progress.clear();
    await close();
  }
}

const PRINTED_LIMIT = 100;
const JSON_LIMIT = 100_000;

function shown({ table, key, column, message, expected, found }: AuditFinding): ShownFinding {
  const row = Object.entries(key).map(([name, value]) => `${name}=${value}`);
  return {
    where: `${table} ${row.join(' ')}`.trimEnd(),
    what: column,
    says: message,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
  };
}

export interface AuditedOptions extends TrustOptions, DatabaseOptions {}

export interface AuditedDatabase {
  readonly store: Store;
  readonly logKey: VerifierKey;
  /** null if only --database was given. */
  readonly dataDir: string | null;
  readonly close: () => Promise<void>;
}

/** Opens the database for reading and finds the log's key. @throws {Failure} */
async function openAudited(values: AuditedOptions, io: Io): Promise<AuditedDatabase> {
  const place = databasePlace(values, io);
  const { dataDir } = place;
  const logKey = await findLogKey(values, place.config.logKey, dataDir, io);
  return { ...(await openDatabase(place, 'any')), logKey, dataDir };
}

/** An explicit key, else the key of the local installation, else the user's trust policy. */
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
  if (key === undefined) throw usageError("missing the log's public key: give it with --key VKEY");
  if (others.some(({ name }) => name !== key.name))
    throw usageError(`${source ?? ''} lists several logs: choose one with --key VKEY`);
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

/**
 * Compares the database with the checkpoint kept in the data directory: consistent rows can still be those of an old
 * backup. Reads only.
 */
async function checkKeptCheckpoint(
  store: Pick<Store, 'checkpoint'>,
  dataDir: string,
): Promise<ShownFinding[]> {
  const file = new LastCheckpointFile(dataDir);
  const text = await file.read();
  if (text === null) return [];
  let kept: Checkpoint;
  try {
    kept = parseCheckpoint(parseNote(text).text);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return [{ where: file.path, what: null, says: `This is not a checkpoint: ${error.message}.` }];
  }
  const stored = await store.checkpoint(kept.size);
  if (stored !== null && equal(stored.root, kept.root)) return [];
  return [
    {
      where: `checkpoint size=${kept.size}`,
      what: stored === null ? null : 'root',
      says: `The database is not the one for which ${file.path} was signed: it was rolled back, or its history was changed.`,
      expected: toHex(kept.root),
      found: stored === null ? 'no checkpoint over so many blocks' : toHex(stored.root),
    },
  ];
}
