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
import { keysMessages } from './messages/keys.js';
import { SUMMARIES } from './summaries.js';

const NONE = { min: 0, max: 0 } as const;
const JSON_OPTION = {
  json: {
    type: 'boolean',
    help: { en: 'print keys and their validity as JSON', ko: '키와 유효 범위를 JSON으로 출력' },
  },
} as const;

const show = defineCommand({
  name: 'log-key show',
  summary: { en: 'list the present and past keys of the log', ko: '로그의 현재 키와 지난 키를 보여 줍니다' },
  usage: '',
  text: {
    en: `Lists every key of the log with the sizes of the checkpoints that it signs.`,
    ko: '로그의 모든 키와 각 키가 서명하는 체크포인트의 크기를 보여 줍니다.',
  },
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
          keysMessages().changeWaits,
          ...stated.latest.map((key) => `  ${formatVerifierKey(key)}`),
        );
      }
      return Promise.resolve(EXIT.ok);
    }),
});

const announce = defineCommand({
  name: 'log-key announce',
  summary: {
    en: 'add a new key that signs together with the old one',
    ko: '이전 키와 함께 서명할 새 키를 추가합니다',
  },
  usage: '[--algorithm NAME] [--another]',
  text: {
    en: `Generates a new log key and records in the chain, signed by all keys, that all sign from the next block on. A
running service picks up the new key by itself; documents are accepted and sealed as before. Verifiers that know
only the old key are not affected; members adopt the new key.

With --algorithm ml-dsa-44 it adds a key that is secure against quantum computers, beside the Ed25519 key and for
good: such a key can be replaced by another, but not given up. Without its private key nothing can be sealed.

If INGAM_LOG_KEY is set, generate the new key with "ingam keygen" first and configure both keys for the service, the
old one first, separated by a space. Then run this command.

It is safe to repeat after an interruption: it never announces a second key, unless --another is given.`,
    ko: `새 로그 키를 만들고, 다음 블록부터 모든 키가 서명한다는 것을 모든 키로 서명해 체인에 기록합니다. 실행 중인 서비스는
새 키를 저절로 쓰며, 문서의 접수와 봉인은 그대로 이어집니다. 이전 키만 아는 사람도 계속 확인할 수 있고, 참여 기관은
새 키를 받아들입니다.

--algorithm ml-dsa-44를 쓰면 양자 컴퓨터에도 안전한 키를 Ed25519 키에 더해 영구히 추가합니다. 이 키는 다른 키로
교체할 수는 있지만 없앨 수는 없습니다. 개인 키가 없으면 아무것도 봉인할 수 없습니다.

INGAM_LOG_KEY를 쓴다면 먼저 "ingam keygen"으로 새 키를 만들고, 서비스에 두 키를 이전 키부터 공백으로 구분해 설정한
다음 이 명령을 실행하세요.

중단된 뒤 다시 실행해도 안전합니다. --another가 없으면 두 번째 키를 추가하지 않습니다.`,
  },
  options: {
    ...DATABASE_OPTIONS,
    algorithm: {
      type: 'string',
      value: 'NAME',
      help: {
        en: 'ed25519 or ml-dsa-44 (default: that of the first key)',
        ko: 'ed25519 또는 ml-dsa-44(기본값: 첫 키와 같은 것)',
      },
    },
    another: {
      type: 'boolean',
      help: {
        en: 'even if the last announcement added a key of this algorithm,\nfor example to replace a stolen one',
        ko: '마지막에 이 알고리즘의 키를 추가했더라도 또 추가\n예: 도난당한 키를 교체할 때',
      },
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
            ? `${keysMessages().alreadyAnnounced}${replaces ? keysMessages().whenAllHave : ''}`
            : keysMessages().announcedButLost,
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
        keysMessages().bothSign,
        ...(algorithm === 'ml-dsa-44' ? [keysMessages().keepBackup] : []),
        replaces ? keysMessages().distributeThenRetire : keysMessages().distribute,
      );
      return EXIT.ok;
    }),
});

