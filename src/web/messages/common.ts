import { language, type Language } from '../lib/language.js';

/** What stands on every page, and what is said when the service refuses or is away. Whole sentences only. */
export interface CommonMessages {
  readonly languageName: string;
  readonly chooseLanguage: string;
  readonly mainNavigation: string;
  readonly skipToContent: string;
  readonly notarize: string;
  readonly verify: string;
  readonly register: string;
  readonly explorer: string;
  readonly how: string;
  readonly docs: string;
  readonly signIn: string;
  readonly organizationOf: (name: string) => string;
  readonly notANotary: string;
  readonly emptyChain: (origin: string) => string;
  readonly chain: (origin: string, blocks: string, entries: string) => string;
  readonly serviceAway: string;
  readonly serviceAwayExplained: string;
  readonly tryNow: string;
  readonly offline: string;
  /** By the code of a problem document; anything else is told by `otherProblem`. */
  readonly problems: Readonly<Record<string, string>>;
  readonly otherProblem: (code: string, detail: string) => string;
  /** After how long a used-up limit is free again. */
  readonly limitExceeded: (duration: string) => string;
  readonly requestNumber: (id: string) => string;
}

const en: CommonMessages = {
  languageName: 'English',
  chooseLanguage: 'Language',
  mainNavigation: 'Main',
  skipToContent: 'Skip to the content',
  notarize: 'Notarize',
  verify: 'Verify',
  register: 'Register',
  explorer: 'Explorer',
  how: 'How it works',
  docs: 'API for programs',
  signIn: 'Sign in',
  organizationOf: (name) => `Your organization: ${name}`,
  notANotary:
    'A notarization here is technical evidence that a file existed at a time. It is not the act of a notary public, and it does not say that the content is true or who wrote it.',
  emptyChain: (origin) => `Chain ${origin} · no block yet`,
  chain: (origin, blocks, entries) => `Chain ${origin} · blocks: ${blocks} · notarizations: ${entries}`,
  serviceAway: 'The service cannot be reached.',
  serviceAwayExplained:
    'What you began goes on by itself as soon as it is back. Nothing is lost while this page stays open.',
  tryNow: 'Try now',
  offline: 'Not connected',
  problems: {
    too_large:
      'The file is larger than this service takes. Choose “Only the digest” and try again: then its length does not matter.',
    empty_document: 'The file is empty. If that is meant, choose “Only the digest” and try again.',
    invalid_file_name:
      'The service does not take this file name. Choose “Only the digest” and try again, or rename the file.',
    idempotency_mismatch:
      'This was sent before in another form. Remove the document from the list and add it again.',
    not_found:
      'The service does not know this address. It may be an older or a newer version than this page: reload the page.',
    notarization_not_found: 'The service does not know this notarization.',
    erased:
      'The owner has erased this notarization from the service. Only a proof that was downloaded before can be verified.',
    internal: 'Something went wrong in the service. It is safe to try again: nothing is notarized twice.',
    request_timeout: 'The connection was too slow and the service gave up waiting. It is safe to try again.',
    incomplete_body: 'The upload broke off. It is safe to try again.',
    truncated_multipart: 'The upload broke off. It is safe to try again.',
    wrong_digest:
      'The service answered for another document than the one that was sent. Don’t rely on this answer; tell whoever runs the service.',
    not_understood:
      'The answer did not come from this service, or from another version of it. Reload the page.',
    unauthenticated:
      'You are not signed in, or your sign-in has ended. Sign in (another tab will do) and try again.',
    forbidden: 'Your role does not allow this.',
    csrf: 'The service could not tell that this page sent the request. Reload the page and try again.',
    session_changed:
      'In another tab somebody signed in or out, or now acts for another organization. See above who you are now, then try again.',
    limit_exceeded:
      'This is more than a limit of your organization allows. Send less at once, or ask whoever runs the service.',
    busy: 'The service is checking many passwords at once. Try again in a moment.',
  },
  limitExceeded: (duration) => `A limit of your organization is used up. It is free again in ${duration}.`,
  otherProblem: (code, detail) => `The service refused: ${detail} (${code})`,
  requestNumber: (id) => `If you ask for help, give this request number: ${id}`,
};

