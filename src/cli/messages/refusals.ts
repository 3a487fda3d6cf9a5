import type { ApiErrorCode } from '../../http/schemas/error-codes.js';
import { byLanguage } from '../language.js';
import { koreanRule } from './history-steps.js';

/** What the service, or its rules, refused. In English they say it themselves, in detail. */

const en = {
  request: (_code: string, detail: string) => `the service rejected the request: ${detail}`,
  rule: (_code: string, detail: string) => detail,
};

/** The codes that a person at a terminal may meet. */
const CODES: Readonly<Partial<Record<ApiErrorCode, string>>> = {
  address_not_allowed: '이 네트워크에서는 쓸 수 없는 API 키입니다',
  busy: '서비스에 요청이 많습니다',
  document_damaged: '보관된 문서가 손상되었거나 없어졌습니다. 증명에는 영향이 없습니다',
  document_not_kept: '보관하지 않은 문서입니다',
  empty_document: '빈 파일입니다. --upload 없이 해시값만 보내세요',
  erased: '서비스에서 삭제한 등록입니다. 삭제 전에 받은 증명 파일로만 확인할 수 있습니다',
  forbidden: '이 작업을 할 권한이 없습니다',
  hold_lifted: '이미 해제된 법적 보존입니다',
  hold_not_found: '그런 법적 보존이 없습니다',
  internal: '서비스에 문제가 생겼습니다. 다시 시도해도 중복으로 등록되지 않습니다',
  invalid_credentials: '이메일 주소나 비밀번호가 올바르지 않습니다',
  invalid_email: '이메일 주소를 name@example.com 형식으로 입력하세요',
  invalid_invitation: '이미 사용되었거나 기한이 지난 링크입니다',
  invalid_network: '올바르지 않은 네트워크가 있습니다. 192.0.2.0/24 또는 2001:db8::/32처럼 쓰세요',
  invalid_password: '비밀번호는 12자 이상 1,024자 이하여야 합니다',
  invalid_token: 'API 키나 토큰이 유효하지 않습니다',
  key_not_found: '없거나 이미 폐기된 키입니다',
  last_operator: '서비스에는 관리자가 있어야 합니다. 먼저 다른 사람을 관리자로 지정하세요',
  last_owner: '조직에는 소유자가 있어야 합니다. 먼저 다른 사람을 소유자로 지정하세요',
  legal_hold: '법적 보존 중이라 삭제할 수 없습니다',
  lift_not_requested: '해제를 요청하지 않은 법적 보존입니다',
  lift_requested: '해제를 이미 요청한 법적 보존입니다',
  limit_exceeded: '사용 한도를 넘는 요청입니다',
  no_vault: '이 서비스는 문서를 보관하지 않습니다. --keep 없이 등록하세요',
  not_found: '서비스에 없는 주소입니다',
  notarization_not_found: '서비스에 없는 등록입니다',
  organization_not_found: '그런 조직이 없거나 소속되지 않은 조직입니다',
  owner_exists: '이 조직에는 사용자를 관리하는 소유자가 이미 있습니다',
  queue_full: '서비스에 요청이 많습니다',
  request_timeout: '연결이 느려 요청 시간이 초과되었습니다. 다시 시도해도 안전합니다',
  second_person_required: '해제를 요청한 사람은 승인할 수 없습니다. 다른 소유자가 승인해야 합니다',
  sign_in_blocked: '로그인에 여러 번 실패했습니다. 나중에 다시 시도하세요',
  token_expired: 'API 키나 토큰이 만료되었습니다',
  stopping: '서비스가 종료하는 중입니다',
  too_large: '이 서비스가 받을 수 있는 크기를 넘습니다. --upload 없이 해시값만 보내세요',
  unauthenticated: '로그인하지 않았거나 API 키가 없습니다',
  unavailable: '지금은 서비스를 쓸 수 없습니다. 잠시 뒤에 다시 시도하세요',
  unknown_record: '그런 기록이 없거나 볼 수 없는 기록입니다',
  user_exists: '이미 이 조직에 있거나 초대된 사람입니다',
  user_not_found: '그런 사용자가 없습니다',
  invalid_webhook_url:
    '웹훅에 쓸 수 없는 주소입니다. https://로 시작하고, 사설 네트워크의 주소가 아니어야 합니다(INGAM_WEBHOOK_PRIVATE로 허용할 수 있습니다)',
  too_many_webhooks: '조직의 웹훅 수가 한도에 이르렀습니다. 필요 없는 것을 삭제하세요',
  unknown_place: '체인에 아직 없는 위치입니다',
  webhook_not_found: '이 조직에 그런 웹훅이 없습니다',
  vault_full: '조직의 보관 용량을 넘습니다. --keep 없이 등록하거나 필요 없는 문서를 삭제하세요',
  vault_key_missing: '서비스에 이 문서의 보관 키가 없습니다. 서비스 관리자에게 문의하세요',
  vault_unavailable: '문서 보관소를 지금 쓸 수 없습니다. 잠시 뒤에 다시 시도하세요',
};

function known(code: string): string | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as ApiErrorCode] : undefined;
}

const ko: typeof en = {
  request: (code, detail) => `서비스가 요청을 거부했습니다: ${ko.rule(code, detail)}`,
  rule: (code, detail) => known(code) ?? `${koreanRule(code)}(${detail})`,
};

export const refusalMessages = byLanguage({ en, ko });
