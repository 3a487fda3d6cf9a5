import type { WebhookOutcome } from '../../store/index.js';
import { byLanguage } from '../language.js';

/** The messages of `ingam webhook`. */

const en = {
  columns: {
    id: 'id',
    name: 'name',
    state: 'state',
    url: 'address',
    types: 'events',
    at: 'time',
    messageId: 'message',
    type: 'type',
    attempt: 'attempt',
    outcome: 'result',
    ms: 'ms',
  },
  none: (organization: string) => `${organization} has no webhooks.`,
  noAttempts: 'Nothing was sent in the last 30 days.',
  made: (id: string, organization: string) =>
    `Webhook ${id} of ${organization}. The secret is not shown again: give it to the receiver. Send a test with: ingam webhook test ${id}`,
  replaced:
    'Messages are signed with this secret and the one before for 24 hours. It is not shown again: give it to the receiver.',
  states: { enabled: 'enabled', retrying: 'retrying', disabled: 'disabled' },
  outcomes: {
    delivered: 'delivered',
    status: 'refused',
    timeout: 'no answer within 20 s',
    address_refused: 'the address may not be reached',
    unknown_host: 'the name has no address',
    tls: 'no secure connection',
    connection: 'no connection',
  } satisfies Record<WebhookOutcome, string>,
  unknownType: (text: string) => `unknown type of event: ${text}`,
  types: (list: string) => `The types are: ${list}`,
  meantType: (type: string) => `Did you mean --type ${type}?`,
  oneOf: (names: string) => `give one of ${names}`,
  nothingToChange: 'nothing to change: give --name, --url, --type, --enable or --disable',
};

const ko: typeof en = {
  columns: {
    id: 'ID',
    name: '이름',
    state: '상태',
    url: '주소',
    types: '이벤트',
    at: '시각',
    messageId: '메시지',
    type: '종류',
    attempt: '시도',
    outcome: '결과',
    ms: 'ms',
  },
  none: (organization) => `${organization}에는 웹훅이 없습니다.`,
  noAttempts: '최근 30일 동안 보낸 것이 없습니다.',
  made: (id, organization) =>
    `${organization}의 웹훅 ${id}. 비밀 키는 다시 보여 주지 않으니 받는 쪽에 등록하세요. 시험 전송: ingam webhook test ${id}`,
  replaced:
    '24시간 동안 이 비밀 키와 이전 비밀 키로 함께 서명합니다. 다시 보여 주지 않으니 받는 쪽에 등록하세요.',
  states: { enabled: '사용 중', retrying: '재시도 중', disabled: '사용 중지' },
  outcomes: {
    delivered: '전송됨',
    status: '거부됨',
    timeout: '20초 안에 응답 없음',
    address_refused: '연결할 수 없는 주소',
    unknown_host: '주소를 찾을 수 없음',
    tls: '보안 연결 실패',
    connection: '연결 실패',
  },
  unknownType: (text) => `알 수 없는 이벤트 종류: ${text}`,
  types: (list) => `종류: ${list}`,
  meantType: (type) => `--type ${type}을(를) 쓰려고 했나요?`,
  oneOf: (names) => `${names} 중 하나를 지정하세요`,
  nothingToChange: '바꿀 것이 없습니다. --name, --url, --type, --enable, --disable 중에서 지정하세요',
};

export const webhookMessages = byLanguage({ en, ko });
