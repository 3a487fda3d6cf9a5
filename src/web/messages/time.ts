import { FAULT_REASONS, TIME_CONFLICTS } from '../../messages/time.js';
import { byLanguage } from '../lib/language.js';
import { type Shown, text } from '../lib/text.js';

/** What the page that verifies says of time sources. */

const en = {
  between: (from: Shown, to: Shown) => text`Between ${from} and ${to}.`,
  noLaterThan: (to: Shown) => text`No later than ${to}.`,
  after: (from: Shown) => text`After ${from}.`,
  confirmed: (count: string, all: string, names: string) =>
    `Confirmed by ${count} of ${all} independent time sources that you trust: ${names}.`,
  notLookedAt: 'The time sources in this proof could not be checked. Try again.',
  byWork: (block: string, bits: string) =>
    `Bitcoin block ${block} is newer than the headers you trust. Only the work of 2^${bits} hashes speaks for it.`,
  notRenewed: (name: string, time: string) =>
    `The certificate of ${name} ended ${time} and was not renewed. Nobody watches over its key any more.`,
  notRevoked: (name: string, time: string) =>
    `By the revocation lists in the proof, no certificate of ${name} was revoked as of ${time}.`,
  doesNotCount: (number: string, type: string, reason: string) =>
    `Anchor ${number} (${type}) does not count. ${reason}`,
  conflicts: TIME_CONFLICTS.en,
  reasons: FAULT_REASONS.en,
};

const ko: typeof en = {
  between: (from, to) => text`${from} 이후, ${to} 이전.`,
  noLaterThan: (to) => text`늦어도 ${to}.`,
  after: (from) => text`${from} 이후.`,
  confirmed: (count, all, names) => `신뢰하는 독립 시각 출처 ${all}곳 중 ${count}곳이 확인: ${names}`,
  notLookedAt: '이 증명 파일의 외부 시각 증거를 확인하지 못했습니다. 다시 시도하세요.',
  byWork: (block, bits) =>
    `비트코인 블록 ${block}번은 신뢰하는 헤더보다 새것이어서, 해시 2^${bits}회의 작업량만이 근거입니다.`,
  notRenewed: (name, time) =>
    `${name}의 인증서가 ${time}에 만료되었으며 갱신되지 않았습니다. 그 뒤로는 키의 안전을 아무도 관리하지 않습니다.`,
  notRevoked: (name, time) =>
    `증명 파일의 인증서 폐지 목록에 따르면 ${name}의 인증서는 ${time} 현재 폐지되지 않았습니다.`,
  doesNotCount: (number, type, reason) => `${number}번째 증거(${type})는 인정되지 않습니다. ${reason}`,
  conflicts: TIME_CONFLICTS.ko,
  reasons: FAULT_REASONS.ko,
};

export const timeMessages = byLanguage({ en, ko });
