import type { ClosedBy, SigningKind, SigningStatus } from '../../messages/signing.js';
import { byLanguage } from '../lib/language.js';
import { type Shown, text } from '../lib/text.js';

/** The messages of requests to sign on the Records page. */

const en = {
  heading: 'Ask by link',
  lead: 'People without an account answer under a link. They first give a key; then you name it in the contract, the offer or the licence. A claim they sign at once.',
  askKind: 'What you ask for',
  askFor: {
    contract: 'Sign a contract',
    transfer: 'Take an item or a work',
    licence: 'Take a licence of a work',
    claim: 'Sign the claim of their work',
  } satisfies Record<SigningKind, string>,
  explained: {
    contract:
      'When they have given their key, propose the contract with it, then ask for the signature here.',
    transfer:
      'Whoever has the link reads what was registered. When they have given their key, offer it to that key; they accept under the same link.',
    licence:
      'Whoever has the link reads what was claimed. When they have given their key, grant the licence to it. They sign nothing: if you need their signature, make a contract.',
    claim:
      'Write down what the author claims. They sign exactly this, or decline; their key then holds the work, and not yours.',
  } satisfies Record<SigningKind, string>,
  offer: 'Open it, and offer it to this key',
  grant: 'Grant the licence to this key',
  closedBy: {
    holder_changed: 'Another key holds it now than when you asked.',
    taken: 'Somebody else has accepted it.',
    over: 'It is reported as destroyed, or the claim is withdrawn.',
  } satisfies Record<ClosedBy, string>,
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
    granted: 'Licence granted',
    declined: 'Declined',
    delegated: 'Passed on to someone else',
    closed: 'Takes no answer any more',
    withdrawn: 'Withdrawn',
    expired: 'Expired',
    erased: 'Erased',
  } satisfies Record<SigningStatus, string>,
  transferStatuses: { to_sign: 'Offered', signed: 'Accepted' } as Readonly<
    Partial<Record<SigningStatus, string>>
  >,
  keyGiven: (key: string, kind: string, time: Shown) =>
    text`${key}, ${kind}, given ${time} by whoever opened the link`,
  keyGivenMailed: (key: string, kind: string, time: Shown, address: Shown) =>
    text`${key}, ${kind}, given ${time} by whoever opened the link sent to ${address}`,
  keysByLink: 'Keys given by link',
  keysByLinkExplained:
    'The history proves what a key signed, and not whose it is. That the link reached this person, your organization vouches for.',
  reason: (reason: string) => `Reason: ${reason}`,
  mailFailed: 'The e-mail could not be delivered. Copy the link and send it another way.',
  open: {
    contract: 'Open the contract',
    transfer: 'Open the item or work',
    licence: 'Open the work',
    claim: 'Open the work',
  } satisfies Record<SigningKind, string>,
  askSignature: 'Ask for the signature',
  remind: 'Remind, and show the link',
  withdraw: 'Withdraw the request',
  withdrawHeading: 'Withdraw this request?',
  withdrawExplained:
    'Nobody can answer under the link any more. What names the key stays: cancel the contract or change its terms, or take the offer back.',
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
  heading: '링크로 요청',
  lead: '계정이 없는 사람은 링크로 답합니다. 먼저 키를 제출받고, 그 키를 계약이나 양도 제안, 이용 허락에 넣으세요. 저작물 등록에는 바로 서명합니다.',
  askKind: '요청할 일',
  askFor: {
    contract: '계약 서명',
    transfer: '물품·저작물 양수',
    licence: '저작물 이용 허락 받기',
    claim: '저작물 등록 서명',
  },
  explained: {
    contract: '키가 제출되면 그 키로 계약을 제안한 뒤 여기에서 서명을 요청하세요.',
    transfer:
      '링크를 가진 사람은 등록된 내용을 볼 수 있습니다. 키가 제출되면 그 키로 양도를 제안하세요. 상대방은 같은 링크에서 수락합니다.',
    licence:
      '링크를 가진 사람은 등록된 내용을 볼 수 있습니다. 키가 제출되면 그 키로 이용을 허락하세요. 상대방은 서명하지 않습니다. 서명이 필요하면 계약을 쓰세요.',
    claim:
      '저작자의 등록 내용을 적으세요. 저작자는 이 내용 그대로 서명하거나 거절하고, 서명하면 저작자의 키가 보유자의 키가 됩니다.',
  },
  offer: '열어서 이 키로 양도 제안하기',
  grant: '이 키로 이용 허락하기',
  closedBy: {
    holder_changed: '요청한 뒤 보유자의 키가 바뀌었습니다.',
    taken: '다른 사람이 수락했습니다.',
    over: '폐기 신고되었거나 등록이 철회되었습니다.',
  },
  newHeading: '새 요청',
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
    granted: '이용 허락됨',
    declined: '거절함',
    delegated: '다른 사람에게 넘김',
    closed: '더는 답할 수 없음',
    withdrawn: '철회됨',
    expired: '만료됨',
    erased: '삭제됨',
  },
  transferStatuses: { to_sign: '양도를 제안함', signed: '수락함' },
  keyGiven: (key, kind, time) => text`${time}에 링크를 연 사람이 제출한 키: ${key}, ${kind}`,
  keyGivenMailed: (key, kind, time, address) =>
    text`${time}에 ${address}에 보낸 링크를 연 사람이 제출한 키: ${key}, ${kind}`,
  keysByLink: '링크로 제출받은 키',
  keysByLinkExplained:
    '이력은 키로 무엇에 서명했는지를 증명하며, 누구의 키인지는 증명하지 않습니다. 링크가 그 사람에게 전달되었다는 것은 조직이 보증합니다.',
  reason: (reason) => `사유: ${reason}`,
  mailFailed: '이메일을 전달하지 못했습니다. 링크를 복사해 다른 방법으로 보내세요.',
  open: {
    contract: '계약 열기',
    transfer: '물품·저작물 열기',
    licence: '저작물 열기',
    claim: '저작물 열기',
  },
  askSignature: '서명 요청하기',
  remind: '다시 알리고 링크 보기',
  withdraw: '요청 철회',
  withdrawHeading: '이 요청을 철회할까요?',
  withdrawExplained:
    '링크로는 더 이상 답할 수 없습니다. 키가 들어 있는 계약이나 제안은 그대로이므로 계약을 취소하거나 조건을 변경하고, 제안은 철회하세요.',
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
