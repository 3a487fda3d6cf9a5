import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { audit, type AuditOptions, type AuditResult } from '../audit/audit.js';
import type { AuditFinding, AuditNote } from '../audit/finding.js';
import { logAt } from '../audit/log-paths.js';
import type { LogSource } from '../audit/log-source.js';
import { auditLog } from '../audit/remote.js';
import { TooLongError } from '../background/bodies.js';
import { Background } from '../background/index.js';
import { keyStatementsJson, LogReader, showKeyStatements } from '../log/index.js';
import {
  type Checkpoint,
  equal,
  HASH_LENGTH,
  parseCheckpoint,
  parseNote,
  type Policy,
  ProofError,
  toHex,
  type VerifierKey,
} from '../proof/index.js';
import { SUPERUSER } from '../postgres/index.js';
import type { Config } from '../service/config.js';
import { openErasureKeys } from '../service/erasure-keys.js';
import { buildVault } from '../service/vault.js';
import { compareSchema, LastCheckpointFile, type Store } from '../store/index.js';
import { defineCommand } from './command.js';
import {
  DATABASE_OPTIONS,
  databaseFailure,
  type DatabaseOptions,
  databasePlace,
  type DatabasePlace,
  NO_LOG,
  openDatabase,
  readLogKeys,
  readReceiptKeys,
  readSecrets,
} from './database.js';
import { fileFailure, isMissing, usageError } from './failure.js';
import { readText, throwIfStopped } from './files.js';
import {
  createProgress,
  EXIT,
  type ExitCode,
  grouped,
  type Io,
  printable,
  printJson,
  printLine,
  printNote,
} from './io.js';
import { openService, SERVER_OPTIONS, type ServiceClient, ServiceRefusal } from './service-client.js';
import { loadTrust, TRUST_OPTIONS, type TrustOptions } from './trust-store.js';
import { evidenceMessages } from './messages/evidence.js';
import { usageMessages } from './messages/usage.js';
import { SUMMARIES } from './summaries.js';

export const auditCommand = defineCommand({
  name: 'audit',
  summary: SUMMARIES.audit,
  usage: '[--data-dir DIR] [--database URL | --server URL] [--key VKEY] [--checkpoint FILE] [--vault]',
  text: {
    en: `Recomputes leaves, tiles, roots, headers, links, proof of work, the log and its signed checkpoints from the entries,
and reports every difference.

In a database (by default the one that "ingam serve" uses in this environment) it checks every row. With --server it
checks what that service publishes: headers, tiles, checkpoint, and the map of records. Events are not published, so
whether the rules allow them is not seen there, but in a database and in histories. The log's key comes from --key or
--trust; for a local installation it defaults to the log key in the data directory.

A second part compares what is not the chain: who submitted, what is public, search words, idempotency keys,
cosignatures, kept documents, accounts and the access log, tables, triggers, functions, roles and settings. It says
what it could not check.

Rows that agree with each other can still be those of an old backup. So the database is also compared with a
checkpoint that was kept elsewhere: that of the data directory, or --checkpoint FILE.

Findings are written to standard output. Exit code: 0 no findings, 1 findings, 2 wrong usage or unreachable.`,
    ko: `등록 항목에서 리프, 타일, 루트, 헤더, 연결, 작업 증명, 로그와 서명된 체크포인트를 다시 계산하고 다른 점을 모두 알려
줍니다.

데이터베이스(기본값: 이 환경에서 "ingam serve"가 쓰는 것)에서는 모든 행을 검사합니다. --server를 쓰면 그 서비스가
공개하는 헤더, 타일, 체크포인트, 전체 기록 목록을 검사합니다. 이벤트는 공개되지 않으므로 규칙에 맞는지는
데이터베이스와 이력 파일에서만 알 수 있습니다. 로그의 키는 --key나 --trust로 지정하며, 이 컴퓨터의 서비스라면 데이터
디렉터리에 있는 로그 키를 씁니다.

둘째 부분에서는 체인이 아닌 것을 비교합니다: 등록자, 공개 여부, 검색어, 멱등 키, 공동 서명, 보관 문서, 조직과
접속 기록, 테이블, 트리거, 함수, 역할, 설정. 검사하지 못한 것도 알려 줍니다.

서로 맞는 행이라도 오래된 백업에서 되돌린 것일 수 있습니다. 그래서 다른 곳에 보관한 체크포인트(데이터 디렉터리의 것
또는 --checkpoint FILE)와도 비교합니다.

발견 사항은 표준 출력에 씁니다. 그 문장은 영어입니다. 종료 코드: 0 발견 사항 없음, 1 발견 사항 있음, 2 잘못된 사용
또는 연결 실패.`,
  },
  options: {
    ...DATABASE_OPTIONS,
    checkpoint: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'signed checkpoint of the log that was kept elsewhere; the database must contain it',
        ko: '다른 곳에 보관한 서명된 체크포인트. 데이터베이스에 이것이 들어 있어야 합니다',
      },
    },
    vault: {
      type: 'boolean',
      help: {
        en: 'also read all kept documents again, which may take hours',
        ko: '보관 문서도 모두 다시 읽어 검사. 오래 걸릴 수 있습니다',
      },
    },
    server: {
      ...SERVER_OPTIONS.server,
      help: {
        en: 'address of a service whose published log is checked',
        ko: '공개된 로그를 검사할 서비스의 주소',
      },
    },
    ...TRUST_OPTIONS,
    json: {
      type: 'boolean',
      help: { en: 'print findings and totals as JSON', ko: '발견 사항과 합계를 JSON으로 출력' },
    },
  },
  positionals: { min: 0, max: 0 },
  run({ values }, io) {
    const { server } = values;
    if (server === undefined) return auditDatabase(values, io);
    if (values.database !== undefined || values['data-dir'] !== undefined) {
      throw usageError(usageMessages().notTogetherOr('--server', '--database', '--data-dir'));
    }
    if (values.vault) {
      throw usageError(usageMessages().notTogether('--server', '--vault'));
    }
    return auditServer({ ...values, server }, io);
  },
});

