import { FAILURES, STEPS } from '../../messages/verification.js';
import type { ProofErrorCode } from '../../proof/errors.js';
import { plural, type Count } from '../lib/format.js';
import { byLanguage } from '../lib/language.js';
import { text, type Shown } from '../lib/text.js';
import { STATEMENTS } from './verify-statements.js';

/** The messages of the page that verifies; the names of a proof's values are in values.ts. */

const en = {
  heading: 'Verify documents',
  lead: 'Drop documents, proofs, certificates or a whole folder. Everything is computed in your browser; your documents never leave it.',
  drop: 'Drop documents and proofs',
  dropMore: 'Drop more files here, or',
  dropExplained:
    'Any file, the proof that ends in .ingam.json, the certificate (PDF), the history of a record, or a ZIP with proofs in it. Without a proof, only a document’s fingerprint is sent, to look it up.',
  chooseFiles: 'Choose files',
  chooseFolder: 'Choose folder',
  link: 'Link to this proof',
  paste: 'Or paste a fingerprint or a link to a proof',
  pasteSubmit: 'Check',
  pasteWrong:
    'This is neither a SHA-256 fingerprint (64 hexadecimal digits) nor a link to a proof of this service.',
  pasteElsewhere: 'This link leads to another service. Open it there.',
  given: 'Given files',
  givenMany: (files: Count) => `${plural(files, 'file')} given`,
  remove: (name: string) => `Remove ${name}`,
  clear: 'Start over',
  leftOut: (files: Count, names: string) =>
    `${plural(files, 'other file')} of the evidence pack ${files.n === 1 ? 'is' : 'are'} for other tools and not checked here: ${names}`,
  unread: (files: Count, names: string) =>
    `${plural(files, 'file')} could not be read and ${files.n === 1 ? 'is' : 'are'} not checked: ${names}`,
  hashing: (percent: string, name: string) => `Computing the fingerprint of ${name}, ${percent}`,
  reading: (done: string, all: string) => `Reading ${done} of ${all} files`,
  checking: (done: string, all: string) => `Checked ${done} of ${all}`,
  lookingUp: 'Checking…',
  statements: STATEMENTS.en,
  /** The three questions, and their answers. */
  answers: {
    file: 'Is it this file?',
    when: 'When, and according to whom?',
    outside: 'Who confirmed it from outside?',
    sameFile: 'Exactly this file.',
    sameDigest: 'Exactly this fingerprint.',
    noFile: 'No document was given. Add it to check.',
    otherFile: 'No. Its fingerprint is not the one in the proof.',
    inHistory: (event: string) => `Event ${event} of this record names exactly this file.`,
    notInHistory: 'No. No event of this record names it.',
    unproven: 'The proof names this file, but it shows nothing.',
    sealed: (time: Shown, origin: string) => text`Sealed ${time}, according to ${origin}.`,
    asOf: (time: Shown, block: string, origin: string) =>
      text`As of block ${block}, sealed ${time}, according to ${origin}: nothing later.`,
    received: (time: Shown, origin: string) =>
      text`Received ${time}, according to ${origin}. Not sealed yet.`,
    promised: (time: Shown, origin: string) =>
      text`${origin} promised a seal by ${time}, and has not sealed it.`,
    nobodySays: 'Unknown: nobody you trust has signed it.',
    invalid: 'Unknown: the proof is invalid.',
    members: (signed: string, all: string) => `${signed} of ${all} members signed.`,
    nobody: 'Nobody outside the service has confirmed the time.',
    nobodyNeeded: 'Nobody outside the service has confirmed the time; your policy requires none.',
    tooFewMembers: (signed: string, all: string, needed: string) =>
      `Not enough: ${signed} of ${all} members signed, at least ${needed} required.`,
    tooFewSources: 'Not enough independent time sources have confirmed the time.',
    notYet: 'Nobody yet: it is not sealed.',
  },
  marks: { yes: 'Yes', no: 'No', doubt: 'Doubtful', open: 'Open' },
  trustLegend: 'Trusted key',
  trustNow: {
    service: 'Trusted: the keys this service publishes',
    own: 'Trusted: your own key or policy',
    unusable: 'No key of your own yet: results are by the keys this service publishes',
  },
  trustChange: 'Change',
  trustService: 'The key and the members this service publishes',
  trustServiceExplained:
    'Shows that this service vouches for the proof. It does not protect you if the operator cheats: whoever controls the service could publish another key and name other members.',
  trustOwn: 'My own key or policy',
  trustOwnExplained:
    'One you received through another channel, on paper or from a member of the chain. Then the result does not depend on what this service says about itself.',
  trustField: 'Public key or trust policy',
  trustFieldHint:
    'A key is one line: name+hash+key. A policy has lines that start with log, witness, group and quorum.',
  trustFieldEmpty: 'Paste a key or policy to check with it. Until then, the results are by the other choice.',
  trustFieldWrong: 'This is neither a key nor a policy. Check that you copied all of it.',
  trustFieldKeys: (logs: string) => `The chain must be signed by ${logs}. No cosignatures are required.`,
  trustFieldPolicy: (logs: string, needed: string, all: string, names: string) =>
    `The chain must be signed by ${logs} and cosigned by at least ${needed} of these ${all}: ${names}.`,
  retiredKey: (log: string, blocks: Count) =>
    `A retired key of ${log} is also trusted, for a chain of at most ${plural(blocks, 'block')}.`,
  trustPage:
    'This page also comes from the service. For a check that does not depend on it, use the command line:',
  checkedWithService:
    'Checked with the keys this service publishes. For certainty independent of the service, compare them with keys you received through another channel.',
  checkedWithOwn: 'Checked with the key or policy you entered.',
  checkedWithNothing: 'Checked without a trusted key.',
  sealedLate: (origin: string, seconds: Count) =>
    `It was sealed ${plural(seconds, 'second')} after ${origin} states that it accepted it. That is longer than usual: for this time there is only its word, unless you have kept its receipt (the pending proof). If so, add it here.`,
  promise: {
    kept: (origin: string) =>
      `The promise was kept: ${origin} sealed exactly what your receipt promises, by its deadline.`,
    late: (origin: string, seconds: Count) =>
      `The promise was not kept: ${origin} sealed it ${plural(seconds, 'second')} after the deadline of your receipt. For the time before the seal there is only its word. Keep both files unchanged: together they show it.`,
    changed_entry: (origin: string) =>
      `The promise was broken: your receipt is for an entry with other contents, such as its time or details. ${origin} has replaced what it had accepted. Keep both files unchanged: together they show it.`,
    other_entry: (origin: string) =>
      `Your receipt is for another notarization of this document, so this proof does not show whether its promise was kept. Get the proof of the receipt itself. If ${origin} has none after the deadline, it broke its promise: keep the receipt and the document.`,
    other_document: () => 'Your receipt is for another document: it says nothing about this proof.',
    other_log: () => 'Your receipt is of another chain: it says nothing about this proof.',
    invalid: 'Your receipt is damaged or forged: it was not compared with the proof.',
    unsigned: 'No key that you trust has signed the receipt, so it shows nothing to others.',
  },
  factProofFor: 'The proof is for',
  factDocument: 'Document',
  factFingerprint: 'Fingerprint',
  details: {
    name: 'File name',
    title: 'Title',
    author: 'Author',
    reference: 'Reference',
    note: 'Note',
    tags: 'Tags',
  },
  factOrganization: 'Organization',
  factAccepted: 'Accepted, as the service stated',
  factSealed: 'Sealed',
  factPromised: 'Sealed by, at the latest',
  before: 'Signed before',
  notSigned: 'No signature in this proof',
  doesNotCount: 'Does not count toward the quorum',
  factBlock: 'Block',
  inBlock: (number: string, count: string, height: string) =>
    `Entry ${number} of ${count} in block ${height}`,
  seeBlock: 'View in the explorer',
  factSource: 'Proof',
  sources: {
    file: 'From your file',
    certificate: 'From your certificate. Its printed text was not checked, only what is shown here.',
    service: 'From this service, checked in this browser',
  },
  factTrust: 'Trust',
  stepsHeading: 'Checks',
  stepsPassed: (checks: Count) => `All ${plural(checks, 'check')} passed`,
  stepsFailed: (failed: string, all: string) => `${failed} of ${all} checks failed`,
  expected: 'Expected',
  computed: 'Found',
  rawHeading: 'All values',
  print: 'Print or save as PDF',
  printHint: 'To get a PDF, choose “Save as PDF” as the printer.',
  saveCsv: 'Download report (CSV)',
  notarizeNow: 'Notarize it now',
  notarizeAll: (files: Count) => `Notarize the ${plural(files, 'file')} not found`,
  notHandedOver: 'This browser could not hand the files over. Choose them again on the Notarize page.',
  saveProof: 'Download proof',
  becameFinal:
    'Your pending proof has become a final one. Download it and keep it in place of the pending one.',
  unreadableDocument: 'The file can no longer be read. It may have been moved or changed. Choose it again.',
  report: {
    heading: 'Verification report',
    made: (time: Shown) => text`Checked ${time}`,
    summary: (all: Count, good: string, alone: Count) =>
      `${plural(all, 'result')}: ${good} verified${alone.n === 0 ? '' : `, ${alone.text} of them by the service alone`}`,
    caption: 'Results',
    show: (name: string) => `Show ${name}`,
    file: 'File',
    verdict: 'Verdict',
    sealed: 'Sealed',
    by: 'According to',
    outside: 'Confirmed from outside by',
    nobody: 'Nobody',
    proof: 'Proof',
    statement: 'Code',
    checkedAt: 'Checked',
  },
  saveCertificate: 'Download certificate (PDF)',
  noCertificate: 'The service does not issue a certificate of this notarization to you.',
  extend: 'Add newer evidence',
  extended: 'Newer evidence has been added. Download the proof to keep it.',
  nothingNewer: 'The service has no newer evidence for this proof yet.',
  noEvidenceHere: 'The service does not give this proof to you.',
  savePack: 'Download evidence pack (ZIP)',
  packSaved: (name: string) => `Saved as ${name}. Your document was not sent anywhere.`,
  packWithoutDocument: 'The document is too large to be in it: hand it over beside it.',
  packWithoutCertificate:
    'It has no PDF certificate, because the service gives none for exactly this proof. If there is newer evidence, add it first.',
  others: (count: string) => `This document was notarized ${count} times`,
  moreOthers: 'There are more than shown here.',
  otherSealed: (time: Shown, block: string) => text`Accepted ${time}, sealed in block ${block}`,
  otherAccepted: (time: Shown) => text`Accepted ${time}, not sealed yet`,
  checkThis: 'Check this one',
  checkThisNamed: (time: string) => `Check this one, accepted ${time}`,
  shown: 'Shown above',
  offlineHeading: 'Verify without this service',
  offlineExplained:
    'This page is also available as a single file that contains the keys of this service. Store it with your proofs. It opens from disk, uses no network, and can verify them even when this service no longer exists.',
  offlineDownload: 'Download the offline verifier',
  unreadableProof: (code: ProofErrorCode): string => {
    if (code === 'unsupported_format')
      return 'This file is not a proof of this kind, or its version is newer than this page.';
    if (code === 'malformed_certificate')
      return 'This PDF is not a certificate, or it was damaged or re-saved by another program. If a PDF reader shows an attachment called proof.ingam.json, save it and drop that here instead.';
    if (code === 'reencoded_text')
      return 'An editor or a shell has re-saved this proof: in UTF-16, or with a byte order mark in front. Save it as UTF-8 without a byte order mark (BOM), or download the proof again.';
    if (code === 'malformed_json' || code === 'malformed_text')
      return 'This file is damaged or incomplete. Download the proof again.';
    return 'This file looks like a proof, but part of it is malformed. It was damaged or edited. Download the proof again.';
  },

  outcomes: { passed: 'Passed', failed: 'Failed', skipped: 'Not checked' },
  steps: STEPS.en,
  failures: FAILURES.en,
};

