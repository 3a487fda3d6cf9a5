import { FAULT_REASONS, TIME_CONFLICTS } from '../../messages/time.js';
import type { AnchorFault } from '../../proof/index.js';
import type { DocumentRenewalFault } from '../../proof/time/document-renewal.js';
import { FAULT_GROUPS } from '../../proof/time/fault-groups.js';
import { byLanguage } from '../language.js';

/** Sentences about times: what time sources, time-stamps and document renewals show. */

const en = {
  documentRenewed: (time: string, source: string) =>
    `This document and its proof existed together no later than ${time}: ${source} stamped both, without SHA-256. If SHA-256 was not yet weak then, it does not matter for this proof that it became so.`,
  documentRenewalUnchecked:
    'The proof has a time-stamp over the document itself. It was not checked: give the document as a file.',
  documentRenewalFaulty: (number: number, _fault: DocumentRenewalFault, detail: string) =>
    `The time-stamp over the document itself (anchor ${number}) does not count: ${detail}.`,
  notATimeStamp: (file: string, detail: string) => `${file} is not a time-stamp: ${detail}`,
  doesNotCount: (number: number, type: string, _fault: AnchorFault, detail: string) =>
    `Anchor ${number} (${type}) does not count: ${detail}.`,
  registeredAfter: (time: string) => `It was registered after ${time}.`,
  noLaterThan: (time: string) => `no later than ${time}`,
  between: (from: string, to: string) => `between ${from} and ${to}`,
  notRevoked: (source: string, time: string) =>
    `By the revocation lists at hand, no certificate of ${source} was revoked as of ${time}.`,
  noListOf: (source: string) =>
    `No revocation list at hand says anything about all certificates of ${source}.`,
  onlyWork: (height: number, bits: number) =>
    `Bitcoin block ${height} is above the headers that your policy has: for it speaks only the work of 2^${bits} hashes.`,
  certificateEnded: (source: string, time: string) =>
    `The certificate of ${source} ended ${time}, and the anchor was not renewed: nobody watches over its key any more.`,
  needTimeStamp: '--data and --tsa-root require the FILE of a time-stamp',
  bytesWith: (algorithm: string, digest: string) => `the bytes with the digest ${algorithm}:${digest}`,
  forOtherBytes: (data: string) => `the time-stamp is for other bytes than ${data}`,
  signatureUnchecked: 'the signature of the time-stamp was not checked',
  existedBy: (time: string, who: string) => `existed by ${time}, according to ${who}`,
  accurateTo: (seconds: number) => `, accurate to ${seconds} s`,
  isTimeStamp: (subject: string, time: string, accuracy: string) =>
    `This is a time-stamp: it states that ${subject} existed at ${time}${accuracy}.`,
  sameTime: 'The log states that it accepted the time-stamp at just this time.',
  giveRoot: "Its signature was not checked: give the authority's certificate with --tsa-root FILE.",
  noSourceOfType: (anchors: number) =>
    `The proof has ${anchors} ${anchors === 1 ? 'anchor' : 'anchors'}, but your trust policy names no time source of ${anchors === 1 ? 'its type' : 'their types'}.`,
  registered: (when: string, confirmed: number, sources: number, names: string) =>
    `It was registered ${when}, by ${confirmed} of ${sources} independent time ${sources === 1 ? 'source' : 'sources'} that you trust: ${names}.`,
  conflicts: TIME_CONFLICTS.en,
  otherTime: (time: string, seconds: number, isLater: boolean) =>
    `The log states another time for it: ${time}, ${seconds} s ${isLater ? 'later' : 'earlier'}.`,
  doesNotVerify: (_fault: AnchorFault, detail: string) => detail,
  subjectReason: (subject: string, reason: string) => `${subject} ${reason}`,
};

const REASONS = FAULT_REASONS.ko;

function renewalReason(fault: DocumentRenewalFault): string {
  switch (fault) {
    case 'too_many':
      return REASONS.limit;
    case 'document_missing':
      return '문서가 없습니다.';
    case 'rests_on_sha256':
      return 'SHA-256에 기대고 있습니다.';
    case 'other_proof':
      return '다른 등록의 증명에 대한 것입니다.';
    case 'proof_not_verified':
      return '대상인 증명이 그 시각에 확인되지 않았습니다.';
    default:
      return REASONS[FAULT_GROUPS[fault]];
  }
}

