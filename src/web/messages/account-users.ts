import { language, type Language } from '../lib/language.js';

/** The words of the section about an organization's users. */
export interface UsersMessages {
  readonly lead: (organization: string) => string;
  readonly add: string;
  readonly addHeading: string;
  readonly name: string;
  readonly role: string;
  readonly addSubmit: string;
  readonly added: (name: string) => string;
  readonly invitationHeading: (name: string) => string;
  readonly invitationExplained: (time: string) => string;
  readonly invitationLink: string;
  readonly invited: string;
  readonly disabled: string;
  readonly you: string;
  readonly since: (date: string) => string;
  readonly invitedOn: (date: string) => string;
  readonly changeRole: string;
  readonly changeRoleOf: (name: string) => string;
  readonly changeRoleHeading: (name: string) => string;
  readonly saveRole: string;
  readonly roleChanged: (name: string, role: string) => string;
  readonly inviteAgain: string;
  readonly inviteAgainNamed: (name: string) => string;
  readonly resetPassword: string;
  readonly resetPasswordNamed: (name: string) => string;
  readonly linkMade: (name: string) => string;
  readonly notYours: string;
  readonly remove: string;
  readonly removeNamed: (name: string) => string;
  readonly removeHeading: (name: string) => string;
  readonly removeExplained: (organization: string) => string;
  readonly leaveHeading: (organization: string) => string;
  readonly leaveExplained: string;
  readonly removeYes: string;
  readonly leaveYes: string;
  readonly removed: (name: string) => string;
}

const en: UsersMessages = {
  lead: (organization) => `Who acts for ${organization}, and what each may do.`,
  add: 'Add a user',
  addHeading: 'Add a user',
  name: 'Name',
  role: 'Role',
  addSubmit: 'Add and make an invitation link',
  added: (name) => `${name} is invited.`,
  invitationHeading: (name) => `Send this link to ${name}`,
  invitationExplained: (time) =>
    `Whoever opens it first is taken for this person, so send it in a way that only they can read. It works once, until ${time}, and is not shown again.`,
  invitationLink: 'Invitation link',
  invited: 'Invited',
  disabled: 'Disabled',
  you: 'You',
  since: (date) => `In the organization since ${date}`,
  invitedOn: (date) => `Invited on ${date}, not yet come`,
  changeRole: 'Change role',
  changeRoleOf: (name) => `Change role of ${name}`,
  changeRoleHeading: (name) => `Role of ${name}`,
  saveRole: 'Save the role',
  roleChanged: (name, role) => `The role of ${name} is now: ${role}.`,
  inviteAgain: 'New link',
  inviteAgainNamed: (name) => `New link for ${name}`,
  resetPassword: 'New password',
  resetPasswordNamed: (name) => `Link for a new password of ${name}`,
  linkMade: (name) => `The link for ${name} is made. Earlier ones no longer work.`,
  notYours:
    'This person also belongs to other organizations, so the password is not yours to set. They change it themselves, or ask whoever runs the service.',
  remove: 'Remove',
  removeNamed: (name) => `Remove ${name}`,
  removeHeading: (name) => `Remove ${name}?`,
  removeExplained: (organization) =>
    `From then on they cannot act for ${organization}. What they notarized stays the organization’s.`,
  leaveHeading: (organization) => `Leave ${organization}?`,
  leaveExplained: 'From then on you cannot act for it. Only another owner can invite you back.',
  removeYes: 'Remove',
  leaveYes: 'Leave the organization',
  removed: (name) => `${name} is removed.`,
};

const ko: UsersMessages = {
  lead: (organization) => `${organization}의 이름으로 활동하는 사람과 각자의 역할입니다.`,
  add: '사용자 추가',
  addHeading: '사용자 추가',
  name: '이름',
  role: '역할',
  addSubmit: '추가하고 초대 링크 만들기',
  added: (name) => `${name} 님을 초대했습니다.`,
  invitationHeading: (name) => `${name} 님에게 이 링크를 보내세요`,
  invitationExplained: (time) =>
    `먼저 여는 사람을 본인으로 여기므로 본인만 볼 수 있는 방법으로 보내세요. ${time}까지 한 번만 쓸 수 있고, 다시 표시되지 않습니다.`,
  invitationLink: '초대 링크',
  invited: '초대됨',
  disabled: '사용 중지',
  you: '나',
  since: (date) => `${date}부터 소속`,
  invitedOn: (date) => `${date}에 초대, 아직 수락하지 않음`,
  changeRole: '역할 바꾸기',
  changeRoleOf: (name) => `${name} 님의 역할 바꾸기`,
  changeRoleHeading: (name) => `${name} 님의 역할`,
  saveRole: '역할 저장',
  roleChanged: (name, role) => `${name} 님의 역할을 바꾸었습니다: ${role}`,
  inviteAgain: '새 링크',
  inviteAgainNamed: (name) => `${name} 님의 새 링크`,
  resetPassword: '비밀번호 재설정',
  resetPasswordNamed: (name) => `${name} 님의 비밀번호 재설정 링크`,
  linkMade: (name) => `${name} 님의 링크를 만들었습니다. 이전 링크는 더 이상 쓸 수 없습니다.`,
  notYours:
    '다른 조직에도 소속된 사용자라서 이 조직에서 비밀번호를 정할 수 없습니다. 본인이 직접 바꾸거나 서비스 운영자에게 요청해야 합니다.',
  remove: '내보내기',
  removeNamed: (name) => `${name} 님 내보내기`,
  removeHeading: (name) => `${name} 님을 내보낼까요?`,
  removeExplained: (organization) =>
    `내보내면 더 이상 ${organization}의 이름으로 활동할 수 없습니다. 그동안 등록한 문서는 조직에 남습니다.`,
  leaveHeading: (organization) => `${organization}에서 나갈까요?`,
  leaveExplained:
    '나가면 이 조직의 이름으로 활동할 수 없으며, 다른 소유자가 다시 초대해야 돌아올 수 있습니다.',
  removeYes: '내보내기',
  leaveYes: '조직에서 나가기',
  removed: (name) => `${name} 님을 내보냈습니다.`,
};

const tables: Readonly<Record<Language, UsersMessages>> = { en, ko };

export function usersWords(): UsersMessages {
  return tables[language()];
}
