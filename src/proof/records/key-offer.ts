import { toHex, utf8 } from '../bytes.js';
import { canonicalJson, type JsonObject } from '../canonical-json.js';
import { ProofError } from '../errors.js';
import { sha256 } from '../hash.js';
import { parseNote } from '../note.js';
import { PORTABLE_VERIFIERS, type Verifiers } from '../verifiers.js';
import { verifyEventSignatures } from './keys.js';

// How an invited person gives a key before the event that names it exists (docs/signing.md).

const FIRST_LINE = 'ingam/key/v1';

export interface KeyOffer {
  /** The log's. */
  readonly origin: string;
  /** Id of the request to sign. */
  readonly request: string;
  /**
   * 32 bytes: the SHA-256 of the contract's document, or of what a claim shall state (`claimDigest`); the id of an
   * item or work.
   */
  readonly document: Uint8Array;
}

/**
 * The text that a person signs with the key that an event shall name, with its final LF: it shows that the key is in
 * use, and for what. It agrees to nothing.
 */
export function formatKeyOffer({ origin, request, document }: KeyOffer): string {
  return `${FIRST_LINE}\n${origin}\n${request}\n${toHex(document)}\n`;
}

/** The SHA-256 of what a claim shall state, without nonce and holder, 32 bytes. */
export function claimDigest(claim: JsonObject): Uint8Array {
  return sha256(utf8(canonicalJson(claim)));
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
