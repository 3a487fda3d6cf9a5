import type { FaultGroup } from '../../proof/time/fault-groups.js';
import type { TimeConflict } from '../../proof/time/findings.js';
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
  conflicts: {
    sources: 'The time sources contradict each other.',
    sealed_too_early: 'The stated time of sealing is too early: the block was made later.',
    sealed_too_late: 'The stated time of sealing is too late: the block existed before.',
  } satisfies Record<TimeConflict, string>,
  reasons: {
    unknown: 'This page does not know its type.',
    malformed: 'It is malformed.',
    limit: 'The proof has more of them than are checked.',
    note: 'It is for another checkpoint.',
    unsigned: 'Its checkpoint is not signed by a key you trust.',
    source: 'Your trust policy does not name its source.',
    other: 'It is for something else.',
    certificate: 'The certificate of its source is not valid for this.',
    revoked: 'The certificate of its source was revoked, and nothing shows that the anchor is older.',
    signature: 'A signature in it is invalid.',
    weak: 'It uses an algorithm that does not count.',
    accuracy: 'Its time is not accurate enough.',
    header: 'Its Bitcoin block header could not be confirmed.',
    beacon: 'It names no public value that was unknown before its time.',
    renewal: 'Its renewal does not fit.',
  } satisfies Record<FaultGroup, string>,
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
  conflicts: {
    sources: '시각 출처들이 서로 모순됩니다.',
    sealed_too_early: '기록된 봉인 시각이 너무 이릅니다. 블록은 그보다 늦게 만들어졌습니다.',
    sealed_too_late: '기록된 봉인 시각이 너무 늦습니다. 블록은 그 전에 이미 있었습니다.',
  },
  reasons: {
    unknown: '이 페이지가 알지 못하는 종류입니다.',
    malformed: '형식에 맞지 않습니다.',
    limit: '확인하는 개수를 넘었습니다.',
    note: '다른 체크포인트에 대한 것입니다.',
    unsigned: '체크포인트에 신뢰하는 키의 서명이 없습니다.',
    source: '신뢰 정책에 없는 출처입니다.',
    other: '다른 대상에 대한 것입니다.',
    certificate: '출처의 인증서가 이 용도로 유효하지 않습니다.',
    revoked: '출처의 인증서가 폐지되었으며, 그 전에 만들어졌다는 증거가 없습니다.',
    signature: '유효하지 않은 서명이 있습니다.',
    weak: '인정되지 않는 알고리즘을 사용합니다.',
    accuracy: '시각의 정확도가 부족합니다.',
    header: '비트코인 블록 헤더를 확인할 수 없습니다.',
    beacon: '미리 알 수 없었던 공개 값이 없습니다.',
    renewal: '갱신이 맞지 않습니다.',
  },
};

export const timeMessages = byLanguage({ en, ko });
