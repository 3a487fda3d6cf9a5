import { equal } from './bytes.js';
import { encodeEntry } from './entry.js';
import type { PendingProof, ProofFile } from './proof-file.js';

/** What services promise by default, in milliseconds. Without a receipt, a longer delay is unusual. */
export const USUAL_PROMISE_MS = 60_000;

/**
 * What a kept receipt and a proof say together.
 *
 * - kept: the promised entry was sealed by the deadline.
 * - late: it was sealed after the deadline.
 * - changed_entry: another entry was sealed under the promised one's digest and salt. A salt is random, so
 *   the service has replaced what it had accepted.
 * - other_entry: the proof is about another notarization of the document.
 * - other_document, other_log: they cannot be compared.
 */
export type PromiseOutcome =
  | 'kept'
  | 'late'
  | 'changed_entry'
  | 'other_entry'
  | 'other_document'
  | 'other_log';

export interface PromiseComparison {
  readonly outcome: PromiseOutcome;
  /** How long after the deadline the proof's block was sealed, in milliseconds; 0: not after it. */
  readonly lateMs: number;
}

/**
 * Compares what a service promised with what it sealed (docs/proof-format.md, "Receipts"). Whether the receipt
 * and the proof are genuine is not looked at: `verify` judges each of them.
 */
export function comparePromise(pending: PendingProof, proof: ProofFile): PromiseComparison {
  const { entry, receipt } = pending;
  const lateMs = Math.max(0, proof.block.header.sealedAt - receipt.deadline);
  const outcome =
    receipt.origin !== proof.log.checkpoint.origin
      ? 'other_log'
      : !equal(entry.digest, proof.entry.digest)
        ? 'other_document'
        : !equal(entry.salt, proof.entry.salt)
          ? 'other_entry'
          : !equal(encodeEntry(entry), encodeEntry(proof.entry))
            ? 'changed_entry'
            : lateMs > 0
              ? 'late'
              : 'kept';
  return { outcome, lateMs };
}
