import { printable } from '../proof/errors.js';
import { PENDING_FORMAT, type PendingProof, type ProofFile } from '../proof/proof-file.js';
import type { FailureCode, StepName, Verification } from '../proof/verify.js';
import type { Language } from './language.js';

/** What the steps of a verification mean, passed, failed and skipped. */

/** What a proof says, formatted for the reader; the texts may come from strangers and are printable. */
export interface StepFacts {
  readonly origin: string;
  readonly height: string;
  /** Counted from 1. */
  readonly number: string;
  readonly count: string;
  readonly zeroBits: string;
  readonly accepted: string;
  readonly sealed: string;
  readonly blocks: string;
  readonly members: string;
  /** Owners of the time sources that count. */
  readonly sources: string;
  readonly deadline: string;
}

export interface StepMessages {
  readonly title: string;
  readonly passed: (facts: StepFacts) => string;
  /** What it means that the step was not done. */
  readonly skipped: string;
}

const enSteps: Readonly<Record<StepName, StepMessages>> = {
  document: {
    title: 'Document',
    passed: () => 'Your document’s fingerprint matches the proof.',
    skipped: 'No document was given. The proof was checked for the fingerprint it contains.',
  },
  entry: {
    title: 'Entry',
    passed: () => 'The sealed entry stands for exactly this fingerprint.',
    skipped: 'Not checked.',
  },
  disclosure: {
    title: 'Details',
    passed: () => 'The details in the proof are those that were notarized with the document.',
    skipped: 'The proof contains no details.',
  },
  block: {
    title: 'Block',
    passed: (f) =>
      `The entry is number ${f.number} of ${f.count} in block ${f.height}, and no other entry fits in its place.`,
    skipped: 'Not checked.',
  },
  proof_of_work: {
    title: 'Proof of work',
    passed: (f) =>
      `The block hash starts with at least ${f.zeroBits} zero bits, as the block’s header requires.`,
    skipped: 'Not checked.',
  },
  time: {
    title: 'Times',
    passed: (f) =>
      `The times are consistent: accepted ${f.accepted}, sealed ${f.sealed}. The service states them; cosignatures confirm them independently.`,
    skipped: 'Not checked.',
  },
  log: {
    title: 'Chain',
    passed: (f) => `Block ${f.height} is part of the signed chain (blocks: ${f.blocks}).`,
    skipped: 'Not checked.',
  },
  log_signature: {
    title: 'Signature',
    passed: (f) => `${f.origin} signed this state of the chain with a key you trust.`,
    skipped: 'Not checked.',
  },
  cosignatures: {
    title: 'Cosignatures',
    passed: (f) => `Enough members you trust have cosigned: ${f.members}.`,
    skipped: 'Your trust policy requires no cosignatures.',
  },
  times: {
    title: 'Time sources',
    passed: (f) => `Enough independent time sources you trust have confirmed the time: ${f.sources}.`,
    skipped: 'Your trust policy requires no time sources.',
  },
  receipt: {
    title: 'Receipt',
    passed: (f) => `The receipt is for this entry and promises a seal by ${f.deadline}.`,
    skipped: 'Not checked.',
  },
  receipt_signature: {
    title: 'Receipt signature',
    passed: (f) => `${f.origin} signed the receipt.`,
    skipped: 'There is no key to check the receipt with.',
  },
};

