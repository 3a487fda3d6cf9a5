import type { MissingPart } from '../proof/records/history-replay.js';
import type { HistoryCode, HistoryStepName } from '../proof/records/history.js';
import type { FailureCode } from '../proof/verify.js';
import type { Language } from './language.js';
import { FAILURES } from './verification.js';

/** What the steps of checking the history of a record mean. */

/** Codes of a history; what a proof's codes mean is in verification.ts, unless it means something else here. */
export type HistoryOnlyCode =
  | Exclude<HistoryCode, FailureCode>
  | 'entry_digest_mismatch'
  | 'entry_size_mismatch'
  | 'details_mismatch'
  | 'time_missing';

interface HistoryTexts {
  /** Title, and what it means that the step passed. */
  readonly steps: Readonly<Record<HistoryStepName, readonly [title: string, passed: string]>>;
  readonly stepSkipped: string;
  readonly stepMissing: string;
  readonly stepLost: string;
  readonly failures: Readonly<Record<HistoryOnlyCode, string>>;
  /** What is not in the file; `record`: null for that of the history. */
  readonly missing: {
    readonly body: (event: string, record: string | null) => string;
    readonly record: (record: string, block: string) => string;
    readonly record_before: (record: string, block: string) => string;
    readonly document: (digest: string) => string;
  };
}

const en: HistoryTexts = {
  steps: {
    blocks: ['Blocks', 'The signed chain contains all blocks of the history, in order.'],
    log_signature: ['Signature of the chain', 'The chain is signed with a key you trust.'],
    cosignatures: ['Cosignatures', 'Enough members you trust have cosigned.'],
    events: ['Events', 'Each event is in its block, exactly as it was sealed.'],
    values: ['Order', 'The events follow each other without a gap.'],
    signatures: [
      'Signatures of the events',
      'Each event is signed with exactly the keys that the rules ask for.',
    ],
    rules: ['Rules', 'The rules allow every event.'],
    automatic: ['What happens by itself', 'Everything that had to happen by itself did, and nothing else.'],
    state: [
      'Nothing later',
      'The chain’s list of all records shows that no event is missing up to the last block of the file.',
    ],
    times: ['Time sources', 'Enough independent time sources you trust have confirmed the times.'],
  },
  stepSkipped: 'Your trust policy requires none.',
  stepMissing: 'Could not be checked to the end: what is missing is listed above.',
  stepLost: 'Could not be checked behind the fault.',
  failures: {
    blocks_out_of_order: 'This block claims to be older than the one before it.',
    // The note and its place.
    entry_kind_mismatch: 'It was notarized as a document, not as an event.',
    entry_digest_mismatch: 'The chain has something else in this place: it was changed after it was sealed.',
    entry_size_mismatch: 'It has another size than the chain states.',
    details_mismatch: 'What it states is not what was notarized.',
    malformed_automatic: 'This is not an event that happens by itself.',
    block_missing: 'Its block is not in the file.',
    events_out_of_order: 'It is older than the event before it.',
    malformed_event: 'This is not an event.',
    wrong_log: 'It is for another chain.',
    wrong_record: 'It is for, or names, another record.',
    unknown_record: 'It names a record that does not exist.',
    wrong_sequence: 'It belongs in another place: events are missing, or were added.',
    stale_value: 'It follows another event than the one before it: events are missing, or were changed.',
    missing_signature: 'A key that must sign it has not.',
    bad_signature: 'A signature is invalid.',
    unexpected_signature: 'A key has signed it that need not, or twice.',
    malformed_body: 'What it states breaks the rules’ form.',
    body_mismatch: 'What it states is not what was signed.',
    malformed_key: 'It names a key that cannot sign events.',
    too_large: 'It states more than the rules allow.',
    unknown_type: 'The rules do not have this kind of event.',
    wrong_kind: 'A record of this kind does not take this event, or it names a record of the wrong kind.',
    wrong_status: 'The status of the record did not allow it.',
    not_your_turn: 'Others had to answer first.',
    already_signed: 'This party had already signed.',
    already_declined: 'This party had already declined.',
    already_fulfilled: 'This condition was already fulfilled.',
    already_contested: 'This work already contested it.',
    no_offer: 'Nothing was offered.',
    no_change: 'It changes nothing: what it asks for was so already.',
    not_holder: 'The key is not that of the other record’s holder.',
    not_recoverable: 'There is no key for a recovery, or no recovery had started.',
    too_late: 'Its time had passed.',
    duplicate_party: 'Two parties have the same key or the same name.',
    unknown_party: 'The contract has no such party.',
    unknown_condition: 'The contract has no such condition.',
    unknown_contest: 'There is no such dispute.',
    cyclic_effect: 'A condition or an effect names the record itself.',
    automatic_not_due: 'The rules did not make this happen here.',
    automatic_missing: 'The rules made something happen by itself by then, and the file does not have it.',
    fact_mismatch: 'It rests on something that was not so.',
    block_before_missing: 'A block is not in the file that would show when something was due.',
    statement_missing: 'The file does not have the block’s statement about all records.',
    statement_mismatch: 'The file has another statement about all records than the block.',
    malformed_statement: 'The block’s statement about all records cannot be read.',
    malformed_map_path: 'The path in the list of all records cannot be read.',
    map_root_mismatch: 'The path does not lead to the signed list of all records.',
    record_absent: 'The signed list of all records does not have this record.',
    state_mismatch:
      'The signed list of all records has another value for this record: events are missing, or were added.',
    state_too_old: 'The record has an event after the block that should show that nothing came later.',
    time_missing: 'Fewer independent time sources have confirmed its time than your trust policy requires.',
  },
  missing: {
    body: (event, record) => `What event ${event} ${record === null ? '' : `of record ${record} `}stated`,
    record: (record, block) => `Record ${record}, up to block ${block}`,
    record_before: (record, block) => `What record ${record} was before block ${block}`,
    document: (digest) => `The document ${digest}`,
  },
};

