/** The steps of a verification and their results (docs/proof-format.md, "Verification"). */

export type StepName =
  | 'document'
  | 'entry'
  | 'disclosure'
  | 'block'
  | 'proof_of_work'
  | 'time'
  | 'log'
  | 'log_signature'
  | 'cosignatures'
  | 'receipt'
  | 'receipt_signature';

/** Why a step failed. Stable: scripts may depend on it. */
export type FailureCode =
  | 'document_digest_mismatch'
  | 'document_size_mismatch'
  | 'entry_digest_mismatch'
  | 'entry_size_mismatch'
  | 'details_mismatch'
  | 'account_mismatch'
  | 'index_outside_block'
  | 'block_path_length'
  | 'merkle_root_mismatch'
  | 'proof_of_work_missing'
  | 'sealed_before_accepted'
  | 'height_outside_log'
  | 'log_path_length'
  | 'log_root_mismatch'
  | 'no_trusted_key'
  | 'untrusted_log'
  | 'bad_log_signature'
  | 'bad_cosignature'
  | 'quorum_missing'
  | 'receipt_mismatch'
  | 'bad_receipt_signature';

export interface StepResult {
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Set exactly when the step failed. */
  readonly code: FailureCode | null;
  /** One English sentence. */
  readonly message: string;
  readonly expected?: string;
  readonly computed?: string;
}

export interface Step extends StepResult {
  /** The step's number in docs/proof-format.md. */
  readonly number: number;
  readonly name: StepName;
}

export class StepList {
  readonly all: Step[] = [];

  add(number: number, name: StepName, result: StepResult): void {
    this.all.push({ number, name, ...result });
  }

  get failures(): readonly Step[] {
    return this.all.filter(({ outcome }) => outcome === 'failed');
  }

  get failed(): boolean {
    return this.failures.length > 0;
  }
}

export function passed(message: string, computed?: string): StepResult {
  return computed === undefined
    ? { outcome: 'passed', code: null, message }
    : { outcome: 'passed', code: null, message, computed };
}

export function skipped(message: string): StepResult {
  return { outcome: 'skipped', code: null, message };
}

export function failed(code: FailureCode, message: string): StepResult {
  return { outcome: 'failed', code, message };
}

/** A failed comparison of the value in the proof with the one that was computed. */
export function mismatch(
  code: FailureCode,
  message: string,
  values: { readonly expected: string; readonly computed: string },
): StepResult {
  return { outcome: 'failed', code, message, ...values };
}

/** @param milliseconds since the Unix epoch */
export function formatTime(milliseconds: number): string {
  // A proof may state a time that Date cannot represent (after the year 275760).
  return milliseconds <= 8.64e15 ? new Date(milliseconds).toISOString() : `${milliseconds} ms`;
}
