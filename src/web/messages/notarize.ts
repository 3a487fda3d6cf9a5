import { language, type Language } from '../language.js';

/** The words of the page that notarizes. Counts and times come formatted; `n` is there for the grammar. */
export interface NotarizeMessages {
  readonly title: string;
  readonly heading: string;
  readonly lead: string;
  readonly dropHeading: string;
  readonly dropMore: string;
  readonly chooseFiles: string;
  readonly chooseFolder: string;
  readonly noFiles: string;
  readonly modeLegend: string;
  readonly digestOnly: string;
  readonly digestOnlyExplained: string;
  readonly upload: string;
  readonly uploadExplained: string;
  readonly documents: (n: number, count: string) => string;
  readonly notarizeAll: (n: number, count: string) => string;
  readonly cancel: string;
  readonly clear: string;
  readonly showMore: (count: string) => string;
  readonly overall: (percent: string) => string;
  readonly speed: (speed: string) => string;
  readonly timeLeft: (duration: string) => string;
  readonly waiting: string;
  readonly hashing: (percent: string) => string;
  readonly ready: string;
  readonly sending: string;
  readonly uploading: (percent: string) => string;
  readonly uploaded: string;
  readonly held: string;
  readonly accepted: (time: string) => string;
  readonly sealed: (block: string, time: string) => string;
  readonly cancelled: string;
  readonly cancelledLate: string;
  readonly failed: string;
  readonly failedUnsure: string;
  readonly unreadable: string;
  readonly retry: string;
  readonly retryAll: (n: number, count: string) => string;
  readonly remove: string;
  readonly removeNamed: (name: string) => string;
  readonly downloadProof: string;
  readonly downloadProofOf: (name: string) => string;
  readonly downloading: string;
  readonly progressOf: (name: string) => string;
  readonly details: string;
  readonly detailsOf: (name: string) => string;
  readonly digest: string;
  readonly id: string;
  readonly position: string;
  readonly acceptedAt: string;
  readonly sealedAt: string;
  readonly block: string;
  readonly keepProof: string;
  readonly verifyLink: string;
  readonly announceAccepted: (n: number, count: string) => string;
  readonly announceSealed: (n: number, count: string) => string;
  readonly announceFailed: (n: number, count: string) => string;
  readonly allSealed: (n: number, count: string) => string;
  readonly someSealed: (sealed: string, all: string) => string;
  readonly onBehalf: (account: string) => string;
  readonly otherAccount: string;
  readonly signInFirst: string;
  readonly signInFirstExplained: string;
  readonly signInFirstPrivate: string;
  readonly signIn: string;
  readonly noAccount: string;
  readonly noAccountExplained: string;
  readonly readsOnly: (account: string) => string;
  readonly readsOnlyExplained: string;
  readonly openAccount: string;
}

