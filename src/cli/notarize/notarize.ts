import { basename, resolve } from 'node:path';
import { NODE } from '../../crypto/primitives.js';
import {
  shownKey,
  type JsonObject,
  PENDING_FORMAT,
  type Policy,
  toHex,
  verify,
  withoutTimes,
} from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { failedLine, Failure, failureJson, hintsOf, usageError } from '../failure.js';
import { readObject } from '../files.js';
import { isAboutCaller, KEY_OPTION, openService, SERVER_OPTIONS } from '../service-client.js';
import { loadTrust } from '../trust-store.js';
import { isText } from '../paths.js';
import { findDocuments } from './documents.js';
import { shownPath } from '../find-files.js';
import { assertForStream, notarizeStream, STANDARD_INPUT } from './standard-input.js';
import { type DetailsOf, type DocumentResult, Notarizing } from './submit.js';
import {
  EXIT,
  type ExitCode,
  grouped,
  type Io,
  isoTime,
  printJson,
  printLine,
  printNote,
  withoutNotes,
} from '../io.js';
import { LANG_OPTION } from '../language.js';
import { notarizeMessages } from '../messages/notarize.js';
import { usageMessages } from '../messages/usage.js';
import { SUMMARIES } from '../summaries.js';

export const QUIET_OPTION = {
  quiet: {
    type: 'boolean',
    short: 'q',
    help: {
      en: 'print only the paths of proofs, failures and warnings',
      ko: '증명 파일의 경로, 실패, 경고만 출력',
    },
  },
} as const;

export const DETAILS_OPTIONS = {
  title: {
    type: 'string',
    value: 'TEXT',
    help: {
      en: 'details of the documents, sealed as a salted hash: title',
      ko: '문서 정보(솔트를 더한 해시로 봉인됨): 제목',
    },
  },
  author: { type: 'string', value: 'TEXT', help: { en: 'author', ko: '작성자' } },
  reference: {
    type: 'string',
    value: 'TEXT',
    help: {
      en: 'your reference number: of a case, an order, a contract',
      ko: '관리 번호: 사건, 주문, 계약 등',
    },
  },
  note: { type: 'string', value: 'TEXT', help: { en: 'note', ko: '메모' } },
  tag: {
    type: 'string',
    multiple: true,
    value: 'TEXT',
    help: { en: 'tag for searching; may be repeated', ko: '검색용 태그. 여러 번 쓸 수 있습니다' },
  },
  details: {
    type: 'string',
    value: 'FILE',
    help: {
      en: 'JSON file with details; options take precedence',
      ko: '문서 정보가 든 JSON 파일. 옵션이 우선합니다',
    },
  },
  names: { type: 'boolean', help: { en: 'include the name of each file', ko: '각 파일의 이름을 포함' } },
} as const;

interface DetailsValues {
  readonly title: string | undefined;
  readonly author: string | undefined;
  readonly reference: string | undefined;
  readonly note: string | undefined;
  readonly tag: readonly string[];
  readonly details: string | undefined;
  readonly names: boolean;
}

/** @throws {Failure} when the file of --details is not a JSON object. The service validates its contents. */
export async function readDetails(values: DetailsValues, io: Io): Promise<DetailsOf> {
  const base =
    values.details === undefined ? {} : await readObject(resolve(io.cwd, values.details), values.details);
  const common: JsonObject = {
    ...base,
    ...(values.title === undefined ? {} : { title: values.title }),
    ...(values.author === undefined ? {} : { author: values.author }),
    ...(values.reference === undefined ? {} : { reference: values.reference }),
    ...(values.note === undefined ? {} : { note: values.note }),
    ...(values.tag.length === 0 ? {} : { tags: values.tag }),
  };
  return (path) => {
    if (values.names && !isText(basename(path))) {
      throw new Failure('usage', notarizeMessages().nameNotText, {
        hint: notarizeMessages().renameIt,
      });
    }
    const details = values.names ? { ...common, name: basename(path) } : common;
    return Object.keys(details).length === 0 ? undefined : details;
  };
}

const DEFAULT_TIMEOUT_SECONDS = 120;

