import { randomBytes } from 'node:crypto';
import { generateKey, type PrivateKey } from '../crypto/keys.js';
import { Receipts } from '../intake/index.js';
import { writeLogKeys } from '../service/keys.js';
import {
  ANONYMOUS,
  encodeEntry,
  formatVerifierKey,
  type KeyValidity,
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
} from '../proof/index.js';
import type { Config } from '../service/config.js';
import type { Store } from '../store/index.js';
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
  usage: '',
  text: `Generates a new log key and records in the chain, signed by both keys, that both sign from the next block on. A
running service picks up the new key by itself; documents are accepted and sealed as before. Verifiers that know
only the old key are not affected; members adopt the new key.

If INGAM_LOG_KEY is set, generate the new key with "ingam keygen" first and configure both keys for the service, the
old one first, separated by a space. Then run this command.

It is safe to repeat after an interruption: it never announces a second key.`,
  options: { ...DATABASE_OPTIONS },
  positionals: NONE,
  run: ({ values }, io) =>
    withKeys(values, io, async (change) => {
      const [old, already] = change.stated.latest;
      if (old === undefined) throw new Error('the log has no key');
      if (already !== undefined) {
        printLine(io.stdout, printable(formatVerifierKey(already)));
        const isHere = change.signers.some(({ key }) => sameKey(key, already));
        printNote(
          io,
          isHere
            ? 'This key is already announced. When all verifiers have it: ingam log-key retire'
            : 'This key is already announced, but its private key is missing. Nothing can be sealed without it: restore it.',
        );
        return isHere ? EXIT.ok : EXIT.failed;
      }
      const ready = await withNewKey(change, old);
      const added = ready.signers.find(({ key }) => !change.stated.has(key));
      if (added === undefined) throw new Error('the new key is missing');
      await state(ready, [old, added.key]);
      printLine(io.stdout, printable(formatVerifierKey(added.key)));
      printNote(
        io,
        'From the next block on the log is signed by this key and the old one.',
        'Distribute the new trust policy to verifiers (ingam trust). When they have it: ingam log-key retire',
      );
      return EXIT.ok;
    }),
});

const retire = defineCommand({
  name: 'log-key retire',
  summary: 'stop signing with the old key',
  usage: '[--new] [--now]',
  text: `Records in the chain that only the other key signs from the next block on. Everything signed by the retired key stays
valid. Verifiers that know only the retired key, and have not fetched the new trust policy, do not trust later blocks.

With --new it retires the new key instead, for a key that was lost or stolen before the old one was retired.`,
  options: {
    ...DATABASE_OPTIONS,
    new: { type: 'boolean', help: 'retire the new key instead, and keep the old one' },
    now: {
      type: 'boolean',
      help: 'even if the quorum of members has not cosigned a checkpoint of the new key yet',
    },
  },
  positionals: NONE,
  run: ({ values }, io) =>
    withKeys(values, io, async (change) => {
      const [older, newer] = change.stated.latest;
      if (older !== undefined && newer === undefined && retiredOf(change.stated, change).length > 0) {
        printLine(io.stdout, printable(formatVerifierKey(older)));
        printNote(io, 'The other key is already retired. When that is sealed: ingam log-key forget');
        return EXIT.ok;
      }
      if (older === undefined || newer === undefined)
        throw usageError('the log has only one key', 'Add a new one first: ingam log-key announce');
      const [gone, stays] = values.new ? [newer, older] : [older, newer];
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
      if (!change.signers.some(({ key }) => sameKey(key, stays)))
        throw usageError(`the private key that would remain is missing: ${formatVerifierKey(stays)}`);
      await state(change, [stays]);
      printLine(io.stdout, printable(formatVerifierKey(stays)));
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

/** Adds a second private key, which is on disk before it is announced. */
async function withNewKey(change: KeyChange, old: VerifierKey): Promise<KeyChange> {
  if (change.signers.some(({ key }) => !change.stated.has(key))) return change;
  if (!change.inFile) {
    throw usageError(
      'INGAM_LOG_KEY contains no new key',
      `Generate one (ingam keygen --name ${old.name}) and set INGAM_LOG_KEY to both keys, for the service and for this command.`,
    );
  }
  const signers = [...change.signers, generateKey(old.name)];
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
  const [receiptKey] = await readReceiptKeys(config, dataDir);
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
      receipts: new Receipts(receiptKey, signers[0].key.name, config.sealPromiseMs),
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
 * Records in the chain that these keys sign from the next block on. It is one transaction, so an interrupted
 * command can be repeated.
 * @throws {Failure} conflict
 */
async function state(
  { store, statements, signers, receipts }: KeyChange,
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
  const receipt = receipts.sign(encodeEntry(entry), entry.acceptedAt).note;
  if (await store.acceptKeyStatement({ ordinal: statements.length, entry, note, receipt })) return;
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