interface DatabaseAuditOptions extends TrustOptions, DatabaseOptions {
  readonly checkpoint: string | undefined;
  readonly vault: boolean;
  readonly json: boolean;
}

/** Checks every row of a service's database. @throws {Failure} */
async function auditDatabase(values: DatabaseAuditOptions, io: Io): Promise<ExitCode> {
  const place = databasePlace(values, io);
  if (values.vault && place.config.vault === null) throw usageError(evidenceMessages().noVault);
  const keys = await findAuditKeys(values, place, io);
  return auditPlace(values, place, keys, await keptCheckpoints(values, place, io), io);
}

/** What tells genuine rows from others. */
interface AuditKeys extends Pick<AuditOptions, 'receiptKeys' | 'members' | 'rowKeys'> {
  readonly logKey: VerifierKey;
}

/** The keys of the installation at `place`, or those that the user gives. @throws {Failure} */
export async function findAuditKeys(values: TrustOptions, place: DatabasePlace, io: Io): Promise<AuditKeys> {
  return {
    ...(await findKeys(values, place, io)),
    receiptKeys: await findReceiptKeys(place),
    rowKeys: (await readSecrets(place))?.rows ?? null,
  };
}

/**
 * @param checkpoints which were kept outside the database
 * @param notCompared what is said when there are none
 * @throws {Failure}
 */
export async function auditPlace(
  values: { readonly vault: boolean; readonly json: boolean },
  place: DatabasePlace,
  keys: AuditKeys,
  checkpoints: readonly KeptCheckpoint[],
  io: Io,
  notCompared: AuditNote = evidenceMessages().notCompared,
): Promise<ExitCode> {
  const { store, urls, close } = await openDatabase(place, 'any');
  const progress = createProgress(io, evidenceMessages().checkingEntries, 1);
  const reading = createProgress(io, evidenceMessages().readingKept, 1);
  try {
    const result = await audit({
      store,
      ...keys,
      superusers: place.urls === null ? [SUPERUSER] : null,
      schema: await compareSchema(urls),
      // One more than is printed, to say that there are more.
      limit: values.json ? MAX_JSON : MAX_PRINTED + 1,
      kept: values.vault ? await keptBytes(place, store, reading, io) : null,
      signal: io.signal,
      onProgress: ({ done, total, blocks }) => {
        progress.update(total === 0 ? 1 : done / total, evidenceMessages().blocks(grouped(blocks)));
      },
    });
    progress.clear();
    reading.clear();
    // Without its tables there is nothing to compare with.
    const readable = !result.findings.some(({ table }) => table === 'schema');
    const kept = readable ? await checkKeptCheckpoints(store, checkpoints) : [];
    return report(values, keys.logKey, result, kept, { checkpoints, notCompared }, io);
  } catch (error) {
    throwIfStopped(io.signal);
    throw databaseFailure(error);
  } finally {
    progress.clear();
    reading.clear();
    await close();
  }
}