const en: NotarizeMessages = {
  title: 'Notarize · Ingam',
  heading: 'Record that a document exists',
  lead: 'Ingam seals the digest of a file, the fingerprint of its exact bytes, into a chain of blocks. You get a proof with which anyone can check, also without this service, that this very file existed at that time.',
  dropHeading: 'Drop files or a folder here',
  dropMore: 'Drop more files here',
  chooseFiles: 'Choose files',
  chooseFolder: 'Choose a folder',
  noFiles: 'There was no file in what you dropped.',
  modeLegend: 'What leaves this browser',
  digestOnly: 'Only the digest',
  digestOnlyExplained:
    'The file stays on this device. Its content, its name and its length are not sent, only its SHA-256 digest.',
  upload: 'The whole file',
  uploadExplained:
    'The file and its name are sent. The service computes the digest itself, keeps the name with the notarization, and does not keep the content.',
  documents: (n, count) => (n === 1 ? '1 document' : `${count} documents`),
  notarizeAll: (n, count) => (n === 1 ? 'Notarize 1 document' : `Notarize ${count} documents`),
  cancel: 'Cancel',
  clear: 'Clear the list',
  showMore: (count) => `Show ${count} more`,
  overall: (percent) => `${percent} done`,
  speed: (speed) => speed,
  timeLeft: (duration) => `about ${duration} left`,
  waiting: 'Waiting for its turn',
  hashing: (percent) => `Computing the digest, ${percent}`,
  ready: 'Ready to notarize',
  sending: 'Sending the digest',
  uploading: (percent) => `Uploading, ${percent}`,
  uploaded: 'Uploaded, waiting for the answer',
  held: 'Waiting for the service; sending goes on by itself',
  accepted: (time) => `Accepted ${time}, about to be sealed`,
  sealed: (block, time) => `Sealed in block ${block}, ${time}`,
  cancelled: 'Cancelled, nothing was notarized',
  cancelledLate: 'Cancelled while it was being sent: the service may have notarized it',
  failed: 'Not notarized',
  failedUnsure: 'It is not certain whether this was notarized',
  unreadable: 'The file can no longer be read. It may have been moved or changed: choose it again.',
  retry: 'Try again',
  retryAll: (n, count) => (n === 1 ? 'Try 1 document again' : `Try ${count} documents again`),
  remove: 'Remove',
  removeNamed: (name) => `Remove ${name} from the list`,
  downloadProof: 'Download proof',
  downloadProofOf: (name) => `Download proof of ${name}`,
  downloading: 'Downloading',
  progressOf: (name) => `Progress of ${name}`,
  details: 'Details',
  detailsOf: (name) => `Details of ${name}`,
  digest: 'Digest (SHA-256)',
  id: 'Notarization',
  position: 'Position in the chain',
  acceptedAt: 'Accepted',
  sealedAt: 'Sealed',
  block: 'Block',
  keepProof:
    'Keep each proof beside its file. With both, and a key you trust, it can be verified for a lifetime.',
  verifyLink: 'Verify a document',
  announceAccepted: (n, count) => (n === 1 ? '1 document accepted.' : `${count} documents accepted.`),
  announceSealed: (n, count) => (n === 1 ? '1 document sealed.' : `${count} documents sealed.`),
  announceFailed: (n, count) =>
    n === 1 ? '1 document could not be notarized.' : `${count} documents could not be notarized.`,
  allSealed: (n, count) => (n === 1 ? 'The document is sealed.' : `All ${count} documents are sealed.`),
  someSealed: (sealed, all) => `${sealed} of ${all} sealed`,
  onBehalf: (account) => `You notarize on behalf of ${account}.`,
  otherAccount: 'Act for another account',
  signInFirst: 'Sign in to notarize',
  signInFirstExplained:
    'This service notarizes for people it knows. Verifying needs a document or its proof, and no sign-in.',
  signInFirstPrivate: 'This service notarizes and verifies for people it knows.',
  signIn: 'Sign in',
  noAccount: 'You act for no account',
  noAccountExplained:
    'Documents are notarized on behalf of an account. Choose one that you belong to, or ask one of its owners for an invitation.',
  readsOnly: (account) => `Your role in ${account} is auditor`,
  readsOnlyExplained:
    'Auditors read what the account has notarized and notarize nothing themselves. An owner of the account can change your role.',
  openAccount: 'Open your account',
};