const koSteps: typeof enSteps = {
  document: {
    title: '문서',
    passed: () => '문서의 해시값이 증명 파일의 대상과 일치합니다.',
    skipped: '문서가 없어 증명 파일에 적힌 해시값을 기준으로 확인했습니다.',
  },
  entry: {
    title: '등록 항목',
    passed: () => '봉인된 등록 항목이 바로 이 해시값을 나타냅니다.',
    skipped: '확인하지 않았습니다.',
  },
  disclosure: {
    title: '문서 정보',
    passed: () => '증명 파일에 담긴 문서 정보가 함께 등록된 내용과 일치합니다.',
    skipped: '증명 파일에 문서 정보가 없습니다.',
  },
  block: {
    title: '블록',
    passed: (f) =>
      `등록 항목은 블록 ${f.height}번에 담긴 ${f.count}건 중 ${f.number}번째이며, 그 자리에 다른 항목이 올 수 없습니다.`,
    skipped: '확인하지 않았습니다.',
  },
  proof_of_work: {
    title: '작업 증명',
    passed: (f) => `블록 해시가 0인 비트 ${f.zeroBits}개 이상으로 시작하여 헤더의 요구를 충족합니다.`,
    skipped: '확인하지 않았습니다.',
  },
  time: {
    title: '시각',
    passed: (f) =>
      `시각이 일관됩니다. ${f.accepted} 접수, ${f.sealed} 봉인. 이 시각은 서비스가 밝힌 것이며, 공동 서명이 있으면 외부에서도 확인됩니다.`,
    skipped: '확인하지 않았습니다.',
  },
  log: {
    title: '체인',
    passed: (f) => `서명된 체인(블록 ${f.blocks}개)에 블록 ${f.height}번이 들어 있습니다.`,
    skipped: '확인하지 않았습니다.',
  },
  log_signature: {
    title: '서명',
    passed: (f) => `체인의 이 상태에 ${f.origin}의 서명이 있으며, 신뢰하는 키와 일치합니다.`,
    skipped: '확인하지 않았습니다.',
  },
  cosignatures: {
    title: '공동 서명',
    passed: (f) => `신뢰하는 참여 기관이 필요한 수만큼 공동 서명했습니다: ${f.members}`,
    skipped: '신뢰 정책이 공동 서명을 요구하지 않습니다.',
  },
  times: {
    title: '외부 시각',
    passed: (f) => `신뢰하는 독립 시각 출처가 필요한 수만큼 시각을 확인했습니다: ${f.sources}`,
    skipped: '신뢰 정책이 외부 시각 확인을 요구하지 않습니다.',
  },
  receipt: {
    title: '접수증',
    passed: (f) => `이 등록 항목의 접수증이며, ${f.deadline}까지 봉인할 것을 약속합니다.`,
    skipped: '확인하지 않았습니다.',
  },
  receipt_signature: {
    title: '접수증의 서명',
    passed: (f) => `접수증에 ${f.origin}의 서명이 있습니다.`,
    skipped: '접수증을 확인할 키가 없습니다.',
  },
};

export const STEPS: Readonly<Record<Language, typeof enSteps>> = { en: enSteps, ko: koSteps };

const enFailures: Readonly<Record<FailureCode, string>> = {
  document_digest_mismatch: 'Your document’s fingerprint doesn’t match the proof.',
  document_size_mismatch: 'Your document’s size doesn’t match the proof.',
  entry_digest_mismatch: 'The entry stands for a different document.',
  entry_size_mismatch: 'The entry records a different document size.',
  details_mismatch: 'The details in the proof are not those that were notarized.',
  account_mismatch: 'The entry was not made by the organization that the proof names.',
  index_outside_block: 'The position of the entry is outside the block.',
  block_path_length: 'The inclusion path from the entry to the block’s root has the wrong length.',
  merkle_root_mismatch: 'The inclusion path of the entry does not lead to the block’s root.',
  proof_of_work_missing: 'The block hash starts with fewer zero bits than the block’s header requires.',
  sealed_before_accepted: 'The block claims to be older than the acceptance of the entry.',
  height_outside_log: 'The signed state of the chain is older than the block.',
  log_path_length: 'The inclusion path from the block to the chain’s root has the wrong length.',
  log_root_mismatch: 'The inclusion path of the block does not lead to the chain’s signed root.',
  no_trusted_key: 'There is no trusted key to check the chain’s signature with.',
  untrusted_log: 'The chain is not signed by a key you trust.',
  bad_log_signature: 'The chain’s signature is invalid.',
  bad_cosignature: 'A cosignature is invalid.',
  quorum_missing: 'Fewer members have cosigned than your trust policy requires.',
  time_missing: 'Fewer independent time sources have confirmed the time than your trust policy requires.',
  receipt_mismatch: 'The receipt is for a different entry.',
  bad_receipt_signature: 'The receipt’s signature is invalid.',
};

