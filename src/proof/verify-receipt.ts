import { describe, equal, toHex } from './bytes.js';
import { checkSignature, ED25519, type VerifierKey } from './note.js';
import type { PendingProof } from './proof-file.js';
import type { VerifyEd25519 } from './signature.js';
import { failed, formatTime, held, mismatch, skipped, type StepResult } from './verdict.js';

/** The steps that only a pending proof has: docs/proof-format.md, "Verification". */

export function checkReceipt({ entry, receipt }: PendingProof, leaf: Uint8Array): StepResult {
  if (receipt.count !== 1 || !equal(receipt.root, leaf)) {
    return mismatch('receipt_mismatch', 'The receipt is for something else than this one entry.', {
      expected: `1 entry, ${toHex(leaf)}`,
      computed: `${receipt.count} ${receipt.count === 1 ? 'entry' : 'entries'}, ${toHex(receipt.root)}`,
    });
  }
  if (receipt.acceptedAt !== entry.acceptedAt) {
    return mismatch('receipt_mismatch', 'The receipt states another time of acceptance than the entry.', {
      expected: formatTime(entry.acceptedAt),
      computed: formatTime(receipt.acceptedAt),
    });
  }
  return held(`The receipt promises a seal by ${formatTime(receipt.deadline)}.`);
}

export function checkReceiptSignature(
  { note, receipt }: PendingProof,
  keys: readonly VerifierKey[],
  verifyEd25519: VerifyEd25519,
): StepResult {
  const checks = keys
    .filter(({ type }) => type === ED25519)
    .map((key) => checkSignature(note, key, verifyEd25519));
  if (checks.some(({ state }) => state === 'bad')) {
    return failed('bad_receipt_signature', 'The signature of the receipt does not hold.');
  }
  return checks.some(({ state }) => state === 'good')
    ? held(`The receipt is signed for the log ${describe(receipt.origin)}.`)
    : skipped('The receipt is not signed by a key that was given, so nobody vouches for it.');
}
