import { byLanguage } from '../lib/language.js';
import { type Shown, text } from '../lib/text.js';

/** The messages of requests to sign on the Records page. */

type Status =
  | 'invited'
  | 'opened'
  | 'key_given'
  | 'to_sign'
  | 'signed'
  | 'declined'
  | 'delegated'
  | 'closed'
  | 'withdrawn'
  | 'expired'
  | 'erased';

const en = {
  heading: 'Ask for signatures',
  lead: 'People without an account sign under a link. They first give a key; then you propose the contract with it and ask for the signature.',
  newHeading: 'Ask someone',
  vouches:
    'The chain shows which key signed. That the link reached this person, your organization vouches for: deliver it to them alone.',
  ask: 'Make the link',
  linkFor: (name: string) => `Link for ${name}`,
  mailed: (name: string) => `The link is on its way to ${name} by e-mail. You can also copy it.`,
  deliver: (name: string) => `Send this link to ${name}, and to nobody else: whoever has it can answer.`,
  made: 'Requests',
  none: 'No requests yet.',
  until: (time: Shown) => text`(until ${time})`,
  statuses: {
    invited: 'Not opened yet',
    opened: 'Opened',
    key_given: 'Has given a key',
    to_sign: 'Asked to sign',
    signed: 'Signed',
    declined: 'Declined',
    delegated: 'Passed on to someone else',
    closed: 'The contract takes no answer any more',
    withdrawn: 'Withdrawn',
    expired: 'Expired',
    erased: 'Erased',
  } satisfies Record<Status, string>,
  keyGiven: (key: string, time: Shown) => text`Key ${key}, given ${time} by whoever opened the link`,
  reason: (reason: string) => `Reason: ${reason}`,
  mailFailed: 'The e-mail could not be delivered. Copy the link and send it another way.',
  openContract: 'Open the contract',
  askSignature: 'Ask for the signature',
  remind: 'Remind, and show the link',
  withdraw: 'Withdraw the request',
  withdrawHeading: 'Withdraw this request?',
  withdrawExplained:
    'The link then opens nothing any more. A contract that names the key stays: cancel it, or change its terms.',
  asked: 'The person can now sign under the same link.',
  erasedName: '(erased)',
  problems: {
    no_contract:
      'No open contract names this key for this document yet, or it waits for its block. Propose one with the key first.',
    contract_differs: 'The contract is for another document, or does not name this key.',
    limit_exceeded: 'One reminder an hour. Try again later.',
  } as Readonly<Record<string, string>>,
};

const ko: typeof en = {
  heading: '서명 요청',
  lead: '계정이 없는 사람은 링크로 서명합니다. 먼저 키를 제출받고, 그 키로 계약을 제안한 뒤 서명을 요청하세요.',
  newHeading: '새 서명 요청',
  vouches:
    '체인은 어떤 키로 서명했는지를 보여 줍니다. 링크가 그 사람에게 전달되었다는 것은 조직이 보증하므로 본인에게만 전달하세요.',
  ask: '링크 만들기',
  linkFor: (name) => `링크(받는 사람: ${name})`,
  mailed: (name) => `${name} 님에게 이메일로 링크를 보내고 있습니다. 직접 복사할 수도 있습니다.`,
  deliver: (name) => `이 링크를 ${name} 님에게만 보내세요. 링크를 가진 사람은 누구나 답할 수 있습니다.`,
  made: '요청 목록',
  none: '아직 요청이 없습니다.',
  until: (time) => text`(${time}까지)`,
  statuses: {
    invited: '아직 열지 않음',
    opened: '열어 봄',
    key_given: '키를 제출함',
    to_sign: '서명 요청됨',
    signed: '서명함',
    declined: '거절함',
    delegated: '다른 사람에게 넘김',
    closed: '계약에서 더는 답할 수 없음',
    withdrawn: '취소됨',
    expired: '만료됨',
    erased: '삭제됨',
  },
  keyGiven: (key, time) => text`${time}에 링크를 연 사람이 제출한 키: ${key}`,
  reason: (reason) => `사유: ${reason}`,
  mailFailed: '이메일을 전달하지 못했습니다. 링크를 복사해 다른 방법으로 보내세요.',
  openContract: '계약 열기',
  askSignature: '서명 요청하기',
  remind: '다시 알리고 링크 보기',
  withdraw: '요청 취소',
  withdrawHeading: '이 요청을 취소할까요?',
  withdrawExplained:
    '링크로는 더 이상 아무것도 열 수 없습니다. 키가 들어 있는 계약은 그대로이므로 계약을 취소하거나 조건을 변경하세요.',
  asked: '이제 같은 링크에서 서명할 수 있습니다.',
  erasedName: '(삭제됨)',
  problems: {
    no_contract:
      '이 문서에 대해 이 키가 들어 있는 진행 중인 계약이 없거나 아직 봉인 전입니다. 먼저 이 키로 계약을 제안하세요.',
    contract_differs: '계약의 문서가 다르거나 이 키가 들어 있지 않습니다.',
    limit_exceeded: '알림은 한 시간에 한 번 보낼 수 있습니다. 나중에 다시 시도하세요.',
  },
};

export const messages = byLanguage({ en, ko });
