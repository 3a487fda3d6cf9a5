import { toHex } from '../bytes.js';
import { ProofError } from '../errors.js';
import { parseNote } from '../note.js';
import { PORTABLE_VERIFIERS, type Verifiers } from '../verifiers.js';
import { verifyEventSignatures } from './keys.js';

// How an invited person gives a key before the contract that names it exists (docs/signing.md).

const FIRST_LINE = 'ingam/key/v1';

export interface KeyOffer {
  /** The log's. */
  readonly origin: string;
  /** Id of the request to sign. */
  readonly request: string;
  /** SHA-256 of the document that is to be signed, 32 bytes. */
  readonly document: Uint8Array;
}

/**
 * The text that a person signs with the key that a contract shall name, with its final LF: it shows that the key is
 * in use, and for which document. It agrees to nothing.
 */
export function formatKeyOffer({ origin, request, document }: KeyOffer): string {
  return `${FIRST_LINE}\n${origin}\n${request}\n${toHex(document)}\n`;
}

/**
 * Checks that the key itself, and no other, has signed the offer.
 * @param source the whole note
 * @param key as text, `NAME+ID+KEY`
 * @throws {ProofError} malformed_note, or malformed_key
 * @throws {RecordRefusal} missing_signature, unexpected_signature or bad_signature
 */
export function verifyKeyOffer(
  source: string | Uint8Array,
  offer: KeyOffer,
  key: string,
  verifiers: Verifiers = PORTABLE_VERIFIERS,
): void {
  const note = parseNote(source);
  if (note.text !== formatKeyOffer(offer))
    throw new ProofError(
      'malformed_note',
      `the note must have the lines "${FIRST_LINE}", log, request and document, and those of this request`,
    );
  verifyEventSignatures(note, [key], verifiers);
}
