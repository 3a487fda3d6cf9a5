import { language, type Language } from '../lib/language.js';

/** The words of the section about oneself. */
export interface YouMessages {
  readonly signOut: string;
  readonly email: string;
  readonly id: string;
  readonly organizationsHeading: string;
  readonly organizationsLead: string;
  readonly noOrganizations: string;
  readonly noOrganizationsOperator: string;
  readonly onlyOrganization: (organization: string, role: string) => string;
  readonly choose: string;
  readonly acts: (organization: string) => string;
  readonly passwordHeading: string;
  readonly passwordLead: string;
  readonly currentPassword: string;
  readonly wrongPassword: string;
  readonly changePassword: string;
  readonly passwordChanged: string;
  readonly sessionsHeading: string;
  readonly sessionsLead: string;
  readonly device: (browser: string, system: string) => string;
  readonly unknownDevice: string;
  readonly thisSession: string;
  readonly sessionTimes: (begun: string, used: string, address: string) => string;
  readonly endSession: string;
  readonly endSessionNamed: (device: string, begun: string) => string;
  readonly endOthers: string;
  readonly sessionEnded: string;
  readonly othersEnded: string;
  readonly onlyThis: string;
}

const en: YouMessages = {
  signOut: 'Sign out',
  email: 'E-mail address',
  id: 'Id',
  organizationsHeading: 'On whose behalf you act',
  organizationsLead:
    'What you notarize belongs to this organization, and what you see is what it has notarized.',
  noOrganizations: 'You belong to no organization. Ask an owner of one to invite you.',
  noOrganizationsOperator:
    'You run the service and belong to no organization, so you notarize nothing and see nothing of what organizations keep here.',
  onlyOrganization: (organization, role) => `You act for ${organization}. Your role there: ${role}.`,
  choose: 'Act for this organization',
  acts: (organization) => `You now act for ${organization}.`,
  passwordHeading: 'Password',
  passwordLead: 'A new password ends your sessions everywhere else.',
  currentPassword: 'Present password',
  wrongPassword: 'This is not your present password.',
  changePassword: 'Change the password',
  passwordChanged: 'The password is changed. All your other sessions have ended.',
  sessionsHeading: 'Where you are signed in',
  sessionsLead: 'If you do not recognise one of these, end it and change your password.',
  device: (browser, system) => `${browser} on ${system}`,
  unknownDevice: 'Unknown program',
  thisSession: 'This one',
  sessionTimes: (begun, used, address) => `Signed in ${begun} · last used ${used} · from ${address}`,
  endSession: 'End',
  endSessionNamed: (device, begun) => `End ${device}, signed in ${begun}`,
  endOthers: 'End all others',
  sessionEnded: 'The session has ended.',
  othersEnded: 'All other sessions have ended.',
  onlyThis: 'You are signed in nowhere else.',
};

const ko: YouMessages = {
  signOut: '로그아웃',
  email: '이메일 주소',
  id: '사용자 번호',
  organizationsHeading: '현재 조직',
  organizationsLead: '문서는 이 조직의 이름으로 등록되고, 이 조직이 등록한 내용을 보게 됩니다.',
  noOrganizations: '소속된 조직이 없습니다. 조직의 소유자에게 초대를 요청하세요.',
  noOrganizationsOperator:
    '서비스를 운영하지만 소속된 조직은 없습니다. 따라서 문서를 등록하지 않으며, 조직이 보관하는 내용도 보지 않습니다.',
  onlyOrganization: (organization, role) => `현재 조직은 ${organization}, 역할은 ${role}입니다.`,
  choose: '이 조직 선택',
  acts: (organization) => `현재 조직을 바꾸었습니다: ${organization}`,
  passwordHeading: '비밀번호',
  passwordLead: '비밀번호를 바꾸면 다른 곳의 로그인이 모두 종료됩니다.',
  currentPassword: '현재 비밀번호',
  wrongPassword: '현재 비밀번호가 아닙니다.',
  changePassword: '비밀번호 바꾸기',
  passwordChanged: '비밀번호를 바꾸었습니다. 다른 곳의 로그인은 모두 종료되었습니다.',
  sessionsHeading: '로그인된 곳',
  sessionsLead: '모르는 항목이 있으면 종료하고 비밀번호를 바꾸세요.',
  device: (browser, system) => `${system}의 ${browser} 브라우저`,
  unknownDevice: '알 수 없는 프로그램',
  thisSession: '현재',
  sessionTimes: (begun, used, address) => `로그인 ${begun} · 마지막 사용 ${used} · 접속 주소 ${address}`,
  endSession: '종료',
  endSessionNamed: (device, begun) => `${begun}에 로그인한 ${device} 종료`,
  endOthers: '다른 로그인 모두 종료',
  sessionEnded: '로그인을 종료했습니다.',
  othersEnded: '다른 로그인을 모두 종료했습니다.',
  onlyThis: '다른 곳에는 로그인되어 있지 않습니다.',
};

const tables: Readonly<Record<Language, YouMessages>> = { en, ko };

export function youWords(): YouMessages {
  return tables[language()];
}
