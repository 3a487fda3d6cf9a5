import { language, type Language } from '../lib/language.js';

/** The words of what pages are made of: forms, dialogs, lists that are being loaded. */
export interface PartMessages {
  readonly loading: string;
  readonly tryAgain: string;
  readonly cancel: string;
  readonly close: string;
  readonly done: string;
  readonly optional: (label: string) => string;
  readonly missing: string;
  readonly copy: string;
  readonly copyNamed: (label: string) => string;
  readonly copied: string;
  readonly copyYourself: string;
  readonly blocked: (duration: string) => string;
  readonly blockedOver: string;
  readonly problems: Readonly<Record<string, string>>;
}

const en: PartMessages = {
  loading: 'Loading',
  tryAgain: 'Try again',
  cancel: 'Cancel',
  close: 'Close',
  done: 'Done',
  optional: (label) => `${label} (optional)`,
  missing: 'Fill this in.',
  copy: 'Copy',
  copyNamed: (label) => `Copy: ${label}`,
  copied: 'Copied.',
  copyYourself: 'It is selected: copy it with the keyboard or the menu.',
  blocked: (duration) => `Too many failed attempts. You can try again in ${duration}.`,
  blockedOver: 'You can try again now.',
  problems: {
    invalid_credentials: 'The e-mail address or the password is not right.',
    no_choice: 'Choose an organization first.',
    invalid_email: 'An e-mail address reads name@host.',
    invalid_password: 'A password has 12 to 1,024 characters.',
    invalid_network: 'One of the networks is not right. They read 192.0.2.0/24 or 2001:db8::/32.',
    invalid_value: 'The service does not take one of these values.',
    invalid_body: 'The service does not take one of these values.',
    invalid_invitation: 'The link has been used meanwhile, or is too old. Ask for a new one.',
    organization_not_found: 'This organization is no longer there, or you no longer belong to it.',
    user_not_found: 'This person is no longer in the organization.',
    user_exists: 'This person is in the organization, or invited into it, already.',
    key_not_found: 'This key has been revoked already.',
    last_owner: 'An organization needs an owner: make somebody else one first.',
    last_operator: 'The service needs an operator: make somebody else one first.',
    owner_exists: 'This organization has an owner, who looks after its users.',
  },
};

const ko: PartMessages = {
  loading: '불러오는 중',
  tryAgain: '다시 시도',
  cancel: '취소',
  close: '닫기',
  done: '완료',
  optional: (label) => `${label} (선택)`,
  missing: '입력해 주세요.',
  copy: '복사',
  copyNamed: (label) => `복사: ${label}`,
  copied: '복사했습니다.',
  copyYourself: '선택해 두었으니 키보드나 메뉴로 복사하세요.',
  blocked: (duration) => `로그인에 여러 번 실패했습니다. ${duration} 뒤에 다시 시도할 수 있습니다.`,
  blockedOver: '이제 다시 시도할 수 있습니다.',
  problems: {
    invalid_credentials: '이메일 주소나 비밀번호가 올바르지 않습니다.',
    no_choice: '먼저 조직을 선택하세요.',
    invalid_email: '이메일 주소는 이름@호스트 형식이어야 합니다.',
    invalid_password: '비밀번호는 12자 이상 1,024자 이하여야 합니다.',
    invalid_network: '올바르지 않은 네트워크가 있습니다. 192.0.2.0/24 또는 2001:db8::/32처럼 입력하세요.',
    invalid_value: '서비스에서 받을 수 없는 값이 있습니다.',
    invalid_body: '서비스에서 받을 수 없는 값이 있습니다.',
    invalid_invitation: '그사이에 사용되었거나 기한이 지난 링크입니다. 새 링크를 요청하세요.',
    organization_not_found: '없어졌거나 더 이상 소속되지 않은 조직입니다.',
    user_not_found: '더 이상 이 조직에 없는 사용자입니다.',
    user_exists: '이미 이 조직에 있거나 초대된 사람입니다.',
    key_not_found: '이미 폐기된 키입니다.',
    last_owner: '조직에는 소유자가 있어야 합니다. 먼저 다른 사람을 소유자로 지정하세요.',
    last_operator: '서비스에는 운영자가 있어야 합니다. 먼저 다른 사람을 운영자로 지정하세요.',
    owner_exists: '이 조직에는 사용자를 관리하는 소유자가 이미 있습니다.',
  },
};

const tables: Readonly<Record<Language, PartMessages>> = { en, ko };

export function partWords(): PartMessages {
  return tables[language()];
}
