import { generateKey, type PrivateKey, signingKeys } from '../crypto/keys.js';
import { Receipts, stateLogKeys } from '../intake/index.js';
import { writeLogKeys } from '../service/keys.js';
import {
  type Algorithm,
  ED25519,
  formatVerifierKey,
  formOf,
  type KeyValidity,
  LogKeys,
  ML_DSA_44,
  ProofError,
  quorumHolds,
  sameKey,
  signNote,
  type VerifierKey,
} from '../proof/index.js';
import type { Config } from '../service/config.js';
import type { Store } from '../store/index.js';
import { parseAlgorithm } from './algorithm.js';
import { defineCommand, defineGroup } from './command.js';
import {
  DATABASE_OPTIONS,
  databaseFailure,
  type DatabaseOptions,
  databasePlace,
  openDatabase,
  readLogKeys,
  readReceiptKeys,
} from './database.js';
import { Failure, usageError } from './failure.js';
import { EXIT, type ExitCode, type Io, printable, printJson, printLine, printNote } from './io.js';

const NONE = { min: 0, max: 0 } as const;
const JSON_OPTION = {
  json: { type: 'boolean', help: 'print keys and their validity as JSON' },
} as const;

const show = defineCommand({
  name: 'log-key show',
  summary: 'list the present and past keys of the log',
  usage: '',
  text: `Lists every key of the log with the sizes of the checkpoints that it signs.`,
  options: { ...DATABASE_OPTIONS, ...JSON_OPTION },
  positionals: NONE,
  run: ({ values }, io) =>
    withKeys(values, io, (change) => {
      const { sealed, stated, statements } = change;
      const waits = statements.some(({ height }) => height === null);
      if (values.json) {
        printJson(io.stdout, {
          keys: sealed.all.map(validityJson),
          waits: waits ? stated.latest.map(formatVerifierKey) : null,
        });
        return Promise.resolve(EXIT.ok);
      }
      for (const validity of sealed.all) printLine(io.stdout, printable(described(validity)));
      if (waits) {
        printNote(
          io,
          'A key change is waiting for its block. From that block on these keys sign:',
          ...stated.latest.map((key) => `  ${formatVerifierKey(key)}`),
        );
      }
      return Promise.resolve(EXIT.ok);
    }),
});

const announce = defineCommand({
  name: 'log-key announce',
  summary: 'add a new key that signs together with the old one',
  usage: '[--algorithm NAME] [--another]',
  text: `Generates a new log key and records in the chain, signed by all keys, that all sign from the next block on. A
running service picks up the new key by itself; documents are accepted and sealed as before. Verifiers that know
only the old key are not affected; members adopt the new key.

With --algorithm ml-dsa-44 it adds a key that is secure against quantum computers, beside the Ed25519 key and for
good: such a key can be replaced by another, but not given up. Without its private key nothing can be sealed.

If INGAM_LOG_KEY is set, generate the new key with "ingam keygen" first and configure both keys for the service, the
old one first, separated by a space. Then run this command.

It is safe to repeat after an interruption: it never announces a second key, unless --another is given.`,
  options: {
    ...DATABASE_OPTIONS,
    algorithm: {
      type: 'string',
      value: 'NAME',
      help: 'ed25519 or ml-dsa-44 (default: that of the first key)',
    },
    another: {
      type: 'boolean',
      help: 'even if the last announcement added a key of this algorithm,\nfor example to replace a stolen one',
    },
  },
  positionals: NONE,
  run: ({ values }, io) =>
    withKeys(values, io, async (change) => {
      const [old] = change.stated.latest;
      if (old === undefined) throw new Error('the log has no key');
      const algorithm =
        values.algorithm === undefined ? formOf(old.type).algorithm : parseAlgorithm(values.algorithm);
      const already = announcedKey(change, algorithm, values.another);
      if (already !== undefined) {
        printLine(io.stdout, printable(formatVerifierKey(already)));
        const isHere = change.signers.some(({ key }) => sameKey(key, already));
        const replaces = keysOf(change.stated, algorithm).length > 1;
        printNote(
          io,
          isHere
            ? `This key is already announced.${replaces ? ' When all verifiers have it: ingam log-key retire' : ''}`
            : 'This key is already announced, but its private key is missing. Nothing can be sealed without it: restore it.',
        );
        return isHere ? EXIT.ok : EXIT.failed;
      }
      const ready = await withNewKey(change, old.name, algorithm);
      const added = ready.signers.find((signer) => isNew(signer, change, algorithm));
      if (added === undefined) throw new Error('the new key is missing');
      const replaces = keysOf(change.stated, algorithm).length > 0;
      await state(ready, [...change.stated.latest, added.key]);
      printLine(io.stdout, printable(formatVerifierKey(added.key)));
      printNote(
        io,
        'From the next block on the log is signed by this key and the old one.',
        ...(algorithm === 'ml-dsa-44'
          ? ['Keep a backup of its private key: the log cannot go on without it.']
          : []),
        replaces
          ? 'Distribute the new trust policy to verifiers (ingam trust). When they have it: ingam log-key retire'
          : 'Distribute the new trust policy to verifiers (ingam trust).',
      );
      return EXIT.ok;
    }),
});

