import { describe, fromBase64, fromDecimal, toBase64 } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH } from './hash.js';

/**
 * The signed promise that is given at acceptance: the text of a signed note (docs/proof-format.md, "Signed
 * notes").
 */
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
 * @throws {ProofError} malformed_receipt, malformed_number, malformed_base64, or unsupported_format for
 *   another first line
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
      'a receipt is for one entry or more, and its deadline is not before the time of acceptance',
    );
  }
  return receipt;
}