/** The vault of the configuration, to read what it has. @throws {Failure} */
async function keptBytes(
  { config }: DatabasePlace,
  store: Store,
  progress: ReturnType<typeof createProgress>,
  io: Io,
): Promise<NonNullable<AuditOptions['kept']> | null> {
  const erasureKeys = await openErasureKeys(config.erasureKeys);
  const vault = buildVault(store, config.vault, erasureKeys, new Background(), NO_LOG);
  if (vault === null) return null;
  return {
    ...{ store, vault, signal: io.signal },
    onDocument: (part) => {
      progress.update(part);
    },
  };
}

interface Comparison {
  readonly checkpoints: readonly KeptCheckpoint[];
  readonly notCompared: AuditNote;
}

function report(
  { json }: { readonly json: boolean },
  logKey: VerifierKey,
  { database, findings, findingCount, ...totals }: AuditResult,
  kept: readonly ShownFinding[],
  { checkpoints: compared, notCompared }: Comparison,
  io: Io,
): ExitCode {
  const count = findingCount + kept.length;
  const sound = count + database.findingCount === 0;
  const t = evidenceMessages();
  const own: AuditNote[] = compared.length === 0 ? [notCompared] : [];
  if (json) {
    printJson(io.stdout, {
      sound,
      findingCount: count,
      findings: [...findings, ...kept],
      ...totals,
      keptCheckpoint:
        compared.length === 0 ? 'not compared with any kept checkpoint' : compared.map(({ path }) => path),
      database: { ...database, notChecked: [...own, ...database.notChecked] },
    });
    return sound ? EXIT.ok : EXIT.failed;
  }
  const line = (text: string): void => {
    printLine(io.stdout, printable(text));
  };
  const printer = new FindingPrinter(io);
  for (const one of findings) printer.print(shown(one));
  for (const one of kept) printer.print(one);
  const what = t.entriesOf(grouped(totals.entries), grouped(totals.blocks), logKey.name);
  if (count === 0) line(t.sound(what));
  else printNote(io, t.findingsIn(grouped(count), what));
  line('');
  line(evidenceMessages().secondPart);
  const second = new FindingPrinter(io);
  for (const one of database.findings) second.print(shown(one));
  if (database.findingCount === 0) line(evidenceMessages().noFindings);
  else printNote(io, t.findingsBeside(grouped(database.findingCount)));
  for (const { about, message } of database.notes) line(evidenceMessages().note(about, message));
  for (const { about, message } of own) line(t.notChecked(about, message));
  for (const { about, message } of database.notChecked) line(t.notCheckedThere(about, message));
  return sound ? EXIT.ok : EXIT.failed;
}

function shown({ table, key, column, problem, message, expected, found }: AuditFinding): ShownFinding {
  const row = Object.entries(key).map(([name, value]) => `${name}=${value}`);
  const isObject = table === 'schema';
  return {
    where: isObject ? Object.values(key).join(' ') : `${table} ${row.join(' ')}`.trimEnd(),
    what: column,
    says: evidenceMessages().problem(problem, message),
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
  };
}

/**
 * The log's key: an explicit one, else the key of the local installation, else that of the user's trust
 * policy. With the keys of the members, as far as a policy or the configuration gives them.
 */