const retire = defineCommand({
  name: 'log-key retire',
  summary: 'stop signing with the old key',
  usage: '[--algorithm NAME] [--new] [--now]',
  text: `Records in the chain that only the other keys sign from the next block on. Everything signed by the retired key stays
valid. Verifiers that know only the retired key, and have not fetched the new trust policy, do not trust later blocks.

It retires the older of two keys of one algorithm. With --algorithm ed25519 it also retires the only Ed25519 key of a
log that ML-DSA-44 keys sign as well.

With --new it retires the new key instead, for a key that was lost or stolen before the old one was retired.`,
  options: {
    ...DATABASE_OPTIONS,
    algorithm: {
      type: 'string',
      value: 'NAME',
      help: 'ed25519 or ml-dsa-44 (default: that with two keys)',
    },
    new: { type: 'boolean', help: 'retire the new key instead, and keep the old one' },
    now: {
      type: 'boolean',
      help: 'even if the quorum of members has not cosigned a checkpoint of the new key yet',
    },
  },
  positionals: NONE,
  run: ({ values }, io) =>
    withKeys(values, io, async (change) => {
      const algorithm = values.algorithm === undefined ? undefined : parseAlgorithm(values.algorithm);
      const present = change.stated.latest;
      const choice = chooseRetired(present, algorithm, values.new);
      if (choice === null && present[0] !== undefined && retiredOf(change.stated, change).length > 0) {
        printLine(io.stdout, printable(formatVerifierKey(present[0])));
        printNote(io, 'The other key is already retired. When that is sealed: ingam log-key forget');
        return EXIT.ok;
      }
      const gone = choice ?? noneToRetire(present, algorithm);
      const stay = present.filter((key) => !sameKey(key, gone));
      if (change.statements.some(({ height }) => height === null))
        throw new Failure(
          'conflict',
          'the announcement of the new key is not sealed yet: let the service run',
        );
      if (!values.now && !values.new && !(await isCosigned(change))) {
        throw new Failure(
          'conflict',
          'the quorum of members has not cosigned a checkpoint of the new key yet',
          {
            hint: 'Wait for it, or use --now and distribute the new policy to verifiers through another channel.',
          },
        );
      }
      const lost = stay.find((key) => !change.signers.some((signer) => sameKey(signer.key, key)));
      if (lost !== undefined)
        throw usageError(`the private key that would remain is missing: ${formatVerifierKey(lost)}`);
      await state(change, stay);
      for (const key of stay) printLine(io.stdout, printable(formatVerifierKey(key)));
      printNote(
        io,
        `From the next block on the log is no longer signed by ${formatVerifierKey(gone)}`,
        change.inFile
          ? 'When that is sealed, destroy its private key: ingam log-key forget'
          : 'When that is sealed, remove its private key from INGAM_LOG_KEY and destroy it.',
      );
      return EXIT.ok;
    }),
});

