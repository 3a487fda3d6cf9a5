import { resolve } from 'node:path';
import { NODE_LIMITS } from '../../background/time-limits.js';
import { nodeSha256 } from '../../crypto/primitives.js';
import {
  type Recovered,
  recoverBlocks,
  RecoveryError,
  RefusedError,
  remoteLog,
  UnavailableError,
} from '../../member/index.js';
import {
  canonicalDetails,
  detailsDigestOf,
  entryLeafHash,
  equal,
  hasDetails,
  KIND_DOCUMENT,
  PENDING_FORMAT,
  type PendingProof,
  type ProofFile,
  type VerifierKey,
} from '../../proof/index.js';
import { elsewhere, LogSigners, RollbackGuard, SealProblem } from '../../sealer/index.js';
import {
  type BroughtEntry,
  type DatabaseUrls,
  LastCheckpointFile,
  settleLatestTime,
  type Store,
  takeBack,
} from '../../store/index.js';
import { defineCommand } from '../command.js';
import {
  DATABASE_OPTIONS,
  databaseFailure,
  databasePlace,
  type DatabasePlace,
  openDatabase,
  readLogKeys,
  readSecrets,
} from '../database.js';
import { Failure, failedLine, failureOf, usageError } from '../failure.js';
import { readProofOrCertificate, throwIfStopped } from '../files.js';
import { createProgress, EXIT, type ExitCode, grouped, type Io, printLine, printNote } from '../io.js';
import { backupMessages } from '../messages/backup.js';
import { SUMMARIES } from '../summaries.js';

export const recoverCommand = defineCommand({
  name: 'recover',
  summary: SUMMARIES.recover,
  usage: '[--from URL]… [PROOF…]',
  text: {
    en: `For a database that is older than the last signed checkpoint, when no newer copy is left: goes on with the same log
instead of signing a second history. Stop the service first.

--from takes the missing blocks back from a member (its address, as in INGAM_MEMBERS): headers, tiles and leaf hashes,
each verified down to a checkpoint that the log has signed. Documents in these blocks are there as erased ones; proofs
that people have stay valid. With several, each adds what the ones before it lack. The log's private key is needed.

PROOF… are proof files, pending proofs or certificates that people have kept: each brings its entry back, with its
details if they are in it. Nothing that an organization has erased comes back. Run "ingam audit" afterwards.`,
    ko: `데이터베이스가 마지막으로 서명된 체크포인트보다 오래되었고 더 새로운 사본이 없을 때 씁니다. 다른 이력에 서명하지 않고
같은 로그를 이어 갑니다. 먼저 서비스를 멈추세요.

--from은 빠진 블록을 참여 기관(INGAM_MEMBERS에 있는 주소)에서 되찾습니다. 헤더, 타일, 리프 해시를 로그가 서명한
체크포인트까지 모두 확인합니다. 이 블록의 문서는 삭제된 것으로 남으며, 사람들이 가진 증명은 계속 유효합니다. 여러 개를
지정하면 앞의 것에 없는 블록을 더합니다. 로그의 개인 키가 필요합니다.

PROOF…는 사람들이 보관한 증명 파일, 대기 중 증명, 증명서입니다. 각각 자신의 등록 항목을 되찾으며, 문서 정보가 있으면
그것도 되찾습니다. 조직이 삭제한 것은 되찾지 않습니다. 그다음에 "ingam audit"를 실행하세요.`,
  },
  options: {
    ...DATABASE_OPTIONS,
    from: {
      type: 'string',
      multiple: true,
      value: 'URL',
      help: { en: 'address of a member of this log', ko: '이 로그의 참여 기관의 주소' },
    },
  },
  positionals: { min: 0, max: Infinity },
  async run({ values, positionals }, io) {
    const t = backupMessages();
    if (values.from.length === 0 && positionals.length === 0) throw usageError(t.recoverWhat);
    const mistaken = values.from.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''));
    if (mistaken !== undefined) throw usageError(t.notAnAddress(mistaken));
    const place = databasePlace(values, io);
    const { store, urls, close } = await openDatabase(place, 'current');
    try {
      const leadership = await store.acquireLeadership();
      if (leadership === null) throw new Failure('conflict', t.serviceRuns, { hint: t.stopRunning });
      let code: ExitCode = EXIT.ok;
      if (values.from.length > 0) code = await fromMembers(values.from, store, urls, place, io);
      if (positionals.length > 0) {
        const brought = await fromProofs(positionals, store, urls, place, io);
        if (code === EXIT.ok) code = brought;
      }
      return code;
    } catch (error) {
      throwIfStopped(io.signal);
      throw databaseFailure(explained(error));
    } finally {
      await close();
    }
  },
});

