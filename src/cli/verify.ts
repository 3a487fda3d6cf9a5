import { resolve } from 'node:path';
import { NODE } from '../crypto/primitives.js';
import { type DocumentFacts, equal, MAX_PROOF_SOURCE, toHex, type Verdict, verify } from '../proof/index.js';
import { defineCommand } from './command.js';
import { documentRenewals, documentRenewalsJson, documentRenewalSentences } from './document-renewals.js';
import { Failure, isMissing, usageError } from './failure.js';
import {
  assertFile,
  evidenceOf,
  hashDocument,
  hashStream,
  isHistoryFile,
  PROOF_SUFFIX,
  readEvidence,
  readStream,
  withoutSuffix,
} from './files.js';
import { EXIT, type ExitCode, type Io, printJson, printMarked, printNote, withoutNotes } from './io.js';
import { LANG_OPTION } from './language.js';
import { verifyMessages } from './messages/verify.js';
import { compareReceipt, isBroken, readReceipt } from './receipt.js';
import { GREEN, painter, RED } from './report.js';
import { CRL_OPTION, readLists } from './revocation-lists.js';
import { timeInput } from './time.js';
import { loadTrust, TRUST_OPTIONS } from './trust-store.js';
import type { GivenHistory } from './verify-history.js';
import type { ManyOptions } from './verify-many.js';
import { erasureJson, erasureSentences, readErasureFile } from './verify-erasure.js';
import { areMany, chooseSubject, type Subject } from './verify-subject.js';
import { printReport, verificationJson } from './verify-report.js';
import { readStamp, type Stamp, STAMP_OPTIONS, stampSentences } from './verify-token.js';
import { SUMMARIES } from './summaries.js';
import { timeMessages } from './messages/time.js';

/**
 * Verification with nothing but a file and its proof. This module imports only proof/, crypto/, other modules
 * of the command line and Node modules without network access; a test enforces that.
 */
