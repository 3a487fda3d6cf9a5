import { happenedTexts } from '../../messages/document-history.js';
import { byLanguage } from '../language.js';

/** The messages of `ingam list`, `show`, `proof` and `document`. */

const happened = happenedTexts<string>((strings, ...values) => String.raw({ raw: strings }, ...values));

const count = (n: string, noun: string) => `${n} ${noun}${n === '1' ? '' : 's'}`;

const en = {
  columns: {
    accepted: 'ACCEPTED',
    status: 'STATUS',
    document: 'DOCUMENT',
    reference: 'REFERENCE',
    tags: 'TAGS',
    id: 'ID',
  },
  statuses: { accepted: 'accepted', sealed: 'sealed', cosigned: 'cosigned', anchored: 'anchored' },
  none: 'Nothing was found.',
  more: (shown: string, cursor: string) =>
    `${count(shown, 'notarization')} shown; there are more. The next page: --cursor ${cursor}. All: --all`,
  csvWritten: (file: string) => `Written to ${file}.`,
  needsKey:
    'The register is that of an organization: sign in with an API key of it that may read (ingam login). Anonymous notarizations are in no register: find one with "ingam show FILE".',
  notBoth: (a: string, b: string) => `${a} and ${b} cannot be used together`,
  notFound: (what: string) => `${what}: this service has no notarization of it that you may see`,
  notFoundHint: 'It was never notarized there, it has changed since, or it is of another organization.',
  severalFound: (what: string, n: string) =>
    `${what} was notarized ${n} times. The earliest sealed one is shown; all: --all`,
  fields: {
    id: 'id',
    document: 'document',
    sha256: 'SHA-256',
    size: 'size',
    status: 'status',
    accepted: 'accepted',
    sealed: 'sealed',
    block: 'block',
    position: 'position',
    cosigned: 'cosigned',
    details: 'details',
    addedTags: 'added tags',
    published: 'published',
    held: 'legal hold',
    kept: 'kept by the service',
    submittedBy: 'submitted by',
    history: 'history (newest first)',
  },
  happened: happened.en,
  somebody: 'someone unknown',
  bytes: (n: string) => count(n, 'byte'),
  unknown: 'not recorded',
  cosignedBy: (signed: string, of: string) => `by ${signed} of ${of} members`,
  yes: 'yes',
  no: 'no',
  notVerified: 'This is what the service states. To verify it, get the proof: ingam proof',
  proofExists: (file: string) => `${file} exists and is not this proof; it was not changed`,
  useForce: 'Use --force to replace it.',
  proofSame: (file: string) => `${file}: already there`,
  proofPending: (file: string) => `${file}: not sealed yet. Run later: ingam upgrade ${file}`,
  saved: (n: string) => `${count(n, 'proof')} saved.`,
  documentExists: (file: string) => `${file} exists; it was not changed`,
  otherDocument: (what: string) =>
    `${what}: what the service sent is not the document that was notarized. It was not saved`,
  documentSaved: (file: string, size: string) => `${file}: ${size}, the document that was notarized`,
  sameFile: (file: string) => `two proofs would be saved as ${file}`,
};

const ko: typeof en = {
  columns: {
    accepted: '접수',
    status: '상태',
    document: '문서',
    reference: '관리 번호',
    tags: '태그',
    id: 'ID',
  },
  statuses: { accepted: '접수됨', sealed: '봉인됨', cosigned: '공동 서명됨', anchored: '시각 확인됨' },
  none: '찾은 내역이 없습니다.',
  more: (shown, cursor) => `${shown}건을 표시했고 더 있습니다. 다음 쪽: --cursor ${cursor}, 전체: --all`,
  csvWritten: (file) => `${file}에 저장했습니다.`,
  needsKey:
    '등록 내역은 조직의 것입니다. 조회 권한이 있는 조직의 API 키로 로그인하세요(ingam login). 익명 등록은 내역에 없으므로 "ingam show FILE"로 찾으세요.',
  notBoth: (a, b) => `${a}와(과) ${b}은(는) 함께 쓸 수 없습니다`,
  notFound: (what) => `${what}: 이 서비스에는 볼 수 있는 등록 내역이 없습니다`,
  notFoundHint: '등록된 적이 없거나, 등록 뒤에 바뀌었거나, 다른 조직의 것입니다.',
  severalFound: (what, n) =>
    `${what}은(는) ${n}번 등록되었습니다. 가장 먼저 봉인된 것을 표시합니다. 전체: --all`,
  fields: {
    id: 'ID',
    document: '문서',
    sha256: 'SHA-256',
    size: '크기',
    status: '상태',
    accepted: '접수',
    sealed: '봉인',
    block: '블록',
    position: '순번',
    cosigned: '공동 서명',
    details: '문서 정보',
    addedTags: '추가한 태그',
    published: '공개',
    held: '법적 보존',
    kept: '서비스가 보관',
    submittedBy: '등록자',
    history: '이력(최신순)',
  },
  happened: happened.ko,
  somebody: '알 수 없음',
  bytes: (n) => `${n}바이트`,
  unknown: '기록 없음',
  cosignedBy: (signed, of) => `참여 기관 ${of}곳 중 ${signed}곳`,
  yes: '예',
  no: '아니요',
  notVerified: '서비스가 밝힌 내용입니다. 확인하려면 증명 파일을 받으세요: ingam proof',
  proofExists: (file) => `${file}이(가) 이미 있으며 이 증명 파일이 아니므로 바꾸지 않았습니다`,
  useForce: '바꾸려면 --force를 쓰세요.',
  proofSame: (file) => `${file}: 이미 있습니다`,
  proofPending: (file) => `${file}: 아직 봉인되지 않았습니다. 나중에 실행하세요: ingam upgrade ${file}`,
  saved: (n) => `증명 파일 ${n}개를 저장했습니다.`,
  documentExists: (file) => `${file}이(가) 이미 있어 바꾸지 않았습니다`,
  otherDocument: (what) => `${what}: 서비스가 보낸 것은 등록한 문서가 아니므로 저장하지 않았습니다`,
  documentSaved: (file, size) => `${file}: ${size}, 등록한 문서와 같습니다`,
  sameFile: (file) => `두 증명 파일의 이름이 ${file}로 같습니다`,
};

export const registerMessages = byLanguage({ en, ko });
