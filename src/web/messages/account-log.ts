import { language, type Language } from '../lib/language.js';

/** Kinds of events that are looked for together. */
export const EVENT_GROUPS = {
  sign_in: [
    'sign_in',
    'sign_in_failed',
    'sign_in_blocked',
    'sign_out',
    'session_ended',
    'organization_chosen',
    'refresh_token_reused',
    'password_set',
  ],
  users: ['invitation_made', 'invitation_accepted', 'user_added', 'user_removed', 'role_changed'],
  keys: ['key_created', 'key_revoked'],
  service: [
    'operator_created',
    'operator_changed',
    'person_disabled',
    'person_enabled',
    'organization_created',
    'organization_changed',
    'organization_disabled',
    'organization_enabled',
    'signing_key_rotated',
    'limit_hit',
  ],
  documents: ['details_published', 'details_withdrawn', 'details_read_by_operator'],
} as const;
export type EventGroup = keyof typeof EVENT_GROUPS;
export type EventKind = (typeof EVENT_GROUPS)[EventGroup][number];

/** What an event tells beside its kind. */
export type EventFact =
  | 'who'
  | 'key'
  | 'address'
  | 'organization'
  | 'person'
  | 'email'
  | 'role'
  | 'name'
  | 'scopes'
  | 'networks'
  | 'session'
  | 'during'
  | 'reason'
  | 'limit'
  | 'of'
  | 'most'
  | 'windowSeconds'
  | 'firstOperator'
  | 'operator'
  | 'notarization'
  | 'requestsPerMinute'
  | 'digestsPerDay'
  | 'bytesPerDay';

/** The words of the access log. */
export interface LogMessages {
  readonly leadOwn: (organization: string) => string;
  readonly leadWhole: string;
  readonly what: string;
  readonly everything: string;
  readonly groups: Readonly<Record<EventGroup, string>>;
  readonly from: string;
  readonly to: string;
  readonly filter: string;
  readonly shown: (n: number, count: string) => string;
  readonly nothing: string;
  readonly older: string;
  readonly complete: string;
  readonly onTheMachine: string;
  readonly nobody: string;
  readonly yes: string;
  readonly no: string;
  readonly kinds: Readonly<Record<EventKind, string>>;
  readonly facts: Readonly<Record<EventFact, string>>;
  /** What the service writes as one word. */
  readonly values: Readonly<Record<string, string>>;
}

const en: LogMessages = {
  leadOwn: (organization) =>
    `What happened in ${organization}. Nobody can change or delete what stands here.`,
  leadWhole: 'What happened in this service. Nobody can change or delete what stands here.',
  what: 'What',
  everything: 'Everything',
  groups: {
    sign_in: 'Signing in',
    users: 'Users and roles',
    keys: 'API keys',
    service: 'Organizations, limits and the service',
    documents: 'Details of documents',
  },
  from: 'From',
  to: 'To',
  filter: 'Show',
  shown: (n, count) => (n === 1 ? '1 event is shown.' : `${count} events are shown.`),
  nothing: 'Nothing of the kind happened in that time.',
  older: 'Show older',
  complete: 'That is all.',
  onTheMachine: 'On the machine itself',
  nobody: 'Nobody who is known',
  yes: 'Yes',
  no: 'No',
  kinds: {
    sign_in: 'Signed in',
    sign_in_failed: 'Sign-in failed',
    sign_in_blocked: 'Sign-in blocked for a while',
    sign_out: 'Signed out',
    session_ended: 'Session ended',
    organization_chosen: 'Organization chosen to act for',
    refresh_token_reused: 'Session ended: its token came a second time, as if stolen',
    password_set: 'Password set',
    invitation_made: 'Invitation link made',
    invitation_accepted: 'Invitation accepted',
    user_added: 'User added',
    user_removed: 'User removed',
    role_changed: 'Role changed',
    key_created: 'API key created',
    key_revoked: 'API key revoked',
    operator_created: 'First operator set up',
    operator_changed: 'Operator named or dismissed',
    person_disabled: 'Person disabled',
    person_enabled: 'Person enabled',
    organization_created: 'Organization created',
    organization_changed: 'Organization changed',
    organization_disabled: 'Organization disabled',
    organization_enabled: 'Organization enabled',
    signing_key_rotated: 'Signing key of the tokens replaced',
    limit_hit: 'Limit reached',
    details_published: 'Details of a document published',
    details_withdrawn: 'Details of a document withdrawn',
    details_read_by_operator: 'Details of a document read by an operator',
  },
  facts: {
    who: 'By',
    key: 'API key',
    address: 'From',
    organization: 'Organization',
    person: 'Person',
    email: 'E-mail address',
    role: 'Role',
    name: 'Name',
    scopes: 'Scopes',
    networks: 'Networks',
    session: 'Session',
    during: 'During',
    reason: 'Reason',
    limit: 'Limit',
    of: 'Of',
    most: 'At most',
    windowSeconds: 'Within, in seconds',
    firstOperator: 'First operator',
    operator: 'Operator',
    notarization: 'Notarization',
    requestsPerMinute: 'Requests a minute',
    digestsPerDay: 'Documents a day',
    bytesPerDay: 'Bytes a day',
  },
  values: {
    sign_in: 'Signing in',
    password_change: 'Changing the password',
    invitation: 'Accepting an invitation',
    no_organization: 'Belongs to no organization',
    first: 'The first one',
    other_secret: 'The service has another secret',
    age: 'Its age',
    requests: 'Requests',
    digests: 'Documents',
    bytes: 'Bytes',
    organization: 'The organization',
    key: 'The API key',
    notarize: 'Notarize',
    read: 'Read',
    'notarize read': 'Notarize and read',
  },
};