export const notarizeCommand = defineCommand({
  name: 'notarize',
  summary: SUMMARIES.notarize,
  usage: 'FILE…|FOLDER… [--server URL] [--out DIR]',
  text: {
    en: `Hashes the files on this machine and sends only their digests (and details that you give, such as --title), waits
until they are sealed, and writes FILE.ingam.json next to each file. Folders are processed recursively; files named
*.ingam.json are skipped.

A file or folder that cannot be read, or whose proof cannot be written, is reported and the others are notarized.
As soon as the service has accepted a file, its pending proof with the signed receipt is written, and replaced with the
final one after the seal. Files that have a final proof are skipped (--force notarizes them again, and keeps them with
--keep): after an interruption or a failure, run the same command again, and pending proofs become final. If a seal
came later than promised, the receipt is kept as well. If a file has changed since its proof was made, the old proof is
renamed with its time, and FILE.ingam.json becomes the proof of the current file.

FILE can be - for standard input: then the proof itself is written to standard output.

The paths of the proofs are written to standard output, one per line; a terminal shows the first 20. Characters that do
not print are shown as escapes, as in every output of ingam; --json has the exact paths. Where FILE.ingam.json would be
longer than the 255 bytes that file systems allow, the name is cut and marked with a hash; "ingam verify FILE" finds it.
Exit code: 0 all done, 1 some files failed, 2 nothing could be done, 3 accepted but not sealed in time.`,
    ko: `파일의 해시값을 이 컴퓨터에서 계산해 해시값(과 --title 등으로 지정한 문서 정보)만 보내고, 봉인될 때까지 기다린 뒤 각
파일 옆에 FILE.ingam.json을 씁니다. 폴더는 하위 폴더까지 처리하며 *.ingam.json 파일은 건너뜁니다.

읽을 수 없거나 증명 파일을 쓸 수 없는 파일과 폴더는 알려 주고 나머지를 등록합니다. 서비스가 파일을 접수하면 서명된
접수증이 든 봉인 전 증명 파일을 바로 쓰고, 봉인된 뒤 최종 증명 파일로 바꿉니다. 최종 증명 파일이 있는 파일은
건너뛰므로, 중단되거나 실패했다면 같은 명령을 다시 실행하세요(--force는 다시 등록하며, --keep과 함께 쓰면 보관합니다).
봉인 전 증명 파일도 최종 증명 파일이 됩니다. 약속보다 늦게 봉인되면 접수증도 보관합니다. 증명 파일을 만든 뒤 파일이
바뀌었다면 이전 증명 파일의 이름에 시각을 붙이고, FILE.ingam.json은 지금 파일의 증명이 됩니다.

FILE이 -이면 표준 입력을 읽고 증명을 표준 출력에 씁니다.

증명 파일의 경로를 표준 출력에 한 줄에 하나씩 씁니다. 터미널에는 처음 20개만 보여 줍니다. 인쇄할 수 없는 글자는
ingam의 모든 출력에서처럼 이스케이프로 보여 주며, 정확한 경로는 --json에 있습니다. FILE.ingam.json이 파일 시스템에서
허용하는 255바이트보다 길면 이름을 자르고 해시를 붙입니다. "ingam verify FILE"은 이런 파일도 찾습니다.
종료 코드: 0 모두 완료, 1 일부 실패, 2 아무것도 못 함, 3 접수되었으나 시간 안에 봉인되지 않음.`,
  },
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    out: {
      type: 'string',
      value: 'DIR',
      help: { en: 'write the proofs to this folder', ko: '증명 파일을 이 폴더에 저장' },
    },
    wait: {
      type: 'boolean',
      help: { en: 'wait until sealed (default)', ko: '봉인될 때까지 기다림(기본값)' },
    },
    'no-wait': {
      type: 'boolean',
      help: {
        en: 'write pending proofs now; run "ingam upgrade" later',
        ko: '봉인 전 증명 파일을 바로 저장. 나중에 "ingam upgrade"를 실행하세요',
      },
    },
    timeout: {
      type: 'string',
      value: 'SECONDS',
      help: {
        en: `how long to wait until sealed (default: ${DEFAULT_TIMEOUT_SECONDS})`,
        ko: `봉인을 기다릴 시간(기본값: ${DEFAULT_TIMEOUT_SECONDS})`,
      },
    },
    upload: {
      type: 'boolean',
      help: {
        en: 'upload the documents, so that the service hashes them too',
        ko: '서비스도 해시값을 계산하도록 문서를 업로드',
      },
    },
    keep: {
      type: 'boolean',
      help: {
        en: 'upload the documents, and have the service keep them,\nencrypted, if it has a vault; get them with "ingam document"',
        ko: '문서를 업로드하고, 보관소가 있는 서비스에 암호화하여 보관.\n"ingam document"로 받습니다',
      },
    },
    force: {
      type: 'boolean',
      help: {
        en: 'notarize files again that have a proof, and replace the proof',
        ko: '증명 파일이 있는 파일도 다시 등록하고 증명 파일을 바꿈',
      },
    },
    ...DETAILS_OPTIONS,
    ...QUIET_OPTION,
    ...LANG_OPTION,
    json: {
      type: 'boolean',
      help: { en: 'print the outcome for each file as JSON', ko: '파일마다의 결과를 JSON으로 출력' },
    },
  },
  positionals: {
    min: 1,
    max: Infinity,
    missing: { en: 'missing FILE or FOLDER', ko: 'FILE이나 FOLDER를 지정하세요' },
  },
  async run({ values, positionals }, given) {
    const io = values.quiet ? withoutNotes(given) : given;
    if (values.wait && values['no-wait'])
      throw usageError(usageMessages().notTogether('--wait', '--no-wait'));
    const waitMs = values['no-wait'] ? 0 : parseSeconds(values.timeout) * 1000;
    const isStream = positionals.includes(STANDARD_INPUT);
    if (isStream) assertForStream(positionals, values);
    const service = await openService(values, io);
    const detailsOf = await readDetails(values, io);
    const trust = await loadTrust({ trust: undefined, key: [] }, io);
    if (isStream) {
      const given = { policy: trust.policy, details: detailsOf(STANDARD_INPUT), waitMs, json: values.json };
      return notarizeStream({ service, ...given }, io);
    }
    const found = await findDocuments(positionals, values.out ?? null, io);
    // Check that the service answers before hashing for hours.
    const chain = service.object(await service.request('v1/chain'));
    const notarizing = new Notarizing({
      io,
      service,
      detailsOf,
      policy: trust.policy,
      waitMs,
      upload: values.upload || values.keep,
      keep: values.keep,
      force: values.force,
    });
    await notarizing.run(found.documents);
    const result = {
      ...found,
      origin: typeof chain['origin'] === 'string' ? chain['origin'] : service.url.href,
      results: [
        ...notarizing.results,
        ...found.failed.map((task) => ({ ...task, document: null, status: 'failed' as const })),
      ],
      stopped: io.signal.aborted,
      pendingWanted: values['no-wait'],
      policy: trust.policy,
    };
    if (values.json) printJson(io.stdout, summaryJson(result));
    else printSummary(result, values.quiet, given);
    return exitCodeOf(result);
  },
});

