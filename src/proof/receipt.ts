import { describe, fromBase64, fromDecimal, toBase64 } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH } from './hash.js';

/**
 * What the service signs when it accepts a group of entries: the text of a signed note (docs/proof-format.md,
 * "Receipts"). It names no position, so that it can be signed before the entries are written.
 */
export interface Receipt {
  readonly origin: string;
  /** Number of entries in the group, at least 1. */
  readonly count: number;
  /** RFC 6962 root over the entries of the group, in the order of their positions. */
  readonly root: Uint8Array;
  /** Time of acceptance of every entry, milliseconds since the Unix epoch. */
  readonly acceptedAt: number;
  /** By when the entries will be sealed, milliseconds since the Unix epoch. */
  readonly deadline: number;
}

const FIRST_LINE = 'ingam/receipt/v1';

export function formatReceipt({ origin, count, root, acceptedAt, deadline }: Receipt): string {
  return `${FIRST_LINE}\n${origin}\n${count}\n${toBase64(root)}\n${acceptedAt}\n${deadline}\n`;
}

/**
 * @param text a note's text, with its final LF
 * @throws {ProofError} malformed_receipt, malformed_number, malformed_base64, or unsupported_format for
 *   another first line
 */
export function parseReceipt(text: string): Receipt {
  const [first, origin, count, root, acceptedAt, deadline, end, ...rest] = text.split('\n');
  if (first !== FIRST_LINE)
    throw new ProofError('unsupported_format', `not a receipt: ${describe(first ?? '')}`);
  if (
    origin === undefined ||
    origin === '' ||
    count === undefined ||
    root === undefined ||
    acceptedAt === undefined ||
    deadline === undefined ||
    end !== '' ||
    rest.length > 0
  ) {
    throw new ProofError('malformed_receipt', 'a receipt has exactly six lines');
  }
  const receipt: Receipt = {
    origin,
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
