import { language, type Language } from '../lib/language.js';

/** The words of the section in which an operator looks after organizations. */
export interface OrganizationsMessages {
  readonly lead: string;
  readonly create: string;
  readonly createHeading: string;
  readonly name: string;
  readonly nameHint: string;
  readonly createSubmit: string;
  readonly created: (name: string) => string;
  readonly none: string;
  readonly disabled: string;
  readonly since: (date: string) => string;
  readonly noLimits: string;
  readonly change: string;
  readonly changeNamed: (name: string) => string;
  readonly changeHeading: (name: string) => string;
  readonly save: string;
  readonly changed: (name: string) => string;
  readonly owner: string;
  readonly ownerNamed: (name: string) => string;
  readonly ownerHeading: (organization: string) => string;
  readonly ownerLead: string;
  readonly ownerName: string;
  readonly ownerSubmit: string;
  readonly disable: string;
  readonly disableNamed: (name: string) => string;
  readonly disableHeading: (name: string) => string;
  readonly disableExplained: string;
  readonly disabledNow: (name: string) => string;
  readonly enable: string;
  readonly enableNamed: (name: string) => string;
  readonly enabledNow: (name: string) => string;
  readonly more: string;
}

const en: OrganizationsMessages = {
  lead: 'Organisations that notarize here. You give an organization its first owner, who adds everybody else; what organizations keep here you do not see.',
  create: 'Create an organization',
  createHeading: 'Create an organization',
  name: 'Name',
  nameHint: 'Of the organization, as its people know it.',
  createSubmit: 'Create the organization',
  created: (name) => `The organization ${name} is created. Now give it an owner.`,
  none: 'There is no organization yet. Create one, and invite its first owner.',
  disabled: 'Disabled',
  since: (date) => `Created ${date}`,
  noLimits: 'No limits',
  change: 'Name and limits',
  changeNamed: (name) => `Name and limits of ${name}`,
  changeHeading: (name) => `Name and limits of ${name}`,
  save: 'Save',
  changed: (name) => `${name} is changed.`,
  owner: 'First owner',
  ownerNamed: (name) => `First owner of ${name}`,
  ownerHeading: (organization) => `First owner of ${organization}`,
  ownerLead: 'Once the owner has come, the organization’s users are the owner’s affair.',
  ownerName: 'Name',
  ownerSubmit: 'Make an invitation link',
  disable: 'Disable',
  disableNamed: (name) => `Disable ${name}`,
  disableHeading: (name) => `Disable ${name}?`,
  disableExplained:
    'From this moment nobody and no key can act for this organization. What it has notarized stays, and can be enabled again.',
  disabledNow: (name) => `${name} is disabled.`,
  enable: 'Enable',
  enableNamed: (name) => `Enable ${name}`,
  enabledNow: (name) => `${name} is enabled.`,
  more: 'Show more',
};

const ko: OrganizationsMessages = {
  lead: '이 서비스를 쓰는 조직입니다. 운영자는 조직의 첫 소유자를 초대하고, 나머지 사용자는 소유자가 추가합니다. 조직이 보관하는 내용은 운영자에게 보이지 않습니다.',
  create: '조직 만들기',
  createHeading: '조직 만들기',
  name: '이름',
  nameHint: '구성원들이 알아볼 수 있는 조직 이름을 쓰세요.',
  createSubmit: '조직 만들기',
  created: (name) => `조직을 만들었습니다: ${name}. 이제 소유자를 초대하세요.`,
  none: '아직 조직이 없습니다. 조직을 만들고 첫 소유자를 초대하세요.',
  disabled: '중지됨',
  since: (date) => `${date} 생성`,
  noLimits: '한도 없음',
  change: '이름과 한도',
  changeNamed: (name) => `${name}의 이름과 한도`,
  changeHeading: (name) => `${name}의 이름과 한도`,
  save: '저장',
  changed: (name) => `조직 정보를 바꾸었습니다: ${name}`,
  owner: '첫 소유자',
  ownerNamed: (name) => `${name}의 첫 소유자`,
  ownerHeading: (organization) => `${organization}의 첫 소유자`,
  ownerLead: '소유자가 들어온 뒤에는 소유자가 조직의 사용자를 관리합니다.',
  ownerName: '이름',
  ownerSubmit: '초대 링크 만들기',
  disable: '중지',
  disableNamed: (name) => `${name} 중지`,
  disableHeading: (name) => `${name} 조직을 중지할까요?`,
  disableExplained:
    '지금부터 어떤 사람이나 키도 이 조직의 이름으로 활동할 수 없습니다. 등록한 내용은 남으며, 언제든 다시 사용할 수 있습니다.',
  disabledNow: (name) => `조직을 중지했습니다: ${name}`,
  enable: '다시 사용',
  enableNamed: (name) => `${name} 다시 사용`,
  enabledNow: (name) => `조직을 다시 사용합니다: ${name}`,
  more: '더 보기',
};

const tables: Readonly<Record<Language, OrganizationsMessages>> = { en, ko };

export function organizationsWords(): OrganizationsMessages {
  return tables[language()];
}
