import { plural, type Count } from '../lib/format.js';
import { byLanguage } from '../lib/language.js';

/** The messages that every page shares: the frame, forms and dialogs, and what went wrong. */

const en = {
  pageTitle: (title: string) => `${title} · Ingam`,
  chooseLanguage: 'Language',
  mainNavigation: 'Main',
  skipToContent: 'Skip to content',
  notarize: 'Notarize',
  verify: 'Verify',
  register: 'Register',
  explorer: 'Explorer',
  how: 'How it works',
  docs: 'API',
  account: 'Account',
  signIn: 'Sign in',
  accountOf: (name: string) => `Account: ${name}`,
  openAccount: 'Open your account',
  notANotary:
    'A notarization here is technical evidence that a file existed at a certain time. It is not the act of a notary public, and it does not prove that the content is true or who wrote it.',
  emptyChain: (origin: string) => `Chain ${origin} · no blocks yet`,
  chain: (origin: string, blocks: Count, entries: Count) =>
    `Chain ${origin} · ${plural(blocks, 'block')} · ${plural(entries, 'notarization')}`,
  serviceAway: 'The service cannot be reached.',
  serviceAwayExplained:
    'Your work resumes automatically when the connection is back. Keep this page open and nothing is lost.',
  tryNow: 'Try now',
  offline: 'Offline',
  cosigned: (signed: string, all: string) => `Cosigned by ${signed} of ${all} members`,
  cosignedSoFar: (signed: string, all: string, needed: string) =>
    `Cosigned by ${signed} of ${all} members so far, ${needed} needed`,
  anchored: 'Anchored: its time is confirmed from outside',

  loading: 'Loading…',
  tryAgain: 'Try again',
  cancel: 'Cancel',
  close: 'Close',
  done: 'Done',
  optional: (label: string) => `${label} (optional)`,
  missing: 'This field is required.',
  tooLong: 'Too long.',
  copy: 'Copy',
  copyNamed: (label: string) => `Copy: ${label}`,
  copied: 'Copied.',
  copyYourself: 'The text is selected. Copy it with the keyboard or the menu.',
  blocked: (duration: string) => `Too many failed attempts. Try again in ${duration}.`,
  blockedOver: 'You can try again now.',

  /** By the code of a problem document. */
  problems: {
    too_large:
      'The file is larger than this service accepts. Choose “Fingerprint only” and try again: then the size does not matter.',
    http_413:
      'A proxy in front of this service refuses requests of this size. Choose “Fingerprint only” and try again, or ask the operator to raise the limit of the proxy.',
    empty_document: 'The file is empty. To notarize it anyway, choose “Fingerprint only” and try again.',
    invalid_file_name:
      'The service does not accept this file name. Choose “Fingerprint only” and try again, or rename the file.',
    idempotency_mismatch:
      'This request was already sent with different content. Remove the document from the list and add it again.',
    not_found:
      'The service does not know this address. Its version may differ from this page. Reload the page.',
    notarization_not_found: 'The service does not have this notarization.',
    erased:
      'The owner has erased this notarization from the service. Only a proof that was downloaded earlier can be verified.',
    internal: 'Something went wrong in the service. You can safely try again: nothing is notarized twice.',
    request_timeout: 'The connection was too slow and the request timed out. You can safely try again.',
    incomplete_body: 'The upload was interrupted. You can safely try again.',
    truncated_multipart: 'The upload was interrupted. You can safely try again.',
    wrong_digest:
      'The service answered for a different document than the one that was sent. Don’t rely on this answer, and tell the operator of this service.',
    not_understood:
      'The response did not come from this service, or from a different version of it. Reload the page.',
    unauthenticated:
      'You are not signed in, or your session has ended. Sign in (another tab will do) and try again.',
    forbidden: 'Your role does not allow this.',
    csrf: 'The service could not confirm that this page sent the request. Reload the page and try again.',
    session_changed:
      'In another tab, someone signed in or out or switched organizations. Check the name at the top of the page, then try again.',
    limit_exceeded: 'This exceeds a usage limit. Send less at once, or ask the operator of this service.',
    busy: 'The service is busy. Try again in a moment.',
    queue_full: 'The service is busy. Try again in a moment.',
    quorum_missing: 'Too few members have cosigned so far, so there is no certificate yet. Try again later.',
    not_verified:
      'The service could not verify its own proof, so no certificate was issued. Tell the operator of this service.',
    unknown_time_zone: 'The service does not know the time zone of this browser.',
    invalid_credentials: 'Wrong e-mail address or password.',
    no_choice: 'Choose an organization first.',
    invalid_email: 'Enter an e-mail address like name@example.com.',
    invalid_password: 'A password must have 12 to 1,024 characters.',
    invalid_network: 'One of the networks is invalid. Write them like 192.0.2.0/24 or 2001:db8::/32.',
    invalid_value: 'The service does not accept one of these values.',
    invalid_body: 'The service does not accept one of these values.',
    invalid_invitation: 'This link has already been used or has expired. Ask for a new one.',
    organization_not_found: 'This organization no longer exists, or you no longer belong to it.',
    user_not_found: 'This person is no longer in the organization.',
    user_exists: 'This person already belongs to the organization or has been invited.',
    key_not_found: 'This key has already been revoked.',
    last_owner: 'An organization needs an owner. Make someone else an owner first.',
    last_operator: 'The service needs an administrator. Make someone else an administrator first.',
    owner_exists: 'This organization already has an owner, who manages its users.',
  },
  otherProblem: (code: string, detail: string) => `The service rejected the request: ${detail} (${code})`,
  limitExceeded: (duration: string) => `You have reached a usage limit. It resets in ${duration}.`,
  requestNumber: (id: string) => `If you ask for help, quote this request number: ${id}`,
};

