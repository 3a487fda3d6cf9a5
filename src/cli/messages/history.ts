import { missingText } from '../../messages/history.js';
import type { MissingPart } from '../../proof/records/history-replay.js';
import type { HistoryStep } from '../../proof/records/history.js';
import { grouped } from '../io.js';
import { byLanguage } from '../language.js';
import { koreanStep } from './history-steps.js';

/** The messages about the history of a record: of `ingam verify` and `inspect`. */

const en = {
  notInFile: 'Not in the file:',
  asOf: (height: number, time: string) => `as of block ${height} (sealed ${time}): nothing later`,
  recordUntil: (record: string, until: string) => `record ${record}, ${until}`,
  notNamed: (record: string) => `no event of record ${record} names this document`,
  named: (event: number, record: string, until: string) =>
    `named by event ${event} of record ${record}, ${until}`,
  notSigned: 'not signed as your trust policy requires',
  incomplete: 'something is not in the file, so the rules cannot be checked any further',
  sealedAt: (time: string) => `, sealed ${time}`,
  because: (facts: string) => `, because of ${facts}`,
  byItself: (because: string) => `   by itself: the rules make it so, and nobody signed it${because}`,
  uncheckedKeys: 'keys that could not be checked',
  signedWith: (keys: string) => `   signed with ${keys}`,
  erased: '   What it stated was erased, or left out.',
  nothingNext: 'Nothing can come next.',
  canCome: 'What can come next:',
  noKey: 'You have not given a key that you trust.',
  notAllSignatures: (source: string) =>
    `The history does not have all the signatures that ${source} requires.`,
  getKey:
    "Get the log's public key from its owner, through another channel than this file, and pass it with --key VKEY.",
  keyNote:
    'A key is not a person: the name in front was chosen by whoever made the key. Whose it is has to be known from elsewhere.',
  kinds: { document: 'Document', work: 'Work', item: 'Item', contract: 'Contract' },
  keyKinds: {
    ed25519: 'an Ed25519 key in a file',
    'ml-dsa-44': 'an ML-DSA-44 key in a file',
    passkey: 'a passkey',
  },
  state: (kind: string, title: string | null, status: string, holder: string) =>
    `${kind}${title === null ? '' : ` "${title}"`}: ${status}. Its holder is the key ${holder}.`,
  /** @param height null: it cannot be read */
  event: (sequence: number, type: string | null, when: string, height: number | null) =>
    `${sequence}. ${type ?? '(unreadable)'}${when}${height === null ? '' : ` in block ${height}`}`,
  inspected: (isHistory: boolean): string =>
    isHistory
      ? 'Nothing was verified: these are the claims of the history. To verify them: ingam verify HISTORY'
      : 'Nothing was verified: these are the claims of the proof. To verify them: ingam verify FILE PROOF',
  step: (step: HistoryStep): string => step.message,
  missing: (part: MissingPart): string => missingText(part, 'en', grouped),
};

const ko: typeof en = {
  notInFile: '파일에 없는 것:',
  asOf: (height, time) => `블록 ${height}(${time} 봉인) 기준: 그 뒤에 아무 일도 없음`,
  recordUntil: (record, until) => `기록 ${record}, ${until}`,
  notNamed: (record) => `기록 ${record}에 이 문서를 가리키는 이벤트가 없습니다`,
  named: (event, record, until) => `기록 ${record}의 ${event}번 이벤트가 가리키는 문서, ${until}`,
  notSigned: '신뢰 정책에서 요구하는 서명이 없습니다',
  incomplete: '파일에 없는 것이 있어 규칙을 더 확인할 수 없습니다',
  sealedAt: (time) => `, ${time} 봉인`,
  because: (facts) => `, 근거: ${facts}`,
  byItself: (because) => `   자동: 규칙에 따라 이루어졌으며 아무도 서명하지 않았습니다${because}`,
  uncheckedKeys: '확인하지 못한 키',
  signedWith: (keys) => `   서명한 키: ${keys}`,
  erased: '   내용이 삭제되었거나 파일에서 빠져 있습니다.',
  nothingNext: '다음에 할 수 있는 일이 없습니다.',
  canCome: '다음에 할 수 있는 일:',
  noKey: '신뢰하는 키를 지정하지 않았습니다.',
  notAllSignatures: (source) => `이력에 ${source}에서 요구하는 서명이 모두 있지 않습니다.`,
  getKey: '로그의 공개 키를 이 파일이 아닌 다른 방법으로 소유자에게 받아 --key VKEY로 지정하세요.',
  keyNote:
    '키는 사람이 아닙니다. 앞에 붙은 이름은 키를 만든 사람이 정한 것이며, 누구의 키인지는 따로 알아야 합니다.',
  kinds: { document: '문서', work: '저작물', item: '물품', contract: '계약' },
  keyKinds: {
    ed25519: '파일에 보관된 Ed25519 키',
    'ml-dsa-44': '파일에 보관된 ML-DSA-44 키',
    passkey: '패스키',
  },
  state: (kind, title, status, holder) =>
    `${kind}${title === null ? '' : ` "${title}"`}: ${status}. 보유자의 키: ${holder}`,
  event: (sequence, type, when, height) =>
    `${sequence}. ${type ?? '(읽을 수 없음)'}${when}${height === null ? '' : `, 블록 ${height}`}`,
  inspected: (isHistory) =>
    isHistory
      ? '아무것도 확인하지 않았습니다. 이력에 적힌 내용입니다. 확인하기: ingam verify HISTORY'
      : '아무것도 확인하지 않았습니다. 증명에 적힌 내용입니다. 확인하기: ingam verify FILE PROOF',
  step: koreanStep,
  missing: (part) => missingText(part, 'ko', grouped),
};

export const historyMessages = byLanguage({ en, ko });
