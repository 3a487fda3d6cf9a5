import { language, type Language } from '../lib/language.js';
import type { Role } from '../lib/session.js';

/** The words of the organization page's entrance (sign-in, set-up, invitations), and those that its sections share. */
export interface OrganizationMessages {
  readonly pageTitle: (heading: string) => string;
  readonly heading: string;
  readonly sections: Readonly<Record<'you' | 'users' | 'keys' | 'log' | 'organizations', string>>;
  readonly sectionNavigation: string;
  readonly roles: Readonly<Record<Role, string>>;
  readonly rolesExplained: Readonly<Record<Role, string>>;
  readonly operator: string;

  readonly signInHeading: string;
  readonly signInLead: string;
  readonly email: string;
  readonly password: string;
  readonly signIn: string;
  readonly noPassword: string;
  readonly noOpenOrganization: string;
  readonly invalidEmail: string;
  readonly signedIn: (name: string) => string;
  readonly signedOut: string;

  readonly setUpHeading: string;
  readonly setUpLead: string;
  readonly setUp: string;
  readonly inviteHeading: (organization: string) => string;
  readonly inviteHeadingPlain: string;
  readonly inviteLead: string;
  readonly joinLead: string;
  readonly accept: string;
  readonly name: string;
  readonly nameHint: string;
  readonly newPassword: string;
  readonly repeatPassword: string;
  readonly showPasswords: string;
  readonly passwordRule: string;
  readonly passwordShort: (n: number, missing: string) => string;
  readonly passwordEnough: string;
  readonly passwordLong: string;
  readonly passwordsDiffer: string;
  readonly badLinkHeading: string;
  readonly badLinkExplained: string;
  readonly toSignIn: string;
  readonly otherPerson: (name: string) => string;
}

const en: OrganizationMessages = {
  pageTitle: (heading) => `${heading} · Ingam`,
  heading: 'Organization',
  sections: {
    you: 'You',
    users: 'Users',
    keys: 'API keys',
    log: 'Access log',
    organizations: 'Organizations',
  },
  sectionNavigation: 'Sections of your organization',
  roles: { owner: 'Owner', notary: 'Notary', auditor: 'Auditor' },
  rolesExplained: {
    owner: 'Does everything for the organization, and looks after its users and API keys.',
    notary: 'Notarizes documents, and reads what the organization has notarized.',
    auditor: 'Reads and exports what the organization has notarized, and nothing else.',
  },
  operator: 'Operator',
  signInHeading: 'Sign in',
  signInLead: 'Sign in to notarize on behalf of an organization, and to see what it has notarized.',
  email: 'E-mail address',
  password: 'Password',
  signIn: 'Sign in',
  noPassword:
    'Forgotten the password, or none yet? An owner of your organization, or whoever runs this service, can send you a new invitation link.',
  noOpenOrganization:
    'You belong to no organization that is open. Ask an owner of your organization, or whoever runs this service.',
  invalidEmail: 'An e-mail address reads name@host.',
  signedIn: (name) => `Signed in as ${name}.`,
  signedOut: 'Signed out.',
  setUpHeading: 'Set up this service',
  setUpLead:
    'You are the first. Whoever fills this in becomes the operator, who creates organizations and looks after the service.',
  setUp: 'Become the operator',
  inviteHeading: (organization) => `Join ${organization}`,
  inviteHeadingPlain: 'Welcome',
  inviteLead: 'Choose a password, and you are in.',
  joinLead: 'You have a password here already. Enter it to accept the invitation.',
  accept: 'Accept the invitation',
  name: 'Name',
  nameHint: 'As your colleagues know you.',
  newPassword: 'New password',
  repeatPassword: 'New password, once more',
  showPasswords: 'Show what I type',
  passwordRule: 'At least 12 characters. Only the length counts: a whole sentence is easy to keep in mind.',
  passwordShort: (n, missing) => (n === 1 ? '1 character is missing.' : `${missing} characters are missing.`),
  passwordEnough: 'Long enough.',
  passwordLong: 'A password has at most 1,024 characters.',
  passwordsDiffer: 'The two passwords are not the same.',
  badLinkHeading: 'This link no longer works',
  badLinkExplained:
    'It has been used, has been replaced by a newer one, or is too old. Ask whoever sent it to you for a new one.',
  toSignIn: 'Go to sign-in',
  otherPerson: (name) =>
    `You are signed in as ${name}. Accepting signs in the person whom this invitation is for.`,
};

