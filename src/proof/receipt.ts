import { describe, equal, fromBase64, fromDecimal, toBase64, toHex } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH } from './hash.js';
import { checkSignature, ED25519, type VerifierKey, type VerifyEd25519 } from './note.js';
import type { PendingProof } from './proof-file.js';
import { failed, formatTime, held, mismatch, skipped, type StepResult } from './verdict.js';

/** docs/proof-format.md, "Receipt": the signed promise given at acceptance, the text of a signed note. */
export interface Receipt {
  readonly origin: string;
  /** Position of the first accepted entry. */
  readonly firstPosition: number;
  /** At least 1. */
  readonly count: number;
  /** RFC 6962 root over the accepted entries, in position order. */
  readonly root: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly acceptedAt: number;
  /** By when the entries will be sealed, milliseconds since the Unix epoch. */
  readonly deadline: number;
}

const FIRST_LINE = 'ingam/receipt/v1';

export function formatReceipt(receipt: Receipt): string {
  const { origin, firstPosition, count, root, acceptedAt, deadline } = receipt;
  return `${[FIRST_LINE, origin, firstPosition, count, toBase64(root), acceptedAt, deadline].join('\n')}\n`;
}

/**
 * @param text a note's text, with its final LF
 * @throws {ProofError} malformed_receipt, malformed_number, malformed_base64, or unsupported_format for another first line
 */
export function parseReceipt(text: string): Receipt {
  const [first, origin, firstPosition, count, root, acceptedAt, deadline, end, ...rest] = text.split('\n');
  if (first !== FIRST_LINE)
    throw new ProofError('unsupported_format', `not a receipt: ${describe(first ?? '')}`);
  if (
    origin === undefined ||
    origin === '' ||
    firstPosition === undefined ||
    count === undefined ||
    root === undefined ||
    acceptedAt === undefined ||
    deadline === undefined ||
    end !== '' ||
    rest.length > 0
  ) {
    throw new ProofError('malformed_receipt', 'a receipt has exactly seven lines');
  }
  const receipt: Receipt = {
    origin,
    firstPosition: fromDecimal(firstPosition, 'the first position of a receipt'),
    count: fromDecimal(count, 'the count of a receipt'),
    root: fromBase64(root, 'the root of a receipt', HASH_LENGTH),
    acceptedAt: fromDecimal(acceptedAt, 'the time of a receipt'),
    deadline: fromDecimal(deadline, 'the deadline of a receipt'),
  };
  if (receipt.count < 1 || receipt.deadline < receipt.acceptedAt) {
    throw new ProofError(
      'malformed_receipt',
      'a receipt is for one entry or more and its deadline is not in its past',
    );
  }
  return receipt;
}

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
