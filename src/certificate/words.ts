import type { Language } from '../messages/language.js';
import { TIME_CONFLICTS } from '../messages/time.js';

/** `ko-en`: both on one sheet, for a reader of each. */
export type CertificateLanguage = Language | 'ko-en';
export const CERTIFICATE_LANGUAGES = ['en', 'ko', 'ko-en'] as const satisfies readonly CertificateLanguage[];

/** The program that reads certificates. */
export interface Program {
  readonly version: string;
  /** null: the project has none. */
  readonly homepage: string | null;
}

/** The verifier as one file, without the keys of any service: the same for all who have this version. */
export interface Verifier {
  /** Where it can be had; null: not known. */
  readonly address: string | null;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
}

/**
 * All texts of a certificate: whole sentences. Times, numbers and names are passed in as they are printed.
 * Lists have one item for each bullet.
 */
const en = {
  language: 'en' as Language,
  locale: 'en-GB',
  title: 'Certificate of notarization',
  notarization: 'Notarization',
  /** Who issues the certificate, and the service through which; one of them may be unknown. */
  issued: (issuer: string | null, service: string | null) =>
    `Issued${issuer === null ? '' : ` by ${issuer}`}${service === null ? '' : ` through ${service}`}`,
  lead: (origin: string, block: string, sealed: string) =>
    `A file with exactly the digest below existed when block ${block} of the chain ${origin} was sealed: ${sealed}, according to the chain. The signed proof is attached to this PDF, so anyone can check it without asking us.`,
  document: 'Document',
  nameWithheld: 'Name not disclosed',
  nameNotInProof: 'Name given by the person who requested this certificate. The proof does not contain it.',
  name: 'Name',
  documentTitle: 'Title',
  author: 'Author',
  reference: 'Reference',
  size: 'File size',
  bytes: (count: string) => `${count} bytes`,
  sizeUnknown: 'Not recorded: only the digest was notarized',
  organization: 'Organization',
  organizationNamed:
    'The proof contains the id of the organization. Its name is as it is registered with the service.',
  codes:
    'Characters for which there is no font here are printed as codes, such as \\u{1f600}. The proof has the text itself.',
  cut: 'What ends with … here is printed in full on the last page.',
  inFull: 'Texts that are too long for the first page',
  moreDetails: (count: string) => `Further details in the attached proof: ${count}`,
  digest: 'Digest (SHA-256)',
  times: 'Times',
  utc: 'UTC',
  accepted: 'Accepted',
  sealed: 'Sealed',
  registeredAfter: 'Registered after',
  registeredBy: 'Registered by',
  confirmation: 'Independent confirmation',
  members: (count: string, all: string) =>
    `${count} of ${all} members of the chain (each before its time above)`,
  authority: (name: string) => `time-stamp authority ${name}`,
  bitcoin: (block: string, byWork: boolean) =>
    byWork ? `Bitcoin block ${block} (only its proof of work was checked)` : `Bitcoin block ${block}`,
  /** `after`: whether a public value shows that the registration is not older. */
  noConfirmation: (origin: string, after: boolean) =>
    `None. Only ${origin} vouches for the times above${after ? ', but for “Registered after”' : ''}.`,
  conflicts: TIME_CONFLICTS.en,
  documentStamped: (time: string, source: string) =>
    `The document and its proof existed together no later than ${time}: ${source} stamped both, without SHA-256.`,
  documentStampUnchecked:
    'The attached proof has a time-stamp over the document itself, which was not checked for this certificate.',
  documentStampRefused: 'The attached proof has a time-stamp over the document itself, which does not count.',
  cosigned: 'Cosigned',
  furtherCosigners: (count: string) => `Further cosignatures in the attached proof: ${count}`,
  sealedLate: (seconds: string) =>
    `That the stated time of acceptance is right: the seal came ${seconds} s later, longer than usual. For this time there is only the word of the service.`,
  promiseKept: (deadline: string) =>
    `That the stated time of acceptance is right, beyond the word of the service. A receipt that is not attached promised the seal by ${deadline}; this promise was kept.`,
  promiseLate: (deadline: string, seconds: string) =>
    `That the stated time of acceptance is right, beyond the word of the service. A receipt that is not attached promised the seal by ${deadline}; it came ${seconds} s later.`,
  place: 'Position in the chain',
  chain: 'Chain',
  block: 'Block',
  blockOf: (height: string, number: string, count: string) => `${height} (entry ${number} of ${count})`,
  position: 'Position',
  signedBy: 'Signed with',
  issuedBy: 'Issued by',
  contact: 'Contact',
  logoOf: (name: string) => `Logo of ${name}`,
  cosigner: 'Member that has cosigned',
  timeSource: 'Time source',
  verifyHere: 'How to verify',
  verifyHereExplained:
    'Open the page below and add the document and this PDF. Both are checked in your browser and never leave it.',
  verifyCommand: (program: Program) =>
    `Offline, with the free program Ingam ${program.version}${program.homepage === null ? '' : ` (${program.homepage})`}: ingam verify FILE CERTIFICATE.pdf --trust POLICY`,
  verifierFile: (version: string) =>
    `Offline, in a browser: the verifier of Ingam ${version}, one HTML file. Its SHA-256:`,
  qrCode: (address: string) => `QR code of ${address}`,
  notANotary:
    'This notarization is technical evidence that a file existed at a certain time. It is not the act of a notary public.',
  shows: 'What this certificate shows',
  showsList: ({ origin, block, sealed, blocks, details }: Shown) => [
    'It is about exactly one file. Changing a single byte changes the digest. No one can craft a different file with the same digest.',
    `This digest was in block ${block} when the block was sealed (${sealed}). Nothing can be added to a sealed block, or removed from it, without changing its hash.`,
    `${origin} has signed a state of its chain (blocks: ${blocks}) that contains this block. If ${origin} ever shows a different history, anyone who has the signed state can prove it.`,
    ...(details
      ? ['The name and other details printed here were notarized together with the document.']
      : []),
  ],
  showsNot: 'What it does not show',
  showsNotList: ({ origin, members, sources, waited }: NotShown) => [
    'That the content of the document is true, who wrote it, or who owns the rights to it; or that its details, such as name, title and author, are true.',
    members.length + sources.length === 0
      ? `That the times are right, beyond the word of ${origin}: in this copy of the proof, no independent member of the chain has confirmed them.`
      : `That the times are right, beyond the word of ${origin}${members.length === 0 ? '' : ` and what its members confirm with their cosignatures (${members.join(', ')})`}${sources.length === 0 ? '' : ` and the interval of the registration that independent time sources confirm (${sources.join(', ')})`}.`,
    ...(waited === null ? [] : [waited]),
    'That nobody notarized or had the same document earlier.',
    'What is printed here, by itself. Anyone can print a page; only the attached proof can be checked.',
  ],
  check: 'How to check it without us',
  checkList: (verifier: Verifier | null, program: Program) => [
    'Keep the original file and this PDF unchanged. A PDF that was printed, or re-saved by another program, may have lost its proof.',
    'Compute the SHA-256 digest of the file, for example with “sha256sum FILE” (Linux), “shasum -a 256 FILE” (macOS) or “certutil -hashfile FILE SHA256” (Windows), and compare it with the digest on the first page.',
    `Check the proof with the free program Ingam (version ${program.version} or newer${program.homepage === null ? '' : `, ${program.homepage}`}). It needs no network and no service: “ingam verify FILE CERTIFICATE.pdf --trust POLICY”.`,
    ...(verifier === null
      ? []
      : [
          `Or check it in a browser without a network, with the verifier of Ingam ${program.version}, one HTML file${verifier.address === null ? '' : ` that can be downloaded from ${verifier.address} while the service exists`}. Before you open a copy from anywhere else, compare its SHA-256 with the one on the first page.`,
        ]),
    'POLICY is a file with the public key of the chain and with the members that must cosign. Get it from a source that you trust, not from this page, and compare its key with the one printed under “Signed with”.',
    'The format of the proof is public and simple (SHA-256, RFC 6962 trees, Ed25519 signatures), so another verifier can be written at any time.',
  ],
  steps: 'The proof, step by step',
  stepsExplained:
    'Each value is computed from the one above it and the hashes in the attached proof, down to the one that is signed.',
  stepDocument: 'Digest of the document',
  stepEntry: 'Leaf hash of the entry that records it',
  stepBlockRoot: (hashes: string, count: string) =>
    `Merkle root of the block (entries: ${count}; hashes in the inclusion path: ${hashes})`,
  stepBlock: (height: string, bits: string) =>
    `Hash of block ${height} (zero bits at the start: ${bits} or more)`,
  stepChain: (hashes: string, blocks: string) =>
    `Merkle root of the chain (blocks: ${blocks}; hashes in the inclusion path: ${hashes})`,
  stepSignature: 'Signed with the key',
  page: (number: string, count: string) => `Page ${number} of ${count}`,
  attachment: 'Proof of the notarization (Ingam proof file)',
};

