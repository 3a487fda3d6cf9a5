import { language, type Language } from '../lib/language.js';

/** The words of the section about API keys, and of limits. */
export interface KeysMessages {
  readonly lead: string;
  readonly create: string;
  readonly createHeading: string;
  readonly name: string;
  readonly nameHint: string;
  readonly scopes: string;
  readonly scopeNames: Readonly<Record<'notarize' | 'read', string>>;
  readonly scopesExplained: Readonly<Record<'notarize' | 'read', string>>;
  readonly noScope: string;
  readonly expiry: string;
  readonly expiries: Readonly<Record<'never' | 'month' | 'quarter' | 'year', string>>;
  readonly more: string;
  readonly networks: string;
  readonly networksHint: string;
  readonly createSubmit: string;
  readonly secretHeading: (name: string) => string;
  readonly secret: string;
  readonly secretExplained: string;
  readonly created: (name: string) => string;
  readonly none: string;
  readonly active: string;
  readonly expired: string;
  readonly revoked: string;
  readonly made: (date: string) => string;
  readonly neverUsed: string;
  readonly lastUsed: (time: string) => string;
  readonly expires: (time: string) => string;
  readonly revokedAt: (time: string) => string;
  readonly from: (networks: string) => string;
  readonly revoke: string;
  readonly revokeNamed: (name: string) => string;
  readonly revokeHeading: (name: string) => string;
  readonly revokeExplained: string;
  readonly revokeYes: string;
  readonly revokedNow: (name: string) => string;
  readonly others: (n: number, count: string) => string;
  readonly limits: string;
  readonly limitsHint: string;
  readonly requestsPerMinute: string;
  readonly digestsPerDay: string;
  readonly bytesPerDay: string;
  readonly notANumber: string;
  readonly requestsLimit: (count: string) => string;
  readonly digestsLimit: (count: string) => string;
  readonly bytesLimit: (size: string) => string;
}

const en: KeysMessages = {
  lead: 'With an API key a program acts for your organization. Give each program its own, with no more than it needs.',
  create: 'Create a key',
  createHeading: 'Create an API key',
  name: 'Name',
  nameHint: 'Of the program that will use it.',
  scopes: 'What it may do',
  scopeNames: { notarize: 'Notarize', read: 'Read' },
  scopesExplained: {
    notarize: 'Submit documents on behalf of the organization.',
    read: 'Read what the organization has notarized, with its details.',
  },
  noScope: 'Choose at least one.',
  expiry: 'Good for',
  expiries: { never: 'Until it is revoked', month: '30 days', quarter: '90 days', year: '1 year' },
  more: 'Networks and limits',
  networks: 'Only from these networks',
  networksHint: 'One a line, as 192.0.2.0/24 or 2001:db8::/32. Empty: from anywhere.',
  createSubmit: 'Create the key',
  secretHeading: (name) => `The key of ${name}`,
  secret: 'API key',
  secretExplained:
    'Copy it to where the program reads it. It is shown this once: this service keeps only its hash. Whoever has it can use it.',
  created: (name) => `The key ${name} is created.`,
  none: 'There is no key yet.',
  active: 'In force',
  expired: 'Expired',
  revoked: 'Revoked',
  made: (date) => `Created ${date}`,
  neverUsed: 'Never used',
  lastUsed: (time) => `Last used ${time}`,
  expires: (time) => `Good until ${time}`,
  revokedAt: (time) => `Revoked ${time}`,
  from: (networks) => `Only from ${networks}`,
  revoke: 'Revoke',
  revokeNamed: (name) => `Revoke ${name}`,
  revokeHeading: (name) => `Revoke ${name}?`,
  revokeExplained: 'Programs that use this key are refused from this moment on. This cannot be undone.',
  revokeYes: 'Revoke the key',
  revokedNow: (name) => `The key ${name} is revoked.`,
  others: (n, count) => (n === 1 ? '1 key no longer in force' : `${count} keys no longer in force`),
  limits: 'Limits',
  limitsHint: 'Whole numbers. Empty: no limit.',
  requestsPerMinute: 'Requests a minute',
  digestsPerDay: 'Documents a day',
  bytesPerDay: 'Uploaded bytes a day',
  notANumber: 'A limit is a whole number, written with digits alone.',
  requestsLimit: (count) => `At most ${count} requests a minute`,
  digestsLimit: (count) => `At most ${count} documents a day`,
  bytesLimit: (size) => `At most ${size} uploaded a day`,
};

const ko: KeysMessages = {
  lead: 'API 키가 있으면 프로그램이 조직의 이름으로 활동할 수 있습니다. 프로그램마다 꼭 필요한 권한만 담아 따로 만드세요.',
  create: '키 만들기',
  createHeading: 'API 키 만들기',
  name: '이름',
  nameHint: '이 키를 사용할 프로그램의 이름입니다.',
  scopes: '권한 범위',
  scopeNames: { notarize: '등록', read: '열람' },
  scopesExplained: {
    notarize: '조직의 이름으로 문서를 등록합니다.',
    read: '조직이 등록한 내용을 상세 정보까지 열람합니다.',
  },
  noScope: '하나 이상 선택하세요.',
  expiry: '유효 기간',
  expiries: { never: '폐기할 때까지', month: '30일', quarter: '90일', year: '1년' },
  more: '네트워크와 한도',
  networks: '허용할 네트워크',
  networksHint:
    '192.0.2.0/24 또는 2001:db8::/32처럼 한 줄에 하나씩 입력하세요. 비워 두면 어디서나 쓸 수 있습니다.',
  createSubmit: '키 만들기',
  secretHeading: (name) => `${name} 키`,
  secret: 'API 키',
  secretExplained:
    '프로그램이 읽을 곳에 복사해 두세요. 서비스에는 해시값만 남으므로 지금 한 번만 표시됩니다. 이 키를 가진 사람은 누구나 쓸 수 있습니다.',
  created: (name) => `키를 만들었습니다: ${name}`,
  none: '아직 키가 없습니다.',
  active: '사용 가능',
  expired: '만료됨',
  revoked: '폐기됨',
  made: (date) => `${date} 생성`,
  neverUsed: '사용한 적 없음',
  lastUsed: (time) => `마지막 사용 ${time}`,
  expires: (time) => `${time}까지 유효`,
  revokedAt: (time) => `${time} 폐기`,
  from: (networks) => `허용 네트워크 ${networks}`,
  revoke: '폐기',
  revokeNamed: (name) => `${name} 폐기`,
  revokeHeading: (name) => `${name} 키를 폐기할까요?`,
  revokeExplained: '이 키를 쓰는 프로그램은 지금부터 거부됩니다. 되돌릴 수 없습니다.',
  revokeYes: '키 폐기',
  revokedNow: (name) => `키를 폐기했습니다: ${name}`,
  others: (_, count) => `더 이상 쓸 수 없는 키 ${count}개`,
  limits: '한도',
  limitsHint: '정수로 입력하세요. 비워 두면 한도가 없습니다.',
  requestsPerMinute: '분당 요청 수',
  digestsPerDay: '하루 문서 수',
  bytesPerDay: '하루 업로드 바이트 수',
  notANumber: '한도는 숫자로만 쓴 정수여야 합니다.',
  requestsLimit: (count) => `분당 요청 최대 ${count}회`,
  digestsLimit: (count) => `하루 문서 최대 ${count}건`,
  bytesLimit: (size) => `하루 업로드 최대 ${size}`,
};

const tables: Readonly<Record<Language, KeysMessages>> = { en, ko };

export function keysWords(): KeysMessages {
  return tables[language()];
}