const koFailures: typeof enFailures = {
  document_digest_mismatch: '문서의 해시값이 증명 파일의 대상과 다릅니다.',
  document_size_mismatch: '문서의 크기가 증명 파일에 적힌 것과 다릅니다.',
  entry_digest_mismatch: '등록 항목이 다른 문서를 나타냅니다.',
  entry_size_mismatch: '등록 항목에 적힌 문서 크기가 다릅니다.',
  details_mismatch: '증명 파일의 문서 정보가 등록된 내용과 다릅니다.',
  account_mismatch: '증명 파일에 적힌 조직이 등록한 항목이 아닙니다.',
  index_outside_block: '등록 항목의 위치가 블록의 범위를 벗어납니다.',
  block_path_length: '등록 항목에서 블록의 루트까지의 포함 경로 길이가 맞지 않습니다.',
  merkle_root_mismatch: '등록 항목의 포함 경로가 블록의 루트에 이르지 않습니다.',
  proof_of_work_missing: '블록 해시에 헤더가 요구하는 만큼의 0비트가 없습니다.',
  sealed_before_accepted: '접수되기 전에 봉인된 것으로 되어 있습니다.',
  height_outside_log: '서명된 체인의 상태가 이 블록보다 오래되었습니다.',
  log_path_length: '블록에서 체인의 루트까지의 포함 경로 길이가 맞지 않습니다.',
  log_root_mismatch: '블록의 포함 경로가 서명된 체인의 루트에 이르지 않습니다.',
  no_trusted_key: '체인의 서명을 확인할 신뢰하는 키가 없습니다.',
  untrusted_log: '신뢰하는 키로 서명된 체인이 아닙니다.',
  bad_log_signature: '체인의 서명이 유효하지 않습니다.',
  bad_cosignature: '유효하지 않은 공동 서명이 있습니다.',
  quorum_missing: '공동 서명한 참여 기관이 신뢰 정책에서 요구하는 수보다 적습니다.',
  time_missing: '시각을 확인한 독립 출처가 신뢰 정책에서 요구하는 수보다 적습니다.',
  receipt_mismatch: '다른 등록 항목의 접수증입니다.',
  bad_receipt_signature: '접수증의 서명이 유효하지 않습니다.',
};

export const FAILURES: Readonly<Record<Language, typeof enFailures>> = { en: enFailures, ko: koFailures };

/** How numbers and times (milliseconds since the Unix epoch) are written. */
interface Formats {
  readonly number: (value: number) => string;
  readonly time: (milliseconds: number) => string;
}

export function stepFacts(
  proof: ProofFile | PendingProof,
  { cosignatures, time }: Pick<Verification, 'cosignatures' | 'time'>,
  format: Formats,
): StepFacts {
  const accepted = format.time(proof.entry.acceptedAt);
  const voices = {
    members: cosignatures.map(({ witness }) => printable(witness)).join(', '),
    sources: (time?.owners ?? []).map(printable).join(', '),
  };
  if (proof.format === PENDING_FORMAT) {
    const { origin, deadline } = proof.receipt;
    const unknown = { height: '', number: '', count: '', zeroBits: '', sealed: '', blocks: '' };
    return { ...unknown, ...voices, accepted, origin: printable(origin), deadline: format.time(deadline) };
  }
  const { header, index } = proof.block;
  const { origin, size } = proof.log.checkpoint;
  return {
    ...voices,
    ...{ accepted, sealed: format.time(header.sealedAt), deadline: '' },
    origin: printable(origin),
    height: format.number(header.height),
    number: format.number(index + 1),
    count: format.number(header.entryCount),
    zeroBits: format.number(header.difficulty),
    blocks: format.number(size),
  };
}