const ko: typeof en = {
  documentRenewed: (time, source) =>
    `이 문서와 증명은 늦어도 ${time}에는 함께 있었습니다. ${source}이(가) SHA-256 없이 둘에 타임스탬프를 찍었습니다. 그때 SHA-256이 아직 약해지지 않았다면, 나중에 약해진 것은 이 증명과 상관이 없습니다.`,
  documentRenewalUnchecked:
    '증명에 문서 자체의 타임스탬프가 있지만 확인하지 않았습니다. 문서를 파일로 지정하세요.',
  documentRenewalFaulty: (number, fault) =>
    `문서 자체의 타임스탬프(앵커 ${number})는 인정되지 않습니다. ${renewalReason(fault)}`,
  notATimeStamp: (file, detail) => `${file}은(는) 타임스탬프가 아닙니다(${detail})`,
  doesNotCount: (number, type, fault) =>
    `앵커 ${number}(${type})은(는) 인정되지 않습니다. ${REASONS[FAULT_GROUPS[fault]]}`,
  registeredAfter: (time) => `${time} 뒤에 등록되었습니다.`,
  noLaterThan: (time) => `늦어도 ${time}에는`,
  between: (from, to) => `${from}에서 ${to} 사이에`,
  notRevoked: (source, time) =>
    `가진 폐지 목록에 따르면 ${source}의 인증서는 ${time}까지 하나도 폐지되지 않았습니다.`,
  noListOf: (source) => `가진 폐지 목록 가운데 ${source}의 모든 인증서에 대한 것이 없습니다.`,
  onlyWork: (height, bits) =>
    `비트코인 블록 ${height}은(는) 정책에 있는 헤더보다 뒤의 것입니다. 해시 2^${bits}번의 작업만이 근거입니다.`,
  certificateEnded: (source, time) =>
    `${source}의 인증서는 ${time}에 만료되었고 앵커가 갱신되지 않았습니다. 그 키를 지키는 사람이 더는 없습니다.`,
  needTimeStamp: '--data와 --tsa-root에는 타임스탬프인 FILE이 필요합니다',
  bytesWith: (algorithm, digest) => `해시값이 ${algorithm}:${digest}인 데이터`,
  forOtherBytes: (data) => `${data}이(가) 아닌 다른 데이터의 타임스탬프입니다`,
  signatureUnchecked: '타임스탬프의 서명을 확인하지 않았습니다',
  existedBy: (time, who) => `${who}에 따르면 ${time}에 존재했습니다`,
  accurateTo: (seconds) => `(오차 ${seconds}초)`,
  isTimeStamp: (subject, time, accuracy) =>
    `타임스탬프입니다. ${subject}이(가) ${time}${accuracy}에 존재했다고 밝힙니다.`,
  sameTime: '로그가 밝힌 타임스탬프의 접수 시각도 같습니다.',
  giveRoot: '서명을 확인하지 않았습니다. 기관의 인증서를 --tsa-root FILE로 지정하세요.',
  noSourceOfType: (anchors) =>
    `증명에 앵커가 ${anchors}개 있지만, 신뢰 정책에 그 종류의 시각 출처가 없습니다.`,
  registered: (when, confirmed, sources, names) =>
    `${when} 등록되었습니다. 신뢰하는 독립 시각 출처 ${sources}곳 중 ${confirmed}곳이 확인했습니다: ${names}.`,
  conflicts: TIME_CONFLICTS.ko,
  otherTime: (time, seconds, isLater) =>
    `로그가 밝힌 접수 시각은 다릅니다: ${time}, ${seconds}초 ${isLater ? '뒤' : '앞'}.`,
  doesNotVerify: (fault) => `타임스탬프가 인정되지 않습니다. ${REASONS[FAULT_GROUPS[fault]]}`,
  subjectReason: (subject, reason) => `${subject}: ${reason}`,
};

export const timeMessages = byLanguage({ en, ko });