export const verifyCommand = defineCommand({
  name: 'verify',
  summary: SUMMARIES.verify,
  usage: 'FILE [PROOF] | FILE…|FOLDER…|ZIP… | [FILE] HISTORY [--key VKEY | --trust FILE] [-v]',
  text: {
    en: `Verifies that PROOF is for exactly this FILE and that the log you trust vouches for its time. No network is
used, and the service that made the proof does not need to exist any more.

PROOF defaults to FILE${PROOF_SUFFIX}. It can also be a certificate: a PDF with the proof embedded. FILE or PROOF can
be - for standard input. Without a trusted key the verdict is never "verified": get the key from the service's owner,
not from the place where you got the proof.

With a policy that names time sources, it also says between which times the document was registered, and which
independent sources confirm it. Certificates are judged with the revocation lists that the proof keeps; --crl gives
newer ones.

With --receipt PENDING, a pending proof that you kept from the time before the seal, it also says whether the service
kept its promise: the same entry, sealed by the deadline. Give the receipt key as well: --trust FILE --key VKEY.

FILE can be a time-stamp (RFC 3161) of a service that keeps them in its log: get its proof with "ingam tsa proof". With
--tsa-root it is judged as a time-stamp, too, and also without a proof.

HISTORY is the history of a record, from "ingam record history": it shows all events of the record, who signed them with
which kind of key, the record's state, and as of which block nothing later happened. With FILE before it, it also says
whether an event names that document.

Several files, folders and zips (as the pages and "ingam evidence-pack" make them) get a table of verdicts and a line
that sums it up. Each document is judged by the proof beside it, else by one for its digest among the files. A document
without a proof, and a proof without its document, is not verified. "By the service alone" counts those whose time no
member and no time source has confirmed.

The verdict is written to standard output, the explanation to standard error; -v adds all steps of the verification.
Exit code, of several files by the worst: 0 verified, 1 not verified or the promise not kept, 2 wrong usage,
unreadable input, or document or proof missing, 3 not yet sealed.`,
    ko: `PROOF가 바로 이 FILE의 증명인지, 신뢰하는 로그가 그 시각을 보증하는지 확인합니다. 네트워크를 쓰지 않으며, 증명을
만든 서비스가 없어졌어도 됩니다.

PROOF의 기본값은 FILE${PROOF_SUFFIX}이며, 증명이 담긴 PDF 증명서도 됩니다. FILE이나 PROOF가 -이면 표준 입력을
읽습니다. 신뢰하는 키가 없으면 결과는 결코 "확인됨"이 아닙니다. 키는 증명을 받은 곳이 아니라 서비스의 소유자에게서
받으세요.

정책에 시각 출처가 있으면 문서가 어느 시각 사이에 등록되었는지, 어떤 독립 출처가 확인했는지도 알려 줍니다. 인증서는
증명에 든 폐지 목록으로 판단하며, --crl로 더 새로운 목록을 지정할 수 있습니다.

--receipt PENDING으로 봉인 전에 받아 보관한 증명 파일을 지정하면 서비스가 약속을 지켰는지도 알려 줍니다: 같은 등록
항목이 기한까지 봉인되었는지. 접수증의 키도 함께 지정하세요: --trust FILE --key VKEY.

FILE은 서비스가 로그에 남긴 타임스탬프(RFC 3161)일 수도 있습니다. 그 증명은 "ingam tsa proof"로 받습니다.
--tsa-root를 쓰면 타임스탬프 자체도, 증명이 없어도 판단합니다.

HISTORY는 "ingam record history"로 받은 기록의 이력입니다. 기록의 모든 이벤트, 서명한 키와 그 종류, 기록의 상태,
그리고 어느 블록까지 그 뒤에 아무 일도 없었는지 보여 줍니다. 앞에 FILE을 쓰면 그 문서를 가리키는 이벤트가 있는지도
알려 줍니다.

여러 파일, 폴더, zip(페이지와 "ingam evidence-pack"이 만든 것)을 지정하면 결과를 표로 보여 주고 한 줄로 요약합니다.
문서마다 옆에 있는 증명 파일로, 없으면 지정한 파일 가운데 해시값이 같은 증명으로 판단합니다. 증명 없는 문서와 문서
없는 증명은 확인되지 않습니다. "서비스만 보증"은 참여 기관도 시각 출처도 시각을 확인하지 않은 것의 수입니다.

결과를 표준 출력에, 설명을 표준 오류에 씁니다. -v는 확인의 모든 단계를 보여 줍니다.
종료 코드(여러 파일이면 가장 나쁜 것): 0 확인됨, 1 확인 안 됨 또는 약속을 지키지 않음, 2 잘못된 사용, 읽을 수 없는
입력, 문서나 증명 없음, 3 아직 봉인되지 않음.`,
  },
  options: {
    ...TRUST_OPTIONS,
    receipt: {
      type: 'string',
      value: 'PENDING',
      help: {
        en: 'kept pending proof: say whether the service kept its promise',
        ko: '보관해 둔 봉인 전 증명 파일: 서비스가 약속을 지켰는지 알려 줍니다',
      },
    },
    sha256: {
      type: 'string',
      value: 'HEX',
      help: {
        en: 'verify this digest instead of a FILE: ingam verify --sha256 HEX PROOF',
        ko: 'FILE 대신 이 해시값을 확인: ingam verify --sha256 HEX PROOF',
      },
    },
    ...STAMP_OPTIONS,
    ...CRL_OPTION,
    verbose: {
      type: 'boolean',
      short: 'v',
      help: { en: 'show every step of the verification', ko: '확인의 모든 단계를 표시' },
    },
    quiet: {
      type: 'boolean',
      short: 'q',
      help: {
        en: 'print only the verdict; of several files, only those not verified',
        ko: '결과만 출력. 여러 파일이면 확인되지 않은 것만 출력',
      },
    },
    ...LANG_OPTION,
    json: {
      type: 'boolean',
      help: { en: 'print verdict, steps and values as JSON', ko: '결과, 단계, 값을 JSON으로 출력' },
    },
  },
  positionals: { min: 0, max: Infinity },
  async run({ values, positionals }, given) {
    const { json, verbose, quiet } = values;
    const io = quiet ? withoutNotes(given) : given;
    if (values.sha256 === undefined && (await areMany(positionals, io))) {
      assertPlain(values);
      const options = { json, verbose, quiet, ...(await loadGiven(values, io)) };
      // Loaded for several files only, as the code for histories is for one.
      const { verifyMany } = await import('./verify-many.js');
      return verifyMany(positionals, options, io);
    }
    const subject = chooseSubject(values.sha256, positionals);
    // Small inputs first, so that a mistyped key is reported before a large file is hashed.
    const { trust, crls } = await loadGiven(values, io);
    const history = await findHistory(subject, io);
    if (history !== null) return reportFound({ path: history, subject, trust, crls, json, verbose }, io);
    const stamp = await readStamp(subject.file, { ...values, crls }, io);
    if (stamp?.verdict === 'bad') return reportStamp(stamp, subject, json, io);
    const evidence = await evidenceAt(subject.proof, io).catch(async (error: unknown) => {
      if (stamp?.verdict === 'good' && isMissing(error) && !subject.proofNamed) return null;
      throw await explainMissing(error, subject, stamp, io);
    });
    if (evidence === null) return reportStamp(stamp, subject, json, io);
    const { proof, fromCertificate } = evidence;
    const pending = values.receipt === undefined ? null : await readReceipt(values.receipt, io);
    // The log has the token of a response, unless somebody notarized the file itself.
    const isOfToken = stamp !== null && equal(proof.document.sha256, stamp.document.sha256);
    const document = isOfToken ? stamp.document : await documentFacts(subject, io);
    const erasure = await readErasureFile(subject.file, proof, trust.policy, io);
    const verification = verify({
      proof,
      document,
      policy: trust.policy,
      receiptKeys: trust.receiptKeys,
      primitives: NODE,
      ...(await timeInput(proof, crls)),
    });
    const file = isOfToken || subject.file === '-' ? null : subject.file;
    const renewals = await documentRenewals({ proof, document, file, trust, crls }, io);
    const names = { name: subject.name, proofPath: subject.proof };
    const judged = { verification, proof, document, trust, fromCertificate, ...names };
    const receipt = pending === null ? null : compareReceipt(values.receipt ?? '', pending, judged);
    const outcome = { ...judged, receipt, gaveLists: crls.length > 0 };
    if (json) {
      const timeStamp = stamp === null ? {} : { timeStamp: stamp.json };
      const renewed = renewals.length === 0 ? {} : { documentRenewals: documentRenewalsJson(renewals) };
      const erased = erasure === null ? {} : { erasure: erasureJson(erasure) };
      printJson(io.stdout, { ...verificationJson(outcome), ...renewed, ...timeStamp, ...erased });
    } else {
      printReport(outcome, verbose, io);
      if (renewals.length > 0) printNote(io, '', ...documentRenewalSentences(renewals));
      if (isOfToken) printNote(io, '', ...stampSentences(stamp, proof));
      if (erasure !== null) printNote(io, '', ...erasureSentences(erasure));
    }
    const code = exitCodeOf(verification.verdict);
    return code === EXIT.ok && receipt !== null && isBroken(receipt) ? EXIT.failed : code;
  },
});