const forget = defineCommand({
  name: 'log-key forget',
  summary: 'delete the private keys of retired keys from the data directory',
  usage: '',
  text: `Deletes private keys that sign no further checkpoints from DIR/keys/log.key. Anyone who obtains a retired key could
backdate documents with it. Delete copies in backups yourself.`,
  options: { ...DATABASE_OPTIONS },
  positionals: NONE,
  run: ({ values }, io) =>
    withKeys(values, io, async (change) => {
      if (!change.inFile)
        throw usageError('the keys are in INGAM_LOG_KEY, not in a file', 'Remove the retired key there.');
      const gone = retiredOf(change.sealed, change);
      const kept = change.signers.filter((signer) => !gone.includes(signer));
      if (gone.length > 0 && kept.length > 0) await writeLogKeys(change.dataDir, kept);
      for (const { key } of gone) printLine(io.stdout, printable(formatVerifierKey(key)));
      printLine(
        io.stderr,
        gone.length === 0 ? 'No retired private keys to delete.' : 'Deleted. Delete it from backups too.',
      );
      return EXIT.ok;
    }),
});

export const logKeyCommand = defineGroup({
  name: 'log-key',
  summary: "rotate the log's signing key",
  text: `Announce a new key, let both sign for some weeks, retire the old one, then delete its private key (forget).
docs/members.md explains what to do when a key is lost or stolen.`,
  commands: { show, announce, retire, forget },
});

const LOG_TYPES: Readonly<Record<Algorithm, number>> = { ed25519: ED25519, 'ml-dsa-44': ML_DSA_44 };
/** Keys of one algorithm that sign at a time. */
const MOST_KEYS = 2;

/** The keys that sign the next checkpoint, of this algorithm, the older first. */
function keysOf({ latest }: LogKeys, algorithm: Algorithm): readonly VerifierKey[] {
  return latest.filter(({ type }) => type === LOG_TYPES[algorithm]);
}

/** The key that another announcement would only repeat; undefined: a new one is to be announced. */
function announcedKey(
  { stated, statements }: KeyChange,
  algorithm: Algorithm,
  another: boolean,
): VerifierKey | undefined {
  const present = keysOf(stated, algorithm);
  if (present.length >= MOST_KEYS) return present.at(-1);
  if (another || statements.length === 0) return undefined;
  return present.find((key) => !stated.before.some((earlier) => sameKey(earlier, key)));
}

/** The key that `retire` drops; null: there is none. */
function chooseRetired(
  present: readonly VerifierKey[],
  algorithm: Algorithm | undefined,
  newer: boolean,
): VerifierKey | null {
  const groups = Object.values(LOG_TYPES)
    .filter((type) => algorithm === undefined || type === LOG_TYPES[algorithm])
    .map((type) => present.filter((key) => key.type === type));
  const doubles = groups.filter((keys) => keys.length >= MOST_KEYS);
  if (doubles.length > 1)
    throw usageError('the log has two keys of each algorithm', 'Choose with --algorithm which to retire.');
  const pair = doubles[0];
  if (pair !== undefined) return (newer ? pair.at(-1) : pair[0]) ?? null;
  const only = present.find(({ type }) => type === ED25519);
  return algorithm === 'ed25519' && present.length > 1 ? (only ?? null) : null;
}

function noneToRetire(present: readonly VerifierKey[], algorithm: Algorithm | undefined): never {
  if (present.length === 1)
    throw usageError('the log has only one key', 'Add a new one first: ingam log-key announce');
  throw usageError(
    algorithm === 'ml-dsa-44'
      ? 'a log does not give up its ML-DSA-44 key'
      : 'the log has one key of each algorithm',
    'Add a new one first: ingam log-key announce --algorithm NAME',
  );
}

function isNew({ key }: PrivateKey, { stated }: KeyChange, algorithm: Algorithm): boolean {
  return !stated.has(key) && key.type === LOG_TYPES[algorithm];
}

