import type { FailureCode, StepName } from '../../proof/steps.js';
import { language, type Language } from '../lib/language.js';

/** What a proof says, formatted for the reader. */
export interface Facts {
  readonly origin: string;
  readonly height: string;
  /** Counted from 1. */
  readonly number: string;
  readonly count: string;
  readonly zeroBits: string;
  readonly accepted: string;
  readonly sealed: string;
  readonly blocks: string;
  readonly witnesses: string;
  readonly deadline: string;
}

export interface StepMessages {
  /** What the step is about; what it proves when it held; what it means that it was not done. */
  readonly steps: Readonly<
    Record<
      StepName,
      { readonly title: string; readonly held: (f: Facts) => string; readonly skipped: string }
    >
  >;
  readonly failures: Readonly<Record<FailureCode, string>>;
  readonly outcome: Readonly<Record<'passed' | 'failed' | 'skipped', string>>;
}

const en: StepMessages = {
  outcome: { passed: 'Passed', failed: 'Failed', skipped: 'Not checked' },
  steps: {
    document: {
      title: 'The document',
      held: () => 'The bytes of your document have the digest that the proof is for.',
      skipped: 'No document was given. The proof was checked for the digest that it names.',
    },
    entry: {
      title: 'The entry',
      held: () => 'The entry, the record that was sealed, stands for this digest and for no other.',
      skipped: 'Not checked.',
    },
    disclosure: {
      title: 'Details',
      held: () => 'The details in the proof are those that were notarized with the document.',
      skipped: 'The proof discloses no details, so there was nothing to check.',
    },
    block: {
      title: 'The block',
      held: (f) =>
        `The entry is number ${f.number} of ${f.count} in block ${f.height}, and the block can hold no other in its place.`,
      skipped: 'Not checked.',
    },
    proof_of_work: {
      title: 'The work',
      held: (f) =>
        `The hash of the block begins with at least ${f.zeroBits} zero bits: the work that its header claims was done.`,
      skipped: 'Not checked.',
    },
    time: {
      title: 'The times',
      held: (f) =>
        `The times fit together: accepted ${f.accepted}, sealed ${f.sealed}. They are what the service states; cosignatures confirm them from outside.`,
      skipped: 'Not checked.',
    },
    log: {
      title: 'The chain',
      held: (f) => `Block ${f.height} is part of the chain that was signed, whose length was ${f.blocks}.`,
      skipped: 'Not checked.',
    },
    log_signature: {
      title: 'The signature',
      held: (f) => `${f.origin} has signed this state of the chain with a key that you trust.`,
      skipped: 'Not checked.',
    },
    cosignatures: {
      title: 'Cosignatures',
      held: (f) => `Enough of the members you trust have cosigned: ${f.witnesses}.`,
      skipped: 'The trust that you chose asks for no cosignatures.',
    },
    receipt: {
      title: 'The receipt',
      held: (f) => `The receipt is for this entry and promises a seal by ${f.deadline}.`,
      skipped: 'Not checked.',
    },
    receipt_signature: {
      title: 'The signature of the receipt',
      held: (f) => `${f.origin} has signed the receipt.`,
      skipped: 'No key was known to check the receipt with.',
    },
  },
  failures: {
    document_digest_mismatch: 'The digest of your document is another than the one that the proof is for.',
    document_size_mismatch: 'Your document has another length than the proof says.',
    entry_digest_mismatch: 'The entry stands for another document.',
    entry_size_mismatch: 'The entry records another length of the document.',
    details_mismatch: 'The details in the proof are not those that were notarized.',
    account_mismatch: 'The entry was not made by the organization that the proof names.',
    index_outside_block: 'The entry is said to stand beyond the end of its block.',
    block_path_length: 'The way from the entry to the root of the block has the wrong length.',
    merkle_root_mismatch: 'The way from the entry does not lead to the root of the block.',
    proof_of_work_missing: 'The hash of the block lacks the zeros that its header claims.',
    sealed_before_accepted: 'The block is said to be sealed before the entry was accepted.',
    height_outside_log: 'The signed state of the chain is older than the block.',
    log_path_length: 'The way from the block to the root of the chain has the wrong length.',
    log_root_mismatch: 'The way from the block does not lead to the signed root of the chain.',
    no_trusted_key: 'There is no key that you trust, so nobody vouches for the chain.',
    untrusted_log: 'The chain is not signed with any key that you trust.',
    bad_log_signature: 'The signature of the chain is false.',
    bad_cosignature: 'A cosignature is false.',
    quorum_missing: 'Fewer members have cosigned than your trust policy asks for.',
    receipt_mismatch: 'The receipt is for something else than this entry.',
    bad_receipt_signature: 'The signature of the receipt is false.',
  },
};