const retire = defineCommand({
  name: 'log-key retire',
  summary: { en: 'stop signing with the old key', ko: '이전 키로 서명하기를 그만둡니다' },
  usage: '[--algorithm NAME] [--new] [--now]',
  text: {
    en: `Records in the chain that only the other keys sign from the next block on. Everything signed by the retired key stays
valid. Verifiers that know only the retired key, and have not fetched the new trust policy, do not trust later blocks.

It retires the older of two keys of one algorithm. With --algorithm ed25519 it also retires the only Ed25519 key of a
log that ML-DSA-44 keys sign as well.

With --new it retires the new key instead, for a key that was lost or stolen before the old one was retired.`,
    ko: `다음 블록부터 다른 키만 서명한다는 것을 체인에 기록합니다. 물러난 키로 서명한 것은 모두 유효합니다. 물러난 키만 알고
새 신뢰 정책을 받지 않은 사람은 이후의 블록을 신뢰하지 않습니다.

같은 알고리즘의 두 키 가운데 먼저 것이 물러납니다. --algorithm ed25519를 쓰면 ML-DSA-44 키도 서명하는 로그의
하나뿐인 Ed25519 키도 물러납니다.

--new를 쓰면 새 키가 물러납니다. 이전 키가 물러나기 전에 새 키를 잃어버리거나 도난당했을 때 쓰세요.`,
  },
  options: {
    ...DATABASE_OPTIONS,
    algorithm: {
      type: 'string',
      value: 'NAME',
      help: {
        en: 'ed25519 or ml-dsa-44 (default: that with two keys)',
        ko: 'ed25519 또는 ml-dsa-44(기본값: 키가 두 개인 것)',
      },
    },
    new: {
      type: 'boolean',
      help: {
        en: 'retire the new key instead, and keep the old one',
        ko: '이전 키를 두고 새 키를 물러나게 함',
      },
    },
    now: {
      type: 'boolean',
      help: {
        en: 'even if the quorum of members has not cosigned a checkpoint of the new key yet',
        ko: '정족수의 참여 기관이 새 키의 체크포인트에 아직 공동 서명하지 않았더라도 실행',
      },
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
        printNote(io, keysMessages().alreadyRetired);
        return EXIT.ok;
      }
      const gone = choice ?? noneToRetire(present, algorithm);
      const stay = present.filter((key) => !sameKey(key, gone));
      if (change.statements.some(({ height }) => height === null))
        throw new Failure('conflict', keysMessages().announcementUnsealed);
      if (!values.now && !values.new && !(await isCosigned(change))) {
        throw new Failure('conflict', keysMessages().notCosignedYet, {
          hint: keysMessages().waitOrNow,
        });
      }
      const lost = stay.find((key) => !change.signers.some((signer) => sameKey(signer.key, key)));
      if (lost !== undefined) throw usageError(keysMessages().remainingLost(formatVerifierKey(lost)));
      await state(change, stay);
      for (const key of stay) printLine(io.stdout, printable(formatVerifierKey(key)));
      printNote(
        io,
        keysMessages().noLongerSigns(formatVerifierKey(gone)),
        change.inFile ? keysMessages().thenForget : keysMessages().thenRemove,
      );
      return EXIT.ok;
    }),
});

const forget = defineCommand({
  name: 'log-key forget',
  summary: {
    en: 'delete the private keys of retired keys from the data directory',
    ko: '물러난 키의 개인 키를 데이터 디렉터리에서 지웁니다',
  },
  usage: '',
  text: {
    en: `Deletes private keys that sign no further checkpoints from DIR/keys/log.key. Anyone who obtains a retired key could
backdate documents with it. Delete copies in backups yourself.`,
    ko: `더는 체크포인트에 서명하지 않는 개인 키를 DIR/keys/log.key에서 지웁니다. 물러난 키를 손에 넣은 사람은 그 키로 문서의
시각을 앞당길 수 있습니다. 백업에 있는 사본은 직접 지우세요.`,
  },
  options: { ...DATABASE_OPTIONS },
  positionals: NONE,
  run: ({ values }, io) =>
    withKeys(values, io, async (change) => {
      if (!change.inFile) throw usageError(keysMessages().keysInEnvironment, keysMessages().removeThere);
      const gone = retiredOf(change.sealed, change);
      const kept = change.signers.filter((signer) => !gone.includes(signer));
      if (gone.length > 0 && kept.length > 0) await writeLogKeys(change.dataDir, kept);
      for (const { key } of gone) printLine(io.stdout, printable(formatVerifierKey(key)));
      printLine(io.stderr, gone.length === 0 ? keysMessages().nothingToDelete : keysMessages().deleted);
      return EXIT.ok;
    }),
});

export const logKeyCommand = defineGroup({
  name: 'log-key',
  summary: SUMMARIES['log-key'],
  text: {
    en: `Announce a new key, let both sign for some weeks, retire the old one, then delete its private key (forget).
docs/members.md explains what to do when a key is lost or stolen.`,
    ko: `새 키를 추가하고(announce), 몇 주 동안 두 키로 서명한 뒤, 이전 키를 물러나게 하고(retire), 그 개인 키를
지웁니다(forget). 키를 잃어버리거나 도난당했을 때 할 일은 docs/members.md에 있습니다.`,
  },
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
  if (doubles.length > 1) throw usageError(keysMessages().twoOfEach, keysMessages().chooseAlgorithm);
  const pair = doubles[0];
  if (pair !== undefined) return (newer ? pair.at(-1) : pair[0]) ?? null;
  const only = present.find(({ type }) => type === ED25519);
  return algorithm === 'ed25519' && present.length > 1 ? (only ?? null) : null;
}

function noneToRetire(present: readonly VerifierKey[], algorithm: Algorithm | undefined): never {
  if (present.length === 1) throw usageError(keysMessages().onlyOneKey, keysMessages().announceFirst);
  throw usageError(
    algorithm === 'ml-dsa-44' ? keysMessages().keepsMlDsa : keysMessages().oneOfEach,
    keysMessages().announceFirstOf,
  );
}

function isNew({ key }: PrivateKey, { stated }: KeyChange, algorithm: Algorithm): boolean {
  return !stated.has(key) && key.type === LOG_TYPES[algorithm];
}

/** Adds a private key, which is on disk before it is announced. */
async function withNewKey(change: KeyChange, name: string, algorithm: Algorithm): Promise<KeyChange> {
  if (change.signers.some((signer) => isNew(signer, change, algorithm))) return change;
  if (!change.inFile) {
    throw usageError(keysMessages().noNewKey, keysMessages().howToAddKey(name, algorithm));
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
  const sizes = until === null ? keysMessages().sizesFrom(from) : keysMessages().sizes(from, until);
  return keysMessages().signsSizes(formatVerifierKey(key), sizes);
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
  if (dataDir === null) throw usageError(keysMessages().missingDataDir);
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
  throw new Failure('conflict', keysMessages().changedMeanwhile, {
    hint: keysMessages().showKeys,
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
  return new Failure('malformed', keysMessages().badStatements(error.message), {
    hint: keysMessages().auditIt,
    cause: error,
  });
}
