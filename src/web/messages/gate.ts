import { byLanguage } from '../lib/language.js';

/** What pages that belong to an organization say to people who act for none. */

const en = {
  noOrganization: 'You’re not acting for an organization',
  inviteExplained: 'What this page shows belongs to an organization. Ask an owner to invite you.',
  chooseExplained: 'What this page shows belongs to an organization. Choose one of yours.',
  choose: 'Choose this organization',
  chosen: (organization: string) => `Switched to ${organization}.`,
};

const ko: typeof en = {
  noOrganization: '선택된 조직이 없습니다',
  inviteExplained: '이 페이지의 내용은 조직마다 따로 있습니다. 조직의 소유자에게 초대를 요청하세요.',
  chooseExplained: '이 페이지의 내용은 조직마다 따로 있습니다. 소속된 조직을 선택하세요.',
  choose: '이 조직 선택',
  chosen: (organization) => `조직을 전환했습니다: ${organization}`,
};

export const messages = byLanguage({ en, ko });