const ko: StepMessages = {
  outcome: { passed: '통과', failed: '불일치', skipped: '확인 안 함' },
  steps: {
    document: {
      title: '문서',
      held: () => '문서의 해시값이 증명 파일의 대상과 일치합니다.',
      skipped: '문서가 없어, 증명 파일에 적힌 해시값을 기준으로 확인했습니다.',
    },
    entry: {
      title: '등록 항목',
      held: () => '봉인된 기록인 등록 항목이 다른 문서가 아닌 바로 이 해시값을 나타냅니다.',
      skipped: '확인하지 않았습니다.',
    },
    disclosure: {
      title: '부가 정보',
      held: () => '증명 파일에 담긴 부가 정보가 문서와 함께 등록된 내용과 일치합니다.',
      skipped: '공개된 부가 정보가 없어 확인할 것이 없습니다.',
    },
    block: {
      title: '블록',
      held: (f) =>
        `등록 항목은 블록 ${f.height}번에 담긴 ${f.count}건 중 ${f.number}번째이며, 그 자리에 다른 항목이 올 수 없습니다.`,
      skipped: '확인하지 않았습니다.',
    },
    proof_of_work: {
      title: '작업 증명',
      held: (f) =>
        `블록의 해시값이 0인 비트 ${f.zeroBits}개 이상으로 시작합니다. 블록 헤더가 밝힌 만큼 계산 작업이 이루어졌습니다.`,
      skipped: '확인하지 않았습니다.',
    },
    time: {
      title: '시각',
      held: (f) =>
        `시각의 앞뒤가 맞습니다. ${f.accepted} 접수, ${f.sealed} 봉인. 이 시각은 서비스가 밝힌 것이며, 공동 서명이 있으면 외부에서도 뒷받침됩니다.`,
      skipped: '확인하지 않았습니다.',
    },
    log: {
      title: '체인',
      held: (f) => `서명된 체인(블록 ${f.blocks}개)에 블록 ${f.height}번이 들어 있습니다.`,
      skipped: '확인하지 않았습니다.',
    },
    log_signature: {
      title: '서명',
      held: (f) => `체인의 이 상태에 ${f.origin} 명의의 서명이 있으며, 신뢰하시는 키와 일치합니다.`,
      skipped: '확인하지 않았습니다.',
    },
    cosignatures: {
      title: '공동 서명',
      held: (f) => `신뢰하시는 구성원 가운데 필요한 수만큼 공동으로 서명했습니다: ${f.witnesses}`,
      skipped: '선택하신 신뢰 기준은 공동 서명을 요구하지 않습니다.',
    },
    receipt: {
      title: '접수증',
      held: (f) => `접수증이 이 등록 항목에 대한 것이며, ${f.deadline}까지 봉인할 것을 약속합니다.`,
      skipped: '확인하지 않았습니다.',
    },
    receipt_signature: {
      title: '접수증의 서명',
      held: (f) => `접수증에 ${f.origin} 명의의 서명이 있습니다.`,
      skipped: '접수증을 확인할 키가 없습니다.',
    },
  },
  failures: {
    document_digest_mismatch: '문서의 해시값이 증명 파일의 대상과 다릅니다.',
    document_size_mismatch: '문서의 크기가 증명 파일에 적힌 것과 다릅니다.',
    entry_digest_mismatch: '등록 항목이 다른 문서를 나타냅니다.',
    entry_size_mismatch: '등록 항목에 적힌 문서 크기가 다릅니다.',
    details_mismatch: '증명 파일의 부가 정보가 등록된 내용과 다릅니다.',
    account_mismatch: '증명 파일에 적힌 계정이 등록한 항목이 아닙니다.',
    index_outside_block: '등록 항목의 위치가 블록의 범위를 벗어납니다.',
    block_path_length: '등록 항목에서 블록의 루트까지 이르는 경로의 길이가 맞지 않습니다.',
    merkle_root_mismatch: '등록 항목에서 출발한 경로가 블록의 루트에 이르지 않습니다.',
    proof_of_work_missing: '블록의 해시값에 헤더가 밝힌 만큼의 0이 없습니다.',
    sealed_before_accepted: '접수되기 전에 봉인된 것으로 되어 있습니다.',
    height_outside_log: '서명된 체인의 상태가 이 블록보다 오래되었습니다.',
    log_path_length: '블록에서 체인의 루트까지 이르는 경로의 길이가 맞지 않습니다.',
    log_root_mismatch: '블록에서 출발한 경로가 서명된 체인의 루트에 이르지 않습니다.',
    no_trusted_key: '신뢰하는 키가 없어 체인을 보증하는 이가 없습니다.',
    untrusted_log: '신뢰하시는 키로 서명된 체인이 아닙니다.',
    bad_log_signature: '체인의 서명이 거짓입니다.',
    bad_cosignature: '거짓 공동 서명이 있습니다.',
    quorum_missing: '공동 서명한 구성원이 신뢰 정책에서 요구하는 수보다 적습니다.',
    receipt_mismatch: '접수증이 이 등록 항목에 대한 것이 아닙니다.',
    bad_receipt_signature: '접수증의 서명이 거짓입니다.',
  },
};

const tables: Readonly<Record<Language, StepMessages>> = { en, ko };

export function stepWords(): StepMessages {
  return tables[language()];
}