const ko: typeof en = {
  pageTitle: (title) => `${title} · 인감 Ingam`,
  chooseLanguage: '언어',
  mainNavigation: '주 메뉴',
  skipToContent: '본문으로 건너뛰기',
  notarize: '문서 등록',
  verify: '증명 확인',
  register: '등록 내역',
  explorer: '블록 탐색',
  how: '작동 원리',
  docs: 'API 문서',
  account: '내 계정',
  signIn: '로그인',
  accountOf: (name) => `내 계정: ${name}`,
  openAccount: '내 계정 열기',
  notANotary:
    '여기서의 등록은 어떤 파일이 특정 시각에 존재했음을 보여 주는 기술적 증거입니다. 공증인법에 따른 공증이나 인감증명이 아니며, 내용이 진실한지 또는 누가 작성했는지는 증명하지 않습니다.',
  emptyChain: (origin) => `체인 ${origin} · 아직 블록 없음`,
  chain: (origin, blocks, entries) => `체인 ${origin} · 블록 ${blocks.text}개 · 등록 ${entries.text}건`,
  serviceAway: '서비스에 연결할 수 없습니다.',
  serviceAwayExplained:
    '연결되면 진행하던 작업을 자동으로 이어 갑니다. 이 페이지를 열어 두면 작업 내용이 사라지지 않습니다.',
  tryNow: '지금 다시 시도',
  offline: '오프라인',
  cosigned: (signed, all) => `참여 기관 ${all}곳 중 ${signed}곳이 공동 서명함`,
  cosignedSoFar: (signed, all, needed) => `참여 기관 ${all}곳 중 ${signed}곳이 공동 서명함, ${needed}곳 필요`,
  anchored: '앵커됨: 외부에서 시각을 확인함',

  loading: '불러오는 중…',
  tryAgain: '다시 시도',
  cancel: '취소',
  close: '닫기',
  done: '완료',
  optional: (label) => `${label} (선택)`,
  missing: '필수 입력 항목입니다.',
  tooLong: '너무 깁니다.',
  copy: '복사',
  copyNamed: (label) => `복사: ${label}`,
  copied: '복사했습니다.',
  copyYourself: '텍스트가 선택되었습니다. 키보드나 메뉴로 복사하세요.',
  blocked: (duration) => `로그인에 여러 번 실패했습니다. ${duration} 뒤에 다시 시도할 수 있습니다.`,
  blockedOver: '이제 다시 시도할 수 있습니다.',

  problems: {
    too_large:
      '이 서비스가 받을 수 있는 크기를 넘는 파일입니다. ‘해시값만 보내기’를 선택하고 다시 시도하면 크기에 상관없이 등록할 수 있습니다.',
    http_413:
      '서비스 앞에 있는 프록시가 이 크기의 요청을 거부합니다. ‘해시값만 보내기’를 선택하고 다시 시도하거나, 운영자에게 프록시의 제한을 늘려 달라고 요청하세요.',
    empty_document: '빈 파일입니다. 그래도 등록하려면 ‘해시값만 보내기’를 선택하고 다시 시도하세요.',
    invalid_file_name:
      '서비스에서 받을 수 없는 파일 이름입니다. ‘해시값만 보내기’를 선택하고 다시 시도하거나 파일 이름을 바꾸세요.',
    idempotency_mismatch:
      '같은 요청이 다른 내용으로 이미 전송되었습니다. 목록에서 문서를 지우고 다시 추가하세요.',
    not_found: '서비스에 없는 주소입니다. 이 페이지와 서비스의 버전이 다를 수 있으니 페이지를 새로 고치세요.',
    notarization_not_found: '서비스에 없는 등록입니다.',
    erased: '소유자가 서비스에서 삭제한 등록입니다. 삭제 전에 내려받은 증명 파일로만 확인할 수 있습니다.',
    internal: '서비스에 문제가 생겼습니다. 다시 시도해도 중복으로 등록되지 않습니다.',
    request_timeout: '연결이 느려 요청 시간이 초과되었습니다. 다시 시도해도 안전합니다.',
    incomplete_body: '업로드가 중간에 끊겼습니다. 다시 시도해도 안전합니다.',
    truncated_multipart: '업로드가 중간에 끊겼습니다. 다시 시도해도 안전합니다.',
    wrong_digest:
      '보낸 문서와 다른 문서에 대한 응답이 왔습니다. 이 응답을 믿지 말고 서비스 운영자에게 알려 주세요.',
    not_understood: '이 서비스의 응답이 아니거나 버전이 다릅니다. 페이지를 새로 고치세요.',
    unauthenticated:
      '로그인하지 않았거나 로그인이 만료되었습니다. 다른 탭에서라도 로그인한 뒤 다시 시도하세요.',
    forbidden: '현재 역할에는 이 작업을 할 권한이 없습니다.',
    csrf: '이 페이지에서 보낸 요청인지 확인하지 못했습니다. 페이지를 새로 고친 뒤 다시 시도하세요.',
    session_changed:
      '다른 탭에서 로그인이나 로그아웃을 했거나 조직을 바꾸었습니다. 화면 위쪽에서 현재 사용자를 확인한 뒤 다시 시도하세요.',
    limit_exceeded: '사용 한도를 넘는 요청입니다. 한 번에 보내는 양을 줄이거나 서비스 운영자에게 문의하세요.',
    busy: '서비스에 요청이 많습니다. 잠시 후 다시 시도하세요.',
    queue_full: '서비스에 요청이 많습니다. 잠시 후 다시 시도하세요.',
    quorum_missing:
      '공동 서명한 참여 기관이 아직 부족하여 증명서를 발급할 수 없습니다. 나중에 다시 시도하세요.',
    not_verified:
      '서비스가 자신의 증명을 확인하지 못해 증명서를 발급하지 않았습니다. 서비스 운영자에게 알려 주세요.',
    unknown_time_zone: '서비스가 이 브라우저의 시간대를 알지 못합니다.',
    invalid_credentials: '이메일 주소나 비밀번호가 올바르지 않습니다.',
    no_choice: '먼저 조직을 선택하세요.',
    invalid_email: '이메일 주소를 name@example.com 형식으로 입력하세요.',
    invalid_password: '비밀번호는 12자 이상 1,024자 이하여야 합니다.',
    invalid_network: '올바르지 않은 네트워크가 있습니다. 192.0.2.0/24 또는 2001:db8::/32처럼 입력하세요.',
    invalid_value: '서비스에서 받을 수 없는 값이 있습니다.',
    invalid_body: '서비스에서 받을 수 없는 값이 있습니다.',
    invalid_invitation: '이미 사용되었거나 기한이 지난 링크입니다. 새 링크를 요청하세요.',
    organization_not_found: '없어졌거나 더 이상 소속되지 않은 조직입니다.',
    user_not_found: '더 이상 이 조직에 없는 사용자입니다.',
    user_exists: '이미 이 조직에 있거나 초대된 사람입니다.',
    key_not_found: '이미 폐기된 키입니다.',
    last_owner: '조직에는 소유자가 있어야 합니다. 먼저 다른 사람을 소유자로 지정하세요.',
    last_operator: '서비스에는 관리자가 있어야 합니다. 먼저 다른 사람을 관리자로 지정하세요.',
    owner_exists: '이 조직에는 사용자를 관리하는 소유자가 이미 있습니다.',
  },
  otherProblem: (code, detail) => `서비스가 요청을 거부했습니다: ${detail} (${code})`,
  limitExceeded: (duration) => `사용 한도에 도달했습니다. ${duration} 뒤에 다시 사용할 수 있습니다.`,
  requestNumber: (id) => `문의할 때 이 요청 번호를 알려 주세요: ${id}`,
};

export const common = byLanguage({ en, ko });
