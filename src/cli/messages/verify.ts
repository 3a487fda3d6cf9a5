import { FAILURES, STEPS, type StepFacts } from '../../messages/verification.js';
import type { Step } from '../../proof/index.js';
import { byLanguage } from '../language.js';

/** The messages of `ingam verify`. */

/** Verdict on one of several files. */
export type FileVerdict = 'verified' | 'not_verified' | 'pending' | 'no_proof' | 'no_document' | 'unreadable';

export type Counts = Readonly<Record<FileVerdict, number>> & {
  readonly files: number;
  readonly alone: number;
};

const files = (count: number) => `${count} ${count === 1 ? 'file' : 'files'}`;

const en = {
  words: {
    verified: 'VERIFIED',
    not_verified: 'NOT VERIFIED',
    pending: 'PENDING',
    no_proof: 'NO PROOF',
    no_document: 'NO DOCUMENT',
    unreadable: 'UNREADABLE',
  } satisfies Record<FileVerdict, string>,
  sealedBy: (time: string, origin: string) => `sealed ${time} by ${origin}`,
  cosigned: (members: string) => `cosigned by ${members}`,
  notCosigned: 'no member has cosigned',
  timed: (sources: string) => `time confirmed by ${sources}`,
  lacks: {
    quorum_missing: 'not enough trusted members have cosigned',
    time_missing: 'too few independent time sources have confirmed the time',
    key: 'not signed by a key that you trust',
  },
  pendingShort: 'accepted, not yet sealed',
  /** In English the verifier's own sentence, as in the output for programs. */
  step: ((step) => step.message) as (step: Step, facts: StepFacts) => string,
  /** Of a step that failed. */
  failure: (step: Step): string => step.message,

  accepted: (origin: string, time: string) => `${origin} states that it accepted it at ${time}.`,
  acceptedLate: (origin: string, time: string, seconds: string) =>
    `${origin} states that it accepted it at ${time}, ${seconds} ${seconds === '1' ? 'second' : 'seconds'} before the seal. That is longer than usual: for this time there is only its word, unless you have kept its receipt (--receipt PENDING).`,
  promised: (origin: string, time: string, deadline: string, isPast: boolean) =>
    `${origin} states that it accepted this document at ${time} and promised to seal it by ${deadline}${isPast ? ' (now past)' : ''}.`,
  onlyPromise: 'Until it is sealed this is a promise, not a proof.',
  consistent: 'The proof is consistent and is for this document.',
  sealed: (size: string | null, origin: string, time: string, height: number, position: number) =>
    `Exactly this document${size === null ? '' : ` (${size} ${size === '1' ? 'byte' : 'bytes'})`} was sealed by ${origin} at ${time} in block ${height}, at position ${position} of the chain.`,
  members: (list: string) => `Members confirm that it existed before: ${list}.`,
  logAlone: 'The times are those stated by the log that you trust; nobody else has confirmed them.',
  fromCertificate: 'The proof was read out of the PDF. What is printed on its pages was not checked.',

  getFinal: (proof: string) => `Get the final proof with: ingam upgrade ${proof}`,
  requiresMore: (source: string | null, what: 'cosignatures' | 'sources') => [
    `${source ?? 'Your trust policy'} requires more ${what === 'sources' ? 'time sources' : what} than this copy of the proof has.`,
    'A copy fetched later may have them.',
  ],
  noKey: 'You have not given a key that you trust.',
  otherLog: (source: string) => `The log is not among those trusted by ${source}.`,
  sameName: [
    'It has the name of a trusted log but a different key. If its owner has rotated the key, "ingam trust --server URL"',
    'fetches the new one and replaces the old one only if the old one vouches for it.',
  ],
  claims: (signers: string) => `The proof claims to be signed by ${signers}.`,
  getKey:
    "Get the log's public key from its owner, through another channel than this proof, and pass it with --key VKEY.",
  otherDocument: 'Either the file was changed after it was notarized, or this is the proof of another file.',
  damaged: 'The proof is damaged or forged and proves nothing. Look for another copy of it.',

  /** The columns of several verdicts. */
  columns: { verdict: 'VERDICT', file: 'FILE', result: 'RESULT' },
  noProof: 'no proof beside it, and none of the other files is its proof',
  alsoOf: (document: string, says: string) => `of ${document}: ${says}`,
  packParts: (zip: string, count: number) =>
    `${zip} is an evidence pack: its document, proofs and certificates are judged. Its ${count} other files are for stock tools: README.md in it says how.`,
  noDocument: (proofSays: string) => `a proof without its document: ${proofSays}`,
  summary: (c: Counts) => {
    const alone = c.alone === 0 ? '' : ` (${c.alone} by the service alone)`;
    const parts = [
      `${c.verified} verified${alone}`,
      ...(c.not_verified === 0 ? [] : [`${c.not_verified} NOT verified`]),
      ...(c.pending === 0 ? [] : [`${c.pending} not yet sealed`]),
      ...(c.no_proof === 0 ? [] : [`${c.no_proof} without a proof`]),
      ...(c.no_document === 0 ? [] : [`${c.no_document} without a document`]),
      ...(c.unreadable === 0 ? [] : [`${c.unreadable} unreadable`]),
    ];
    return `${files(c.files)}: ${parts.join(', ')}`;
  },
  aloneExplained:
    'By the service alone: no member has cosigned and no time source has confirmed it, so its times are the word of the log that you trust.',
  nothing: 'There is nothing to verify: no files were found.',
  bothStreams: 'FILE and PROOF cannot both be standard input',
  digestNeedsProof: '--sha256 requires PROOF',
  digestOrFile: '--sha256 and FILE cannot be used together',
  missingFile: 'missing FILE',
  streamNeedsProof: 'standard input requires PROOF',
  standardInput: 'standard input',
  badDigest: '--sha256 must be the 64 hexadecimal digits of a SHA-256 digest',
  forOneDocument: (option: string) => `--${option} is for one document, not for several files`,
  onlyTimeStamp: 'Only the time-stamp was judged, not whether it is in a log.',
  tokenProof: (file: string) =>
    `Get its proof with: ingam tsa proof ${file} --server URL. Or judge the time-stamp alone: --tsa-root FILE`,
  noProofBesideTimeStamp: (message: string) => `no proof next to the time-stamp: ${message}`,
  looksLikeProof: (file: string, document: string) =>
    `${file} looks like a proof. Give the document instead: ingam verify ${document}`,
  nameProof: 'If the proof is elsewhere, name it: ingam verify FILE PROOF',
  noProofBeside: (message: string) => `no proof next to the document: ${message}`,
  expected: (value: string) => `     expected ${value}`,
  found: (value: string) => `     found    ${value}`,
};

