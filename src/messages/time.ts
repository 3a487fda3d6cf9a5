import type { FaultGroup } from '../proof/time/fault-groups.js';
import type { TimeConflict } from '../proof/time/findings.js';
import type { Language } from './language.js';

const enConflicts: Readonly<Record<TimeConflict, string>> = {
  sources: 'The time sources contradict each other: at least one of their times is wrong.',
  sealed_too_early: 'The stated time of sealing is too early: the block was made later.',
  sealed_too_late: 'The stated time of sealing is too late: the block existed before.',
};

const koConflicts: typeof enConflicts = {
  sources: '시각 출처들이 서로 모순되어, 적어도 한 곳의 시각은 틀린 것입니다.',
  sealed_too_early: '기록된 봉인 시각이 너무 이릅니다. 블록은 그보다 늦게 만들어졌습니다.',
  sealed_too_late: '기록된 봉인 시각이 너무 늦습니다. 블록은 그 전에 이미 있었습니다.',
};

/** Why times that outside evidence gives cannot all be true. */
export const TIME_CONFLICTS: Readonly<Record<Language, typeof enConflicts>> = {
  en: enConflicts,
  ko: koConflicts,
};

const enReasons: Readonly<Record<FaultGroup, string>> = {
  unknown: 'Its type is not known here.',
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
};

const koReasons: typeof enReasons = {
  unknown: '알 수 없는 종류입니다.',
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
};

/** Why an anchor does not count. */
export const FAULT_REASONS: Readonly<Record<Language, typeof enReasons>> = { en: enReasons, ko: koReasons };
