import { resolve } from 'node:path';
import { NODE } from '../../crypto/primitives.js';
import { extendProof, PENDING_FORMAT, type Policy, type ProofFile } from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { failedLine, type Failure, failureJson, failureOf, hintsOf } from '../failure.js';
import { assertFits, awaitProof, expectedOf, fetchProof, replacePending, writeProof } from './proofs.js';
import { LANG_OPTION } from '../language.js';
import { notarizeMessages } from '../messages/notarize.js';
import { progressMessages } from '../messages/progress.js';
import { createProgress, EXIT, type ExitCode, type Io, printJson, printLine, printNote } from '../io.js';
import { forEachOf, shownPath } from '../find-files.js';
import { readProof } from '../files.js';
import { timeInput } from '../time.js';
import {
  KEY_OPTION,
  openService,
  SERVER_OPTIONS,
  type ServiceClient,
  isAboutCaller,
} from '../service-client.js';
import { loadTrust, type Trust } from '../trust-store.js';
import { SUMMARIES } from '../summaries.js';

interface Upgrade {
  readonly proof: string;
  readonly status: 'final' | 'upgraded' | 'pending' | 'failed';
  /** The receipt, which is kept because the seal came later than it promises. */
  readonly lateReceipt?: string;
  readonly failure?: Failure;
}

const AT_ONCE = 8;
const WAIT_MS = 120_000;

export const upgradeCommand = defineCommand({
  name: 'upgrade',
  summary: SUMMARIES.upgrade,
  usage: 'PROOF… [--server URL] [--wait]',
  text: {
    en: `Fetches and verifies the final proof for each pending one, and replaces the file. To a final proof, what has
come since is added: anchors, and the checkpoint that more of the members you trust have cosigned. Nothing else of it is
changed.
If the seal came later than promised, the pending proof is kept under a name with its time, to show that.

The paths of replaced proofs are written to standard output, one per line.
Exit code: 0 all are final, 1 some failed, 2 nothing could be done, 3 some are not sealed yet.`,
    ko: `봉인 전 증명 파일마다 최종 증명을 받아 확인하고 파일을 바꿉니다. 최종 증명 파일에는 그동안 생긴 것, 곧 앵커와
신뢰하는 참여 기관이 더 많이 공동 서명한 체크포인트를 더합니다. 다른 것은 바꾸지 않습니다.
약속보다 늦게 봉인되었다면 그 사실을 보일 수 있도록 봉인 전 증명 파일을 이름에 시각을 붙여 보관합니다.

바꾼 증명 파일의 경로를 표준 출력에 한 줄에 하나씩 씁니다.
종료 코드: 0 모두 최종, 1 일부 실패, 2 아무것도 못 함, 3 일부가 아직 봉인되지 않음.`,
  },
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    wait: {
      type: 'boolean',
      help: {
        en: `wait until sealed, at most ${WAIT_MS / 1000} seconds`,
        ko: `최대 ${WAIT_MS / 1000}초 동안 봉인을 기다림`,
      },
    },
    ...LANG_OPTION,
    json: {
      type: 'boolean',
      help: { en: 'print the outcome for each proof as JSON', ko: '증명 파일마다의 결과를 JSON으로 출력' },
    },
  },
  positionals: { min: 1, max: Infinity, missing: { en: 'missing PROOF', ko: 'PROOF를 지정하세요' } },
  async run({ values, positionals }, io) {
    const service = await openService(values, io);
    const trust = await loadTrust({ trust: undefined, key: [] }, io);
    const deadline = performance.now() + (values.wait ? WAIT_MS : 0);
    const progress = createProgress(io, progressMessages().upgrading, positionals.length);
    const upgrades: Upgrade[] = [];
    await forEachOf([...positionals.entries()], AT_ONCE, async ([i, proof]) => {
      upgrades[i] = await upgradeOne(proof, service, trust, deadline, io);
      progress.update(i + 1);
    });
    progress.clear();
    if (values.json) printJson(io.stdout, { proofs: upgrades.map(upgradeJson) });
    else {
      for (const upgrade of upgrades) printUpgrade(upgrade, io);
      printNote(io, ...hintsOf(upgrades));
    }
    return exitCodeOf(upgrades, io);
  },
});

async function upgradeOne(
  path: string,
  service: ServiceClient,
  { policy }: Trust,
  deadline: number,
  io: Io,
): Promise<Upgrade> {
  try {
    const pending = await readProof(resolve(io.cwd, path), path);
    if (pending.format !== PENDING_FORMAT) return await extend(path, pending, service, policy, io);
    const proof = await awaitProof(service, expectedOf(pending), policy, deadline);
    if (proof.format === PENDING_FORMAT) return { proof: path, status: 'pending' };
    const kept = await replacePending(resolve(io.cwd, path), pending, proof);
    return {
      proof: path,
      status: 'upgraded',
      ...(kept === null ? {} : { lateReceipt: shownPath(kept, io.cwd) }),
    };
  } catch (error) {
    return { proof: path, status: 'failed', failure: failureOf(error) };
  }
}

/** Adds to a final proof the anchors and cosignatures that have come since. */
async function extend(
  path: string,
  own: ProofFile,
  service: ServiceClient,
  policy: Policy | null,
  io: Io,
): Promise<Upgrade> {
  const expected = expectedOf(own);
  const { proof: fetched } = await fetchProof(service, expected, policy);
  if (fetched.format === PENDING_FORMAT) return { proof: path, status: 'final' };
  const extended = extendProof(own, fetched, { policy, primitives: NODE, ...(await timeInput(fetched)) });
  if (extended === null) return { proof: path, status: 'final' };
  assertFits(service, extended, expected, policy);
  await writeProof(resolve(io.cwd, path), extended, true);
  return { proof: path, status: 'upgraded' };
}

function upgradeJson({ proof, status, lateReceipt, failure }: Upgrade) {
  return {
    proof,
    status,
    ...(lateReceipt === undefined ? {} : { lateReceipt }),
    ...(failure === undefined ? {} : { error: failureJson(failure) }),
  };
}

function printUpgrade({ proof, status, lateReceipt, failure }: Upgrade, io: Io): void {
  switch (status) {
    case 'upgraded':
      printLine(io.stdout, proof);
      if (lateReceipt !== undefined) printNote(io, notarizeMessages().late(proof, lateReceipt));
      break;
    case 'final':
      printNote(io, notarizeMessages().alreadyFinal(proof));
      break;
    case 'pending':
      printNote(io, notarizeMessages().notSealed(proof));
      break;
    case 'failed':
      if (failure !== undefined) printNote(io, failedLine(proof, failure));
      break;
  }
}

function exitCodeOf(upgrades: readonly Upgrade[], { signal }: Io): ExitCode {
  const failed = upgrades.filter(({ status }) => status === 'failed');
  if (signal.aborted) return EXIT.interrupted;
  if (failed.length > 0) {
    // Only input errors or an unreachable service: the exit code of other commands for these.
    const nothingDone = failed.length === upgrades.length;
    return nothingDone &&
      failed.every(({ failure }) => failure?.reason !== 'refused' || isAboutCaller(failure))
      ? EXIT.usage
      : EXIT.failed;
  }
  return upgrades.some(({ status }) => status === 'pending') ? EXIT.pending : EXIT.ok;
}
