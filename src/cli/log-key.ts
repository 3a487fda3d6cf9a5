import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { generateKey, parseLogKeys, type PrivateKey } from '../crypto/keys.js';
import { logKeyFile, writeLogKeys } from '../service/keys.js';
import {
  ANONYMOUS,
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
} from './database.js';
import { Failure, fileFailure, usageError } from './failure.js';
import { EXIT, type ExitCode, type Io, printable, printJson, printLine } from './io.js';

const NONE = { min: 0, max: 0 } as const;
const JSON_OPTION = {
  json: { type: 'boolean', help: 'keys and their validity as JSON on standard output' },
} as const;

const show = defineCommand({
  name: 'log-key show',
  summary: 'which keys sign the log, and have signed it',
  usage: '',
  text: `Lists every key that has signed the log, with the sizes of the checkpoints that it signs.`,
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
        printLine(io.stderr, 'Stated, and waiting for their block, from which on these sign:');
        for (const key of stated.latest) printLine(io.stderr, printable(`  ${formatVerifierKey(key)}`));
      }
      return Promise.resolve(EXIT.ok);
    }),
});

const announce = defineCommand({
  name: 'log-key announce',
  summary: 'let a new key sign beside the old one',
  usage: '',
  text: `Makes a new log key and writes into the chain, signed by the old key and by the new one, that both sign from the
next block on. A running service takes the new key up by itself; documents are accepted and sealed as before. Those
who verify and know only the old key notice nothing; members take the new key over.

Where INGAM_LOG_KEY is set, make the new key with "ingam keygen" first, give every process of the service both, the
old one first and a space between them, and then this command.

It can be given again if it was interrupted: it never announces a second key.`,
  options: { ...DATABASE_OPTIONS },
  positionals: NONE,
  run: ({ values }, io) =>
    withKeys(values, io, async (change) => {
      const [old, already] = change.stated.latest;
      if (old === undefined) throw new Error('a log has a key');
      if (already !== undefined) {
        printLine(io.stdout, printable(formatVerifierKey(already)));
        const isHere = change.signers.some(({ key }) => sameKey(key, already));
        tell(io, [
          isHere
            ? 'This key is announced already. When everybody knows it: ingam log-key retire'
            : 'This key is announced already, but its private key is not at hand, and nothing is sealed without it: put it back.',
        ]);
        return isHere ? EXIT.ok : EXIT.failed;
      }
      const ready = await withNewKey(change, old);
      const added = ready.signers.find(({ key }) => !change.stated.has(key));
      if (added === undefined) throw new Error('a new key was made');
      await state(ready, [old, added.key]);
      printLine(io.stdout, printable(formatVerifierKey(added.key)));
      tell(io, [
        'From the next block on, the log is signed by this key and by the old one.',
        'Give the trust policy anew to those who verify (ingam trust). When they have it: ingam log-key retire',
      ]);
      return EXIT.ok;
    }),
});