interface Shown {
  readonly origin: string;
  readonly block: string;
  readonly sealed: string;
  readonly blocks: string;
  /** Whether details are printed. */
  readonly details: boolean;
}

interface NotShown {
  readonly origin: string;
  /** Members of the chain that have cosigned. */
  readonly members: readonly string[];
  /** Independent time sources that confirm the interval of the registration. */
  readonly sources: readonly string[];
  /** Who vouches for the time between acceptance and seal; null: there is nothing unusual to say. */
  readonly waited: string | null;
}

export type Words = typeof en;

/** The subject of a sentence in Korean, with its particle. */
function confirming(members: readonly string[], sources: readonly string[]): string {
  const ofMembers = `공동 서명한 참여 기관(${members.join(', ')})`;
  if (sources.length === 0) return `${ofMembers}이`;
  const ofSources = `독립된 시각 출처(${sources.join(', ')})가`;
  return members.length === 0 ? ofSources : `${ofMembers}과 ${ofSources}`;
}

const ko: Words = {
  language: 'ko',
  locale: 'ko-KR',
  title: '문서 등록 증명서',
  notarization: '등록 번호',
  issued: (issuer, service) =>
    issuer === null
      ? `발급 서비스: ${service ?? ''}`
      : `발급처: ${issuer}${service === null ? '' : ` (${service})`}`,
  lead: (origin, block, sealed) =>
    `아래 해시값을 가진 파일이 ${origin} 체인의 블록 ${block}번이 봉인될 때(체인에 기록된 시각 ${sealed}) 존재하였습니다. 서명된 증명이 이 PDF에 첨부되어 있어, 누구든지 발급처에 묻지 않고 확인할 수 있습니다.`,
  document: '문서',
  nameWithheld: '이름 비공개',
  nameNotInProof: '증명서를 요청한 사람이 적은 이름이며, 증명에는 들어 있지 않습니다.',
  name: '이름',
  documentTitle: '제목',
  author: '작성자',
  reference: '관리 번호',
  size: '파일 크기',
  bytes: (count) => `${count}바이트`,
  sizeUnknown: '기록 없음: 해시값만 등록됨',
  organization: '조직',
  organizationNamed: '증명에는 조직의 번호가 들어 있으며, 이름은 서비스에 등록된 것입니다.',
  codes: '글꼴이 없는 문자는 \\u{1f600}처럼 코드로 인쇄합니다. 원래 글은 증명에 있습니다.',
  cut: '…로 끝난 글은 마지막 쪽에 모두 인쇄되어 있습니다.',
  inFull: '첫 쪽에 다 싣지 못한 글의 전문',
  moreDetails: (count) => `첨부된 증명에 담긴 그 밖의 문서 정보: ${count}개`,
  digest: '해시값(SHA-256)',
  times: '시각',
  utc: '협정 세계시(UTC)',
  accepted: '접수',
  sealed: '봉인',
  registeredAfter: '등록(이 시각 이후)',
  registeredBy: '등록(늦어도 이 시각)',
  confirmation: '외부 확인',
  members: (count, all) => `체인의 참여 기관 ${all}곳 중 ${count}곳(각각 위에 적힌 시각 이전)`,
  authority: (name) => `시점 확인 기관(TSA) ${name}`,
  bitcoin: (block, byWork) =>
    byWork ? `비트코인 블록 ${block}번(작업 증명만 확인)` : `비트코인 블록 ${block}번`,
  noConfirmation: (origin, after) =>
    `없음. 위의 시각은${after ? ' ‘등록(이 시각 이후)’ 외에는' : ''} ${origin} 체인의 운영자만이 보증합니다.`,
  conflicts: TIME_CONFLICTS.ko,
  documentStamped: (time, source) =>
    `문서와 증명은 늦어도 ${time}에 함께 존재하였습니다. ${source}에서 SHA-256을 쓰지 않고 둘 모두에 시점 확인을 하였습니다.`,
  documentStampUnchecked:
    '첨부된 증명에 문서 자체에 대한 타임스탬프가 있으나, 이 증명서를 만들 때 확인하지 않았습니다.',
  documentStampRefused: '첨부된 증명에 문서 자체에 대한 타임스탬프가 있으나, 인정되지 않습니다.',
  cosigned: '공동 서명',
  furtherCosigners: (count) => `첨부된 증명에 담긴 그 밖의 공동 서명: ${count}건`,
  sealedLate: (seconds) =>
    `기록된 접수 시각이 맞는지는 증명하지 않습니다. 보통보다 긴 ${seconds}초가 지나 봉인되었으며, 이 시간에 대한 근거는 서비스의 말뿐입니다.`,
  promiseKept: (deadline) =>
    `기록된 접수 시각이 맞는지는 서비스의 말뿐입니다. 첨부되지 않은 접수증에 적힌 봉인 기한은 ${deadline}이며, 이 약속은 지켜졌습니다.`,
  promiseLate: (deadline, seconds) =>
    `기록된 접수 시각이 맞는지는 서비스의 말뿐입니다. 첨부되지 않은 접수증에 적힌 봉인 기한은 ${deadline}이며, 그보다 ${seconds}초 늦게 봉인되었습니다.`,
  place: '체인 안의 위치',
  chain: '체인',
  block: '블록',
  blockOf: (height, number, count) => `${height}번(${count}건 중 ${number}번째)`,
  position: '전체 순번',
  signedBy: '서명한 키',
  issuedBy: '발급처',
  contact: '연락처',
  logoOf: (name) => `${name} 로고`,
  cosigner: '공동 서명한 참여 기관',
  timeSource: '시각 출처',
  verifyHere: '확인 방법',
  verifyHereExplained:
    '아래 페이지에 문서와 이 PDF를 놓으세요. 모두 브라우저 안에서 확인하며 밖으로 나가지 않습니다.',
  verifyCommand: (program) =>
    `네트워크 없이, 무료 프로그램 Ingam ${program.version}${program.homepage === null ? '' : `(${program.homepage})`}: ingam verify 파일 증명서.pdf --trust 정책`,
  verifierFile: (version) =>
    `네트워크 없이, 브라우저에서: Ingam ${version}의 확인 프로그램(HTML 파일 하나). SHA-256 해시값:`,
  qrCode: (address) => `${address} QR 코드`,
  notANotary:
    '이 등록은 파일이 특정 시각에 존재했다는 기술적 증거이며, 공증인법에 따른 공증이나 인감증명이 아닙니다.',
  shows: '이 증명서로 알 수 있는 것',
  showsList: ({ origin, block, sealed, blocks, details }) => [
    '단 하나의 파일에 대한 증명입니다. 한 바이트만 바뀌어도 해시값이 달라지며, 해시값이 같은 다른 파일은 누구도 만들 수 없습니다.',
    `이 해시값은 블록 ${block}번이 봉인될 때(${sealed}) 그 안에 있었습니다. 봉인된 블록에 무언가를 넣거나 빼면 블록의 해시값이 달라집니다.`,
    `${origin} 명의의 키가 이 블록을 포함한 체인의 상태(블록 ${blocks}개)에 서명하였습니다. 나중에 다른 이력이 제시되면, 서명된 이 상태를 가진 누구나 그 사실을 증명할 수 있습니다.`,
    ...(details ? ['여기에 인쇄된 이름과 문서 정보는 문서와 함께 등록된 내용입니다.'] : []),
  ],
  showsNot: '이 증명서로 알 수 없는 것',
  showsNotList: ({ origin, members, sources, waited }) => [
    '문서의 내용이 진실한지, 누가 작성했는지, 누구에게 권리가 있는지는 증명하지 않습니다. 이름, 제목, 작성자 같은 문서 정보가 사실인지도 증명하지 않습니다.',
    members.length + sources.length === 0
      ? `시각은 ${origin} 체인의 운영자가 밝힌 것입니다. 이 증명에는 시각을 뒷받침하는 독립된 참여 기관의 공동 서명이 없습니다.`
      : `시각은 ${origin} 체인의 운영자가 밝힌 것이며, ${confirming(members, sources)} 뒷받침하는 범위를 넘어서는 증명하지 않습니다.`,
    ...(waited === null ? [] : [waited]),
    '같은 문서를 더 먼저 등록하거나 가지고 있던 사람이 없었다는 것은 증명하지 않습니다.',
    '종이에 인쇄된 내용 자체는 증거가 아닙니다. 인쇄는 누구나 할 수 있으며, 확인할 수 있는 것은 첨부된 증명뿐입니다.',
  ],
  check: '발급처 없이 확인하는 방법',
  checkList: (verifier, program) => [
    '원본 파일과 이 PDF를 그대로 보관하세요. 인쇄하거나 다른 프로그램으로 다시 저장한 PDF에는 증명이 남아 있지 않을 수 있습니다.',
    '파일의 SHA-256 해시값을 계산하여 첫 쪽의 해시값과 비교하세요. 예: ‘sha256sum 파일’(Linux), ‘shasum -a 256 파일’(macOS), ‘certutil -hashfile 파일 SHA256’(Windows)',
    `무료 프로그램 Ingam(${program.version} 이후 버전${program.homepage === null ? '' : `, ${program.homepage}`})으로 네트워크 없이 확인하세요: ‘ingam verify 파일 증명서.pdf --trust 정책’`,
    ...(verifier === null
      ? []
      : [
          `Ingam ${program.version}의 확인 프로그램(HTML 파일 하나)으로 네트워크 없이 브라우저에서 확인할 수도 있습니다.${verifier.address === null ? '' : ` 서비스가 운영되는 동안 ${verifier.address}에서 내려받을 수 있습니다.`} 다른 곳에서 받은 파일은 열기 전에 그 SHA-256 해시값을 첫 쪽의 것과 비교하세요.`,
        ]),
    '‘정책’은 체인의 공개 키와 공동 서명해야 하는 참여 기관을 적은 파일입니다. 이 증명서가 아니라 신뢰하는 다른 경로로 받아, 그 안의 키가 ‘서명한 키’에 인쇄된 것과 같은지 보세요.',
    '증명의 형식은 공개되어 있고 단순하므로(SHA-256, RFC 6962 트리, Ed25519 서명) 언제든지 다른 확인 프로그램을 만들 수 있습니다.',
  ],
  steps: '증명의 각 단계',
  stepsExplained:
    '각 값은 첨부된 증명에 담긴 해시값을 사용하여 바로 위의 값에서 계산되며, 마지막 값에 서명이 있습니다.',
  stepDocument: '문서의 해시값',
  stepEntry: '문서를 기록한 등록 항목의 리프 해시',
  stepBlockRoot: (hashes, count) => `블록에 담긴 등록 ${count}건의 머클 루트(경로 해시 ${hashes}개)`,
  stepBlock: (height, bits) => `블록 ${height}번의 해시값(앞의 ${bits}비트 이상이 0)`,
  stepChain: (hashes, blocks) => `블록 ${blocks}개로 이루어진 체인의 머클 루트(경로 해시 ${hashes}개)`,
  stepSignature: '서명한 키',
  page: (number, count) => `${number} / ${count}쪽`,
  attachment: '등록 증명(Ingam 증명 파일)',
};

const TABLES: Readonly<Record<Language, Words>> = { en, ko };

/** The tables that a certificate is printed in, the main language first. */
export function wordsIn(language: CertificateLanguage): readonly [Words, ...Words[]] {
  return language === 'ko-en' ? [ko, en] : [TABLES[language]];
}