function explained(error: unknown): unknown {
  const t = backupMessages();
  if (error instanceof UnavailableError)
    return new Failure('unreachable', t.memberAway(error.message), { cause: error, hint: t.askAnother });
  if (error instanceof RefusedError)
    return new Failure('refused', t.memberDiffers(error.message), {
      code: error.reason,
      cause: error,
      hint: t.askAnother,
    });
  if (error instanceof RecoveryError) {
    const hint = error.problem === 'records' ? t.recordsLost : t.giveDataKeys;
    return new Failure('refused', t.cannotRecover(error.message), {
      code: error.problem,
      cause: error,
      hint,
    });
  }
  if (error instanceof SealProblem)
    return new Failure('refused', t.cannotRecover(error.message), { code: error.code, cause: error });
  return error;
}

async function fromMembers(
  members: readonly string[],
  store: Store,
  urls: DatabaseUrls,
  place: DatabasePlace,
  io: Io,
): Promise<ExitCode> {
  const t = backupMessages();
  const keys = await readLogKeys(place.config, place.dataDir ?? '');
  const [{ key }] = keys;
  for (const url of members) {
    const progress = createProgress(io, t.takingBlocks, 1);
    try {
      const recovered = await recoverBlocks({
        ...{ store, key, signers: new LogSigners(keys) },
        source: remoteLog(url, NODE_LIMITS.followingMs, io.signal),
        signal: io.signal,
        onProgress: ({ blocks, of }) => {
          progress.update(of === 0 ? 1 : blocks / of, grouped(blocks));
        },
      });
      progress.clear();
      report(url, recovered, io);
    } finally {
      progress.clear();
    }
  }
  await settleLatestTime(urls);
  return compare(store, place, key, io);
}

function report(url: string, { before, after, entries, kept, foreign }: Recovered, io: Io): void {
  const t = backupMessages();
  if (after === before) printLine(io.stdout, t.nothingMissing(url, grouped(after)));
  else printLine(io.stdout, t.blocksBack(grouped(after - before), url, grouped(entries), grouped(kept)));
  if (foreign.length > 0) printNote(io, t.foreignErased(grouped(foreign.length)));
}

/** Keeps the checkpoint of what is there now, unless a later one is known. */
async function compare(
  store: Store,
  { config, dataDir }: DatabasePlace,
  key: VerifierKey,
  io: Io,
): Promise<ExitCode> {
  const t = backupMessages();
  const guard = new RollbackGuard({
    ...{ store, key, withoutKept: true },
    file: new LastCheckpointFile(dataDir ?? config.dataDir),
    elsewhere: elsewhere(key.name, config.members, config.access.publicUrl),
  });
  try {
    await guard.compareElsewhere();
    await guard.check(await store.tip());
    printNote(io, t.canSeal);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof SealProblem)) throw error;
    printNote(io, t.stillBehind(error.message));
    return EXIT.failed;
  }
}

type Outcome = 'taken' | 'not_lost' | 'no_organization' | 'other_log' | 'event' | 'details_missing';

/** Puts back what these files bring, each for itself. */
async function fromProofs(
  files: readonly string[],
  store: Store,
  urls: DatabaseUrls,
  place: DatabasePlace,
  io: Io,
): Promise<ExitCode> {
  const t = backupMessages();
  const rowKey = (await readSecrets(place))?.rows[0] ?? null;
  let [taken, failed] = [0, 0];
  for (const file of files) {
    throwIfStopped(io.signal);
    try {
      const proof = await readProofOrCertificate(resolve(io.cwd, file), file);
      const outcome = await bringBack(proof, store, urls, rowKey);
      printLine(io.stdout, t.proofs[outcome](file));
      if (outcome === 'taken') taken++;
      else if (outcome !== 'not_lost') failed++;
    } catch (error) {
      const known = databaseFailure(error);
      if (known !== error) throw known;
      failed++;
      printNote(io, failedLine(file, failureOf(error)));
    }
  }
  printNote(io, t.proofsDone(grouped(taken), grouped(files.length)));
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

async function bringBack(
  proof: ProofFile | PendingProof,
  store: Store,
  urls: DatabaseUrls,
  rowKey: Uint8Array | null,
): Promise<Outcome> {
  const { entry, details } = proof;
  const position =
    proof.format === PENDING_FORMAT ? proof.position : proof.block.header.firstPosition + proof.block.index;
  // What a position held is known by its leaf hash: it is all that has to be proven.
  const leaf = await store.leafHashes(position, 1);
  if (leaf === null || !equal(leaf, entryLeafHash(entry, nodeSha256))) return 'other_log';
  if (!(await store.lostAmong([position])).has(position)) return 'not_lost';
  if (entry.kind !== KIND_DOCUMENT) return 'event';
  const hasThem = details !== undefined && equal(detailsDigestOf(entry.salt, details), entry.detailsDigest);
  if (hasDetails(entry) && !hasThem) return 'details_missing';
  const brought: BroughtEntry = {
    ...{ position, entry },
    details: hasThem ? { json: canonicalDetails(details), value: details } : null,
  };
  const [outcome = 'not_lost'] = await takeBack(urls, rowKey, [brought]);
  return outcome;
}