function parseSeconds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_SECONDS;
  if (!/^[0-9]{1,7}$/.test(text)) throw usageError(notarizeMessages().wholeSeconds);
  return Number(text);
}

interface NotarizeResult {
  readonly origin: string;
  readonly results: readonly DocumentResult[];
  readonly skippedProofs: number;
  readonly skippedOthers: number;
  readonly stopped: boolean;
  /** With --no-wait pending proofs are a success. */
  readonly pendingWanted: boolean;
  /** The user's trust policy, to warn when the proofs are signed by an untrusted log. */
  readonly policy: Policy | null;
}

/** The output lists at most this many failures; `--json` lists all. */
const SHOWN_FAILURES = 20;
/** A terminal lists at most this many proofs; a pipe gets all. */
const SHOWN_PROOFS = 20;

function exitCodeOf({ results, stopped, pendingWanted }: NotarizeResult): ExitCode {
  const failed = results.filter(({ status }) => status === 'failed');
  if (stopped) return EXIT.interrupted;
  // Nothing could be read, an unreachable service, or one that rejects the caller: exit code 2, unless some
  // files succeeded.
  if (failed.length > 0) {
    const none = failed.length === results.length;
    return none && failed.every(({ failure }) => failure !== undefined && stopsEverything(failure))
      ? EXIT.usage
      : EXIT.failed;
  }
  return !pendingWanted && results.some(({ status }) => status === 'pending') ? EXIT.pending : EXIT.ok;
}