async function findKeys(
  values: TrustOptions,
  { config, dataDir }: DatabasePlace,
  io: Io,
): Promise<{ readonly logKey: VerifierKey; readonly members: readonly VerifierKey[] }> {
  const configured = config.members?.all.map(({ key }) => key) ?? [];
  const explicit = values.key.length > 0 || values.trust !== undefined;
  const own = explicit || dataDir === null ? null : await readOwnKey(config, dataDir);
  if (own !== null) return { logKey: own, members: configured };
  const { policy, source } = await loadTrust(values, io);
  const [logKey, ...others] = policy?.logs ?? [];
  if (logKey === undefined) {
    throw usageError(
      evidenceMessages().missingLogKey,
      dataDir === null ? undefined : evidenceMessages().orDataDir(dataDir),
    );
  }
  if (others.some(({ name }) => name !== logKey.name))
    throw usageError(evidenceMessages().severalLogs(source ?? ''));
  return { logKey, members: [...configured, ...(policy?.witnesses.values() ?? [])] };
}

async function readOwnKey(config: Config, dataDir: string): Promise<VerifierKey | null> {
  try {
    const [{ key }] = await readLogKeys(config, dataDir);
    return key;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The receipt keys of the local installation; null: there are none here. */
async function findReceiptKeys({ config, dataDir }: DatabasePlace): Promise<readonly VerifierKey[] | null> {
  if (dataDir === null && config.receiptKey === null) return null;
  try {
    return (await readReceiptKeys(config, dataDir ?? '')).map(({ key }) => key);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** A checkpoint that was kept outside the database. */
interface KeptCheckpoint {
  readonly path: string;
  readonly text: string;
}

/** That of the data directory, if there is one yet, and the one that the user gives. @throws {Failure} */
async function keptCheckpoints(
  { checkpoint }: { readonly checkpoint: string | undefined },
  { dataDir }: DatabasePlace,
  io: Io,
): Promise<KeptCheckpoint[]> {
  const kept: KeptCheckpoint[] = [];
  if (checkpoint !== undefined)
    kept.push({ path: checkpoint, text: await readText(resolve(io.cwd, checkpoint), checkpoint) });
  if (dataDir !== null) {
    const file = new LastCheckpointFile(dataDir);
    const text = await file.read().catch((error: unknown) => {
      throw fileFailure(error, file.path);
    });
    if (text !== null) kept.push({ path: file.path, text });
  }
  return kept;
}

/** Consistent rows can still be those of an old backup. Reads only. */
async function checkKeptCheckpoints(
  store: Pick<Store, 'checkpoint'>,
  checkpoints: readonly KeptCheckpoint[],
): Promise<ShownFinding[]> {
  const found: ShownFinding[] = [];
  for (const { path, text } of checkpoints) {
    let kept: Checkpoint;
    try {
      kept = parseCheckpoint(parseNote(text).text);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      found.push({ where: path, what: null, says: evidenceMessages().notACheckpoint(error.message) });
      continue;
    }
    const stored = await store.checkpoint(kept.size);
    if (stored !== null && equal(stored.root, kept.root)) continue;
    found.push({
      where: `checkpoint size=${kept.size}`,
      what: stored === null ? null : 'root',
      says: evidenceMessages().otherDatabase(path),
      expected: toHex(kept.root),
      found: stored === null ? evidenceMessages().noCheckpoint : toHex(stored.root),
    });
  }
  return found;
}

/** Checks what a service publishes about its chain. @throws {Failure} */
async function auditServer(
  values: TrustOptions & { readonly server: string; readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const { policy } = await loadTrust(values, io);
  if (policy === null) {
    // A key fetched together with the log would prove nothing.
    throw usageError(evidenceMessages().missingLogKey, evidenceMessages().saveFirst);
  }
  const service = await openService({ server: values.server }, io);
  return auditPublished(serviceLog(service), service.url.href, policy, values, io);
}

/**
 * Checks the log in a member's database, which has no entries, as if it were published.
 * @param shown its name in messages
 * @throws {Failure}
 */
export async function auditMember(
  store: Store,
  shown: string,
  values: TrustOptions & { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const { policy } = await loadTrust(values, io);
  const [key] = policy?.logs ?? [];
  if (policy === null || key === undefined) throw usageError(evidenceMessages().missingLogKey);
  return auditPublished(storedLog(store, key.name), shown, policy, values, io);
}

/** @param shown the log's name while it has no checkpoint */
async function auditPublished(
  source: LogSource,
  shown: string,
  policy: Policy,
  values: { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const printer = new FindingPrinter(io);
  const findings: ShownFinding[] = [];
  const progress = createProgress(io, evidenceMessages().checkingBlocks, 1);
  const audit = auditLog({
    source,
    policy,
    signal: io.signal,
    onProgress: (done, total) => {
      progress.update(done / total, evidenceMessages().blocks(grouped(done)));
    },
  });
  let next = await audit.next();
  for (; next.done !== true; next = await audit.next()) {
    throwIfStopped(io.signal);
    progress.clear();
    if (values.json) findings.push(next.value);
    else printer.print(next.value);
  }
  progress.clear();
  const checkpoint = next.value;
  const count = values.json ? findings.length : printer.count;
  const blocks = checkpoint?.size ?? 0;
  if (values.json) {
    const notChecked: AuditNote[] = [evidenceMessages().noEvents];
    printJson(io.stdout, {
      sound: count === 0,
      origin: checkpoint?.origin ?? null,
      blocks,
      findings,
      notChecked,
    });
  } else {
    const origin = checkpoint?.origin ?? shown;
    const t = evidenceMessages();
    const checked = t.blocksOf(grouped(blocks), origin);
    if (count === 0) printLine(io.stdout, printable(t.soundPublished(checked)));
    else printNote(io, t.findingsIn(grouped(count), checked));
    printNote(io, t.notChecked(t.noEvents.about, t.noEvents.message));
  }
  return count === 0 ? EXIT.ok : EXIT.failed;
}

/** The log that a member has followed, up to the checkpoint that it has cosigned last. */
function storedLog(store: Store, origin: string): LogSource {
  const reader = new LogReader(store);
  const latest = () => store.cosignedCheckpoint(origin);
  return {
    checkpoint: async () => (await latest())?.note ?? null,
    keyStatements: async () => keyStatementsJson(await showKeyStatements(store, latest)),
    statements: reader.statements.bind(reader),
    changes: reader.changes.bind(reader),
    leaves: async (first, target) => {
      const hashes = await reader.leaves(first, target.length / HASH_LENGTH);
      if (hashes === null) return null;
      target.set(hashes);
      return hashes.length;
    },
    tile: reader.tile.bind(reader),
    entryBundle: reader.entryBundle.bind(reader),
  };
}

/** A service's published log (c2sp.org/tlog-tiles), read over HTTP. */
function serviceLog(service: ServiceClient): LogSource {
  return logAt(async (path, take, orForbidden = false) => {
    try {
      const { bytes } = await service.request(path);
      return await take(Readable.from([bytes]));
    } catch (error) {
      if (error instanceof TooLongError || error instanceof ProofError)
        throw service.unexpected(error.message, error);
      const status = error instanceof ServiceRefusal ? error.status : null;
      if (status === 404 || (orForbidden && status === 403)) return null;
      throw error;
    }
  });
}

/** One difference, located as precisely as possible. */
interface ShownFinding {
  /** `block 12`, `entry position=1234`. */
  readonly where: string;
  /** The value or column that is wrong; null: the whole. */
  readonly what: string | null;
  readonly says?: string;
  readonly expected?: string;
  readonly found?: string;
}

/** One wrong row can cause thousands of findings. */
const MAX_PRINTED = 100;
const MAX_JSON = 100_000;

/** Prints each finding at once: an audit can run for hours. */
class FindingPrinter {
  count = 0;
  readonly #io: Io;

  constructor(io: Io) {
    this.#io = io;
  }

  print({ where, what, says, expected, found }: ShownFinding): void {
    this.count++;
    if (this.count > MAX_PRINTED) {
      if (this.count === MAX_PRINTED + 1) printNote(this.#io, evidenceMessages().moreFindings);
      return;
    }
    const place = what === null ? where : `${where}: ${what}`;
    printLine(this.#io.stdout, printable(says === undefined ? place : `${place}: ${says}`));
    if (expected !== undefined) printLine(this.#io.stdout, printable(evidenceMessages().expected(expected)));
    if (found !== undefined) printLine(this.#io.stdout, printable(evidenceMessages().found(found)));
  }
}