type VerifyMessages = typeof en;

const ko: VerifyMessages = {
  heading: '증명 확인',
  lead: '문서, 증명 파일, 증명서 또는 폴더를 통째로 놓으세요. 모든 계산은 이 브라우저 안에서 이루어지며 문서는 밖으로 나가지 않습니다.',
  drop: '문서와 증명 파일을 놓으세요',
  dropMore: '여기에 더 놓거나',
  dropExplained:
    '어떤 파일이든 됩니다. 이름이 .ingam.json으로 끝나는 증명 파일, 증명서(PDF), 기록의 이력 파일, 증명 파일이 담긴 ZIP도 됩니다. 증명 파일이 없는 문서는 등록 내역을 찾기 위해 해시값만 보냅니다.',
  chooseFiles: '파일 선택',
  chooseFolder: '폴더 선택',
  link: '이 증명의 링크',
  paste: '또는 해시값이나 증명 링크 붙여 넣기',
  pasteSubmit: '확인',
  pasteWrong: 'SHA-256 해시값(16진수 64자리)도, 이 서비스의 증명 링크도 아닙니다.',
  pasteElsewhere: '다른 서비스의 링크입니다. 그 서비스에서 여세요.',
  given: '선택한 파일',
  givenMany: (files) => `파일 ${files.text}개`,
  remove: (name) => `${name} 제거`,
  clear: '처음부터 다시',
  leftOut: (files, names) =>
    `증거 묶음의 다른 파일 ${files.text}개는 다른 도구용이어서 여기에서 확인하지 않습니다: ${names}`,
  unread: (files, names) => `파일 ${files.text}개를 읽지 못해 확인하지 않았습니다: ${names}`,
  hashing: (percent, name) => `${name} 해시값 계산 중, ${percent}`,
  reading: (done, all) => `파일 ${all}개 중 ${done}개 읽음`,
  checking: (done, all) => `${all}건 중 ${done}건 확인`,
  lookingUp: '확인 중…',
  statements: STATEMENTS.ko,
  answers: {
    file: '이 파일이 맞습니까?',
    when: '언제이며, 누가 밝힌 시각입니까?',
    outside: '외부의 누가 확인했습니까?',
    sameFile: '바로 이 파일입니다.',
    sameDigest: '바로 이 해시값입니다.',
    noFile: '문서가 없습니다. 확인하려면 문서를 추가하세요.',
    otherFile: '아닙니다. 해시값이 증명의 대상과 다릅니다.',
    inHistory: (event) => `이 기록의 ${event}번 이벤트에 기재된 바로 그 파일입니다.`,
    notInHistory: '아닙니다. 이 기록의 어떤 이벤트에도 기재되어 있지 않습니다.',
    unproven: '증명에 적힌 파일이지만, 그 증명이 아무것도 보여 주지 못합니다.',
    sealed: (time, origin) => text`${time} 봉인. ${origin}에서 밝힌 시각입니다.`,
    asOf: (time, block, origin) =>
      text`블록 ${block}(${time} 봉인) 기준: 이후 변경 없음. ${origin}에서 밝힌 시각입니다.`,
    received: (time, origin) => text`${time} 접수, 아직 봉인 전. ${origin}에서 밝힌 시각입니다.`,
    promised: (time, origin) => text`${origin}에서 ${time}까지 봉인하겠다고 약속했지만 봉인하지 않았습니다.`,
    nobodySays: '알 수 없습니다. 신뢰하는 키의 서명이 없습니다.',
    invalid: '알 수 없습니다. 증명이 유효하지 않습니다.',
    members: (signed, all) => `참여 기관 ${all}곳 중 ${signed}곳이 서명했습니다.`,
    nobody: '시각을 확인한 외부 기관이 없습니다.',
    nobodyNeeded: '시각을 확인한 외부 기관이 없으며, 신뢰 정책도 요구하지 않습니다.',
    tooFewMembers: (signed, all, needed) =>
      `부족합니다. 참여 기관 ${all}곳 중 ${signed}곳이 서명했으며, 최소 ${needed}곳이 필요합니다.`,
    tooFewSources: '시각을 확인한 독립 출처가 부족합니다.',
    notYet: '아직 봉인되지 않아 아무도 확인하지 않았습니다.',
  },
  marks: { yes: '예', no: '아니요', doubt: '의심스러움', open: '미정' },
  trustLegend: '신뢰하는 키',
  trustNow: {
    service: '신뢰하는 키: 이 서비스가 게시하는 키',
    own: '신뢰하는 키: 따로 전달받은 키 또는 신뢰 정책',
    unusable: '입력한 키가 아직 없어, 이 서비스가 게시하는 키로 확인한 결과입니다',
  },
  trustChange: '변경',
  trustService: '이 서비스가 게시하는 공개 키와 참여 기관',
  trustServiceExplained:
    '이 서비스가 증명을 보증한다는 것을 보여 줍니다. 다만 서비스 운영자가 속이는 경우까지 막아 주지는 않습니다. 서비스를 장악한 사람은 다른 키나 다른 참여 기관을 게시할 수 있습니다.',
  trustOwn: '따로 전달받은 키 또는 신뢰 정책',
  trustOwnExplained:
    '서면이나 참여 기관 등 다른 경로로 받은 것을 사용합니다. 그러면 결과가 이 서비스의 주장에 좌우되지 않습니다.',
  trustField: '공개 키 또는 신뢰 정책',
  trustFieldHint:
    '키는 이름+해시+키 형식의 한 줄입니다. 신뢰 정책은 log, witness, group, quorum으로 시작하는 줄로 이루어집니다.',
  trustFieldEmpty: '확인에 쓸 키나 신뢰 정책을 붙여 넣으세요. 그전까지는 다른 선택지로 확인한 결과입니다.',
  trustFieldWrong: '키도 신뢰 정책도 아닙니다. 빠짐없이 복사했는지 확인하세요.',
  trustFieldKeys: (logs) => `체인에 ${logs}의 서명이 있어야 합니다. 공동 서명은 요구하지 않습니다.`,
  trustFieldPolicy: (logs, needed, all, names) =>
    `체인에 ${logs}의 서명이 있어야 하고, 다음 ${all}곳 중 최소 ${needed}곳이 공동 서명해야 합니다: ${names}`,
  retiredKey: (log, blocks) =>
    `${log}의 이전 키도 신뢰하되, 블록이 ${blocks.text}개 이하인 체인에만 적용합니다.`,
  trustPage: '이 페이지도 서비스가 제공합니다. 서비스에 전혀 의존하지 않으려면 명령줄에서 확인하세요:',
  checkedWithService:
    '이 서비스가 게시하는 키로 확인했습니다. 서비스와 무관하게 확신하려면 다른 경로로 받은 키와 비교하세요.',
  checkedWithOwn: '입력한 키 또는 신뢰 정책으로 확인했습니다.',
  checkedWithNothing: '신뢰하는 키 없이 확인했습니다.',
  sealedLate: (origin, seconds) =>
    `${origin}에서 접수했다고 밝힌 시각부터 ${seconds.text}초가 지나서 봉인되었습니다. 보통보다 긴 시간이며, 접수증(봉인 전 증명 파일)이 없다면 이 시간에 대한 근거는 ${origin}의 말뿐입니다. 접수증을 보관하고 계시면 여기에 추가하세요.`,
  promise: {
    kept: (origin) => `약속이 지켜졌습니다. ${origin}에서 접수증에 적힌 내용 그대로 기한 안에 봉인했습니다.`,
    late: (origin, seconds) =>
      `약속이 지켜지지 않았습니다. ${origin}에서 접수증의 기한보다 ${seconds.text}초 늦게 봉인했습니다. 봉인 전 시간에 대한 근거는 ${origin}의 말뿐입니다. 두 파일을 그대로 보관하세요. 함께 있으면 이 사실을 보여 줍니다.`,
    changed_entry: (origin) =>
      `약속이 깨졌습니다. 접수증에는 시각이나 문서 정보 등이 다른 항목이 적혀 있습니다. ${origin}에서 접수한 내용을 다른 것으로 바꾸었습니다. 두 파일을 그대로 보관하세요. 함께 있으면 이 사실을 보여 줍니다.`,
    other_entry: (origin) =>
      `접수증은 이 문서의 다른 등록에 대한 것이므로, 이 증명으로는 약속이 지켜졌는지 알 수 없습니다. 접수증에 해당하는 증명을 받으세요. 기한이 지나도 ${origin}에 그 증명이 없으면 약속이 깨진 것입니다. 접수증과 문서를 보관하세요.`,
    other_document: () =>
      '접수증이 다른 문서에 대한 것이어서, 이 증명에 대해서는 아무것도 알려 주지 않습니다.',
    other_log: () => '접수증이 다른 체인의 것이어서, 이 증명에 대해서는 아무것도 알려 주지 않습니다.',
    invalid: '접수증이 손상되었거나 위조되었습니다. 증명과 비교하지 않았습니다.',
    unsigned: '접수증에 신뢰하는 키의 서명이 없으므로, 다른 사람에게는 아무것도 증명하지 못합니다.',
  },
  factProofFor: '증명의 대상',
  factDocument: '문서',
  factFingerprint: '해시값',
  details: {
    name: '파일 이름',
    title: '제목',
    author: '작성자',
    reference: '관리 번호',
    note: '메모',
    tags: '태그',
  },
  factOrganization: '조직',
  factAccepted: '접수(서비스가 밝힌 시각)',
  factSealed: '봉인',
  factPromised: '봉인 기한',
  before: '서명한 때: 다음 시각 이전',
  notSigned: '이 증명 파일에는 서명이 없음',
  doesNotCount: '정족수에 포함되지 않음',
  factBlock: '블록',
  inBlock: (number, count, height) => `블록 ${height}번에 담긴 ${count}건 중 ${number}번째`,
  seeBlock: '블록 탐색에서 보기',
  factSource: '증명 파일',
  sources: {
    file: '선택한 파일',
    certificate:
      '선택한 증명서에 담긴 증명. 인쇄된 내용은 확인하지 않았으며, 여기에 표시된 값만 확인했습니다.',
    service: '이 서비스에서 받아 이 브라우저에서 확인함',
  },
  factTrust: '신뢰 근거',
  stepsHeading: '확인 항목',
  stepsPassed: (checks) => `확인 항목 ${checks.text}개 모두 통과`,
  stepsFailed: (failed, all) => `확인 항목 ${all}개 중 ${failed}개 실패`,
  expected: '예상한 값',
  computed: '실제 값',
  rawHeading: '모든 값 보기',
  print: '인쇄 또는 PDF로 저장',
  printHint: 'PDF로 받으려면 프린터로 ‘PDF로 저장’을 선택하세요.',
  saveCsv: '보고서 받기(CSV)',
  notarizeNow: '지금 등록하기',
  notarizeAll: (files) => `등록 내역이 없는 파일 ${files.text}개 등록하기`,
  notHandedOver: '이 브라우저에서 파일을 넘기지 못했습니다. 문서 등록 페이지에서 다시 선택하세요.',
  saveProof: '증명 파일 받기',
  becameFinal: '봉인 전 증명 파일이 최종 증명 파일로 바뀌었습니다. 내려받아 대신 보관하세요.',
  unreadableDocument: '파일을 더 이상 읽을 수 없습니다. 옮겨졌거나 변경되었을 수 있으니 다시 선택하세요.',
  report: {
    heading: '확인 보고서',
    made: (time) => text`${time} 확인`,
    summary: (all, good, alone) =>
      `${all.text}건 중 ${good}건 확인됨${alone.n === 0 ? '' : `(${alone.text}건은 서비스의 보증만으로)`}`,
    caption: '결과',
    show: (name) => `${name} 보기`,
    file: '파일',
    verdict: '결과',
    sealed: '봉인 시각',
    by: '시각을 밝힌 곳',
    outside: '외부에서 확인한 곳',
    nobody: '없음',
    proof: '증명 파일',
    statement: '코드(결과)',
    checkedAt: '확인 시각',
  },
  saveCertificate: '증명서 받기(PDF)',
  noCertificate: '이 등록의 증명서는 발급받을 수 없습니다.',
  extend: '새 증거 추가',
  extended: '새 증거를 추가했습니다. 증명 파일을 내려받아 보관하세요.',
  nothingNewer: '서비스에 이 증명에 추가할 새 증거가 아직 없습니다.',
  noEvidenceHere: '서비스에서 이 증명을 받을 수 없습니다.',
  savePack: '증거 묶음 받기(ZIP)',
  packSaved: (name) => `${name} 파일로 저장했습니다. 문서는 어디로도 보내지 않았습니다.`,
  packWithoutDocument: '문서가 너무 커서 넣지 않았습니다. 따로 전달하세요.',
  packWithoutCertificate:
    '서비스에서 이 증명 그대로의 증명서를 받을 수 없어 증명서(PDF)는 넣지 않았습니다. 새 증거가 있으면 먼저 추가하세요.',
  others: (count) => `이 문서는 ${count}번 등록되었습니다`,
  moreOthers: '여기에 표시된 것보다 더 있습니다.',
  otherSealed: (time, block) => text`${time} 접수, 블록 ${block}번에 봉인됨`,
  otherAccepted: (time) => text`${time} 접수, 아직 봉인 전`,
  checkThis: '이 등록 확인',
  checkThisNamed: (time) => `이 등록 확인, ${time} 접수`,
  shown: '위에 표시됨',
  offlineHeading: '이 서비스 없이 확인하기',
  offlineExplained:
    '이 페이지를 서비스의 키가 담긴 파일 하나로 받을 수 있습니다. 증명 파일과 함께 보관하세요. 디스크에서 바로 열리고 네트워크를 전혀 쓰지 않으며, 이 서비스가 사라진 뒤에도 증명을 확인할 수 있습니다.',
  offlineDownload: '오프라인 확인용 파일 받기',
  unreadableProof: (code) => {
    if (code === 'unsupported_format')
      return '지원하지 않는 종류의 증명 파일이거나, 이 페이지보다 새로운 버전의 증명 파일입니다.';
    if (code === 'malformed_certificate')
      return '증명서가 아닌 PDF이거나, 손상되었거나 다른 프로그램에서 다시 저장한 증명서입니다. PDF 뷰어에 첨부 파일 proof.ingam.json이 보이면 그 파일을 저장해 대신 놓으세요.';
    if (code === 'reencoded_text')
      return '편집기나 셸에서 UTF-16으로, 또는 앞에 바이트 순서 표시(BOM)를 붙여 다시 저장한 증명 파일입니다. BOM 없는 UTF-8로 저장하거나 증명 파일을 다시 받으세요.';
    if (code === 'malformed_json' || code === 'malformed_text')
      return '파일이 손상되었거나 잘렸습니다. 증명 파일을 다시 받으세요.';
    return '증명 파일로 보이지만 형식에 맞지 않는 부분이 있습니다. 손상되었거나 수정된 파일이니 증명 파일을 다시 받으세요.';
  },

  outcomes: { passed: '통과', failed: '실패', skipped: '확인 안 함' },
  steps: STEPS.ko,
  failures: FAILURES.ko,
};

type Adapt = (given: VerifyMessages) => VerifyMessages;
const ofLanguage = byLanguage({ en, ko });
let adapt: Adapt = (given) => given;

export function messages(): VerifyMessages {
  return adapt(ofLanguage());
}

/**
 * Replaces messages for the offline file, of which not everything is true that is true of the service's page.
 */
export function adaptMessages(to: Adapt): void {
  adapt = to;
}