const ko: OrganizationMessages = {
  pageTitle: (heading) => `${heading} · 인감 Ingam`,
  heading: '내 계정',
  sections: { you: '내 정보', users: '사용자', keys: 'API 키', log: '접근 기록', organizations: '조직' },
  sectionNavigation: '계정 메뉴',
  roles: { owner: '소유자', notary: '등록 담당자', auditor: '감사자' },
  rolesExplained: {
    owner: '조직의 모든 일을 할 수 있고, 사용자와 API 키를 관리합니다.',
    notary: '문서를 등록하고 조직이 등록한 내용을 열람합니다.',
    auditor: '조직이 등록한 내용을 열람하고 내보내기만 합니다.',
  },
  operator: '운영자',
  signInHeading: '로그인',
  signInLead: '로그인하면 조직의 이름으로 문서를 등록하고, 등록한 내용을 볼 수 있습니다.',
  email: '이메일 주소',
  password: '비밀번호',
  signIn: '로그인',
  noPassword: '비밀번호를 잊었거나 아직 없다면 조직의 소유자나 서비스 운영자에게 새 초대 링크를 요청하세요.',
  noOpenOrganization:
    '사용할 수 있는 조직에 소속되어 있지 않습니다. 조직의 소유자나 서비스 운영자에게 문의하세요.',
  invalidEmail: '이메일 주소는 이름@호스트 형식이어야 합니다.',
  signedIn: (name) => `${name} 님으로 로그인했습니다.`,
  signedOut: '로그아웃했습니다.',
  setUpHeading: '서비스 시작하기',
  setUpLead: '첫 사용자입니다. 여기에 입력하는 분이 조직을 만들고 서비스를 관리하는 운영자가 됩니다.',
  setUp: '운영자로 시작하기',
  inviteHeading: (organization) => `${organization}에 초대되었습니다`,
  inviteHeadingPlain: '환영합니다',
  inviteLead: '비밀번호만 정하면 바로 시작할 수 있습니다.',
  joinLead: '이미 이 서비스의 비밀번호가 있습니다. 입력하면 초대가 수락됩니다.',
  accept: '초대 수락하기',
  name: '이름',
  nameHint: '동료들이 알아볼 수 있는 이름을 쓰세요.',
  newPassword: '새 비밀번호',
  repeatPassword: '새 비밀번호 확인',
  showPasswords: '입력 내용 표시',
  passwordRule: '12자 이상이면 됩니다. 길이만 중요하니 기억하기 쉬운 문장을 쓰는 것이 좋습니다.',
  passwordShort: (_, missing) => `${missing}자 더 입력하세요.`,
  passwordEnough: '충분히 깁니다.',
  passwordLong: '비밀번호는 1,024자까지 쓸 수 있습니다.',
  passwordsDiffer: '두 비밀번호가 서로 다릅니다.',
  badLinkHeading: '더 이상 쓸 수 없는 링크입니다',
  badLinkExplained:
    '이미 사용했거나, 새 링크로 바뀌었거나, 기한이 지난 링크입니다. 링크를 보낸 사람에게 새 링크를 요청하세요.',
  toSignIn: '로그인하러 가기',
  otherPerson: (name) =>
    `지금은 ${name} 님으로 로그인되어 있습니다. 수락하면 초대받은 사람으로 로그인됩니다.`,
};

const tables: Readonly<Record<Language, OrganizationMessages>> = { en, ko };

export function words(): OrganizationMessages {
  return tables[language()];
}
