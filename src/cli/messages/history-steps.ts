import type { FailureCode } from '../../proof/index.js';
import type { HistoryCode, HistoryStep, HistoryStepName } from '../../proof/records/history.js';
import { FAILURES } from '../../messages/verification.js';

/** The steps and rules of histories in Korean; in English they say themselves what they found. */

const STEPS: Readonly<Record<HistoryStepName, string>> = {
  blocks: '서명된 체인에 이력의 모든 블록이 순서대로 들어 있습니다.',
  log_signature: '신뢰하는 키로 체인이 서명되어 있습니다.',
  cosignatures: '신뢰하는 참여 기관이 충분히 공동 서명했습니다.',
  events: '모든 이벤트가 봉인된 그대로 해당 블록에 들어 있습니다.',
  values: '이벤트가 빠짐없이 이어집니다.',
  signatures: '모든 이벤트가 규칙이 요구하는 바로 그 키로 서명되어 있습니다.',
  rules: '모든 이벤트가 규칙에 맞습니다.',
  automatic: '자동으로 이루어져야 할 일이 모두 이루어졌고, 그 밖의 일은 없습니다.',
  state: '체인의 전체 기록 목록에 따르면 파일의 마지막 블록까지 빠진 이벤트가 없습니다.',
  times: '신뢰하는 독립 시각 출처가 충분히 시각을 확인했습니다.',
};

const CODES: Readonly<Record<Exclude<HistoryCode, FailureCode>, string>> &
  Readonly<Partial<Record<FailureCode, string>>> = {
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
  block_before_missing: '바로 앞 블록이 파일에 없어 기한이 언제 되었는지 알 수 없습니다.',
  statement_missing: '전체 기록에 대한 블록의 진술이 파일에 없습니다.',
  statement_mismatch: '전체 기록에 대한 파일의 진술이 블록의 것과 다릅니다.',
  malformed_statement: '전체 기록에 대한 블록의 진술을 읽을 수 없습니다.',
  malformed_map_path: '전체 기록 목록의 경로를 읽을 수 없습니다.',
  map_root_mismatch: '경로가 서명된 전체 기록 목록에 이르지 않습니다.',
  record_absent: '서명된 전체 기록 목록에 이 기록이 없습니다.',
  state_mismatch: '서명된 전체 기록 목록의 값이 이 기록과 다릅니다. 이벤트가 빠졌거나 더해졌습니다.',
  state_too_old: '이후 변경이 없음을 보여야 할 블록보다 뒤에 이벤트가 있습니다.',
  time_missing: '시각을 확인한 독립 출처가 신뢰 정책에서 요구하는 수보다 적습니다.',
};

export function koreanStep({ name, outcome, code }: HistoryStep): string {
  if (code !== null) return koreanRule(code);
  if (outcome === 'passed') return STEPS[name];
  return name === 'cosignatures' || name === 'times'
    ? '신뢰 정책에서 요구하지 않습니다.'
    : '끝까지 확인할 수 없습니다.';
}

/** @param code of a step or of the rules; of another one only the code is said */
export function koreanRule(code: string): string {
  const all: Readonly<Record<string, string>> = { ...FAILURES.ko, ...CODES };
  return Object.hasOwn(all, code) ? (all[code] ?? code) : code;
}