function summaryJson({ origin, results, skippedProofs, skippedOthers }: NotarizeResult) {
  return {
    origin,
    documents: results.map(resultJson),
    skipped: { proofs: skippedProofs, others: skippedOthers },
  };
}

/** The outcome for one file under `--json`. */
export function resultJson(result: DocumentResult) {
  const { found, document, status, id, proof, keptAs, lateReceipt, failure } = result;
  return {
    file: found.shown,
    status,
    ...(document === null ? {} : { sha256: toHex(document.sha256), size: document.size }),
    ...(id === undefined ? {} : { id }),
    ...(proof === undefined ? {} : { proof: found.proofPath, acceptedAt: isoTime(proof.entry.acceptedAt) }),
    ...(proof === undefined || proof.format === PENDING_FORMAT
      ? {}
      : { sealedAt: isoTime(proof.block.header.sealedAt), block: proof.block.header.height }),
    ...(keptAs === undefined ? {} : { earlierProof: keptAs }),
    ...(lateReceipt === undefined ? {} : { lateReceipt }),
    ...(failure === undefined ? {} : { error: failureJson(failure) }),
  };
}

/** @param quiet whether to print only the paths of the proofs, what failed and warnings */
function printSummary(result: NotarizeResult, quiet: boolean, io: Io): void {
  const t = notarizeMessages();
  const { results, origin, stopped } = result;
  const of = (status: DocumentResult['status']) => results.filter((one) => one.status === status);
  const [sealed, pending, present, failed] = [of('sealed'), of('pending'), of('present'), of('failed')];
  const warn = (text: string) => {
    printNote(io, text);
  };
  const say = (text: string) => {
    if (!quiet) warn(text);
  };
  const written = [...sealed, ...pending];
  const shown = io.isOutputTTY ? written.slice(0, SHOWN_PROOFS) : written;
  for (const { found } of shown) printLine(io.stdout, shownPath(found.proofPath, io.cwd));
  if (shown.length < written.length) warn(t.more(grouped(written.length - shown.length)));
  for (const { found, keptAs, lateReceipt } of results) {
    if (lateReceipt !== undefined)
      warn(t.late(shownPath(found.proofPath, io.cwd), shownPath(lateReceipt, io.cwd)));
    if (keptAs !== undefined) say(t.changed(found.shown, shownPath(keptAs, io.cwd)));
  }
  if (sealed.length > 0) say(t.sealed(grouped(sealed.length), origin));
  if (pending.length > 0) say(t.pending(grouped(pending.length)));
  if (present.length > 0) say(t.present(grouped(present.length)));
  const { skippedProofs, skippedOthers } = result;
  if (skippedProofs > 0) say(t.skippedProofs(grouped(skippedProofs)));
  if (skippedOthers > 0) say(t.skippedOthers(grouped(skippedOthers)));
  if (results.length === 0) say(t.nothing);
  for (const { found, failure } of failed.slice(0, SHOWN_FAILURES)) {
    if (failure !== undefined) warn(failedLine(found.shown, failure));
  }
  if (failed.length > SHOWN_FAILURES) warn(t.moreFailures(grouped(failed.length - SHOWN_FAILURES)));
  for (const hint of hintsOf(failed)) warn(hint);
  if (failed.length > 0) warn(stopped ? `${t.interrupted} ${t.continue}` : t.continue);
  warnOfTrust(result, say, warn);
}

/** Whether the service is unreachable or rejects every request of the caller, or there is nothing to read. */
function stopsEverything(failure: Failure): boolean {
  return ['unreachable', 'unreadable', 'usage'].includes(failure.reason) || isAboutCaller(failure);
}

/** Warns now, not years later, when the proofs are signed by a log that the user does not trust. */
export function warnOfTrust(
  { results, policy, origin }: Pick<NotarizeResult, 'results' | 'policy' | 'origin'>,
  say: (text: string) => void,
  warn: (text: string) => void,
): void {
  const t = notarizeMessages();
  const proof = results.find(({ status }) => status === 'sealed')?.proof;
  if (proof === undefined) return;
  if (policy === null) {
    say(t.saveKey);
  } else if (
    verify({ proof, document: null, policy: withoutTimes(policy), primitives: NODE }).verdict !== 'verified'
  ) {
    warn(t.untrusted(origin, policy.logs.map(shownKey).join(', ')));
  }
}