/** @throws {Failure} usage, for an option that is about one document */
function assertPlain(values: Readonly<Record<'receipt' | 'data' | 'tsa-root', string | undefined>>): void {
  for (const name of ['receipt', 'data', 'tsa-root'] as const) {
    if (values[name] !== undefined) throw usageError(verifyMessages().forOneDocument(name));
  }
}

async function loadGiven(
  values: Parameters<typeof loadTrust>[0] & { readonly crl: readonly string[] },
  io: Io,
): Promise<Pick<ManyOptions, 'trust' | 'crls'>> {
  return { trust: await loadTrust(values, io), crls: await readLists(values.crl, io) };
}

/** The proof at a path, or on standard input. */
async function evidenceAt(shown: string, io: Io): ReturnType<typeof readEvidence> {
  if (shown !== '-') return readEvidence(resolve(io.cwd, shown), shown);
  return evidenceOf(await readStream(io.stdin, MAX_PROOF_SOURCE, io.signal), verifyMessages().standardInput);
}

/** The path of a record's history among the arguments; null: there is none. */
async function findHistory({ file, proof, proofNamed }: Subject, io: Io): Promise<string | null> {
  const shown = proofNamed ? proof : file;
  return shown !== null && (await isHistoryFile(resolve(io.cwd, shown), shown)) ? shown : null;
}

