import { basename, join, resolve } from 'node:path';
import {
  decodeEntry,
  equal,
  formatProof,
  fromBase64,
  PENDING_FORMAT,
  type Policy,
  ProofError,
  toHex,
} from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { failedLine, Failure, failureJson, failureOf, hintsOf } from '../failure.js';
import { PROOF_SUFFIX, readProof, writeWhole } from '../files.js';
import { shownPath } from '../find-files.js';
import { EXIT, type ExitCode, grouped, type Io, printJson, printLine, printNote } from '../io.js';
import { LANG_OPTION } from '../language.js';
import { registerMessages } from '../messages/register.js';
import { type Expected, fetchProof, occupantOf } from '../notarize/proofs.js';
import { safeName, withSuffix } from '../paths.js';
import {
  isAboutCaller,
  KEY_OPTION,
  openService,
  SERVER_OPTIONS,
  type ServiceClient,
} from '../service-client.js';
import { loadTrust } from '../trust-store.js';
import { detail, findNotarizations, type Notarization } from './notarizations.js';
import { SUMMARIES } from '../summaries.js';

interface Download {
  readonly word: string;
  readonly status: 'saved' | 'present' | 'pending' | 'failed';
  readonly id?: string;
  /** Absolute. */
  readonly path?: string;
  readonly failure?: Failure;
}

export const proofCommand = defineCommand({
  name: 'proof',
  summary: SUMMARIES.proof,
  usage: 'ID…|DIGEST…|FILE… [--out DIR]',
  text: {
    en: `Downloads proofs, checks them, and saves each under its document's name: of a FILE as FILE${PROOF_SUFFIX} next to it, of an
ID or DIGEST as NAME${PROOF_SUFFIX} in this folder if the name is in the details, else as ID${PROOF_SUFFIX}. Of several
notarizations of a document it is the earliest sealed one.

A file that exists is not replaced without --force, except a pending proof of the same notarization. The paths of the
proofs are written to standard output, one per line.
Exit code: 0 all saved, 1 some failed, 2 nothing could be done, 3 some are not sealed yet.`,
    ko: `증명을 내려받아 확인하고 문서의 이름으로 저장합니다. FILE이면 그 옆에 FILE${PROOF_SUFFIX}, ID나 DIGEST이면 현재
폴더에 문서 정보의 이름이 있을 때 NAME${PROOF_SUFFIX}, 없으면 ID${PROOF_SUFFIX}입니다. 한 문서의 등록이 여럿이면
가장 먼저 봉인된 것을 받습니다.

이미 있는 파일은 --force 없이 바꾸지 않습니다. 같은 등록의 봉인 전 증명 파일만 바꿉니다. 증명 파일의 경로를 표준
출력에 한 줄에 하나씩 씁니다.
종료 코드: 0 모두 저장, 1 일부 실패, 2 아무것도 못 함, 3 일부가 아직 봉인되지 않음.`,
  },
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    out: {
      type: 'string',
      value: 'DIR',
      help: { en: 'save the proofs in this folder', ko: '증명 파일을 이 폴더에 저장' },
    },
    force: { type: 'boolean', help: { en: 'replace existing files', ko: '이미 있는 파일을 바꿈' } },
    ...LANG_OPTION,
    json: {
      type: 'boolean',
      help: { en: 'print the outcome for each as JSON', ko: '각각의 결과를 JSON으로 출력' },
    },
  },
  positionals: {
    min: 1,
    max: Infinity,
    missing: { en: 'missing ID, DIGEST or FILE', ko: 'ID, DIGEST 또는 FILE을 지정하세요' },
  },
  async run({ values, positionals }, io) {
    const service = await openService(values, io);
    const { policy } = await loadTrust({ trust: undefined, key: [] }, io);
    const downloads: Download[] = [];
    const taken = new Set<string>();
    for (const word of positionals) {
      try {
        const task = { word, service, policy, out: values.out ?? null, force: values.force, taken };
        downloads.push(await download(task, io));
      } catch (error) {
        const failure = failureOf(error);
        if (['interrupted', 'unreachable'].includes(failure.reason) || isAboutCaller(failure)) throw failure;
        downloads.push({ word, status: 'failed', failure });
      }
    }
    if (values.json) printJson(io.stdout, { proofs: downloads.map(downloadJson) });
    else printDownloads(downloads, io);
    return exitCodeOf(downloads);
  },
});