const ko: typeof en = {
  words: {
    verified: '확인됨',
    not_verified: '확인 안 됨',
    pending: '봉인 전',
    no_proof: '증명 없음',
    no_document: '문서 없음',
    unreadable: '읽을 수 없음',
  },
  sealedBy: (time, origin) => `${time} 봉인(${origin})`,
  cosigned: (members) => `공동 서명: ${members}`,
  notCosigned: '공동 서명한 참여 기관 없음',
  timed: (sources) => `시각 확인: ${sources}`,
  lacks: {
    quorum_missing: '공동 서명한 신뢰하는 참여 기관이 부족합니다',
    time_missing: '시각을 확인한 독립 출처가 부족합니다',
    key: '신뢰하는 키로 서명되지 않았습니다',
  },
  pendingShort: '접수됨, 아직 봉인되지 않음',
  step: ({ outcome, code, name }, facts) => {
    if (code !== null) return FAILURES.ko[code];
    const { passed, skipped } = STEPS.ko[name];
    return outcome === 'passed' ? passed(facts) : skipped;
  },
  failure: ({ code, message }) => (code === null ? message : FAILURES.ko[code]),

  accepted: (origin, time) => `${origin}에서 밝힌 접수 시각은 ${time}입니다.`,
  acceptedLate: (origin, time, seconds) =>
    `${origin}에서 밝힌 접수 시각은 ${time}으로, 봉인되기 ${seconds}초 전입니다. 보통보다 긴 시간이며, 접수증을 보관하고 있지 않다면(--receipt PENDING) 이 시간에 대한 근거는 ${origin}의 말뿐입니다.`,
  promised: (origin, time, deadline, isPast) =>
    `${origin}에서 이 문서를 ${time}에 접수했다고 밝히고 ${deadline}까지 봉인하기로 약속했습니다${isPast ? '(기한이 지났습니다)' : ''}.`,
  onlyPromise: '봉인되기 전까지는 약속일 뿐 증명이 아닙니다.',
  consistent: '증명 내용은 일관되며 이 문서에 대한 것입니다.',
  sealed: (size, origin, time, height, position) =>
    `바로 이 문서${size === null ? '' : `(${size}바이트)`}가 ${time}에 ${origin}의 블록 ${height}번, 체인의 ${position}번째 순번에 봉인되었습니다.`,
  members: (list) => `참여 기관들이 다음 시각 전에 존재했음을 확인합니다: ${list}`,
  logAlone: '이 시각은 신뢰하는 로그가 밝힌 것이며, 다른 곳에서 확인한 것이 아닙니다.',
  fromCertificate: '증명은 PDF에서 읽었습니다. 인쇄된 내용은 확인하지 않았습니다.',

  getFinal: (proof) => `최종 증명 받기: ingam upgrade ${proof}`,
  requiresMore: (source, what) => [
    `${source ?? '신뢰 정책'}에서 요구하는 ${what === 'sources' ? '시각 출처가' : '공동 서명이'} 이 증명 파일에는 부족합니다.`,
    '나중에 다시 받은 증명 파일에는 있을 수 있습니다.',
  ],
  noKey: '신뢰하는 키를 지정하지 않았습니다.',
  otherLog: (source) => `${source}에서 신뢰하는 로그가 아닙니다.`,
  sameName: [
    '신뢰하는 로그와 이름은 같지만 키가 다릅니다. 소유자가 키를 교체했다면 "ingam trust --server URL"로 새 키를 받으세요.',
    '이전 키가 새 키를 보증할 때만 바뀝니다.',
  ],
  claims: (signers) => `증명에 적힌 서명자: ${signers}`,
  getKey: '로그의 공개 키를 이 증명이 아닌 다른 경로로 소유자에게서 받아 --key VKEY로 지정하세요.',
  otherDocument: '등록한 뒤에 파일이 바뀌었거나, 다른 파일의 증명입니다.',
  damaged: '증명 파일이 손상되었거나 위조되어 아무것도 증명하지 못합니다. 다른 사본을 찾아보세요.',

  columns: { verdict: '결과', file: '파일', result: '내용' },
  noProof: '옆에 증명 파일이 없고, 다른 파일 중에도 이 문서의 증명이 없습니다',
  alsoOf: (document, says) => `${document}: ${says}`,
  packParts: (zip, count) =>
    `${zip}: 증거 묶음입니다. 문서와 증명 파일, 증명서를 확인합니다. 나머지 파일 ${count}개는 일반 도구용이며, 방법은 README.ko.md에 있습니다.`,
  noDocument: (says) => `문서가 없는 증명 파일: ${says}`,
  summary: (c) => {
    const alone = c.alone === 0 ? '' : `(${c.alone}개는 서비스만 보증)`;
    const parts = [
      `확인됨 ${c.verified}개${alone}`,
      ...(c.not_verified === 0 ? [] : [`확인 안 됨 ${c.not_verified}개`]),
      ...(c.pending === 0 ? [] : [`봉인 전 ${c.pending}개`]),
      ...(c.no_proof === 0 ? [] : [`증명 없음 ${c.no_proof}개`]),
      ...(c.no_document === 0 ? [] : [`문서 없음 ${c.no_document}개`]),
      ...(c.unreadable === 0 ? [] : [`읽을 수 없음 ${c.unreadable}개`]),
    ];
    return `파일 ${c.files}개: ${parts.join(', ')}`;
  },
  aloneExplained:
    '서비스만 보증: 공동 서명한 참여 기관도, 시각을 확인한 출처도 없으므로 시각의 근거는 신뢰하는 로그의 말뿐입니다.',
  nothing: '확인할 파일이 없습니다.',
  bothStreams: 'FILE과 PROOF를 둘 다 표준 입력으로 쓸 수는 없습니다',
  digestNeedsProof: '--sha256에는 PROOF가 필요합니다',
  digestOrFile: '--sha256과 FILE은 함께 쓸 수 없습니다',
  missingFile: 'FILE을 지정하세요',
  streamNeedsProof: '표준 입력을 쓰려면 PROOF가 필요합니다',
  standardInput: '표준 입력',
  badDigest: '--sha256에는 SHA-256 해시값의 16진수 64자리를 써야 합니다',
  forOneDocument: (option) => `--${option}은(는) 여러 파일이 아니라 문서 하나에만 쓸 수 있습니다`,
  onlyTimeStamp: '타임스탬프만 판단했으며, 로그에 있는지는 확인하지 않았습니다.',
  tokenProof: (file) =>
    `증명 받기: ingam tsa proof ${file} --server URL. 타임스탬프만 판단하려면: --tsa-root FILE`,
  noProofBesideTimeStamp: (message) => `타임스탬프 옆에 증명 파일이 없습니다: ${message}`,
  looksLikeProof: (file, document) =>
    `${file}은(는) 증명 파일로 보입니다. 문서를 지정하세요: ingam verify ${document}`,
  nameProof: '증명 파일이 다른 곳에 있으면 지정하세요: ingam verify FILE PROOF',
  noProofBeside: (message) => `문서 옆에 증명 파일이 없습니다: ${message}`,
  expected: (value) => `     예상 ${value}`,
  found: (value) => `     실제 ${value}`,
};

export const verifyMessages = byLanguage({ en, ko });