const ko: CommonMessages = {
  languageName: '한국어',
  chooseLanguage: '언어',
  mainNavigation: '주 메뉴',
  skipToContent: '본문으로 건너뛰기',
  notarize: '문서 등록',
  verify: '증명 확인',
  register: '등록 내역',
  explorer: '체인',
  how: '작동 원리',
  docs: '프로그램용 API',
  signIn: '로그인',
  organizationOf: (name) => `내 계정: ${name}`,
  notANotary:
    '여기서의 등록은 어떤 파일이 특정 시각에 존재했다는 기술적 증거입니다. 공증인법에 따른 공증이나 인감증명이 아니며, 내용이 진실한지 또는 누가 작성했는지는 증명하지 않습니다.',
  emptyChain: (origin) => `체인 ${origin} · 아직 블록 없음`,
  chain: (origin, blocks, entries) => `체인 ${origin} · 블록 ${blocks}개 · 등록 ${entries}건`,
  serviceAway: '서비스에 연결할 수 없습니다.',
  serviceAwayExplained:
    '연결되는 대로 진행하던 작업을 자동으로 이어 갑니다. 이 페이지를 열어 두면 사라지는 것은 없습니다.',
  tryNow: '지금 다시 시도',
  offline: '연결 끊김',
  problems: {
    too_large:
      '이 서비스가 받을 수 있는 크기를 넘는 파일입니다. ‘해시값만 보내기’를 선택하고 다시 시도하면 크기에 상관없이 등록할 수 있습니다.',
    empty_document: '빈 파일입니다. 그래도 등록하려면 ‘해시값만 보내기’를 선택하고 다시 시도하세요.',
    invalid_file_name:
      '서비스에서 받을 수 없는 파일 이름입니다. ‘해시값만 보내기’를 선택하고 다시 시도하거나 파일 이름을 바꾸세요.',
    idempotency_mismatch:
      '같은 요청이 다른 내용으로 이미 전송되었습니다. 목록에서 문서를 지우고 다시 추가하세요.',
    not_found: '서비스에 없는 주소입니다. 이 페이지와 서비스의 버전이 다를 수 있으니 페이지를 새로 고치세요.',
    notarization_not_found: '서비스에 없는 등록입니다.',
    erased: '소유자가 서비스에서 삭제한 등록입니다. 삭제 전에 내려받은 증명 파일로만 확인할 수 있습니다.',
    internal: '서비스에 문제가 생겼습니다. 다시 시도해도 중복으로 등록되지 않습니다.',
    request_timeout: '연결이 너무 느려 서비스가 요청을 중단했습니다. 다시 시도해도 안전합니다.',
    incomplete_body: '업로드가 중간에 끊겼습니다. 다시 시도해도 안전합니다.',
    truncated_multipart: '업로드가 중간에 끊겼습니다. 다시 시도해도 안전합니다.',
    wrong_digest:
      '보낸 문서와 다른 문서에 대한 응답이 왔습니다. 이 응답을 믿지 말고 서비스 운영자에게 알려 주세요.',
    not_understood: '이 서비스의 응답이 아니거나 버전이 다릅니다. 페이지를 새로 고치세요.',
    unauthenticated:
      '로그인하지 않았거나 로그인이 만료되었습니다. 다른 탭에서라도 로그인한 뒤 다시 시도하세요.',
    forbidden: '지금 역할로는 할 수 없는 일입니다.',
    csrf: '이 페이지에서 보낸 요청인지 확인하지 못했습니다. 페이지를 새로 고친 뒤 다시 시도하세요.',
    session_changed:
      '다른 탭에서 로그인이나 로그아웃을 했거나 현재 조직을 바꾸었습니다. 위에서 현재 사용자를 확인한 뒤 다시 시도하세요.',
    limit_exceeded:
      '조직의 사용 한도를 넘는 요청입니다. 한 번에 보내는 양을 줄이거나 서비스 운영자에게 문의하세요.',
    busy: '지금 비밀번호를 확인하는 요청이 많습니다. 잠시 후 다시 시도하세요.',
  },
  limitExceeded: (duration) => `조직의 사용 한도를 모두 썼습니다. ${duration} 뒤에 다시 사용할 수 있습니다.`,
  otherProblem: (code, detail) => `서비스가 요청을 거부했습니다: ${detail} (${code})`,
  requestNumber: (id) => `문의할 때 이 요청 번호를 알려 주세요: ${id}`,
};

const tables: Readonly<Record<Language, CommonMessages>> = { en, ko };

export function common(): CommonMessages {
  return tables[language()];
}

export function languageName(of: Language): string {
  return tables[of].languageName;
}