interface Task {
  readonly word: string;
  readonly service: ServiceClient;
  readonly policy: Policy | null;
  readonly out: string | null;
  readonly force: boolean;
  /** The paths of this run. */
  readonly taken: Set<string>;
}

async function download({ word, service, policy, out, force, taken }: Task, io: Io): Promise<Download> {
  const t = registerMessages();
  const { notarizations, file } = await findNotarizations(service, word, io);
  const [notarization] = notarizations;
  if (notarization === undefined) throw new RangeError('there is no notarization');
  const path = pathOf(notarization, file, out, io);
  const shown = shownPath(path, io.cwd);
  if (taken.has(path)) throw new Failure('conflict', t.sameFile(shown));
  taken.add(path);
  const expected = expectedOf(service, notarization);
  const { proof } = await fetchProof(service, expected, policy);
  const isPending = proof.format === PENDING_FORMAT;
  const occupant = await occupantOf(path, proof.document.sha256);
  const { id } = notarization;
  const isOwn = 'proof' in occupant && equal(occupant.proof.entry.salt, proof.entry.salt);
  if (!force && occupant.kind === 'final' && isOwn) return { word, status: 'present', id, path };
  const mayReplace = force || (occupant.kind === 'pending' && isOwn);
  if (occupant.kind !== 'nothing' && !mayReplace) {
    throw new Failure('conflict', t.proofExists(shown), { hint: t.useForce });
  }
  await writeWhole(path, shown, formatProof(proof), mayReplace);
  // What cannot be read back is no proof.
  await readProof(path, shown);
  return { word, status: isPending ? 'pending' : 'saved', id, path };
}

function pathOf(notarization: Notarization, file: string | null, out: string | null, io: Io): string {
  const folder = out === null ? io.cwd : resolve(io.cwd, out);
  if (file !== null) return withSuffix(out === null ? file : join(folder, basename(file)), PROOF_SUFFIX);
  return withSuffix(join(folder, safeName(detail(notarization, 'name')) ?? notarization.id), PROOF_SUFFIX);
}

function expectedOf(service: ServiceClient, { id, sha256, entry, details }: Notarization): Expected {
  try {
    const decoded = decodeEntry(fromBase64(entry));
    if (toHex(decoded.digest) !== sha256) throw service.unexpected('an entry is of another document');
    return { id, entry: decoded, ...(details === null ? {} : { details }) };
  } catch (error) {
    if (error instanceof ProofError) throw service.unexpected(error.message, error);
    throw error;
  }
}

function downloadJson({ word, status, id, path, failure }: Download) {
  return {
    ...{ of: word, status },
    ...(id === undefined ? {} : { id }),
    ...(path === undefined ? {} : { proof: path }),
    ...(failure === undefined ? {} : { error: failureJson(failure) }),
  };
}

function printDownloads(downloads: readonly Download[], io: Io): void {
  const t = registerMessages();
  for (const { word, status, path, failure } of downloads) {
    const shown = path === undefined ? word : shownPath(path, io.cwd);
    if (status === 'saved' || status === 'pending') printLine(io.stdout, shown);
    if (status === 'pending') printNote(io, t.proofPending(shown));
    if (status === 'present') printNote(io, t.proofSame(shown));
    if (failure !== undefined) printNote(io, failedLine(word, failure));
  }
  const saved = downloads.filter(({ status }) => status === 'saved').length;
  if (saved > 1) printNote(io, t.saved(grouped(saved)));
  printNote(io, ...hintsOf(downloads));
}

function exitCodeOf(downloads: readonly Download[]): ExitCode {
  const failed = downloads.filter(({ status }) => status === 'failed');
  if (failed.length > 0) {
    const isNothing = failed.length === downloads.length;
    const isInput = failed.every(({ failure }) => failure !== undefined && failure.reason !== 'refused');
    return isNothing && isInput ? EXIT.usage : EXIT.failed;
  }
  return downloads.some(({ status }) => status === 'pending') ? EXIT.pending : EXIT.ok;
}
