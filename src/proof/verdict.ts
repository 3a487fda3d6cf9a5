/** What a verification says of each of its steps (docs/proof-format.md, "Verification"). */

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
  readonly outcome: 'held' | 'failed' | 'skipped';
  /** Set exactly when the step failed. */
  readonly code: FailureCode | null;
  /** One English sentence. */
  readonly says: string;
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

  add(number: number, name: StepName, { outcome, code, says, expected, computed }: StepResult): void {
    // Field by field: with a spread behind other fields, nine steps take 0.6 µs longer.
    const step: { -readonly [K in keyof Step]: Step[K] } = { number, name, outcome, code, says };
    if (expected !== undefined) step.expected = expected;
    if (computed !== undefined) step.computed = computed;
    this.all.push(step);
  }

  get failures(): readonly Step[] {
    return this.all.filter(({ outcome }) => outcome === 'failed');
  }

  get failed(): boolean {
    return this.failures.length > 0;
  }
}

export function held(says: string, computed?: string): StepResult {
  return computed === undefined
    ? { outcome: 'held', code: null, says }
    : { outcome: 'held', code: null, says, computed };
}

export function skipped(says: string): StepResult {
  return { outcome: 'skipped', code: null, says };
}

export function failed(code: FailureCode, says: string): StepResult {
  return { outcome: 'failed', code, says };
}

export function mismatch(
  code: FailureCode,
  says: string,
  values: { readonly expected: string; readonly computed: string },
): StepResult {
  return { outcome: 'failed', code, says, ...values };
}

/** A time as steps show it. */
export function formatTime(milliseconds: number): string {
  // Beyond what a Date can hold (year 275760) the number itself is the clearest thing to show.
  return milliseconds <= 8.64e15 ? isoTime(milliseconds) : `${milliseconds} ms`;
}

const DAY = 86_400_000;
let lastDay = Number.NaN;
let lastDate = '';

/** As toISOString has it, which takes 0.5 µs, most of it for the date. Mostly that is the date of the time before, and then this takes 0.1. */
function isoTime(milliseconds: number): string {
  const day = Math.floor(milliseconds / DAY);
  if (day !== lastDay) {
    lastDate = new Date(milliseconds).toISOString().slice(0, -'00:00:00.000Z'.length);
    lastDay = day;
  }
  const time = milliseconds - day * DAY;
  const seconds = Math.floor(time / 1000);
  const [hour, minute] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${lastDate}${padded(hour)}:${padded(minute)}:${padded(seconds % 60)}.${padded(time % 1000, 3)}Z`;
}

const padded = (value: number, digits = 2) => String(value).padStart(digits, '0');