/** Loads the code for histories only for one: it takes longer to load than that for proofs. */
async function reportFound(
  {
    path,
    subject,
    ...given
  }: { readonly path: string; readonly subject: Subject } & Pick<
    GivenHistory,
    'trust' | 'crls' | 'json' | 'verbose'
  >,
  io: Io,
): Promise<ExitCode> {
  const { reportHistory } = await import('./verify-history.js');
  const facts = subject.proofNamed ? await documentFacts(subject, io) : null;
  const document = facts === null ? null : { ...facts, name: subject.name };
  return reportHistory({ ...given, path, document }, io);
}

/** The verdict on a time-stamp by itself: without a proof, or because it does not count. */
function reportStamp(stamp: Stamp | null, { name }: Subject, asJson: boolean | undefined, io: Io): ExitCode {
  if (stamp === null) throw new Error('there is no time-stamp');
  const isGood = stamp.verdict === 'good';
  if (asJson === true) {
    const { sha256, size } = stamp.document;
    const verdict: Verdict = isGood ? 'verified' : 'invalid';
    printJson(io.stdout, { verdict, document: { name, sha256: toHex(sha256), size }, timeStamp: stamp.json });
  } else {
    const paint = painter(io);
    const { words } = verifyMessages();
    const [word, rest, colour] = isGood
      ? ([words.verified, timeMessages().subjectReason(stamp.subject, stamp.reason), GREEN] as const)
      : ([words.not_verified, stamp.reason, RED] as const);
    printMarked(io.stdout, word, paint(colour), `  ${name}: ${rest}`);
    printNote(io, verifyMessages().onlyTimeStamp);
  }
  return isGood ? EXIT.ok : EXIT.failed;
}

/** The failure when a proof cannot be read. Without a named proof, the document itself may be the mistake. */
async function explainMissing(
  error: unknown,
  { file, proofNamed }: Subject,
  stamp: Stamp | null,
  io: Io,
): Promise<unknown> {
  if (!isMissing(error) || proofNamed || file === null) return error;
  await assertFile(resolve(io.cwd, file), file);
  if (stamp !== null) {
    const hint = verifyMessages().tokenProof(file);
    return new Failure('unreadable', verifyMessages().noProofBesideTimeStamp(error.message), {
      hint,
      cause: error,
    });
  }
  const hint = file.endsWith(PROOF_SUFFIX)
    ? verifyMessages().looksLikeProof(file, withoutSuffix(file))
    : verifyMessages().nameProof;
  return new Failure('unreadable', verifyMessages().noProofBeside(error.message), {
    hint,
    cause: error,
  });
}

async function documentFacts({ file, digest }: Subject, io: Io): Promise<DocumentFacts> {
  if (digest !== null) return { sha256: digest };
  if (file === null || file === '-') return hashStream(io.stdin, io.signal);
  return hashDocument(resolve(io.cwd, file), file, io);
}

function exitCodeOf(verdict: Verdict): ExitCode {
  switch (verdict) {
    case 'verified':
      return EXIT.ok;
    case 'invalid':
    case 'untrusted':
      return EXIT.failed;
    case 'pending':
      return EXIT.pending;
  }
}