const ko: LogMessages = {
  leadOwn: (organization) =>
    `${organization}에서 있었던 일입니다. 여기의 기록은 누구도 고치거나 지울 수 없습니다.`,
  leadWhole: '이 서비스에서 있었던 일입니다. 여기의 기록은 누구도 고치거나 지울 수 없습니다.',
  what: '종류',
  everything: '전체',
  groups: {
    sign_in: '로그인',
    users: '사용자와 역할',
    keys: 'API 키',
    service: '조직, 한도, 서비스',
    documents: '문서 정보',
  },
  from: '시작일',
  to: '종료일',
  filter: '조회',
  shown: (_, count) => `기록 ${count}건이 표시되었습니다.`,
  nothing: '이 기간에 해당하는 기록이 없습니다.',
  older: '이전 기록 더 보기',
  complete: '기록이 더 없습니다.',
  onTheMachine: '서버에서 직접',
  nobody: '알 수 없음',
  yes: '예',
  no: '아니요',
  kinds: {
    sign_in: '로그인',
    sign_in_failed: '로그인 실패',
    sign_in_blocked: '로그인 일시 차단',
    sign_out: '로그아웃',
    session_ended: '로그인 종료',
    organization_chosen: '현재 조직 변경',
    refresh_token_reused: '도난이 의심되는 토큰이 다시 쓰여 로그인 종료',
    password_set: '비밀번호 설정',
    invitation_made: '초대 링크 생성',
    invitation_accepted: '초대 수락',
    user_added: '사용자 추가',
    user_removed: '사용자 내보내기',
    role_changed: '역할 변경',
    key_created: 'API 키 생성',
    key_revoked: 'API 키 폐기',
    operator_created: '첫 운영자 등록',
    operator_changed: '운영자 지정 또는 해제',
    person_disabled: '사용자 중지',
    person_enabled: '사용자 중지 해제',
    organization_created: '조직 생성',
    organization_changed: '조직 정보 변경',
    organization_disabled: '조직 중지',
    organization_enabled: '조직 중지 해제',
    signing_key_rotated: '토큰 서명 키 교체',
    limit_hit: '한도 도달',
    details_published: '문서 정보 공개',
    details_withdrawn: '문서 정보 비공개 전환',
    details_read_by_operator: '운영자의 문서 정보 열람',
  },
  facts: {
    who: '실행한 사람',
    key: 'API 키',
    address: '접속 주소',
    organization: '조직',
    person: '대상',
    email: '이메일 주소',
    role: '역할',
    name: '이름',
    scopes: '권한 범위',
    networks: '네트워크',
    session: '로그인 번호',
    during: '상황',
    reason: '이유',
    limit: '한도',
    of: '한도 대상',
    most: '최대',
    windowSeconds: '기간(초)',
    firstOperator: '첫 운영자',
    operator: '운영자',
    notarization: '등록 번호',
    requestsPerMinute: '분당 요청 수',
    digestsPerDay: '하루 문서 수',
    bytesPerDay: '하루 바이트 수',
  },
  values: {
    sign_in: '로그인',
    password_change: '비밀번호 변경',
    invitation: '초대 수락',
    no_organization: '소속 조직 없음',
    first: '첫 번째 키',
    other_secret: '서비스의 비밀값이 바뀜',
    age: '교체 주기',
    requests: '요청',
    digests: '문서',
    bytes: '바이트',
    organization: '조직',
    key: 'API 키',
    notarize: '등록',
    read: '열람',
    'notarize read': '등록과 열람',
  },
};

const tables: Readonly<Record<Language, LogMessages>> = { en, ko };

export function logWords(): LogMessages {
  return tables[language()];
}