/** Adds a private key, which is on disk before it is announced. */
async function withNewKey(change: KeyChange, name: string, algorithm: Algorithm): Promise<KeyChange> {
  if (change.signers.some((signer) => isNew(signer, change, algorithm))) return change;
  if (!change.inFile) {
    throw usageError(
      'INGAM_LOG_KEY contains no new key',
      `Generate one (ingam keygen --name ${name} --algorithm ${algorithm}) and set INGAM_LOG_KEY to all keys, for the service and for this command.`,
    );
  }
  const signers = [...change.signers, generateKey(name, LOG_TYPES[algorithm])];
  await writeLogKeys(change.dataDir, signers);
  return { ...change, signers };
}

/** The available private keys that are retired. */
function retiredOf({ all }: LogKeys, { signers }: KeyChange): KeyChange['signers'] {
  const retired = all.filter(({ until }) => until !== null);
  return signers.filter((signer) => retired.some(({ key }) => sameKey(key, signer.key)));
}

function described({ key, from, until }: KeyValidity): string {
  const sizes = until === null ? `of ${from} or more blocks` : `of ${from} to ${until} blocks`;
  return `${formatVerifierKey(key)}  signs checkpoints ${sizes}`;
}

function validityJson({ key, from, until }: KeyValidity) {
  return { verifierKey: formatVerifierKey(key), from, until };
}

/** What the log-key commands work with. */
interface KeyChange {
  readonly store: Store;
  readonly config: Config;
  readonly dataDir: string;
  /** The available private keys. */
  readonly signers: readonly PrivateKey[];
  /** Whether they are in the data directory's file instead of the configuration. */
  readonly inFile: boolean;
  /** For the entry of a statement. */
  readonly receipts: Receipts;
  /** The keys by all statements, and by the sealed statements only. */
  readonly stated: LogKeys;
  readonly sealed: LogKeys;
  readonly statements: Awaited<ReturnType<Store['logKeyStatements']>>;
}

/** Opens the service's database and keys, and runs `work`. The service may be running. @throws {Failure} */
async function withKeys(
  values: DatabaseOptions,
  io: Io,
  work: (change: KeyChange) => Promise<ExitCode>,
): Promise<ExitCode> {
  const place = databasePlace(values, io);
  const { config, dataDir } = place;
  if (dataDir === null) throw usageError('missing --data-dir DIR, which contains the keys');
  const signers = await readLogKeys(config, dataDir);
  const receiptKeys = signingKeys(await readReceiptKeys(config, dataDir));
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
      receipts: new Receipts(
        (text) => signNote(text, ...receiptKeys),
        signers[0].key.name,
        config.sealPromiseMs,
      ),
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
 * Records in the chain that these keys sign from the next block on.
 * @throws {Failure} conflict
 */
async function state(
  { store, statements, signers, receipts }: KeyChange,
  keys: readonly VerifierKey[],
): Promise<void> {
  const chosen = keys.map((key) => signerOf(signers, key));
  if (await stateLogKeys(store, receipts, statements.length, chosen)) return;
  throw new Failure('conflict', 'the log key was changed by someone else at the same time', {
    hint: 'Show the keys with: ingam log-key show',
  });
}

/**
 * Whether the quorum has cosigned a checkpoint with both signatures, so that verifiers can adopt the new key.
 */
async function isCosigned({ store, config, statements }: KeyChange): Promise<boolean> {
  const { members } = config;
  const height = statements.at(-1)?.height ?? null;
  if (members === null) return true;
  if (height === null) return false;
  const minimum = Math.max(1, members.needed);
  for (const size of await store.cosignedSizes({ above: height, minimum, limit: 100 })) {
    const rows = await store.cosignatures(size);
    const names = members.all.filter(({ key }) => rows.some(({ witness }) => witness === key.name));
    if (quorumHolds(members.policy, new Set(names.map(({ name }) => name)))) return true;
  }
  return false;
}

function signerOf(signers: readonly PrivateKey[], key: VerifierKey): PrivateKey {
  const signer = signers.find((each) => sameKey(each.key, key));
  if (signer === undefined) throw new Error('a chosen key is not available');
  return signer;
}

function malformedStatements(error: ProofError): Failure {
  return new Failure('malformed', `the log's key statements are invalid: ${error.message}`, {
    hint: 'Check the database with: ingam audit',
    cause: error,
  });
}