const retire = defineCommand({
  name: 'log-key retire',
  summary: 'let the old key sign no more',
  usage: '[--new] [--now]',
  text: `Writes into the chain that from the next block on only the other key signs. What the retired key has signed stays
good for ever; whoever knows that key alone, and has not fetched the trust policy anew, does not believe what comes
after.

With --new it is the new key that is given up, for when it was lost or stolen before the old one was retired.`,
  options: {
    ...DATABASE_OPTIONS,
    new: { type: 'boolean', help: 'give up the new key instead, and keep the old one' },
    now: {
      type: 'boolean',
      help: 'even though the quorum of the witnesses has signed nothing of the new key yet',
    },
  },
  positionals: NONE,
  run: ({ values }, io) =>
    withKeys(values, io, async (change) => {
      const [older, newer] = change.stated.latest;
      if (older !== undefined && newer === undefined && retiredOf(change.stated, change).length > 0) {
        printLine(io.stdout, printable(formatVerifierKey(older)));
        tell(io, ['The other key is retired already. When a block holds that: ingam log-key forget']);
        return EXIT.ok;
      }
      if (older === undefined || newer === undefined)
        throw usageError('there is only one key, and a log needs one', 'First: ingam log-key announce');
      const [gone, stays] = values.new ? [newer, older] : [older, newer];
      if (change.statements.some(({ height }) => height === null))
        throw new Failure(
          'conflict',
          'the new key is announced, but no block holds that yet: let the service run',
        );
      if (!values.now && !values.new && !(await isCosigned(change))) {
        throw new Failure(
          'conflict',
          'the quorum of the witnesses has not signed a checkpoint of the new key yet',
          {
            hint: 'Wait for it; or say --now, and give those who verify the new policy by another way.',
          },
        );
      }
      if (!change.signers.some(({ key }) => sameKey(key, stays)))
        throw usageError(`the private key that is to stay is not at hand: ${formatVerifierKey(stays)}`);
      await state(change, [stays]);
      printLine(io.stdout, printable(formatVerifierKey(stays)));
      tell(io, [
        `From the next block on, the log is no longer signed by ${formatVerifierKey(gone)}`,
        change.inFile
          ? 'When a block holds that, destroy its private key: ingam log-key forget'
          : 'When a block holds that, take its private key out of INGAM_LOG_KEY, and destroy it.',
      ]);
      return EXIT.ok;
    }),
});

const forget = defineCommand({
  name: 'log-key forget',
  summary: 'take the private keys of retired keys out of the data directory',
  usage: '',
  text: `Removes from DIR/keys/log.key what no checkpoint is signed with any more. Whoever finds a retired key later could
sign with it that something is older than it is. Copies in backups are yours to destroy.`,
  options: { ...DATABASE_OPTIONS },
  positionals: NONE,
  run: ({ values }, io) =>
    withKeys(values, io, async (change) => {
      if (!change.inFile)
        throw usageError('the keys are in INGAM_LOG_KEY, not in a file', 'Take the retired one out there.');
      const gone = retiredOf(change.sealed, change);
      const kept = change.signers.filter((signer) => !gone.includes(signer));
      if (gone.length > 0 && kept.length > 0) await writeLogKeys(change.dataDir, kept);
      for (const { key } of gone) printLine(io.stdout, printable(formatVerifierKey(key)));
      printLine(
        io.stderr,
        gone.length === 0 ? 'There is nothing to forget.' : 'Forgotten. Destroy it in backups too.',
      );
      return EXIT.ok;
    }),
});

export const logKeyCommand = defineGroup({
  name: 'log-key',
  summary: 'change the key that signs the log, while it runs',
  text: `Announce a new key, let both sign for a while (weeks, rather than hours), retire the old one, forget its private key.
What to do when a key was lost or stolen is in docs/members.md.`,
  commands: { show, announce, retire, forget },
});

/** The same with a second private key at hand, on disk before anything is said of it. */
async function withNewKey(change: KeyChange, old: VerifierKey): Promise<KeyChange> {
  if (change.signers.some(({ key }) => !change.stated.has(key))) return change;
  if (!change.inFile) {
    throw usageError(
      'the new key is missing in INGAM_LOG_KEY',
      `Make one (ingam keygen --name ${old.name}), and give both in INGAM_LOG_KEY: to every process of the service, and here.`,
    );
  }
  const signers = [...change.signers, generateKey(old.name)];
  await writeLogKeys(change.dataDir, signers);
  return { ...change, signers };
}

/** Those of the private keys at hand that sign no more. */
function retiredOf({ all }: LogKeys, { signers }: KeyChange): KeyChange['signers'] {
  const retired = all.filter(({ until }) => until !== null);
  return signers.filter((signer) => retired.some(({ key }) => sameKey(key, signer.key)));
}

function described({ key, from, until }: KeyValidity): string {
  const sizes = until === null ? `from ${from} blocks on` : `from ${from} to ${until} blocks`;
  return `${formatVerifierKey(key)}  signs checkpoints ${sizes}`;
}

function validityJson({ key, from, until }: KeyValidity) {
  return { verifierKey: formatVerifierKey(key), from, until };
}

function tell(io: Io, lines: readonly string[]): void {
  for (const line of lines) printLine(io.stderr, printable(line));
}

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