const ko: HistoryTexts = {
  steps: {
    blocks: ['블록', '서명된 체인에 이력의 모든 블록이 순서대로 들어 있습니다.'],
    log_signature: ['체인의 서명', '신뢰하는 키로 체인이 서명되어 있습니다.'],
    cosignatures: ['공동 서명', '신뢰하는 참여 기관이 충분히 공동 서명했습니다.'],
    events: ['이벤트', '모든 이벤트가 봉인된 그대로 해당 블록에 들어 있습니다.'],
    values: ['순서', '이벤트가 빠짐없이 이어집니다.'],
    signatures: ['이벤트의 서명', '모든 이벤트가 규칙이 요구하는 바로 그 키로 서명되어 있습니다.'],
    rules: ['규칙', '모든 이벤트가 규칙에 맞습니다.'],
    automatic: [
      '자동으로 이루어지는 일',
      '자동으로 이루어져야 할 일이 모두 이루어졌고, 그 밖의 일은 없습니다.',
    ],
    state: [
      '이후 변경 없음',
      '체인의 전체 기록 목록에 따르면 파일의 마지막 블록까지 빠진 이벤트가 없습니다.',
    ],
    times: ['시각 출처', '신뢰하는 독립 시각 출처가 충분히 시각을 확인했습니다.'],
  },
  stepSkipped: '신뢰 정책에서 요구하지 않습니다.',
  stepMissing: '끝까지 확인할 수 없습니다. 파일에 없는 것은 위에 나와 있습니다.',
  stepLost: '실패한 곳 뒤로는 확인할 수 없습니다.',
  failures: {
    blocks_out_of_order: '앞 블록보다 먼저 봉인된 것으로 되어 있습니다.',
    entry_kind_mismatch: '이벤트가 아니라 문서로 등록되었습니다.',
    entry_digest_mismatch: '체인의 이 자리에는 다른 것이 있습니다. 봉인된 뒤에 바뀌었습니다.',
    entry_size_mismatch: '크기가 체인에 적힌 것과 다릅니다.',
    details_mismatch: '내용이 등록된 것과 다릅니다.',
    malformed_automatic: '자동으로 이루어지는 이벤트의 형식이 아닙니다.',
    block_missing: '해당 블록이 파일에 없습니다.',
    events_out_of_order: '앞 이벤트보다 먼저 봉인되었습니다.',
    malformed_event: '이벤트의 형식이 아닙니다.',
    wrong_log: '다른 체인의 이벤트입니다.',
    wrong_record: '다른 기록에 대한 것이거나 다른 기록을 가리킵니다.',
    unknown_record: '존재하지 않는 기록을 가리킵니다.',
    wrong_sequence: '이 자리의 이벤트가 아닙니다. 이벤트가 빠졌거나 더해졌습니다.',
    stale_value: '바로 앞 이벤트에 이어지지 않습니다. 이벤트가 빠졌거나 바뀌었습니다.',
    missing_signature: '서명해야 하는 키의 서명이 없습니다.',
    bad_signature: '서명이 유효하지 않습니다.',
    unexpected_signature: '서명할 필요가 없는 키의 서명이 있거나, 같은 키가 두 번 서명했습니다.',
    malformed_body: '내용이 규칙의 형식에 맞지 않습니다.',
    body_mismatch: '내용이 서명된 것과 다릅니다.',
    malformed_key: '이벤트에 서명할 수 없는 키가 적혀 있습니다.',
    too_large: '내용이 규칙에서 허용하는 양보다 많습니다.',
    unknown_type: '규칙에 없는 종류의 이벤트입니다.',
    wrong_kind: '이 종류의 기록에는 할 수 없는 이벤트이거나, 종류가 다른 기록을 가리킵니다.',
    wrong_status: '기록의 상태상 할 수 없는 이벤트였습니다.',
    not_your_turn: '다른 당사자가 먼저 답해야 했습니다.',
    already_signed: '이미 서명한 당사자입니다.',
    already_declined: '이미 거절한 당사자입니다.',
    already_fulfilled: '이미 이행된 조건입니다.',
    already_contested: '이 저작물로 이미 이의를 제기했습니다.',
    no_offer: '제안된 것이 없었습니다.',
    no_change: '이미 그러하므로 바뀌는 것이 없습니다.',
    not_holder: '다른 기록의 보유자 키가 아닙니다.',
    not_recoverable: '복구용 키가 없거나 시작된 복구가 없었습니다.',
    too_late: '기한이 지난 뒤였습니다.',
    duplicate_party: '키나 이름이 같은 당사자가 둘 있습니다.',
    unknown_party: '계약에 없는 당사자입니다.',
    unknown_condition: '계약에 없는 조건입니다.',
    unknown_contest: '그러한 이의가 없습니다.',
    cyclic_effect: '조건이나 효과가 기록 자신을 가리킵니다.',
    automatic_not_due: '규칙에 따르면 여기서 이루어질 일이 아닙니다.',
    automatic_missing: '규칙에 따라 그때까지 자동으로 이루어졌어야 할 일이 파일에 없습니다.',
    fact_mismatch: '사실이 아닌 것을 근거로 합니다.',
    block_before_missing: '언제 저절로 이루어져야 했는지 보여 줄 블록이 파일에 없습니다.',
    statement_missing: '전체 기록에 대한 블록의 진술이 파일에 없습니다.',
    statement_mismatch: '전체 기록에 대한 파일의 진술이 블록의 것과 다릅니다.',
    malformed_statement: '전체 기록에 대한 블록의 진술을 읽을 수 없습니다.',
    malformed_map_path: '전체 기록 목록의 경로를 읽을 수 없습니다.',
    map_root_mismatch: '경로가 서명된 전체 기록 목록에 이르지 않습니다.',
    record_absent: '서명된 전체 기록 목록에 이 기록이 없습니다.',
    state_mismatch: '서명된 전체 기록 목록의 값이 이 기록과 다릅니다. 이벤트가 빠졌거나 더해졌습니다.',
    state_too_old: '이후 변경이 없음을 보여야 할 블록보다 뒤에 이벤트가 있습니다.',
    time_missing: '시각을 확인한 독립 출처가 신뢰 정책에서 요구하는 수보다 적습니다.',
  },
  missing: {
    body: (event, record) => `${record === null ? '' : `기록 ${record}의 `}${event}번 이벤트의 내용`,
    record: (record, block) => `블록 ${block}까지의 기록 ${record}`,
    record_before: (record, block) => `블록 ${block} 이전 기록 ${record}의 상태`,
    document: (digest) => `문서 ${digest}`,
  },
};

export const HISTORY: Readonly<Record<Language, HistoryTexts>> = { en, ko };

/** What it means that a step of a history failed. */
export function historyFailure(code: HistoryCode, language: Language): string {
  const { failures } = HISTORY[language];
  const isOwn = (each: HistoryCode): each is HistoryOnlyCode => Object.hasOwn(failures, each);
  return isOwn(code) ? failures[code] : FAILURES[language][code];
}

/** What a history lacks that its verification needs. @param count formats the number of an event or a block */
export function missingText(
  part: MissingPart,
  language: Language,
  count: (value: number) => string = String,
): string {
  const { missing } = HISTORY[language];
  switch (part.what) {
    case 'body':
      return missing.body(count(part.event), part.record ?? null);
    case 'record':
    case 'record_before':
      return missing[part.what](part.record, count(part.block));
    case 'document':
      return missing.document(part.document);
  }
}