const ko: NotarizeMessages = {
  title: '문서 등록 · 인감 Ingam',
  heading: '문서가 존재했음을 기록합니다',
  lead: '파일의 해시값(내용이 한 글자라도 바뀌면 달라지는 고유한 지문)을 블록체인에 봉인합니다. 함께 받는 증명 파일이 있으면 누구든지 이 서비스 없이도 바로 그 파일이 그 시각에 존재했음을 확인할 수 있습니다.',
  dropHeading: '파일이나 폴더를 여기에 놓으세요',
  dropMore: '파일을 더 추가하려면 여기에 놓으세요',
  chooseFiles: '파일 선택',
  chooseFolder: '폴더 선택',
  noFiles: '놓으신 항목에 파일이 없습니다.',
  modeLegend: '이 브라우저 밖으로 보낼 것',
  digestOnly: '해시값만 보내기',
  digestOnlyExplained:
    '파일은 이 기기를 벗어나지 않습니다. 내용도, 이름도, 크기도 보내지 않고 SHA-256 해시값만 보냅니다.',
  upload: '파일 전체 보내기',
  uploadExplained:
    '파일과 파일 이름을 보냅니다. 서비스가 직접 해시값을 계산하며, 이름은 등록 정보에 남기고 내용은 보관하지 않습니다.',
  documents: (_, count) => `문서 ${count}건`,
  notarizeAll: (_, count) => `문서 ${count}건 등록하기`,
  cancel: '취소',
  clear: '목록 비우기',
  showMore: (count) => `${count}건 더 보기`,
  overall: (percent) => `${percent} 완료`,
  speed: (speed) => speed,
  timeLeft: (duration) => `약 ${duration} 남음`,
  waiting: '차례를 기다리는 중',
  hashing: (percent) => `해시값 계산 중, ${percent}`,
  ready: '등록 준비 완료',
  sending: '해시값 보내는 중',
  uploading: (percent) => `업로드 중, ${percent}`,
  uploaded: '업로드 완료, 응답을 기다리는 중',
  held: '서비스를 기다리는 중입니다. 연결되면 자동으로 이어서 보냅니다',
  accepted: (time) => `${time} 접수됨, 곧 봉인됩니다`,
  sealed: (block, time) => `블록 ${block}번에 봉인됨, ${time}`,
  cancelled: '취소됨, 등록되지 않았습니다',
  cancelledLate: '보내는 중에 취소됨: 이미 등록되었을 수 있습니다',
  failed: '등록되지 않았습니다',
  failedUnsure: '등록되었는지 확실하지 않습니다',
  unreadable: '파일을 더 이상 읽을 수 없습니다. 옮겨졌거나 변경되었을 수 있으니 다시 선택하세요.',
  retry: '다시 시도',
  retryAll: (_, count) => `${count}건 다시 시도`,
  remove: '삭제',
  removeNamed: (name) => `목록에서 ${name} 삭제`,
  downloadProof: '증명 파일 받기',
  downloadProofOf: (name) => `${name}의 증명 파일 받기`,
  downloading: '내려받는 중',
  progressOf: (name) => `${name} 진행률`,
  details: '상세 정보',
  detailsOf: (name) => `${name}의 상세 정보`,
  digest: '해시값(SHA-256)',
  id: '등록 번호',
  position: '체인에서의 순번',
  acceptedAt: '접수 시각',
  sealedAt: '봉인 시각',
  block: '블록',
  keepProof:
    '증명 파일은 원본 파일과 함께 보관하세요. 두 파일과 신뢰하는 공개 키만 있으면 언제까지나 확인할 수 있습니다.',
  verifyLink: '증명 확인하러 가기',
  announceAccepted: (_, count) => `문서 ${count}건이 접수되었습니다.`,
  announceSealed: (_, count) => `문서 ${count}건이 봉인되었습니다.`,
  announceFailed: (_, count) => `문서 ${count}건을 등록하지 못했습니다.`,
  allSealed: (_, count) => `문서 ${count}건이 모두 봉인되었습니다.`,
  someSealed: (sealed, all) => `${all}건 중 ${sealed}건 봉인됨`,
  onBehalf: (account) => `등록 주체: ${account}`,
  otherAccount: '다른 조직 선택',
  signInFirst: '등록하려면 로그인하세요',
  signInFirstExplained:
    '이 서비스는 등록된 사용자만 문서를 등록할 수 있습니다. 증명 확인은 문서나 증명 파일만 있으면 로그인 없이 할 수 있습니다.',
  signInFirstPrivate: '이 서비스는 등록된 사용자만 문서를 등록하고 증명을 확인할 수 있습니다.',
  signIn: '로그인',
  noAccount: '선택된 조직이 없습니다',
  noAccountExplained:
    '문서는 조직의 이름으로 등록됩니다. 소속된 조직을 선택하거나 조직의 소유자에게 초대를 요청하세요.',
  readsOnly: (account) => `${account}에서의 역할은 감사자입니다`,
  readsOnlyExplained:
    '감사자는 조직이 등록한 내용을 열람할 수 있지만 직접 등록하지는 않습니다. 역할은 조직의 소유자가 바꿀 수 있습니다.',
  openAccount: '내 계정 열기',
};

const tables: Readonly<Record<Language, NotarizeMessages>> = { en, ko };

export function words(): NotarizeMessages {
  return tables[language()];
}
