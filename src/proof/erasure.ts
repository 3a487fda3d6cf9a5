import { describe, equal, fromBase64, fromDecimal, toBase64 } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH } from './hash.js';
import { checkSignature, type NoteSigner, signStatement } from './note-signature.js';
import { formatNote, parseNote } from './note.js';
import { textKey, type VerifierKey } from './verifier-key.js';

/**
 * What a log signs when it has erased the content of a notarization (docs/erasure.md, "The certificate"). It names
 * nothing of the content: the leaf hash is public, and tells nothing without the salt.
 */
export interface Erasure {
  readonly origin: string;
  /** Of the notarization. */
  readonly position: number;
  /** Of its entry, 32 bytes: whoever has a proof can compare. */
  readonly leafHash: Uint8Array;
  /** Milliseconds since the Unix epoch, as the service states it. */
  readonly erasedAt: number;
}

export const ERASURE_FIRST_LINE = 'ingam/erasure/v1';

/** @param signers the log's keys @returns the signed note */
export function signErasure(erasure: Erasure, signers: readonly NoteSigner[]): string {
  const { origin, position, leafHash, erasedAt } = erasure;
  const lines = [ERASURE_FIRST_LINE, origin, position, toBase64(leafHash), erasedAt, ''];
  return formatNote(signStatement(lines.join('\n'), signers));
}

/** A certificate of an erasure whose signatures were checked. */
export interface SignedErasure extends Erasure {
  /** Those of the given keys that signed it; at least one. */
  readonly signedBy: readonly VerifierKey[];
}

/**
 * Reads the certificate of an erasure, and checks its signatures.
 * @param source the bytes or the text of the file
 * @param keys of the log, present and former ones. In which period each was in use is for the caller to judge, by
 *   the block that holds the certificate.
 * @throws {ProofError} unsupported_format: it is no certificate of an erasure; malformed_note, malformed_number,
 * */
export function readErasure(source: string | Uint8Array, keys: readonly VerifierKey[]): SignedErasure {
  const note = parseNote(source);
  const erasure = parseErasure(note.text);
  const { origin } = erasure;
  const own = keys.filter(({ name }) => name === origin);
  const states = own.map((key) => ({ key, state: checkSignature(note, textKey(key)).state }));
  if (states.some(({ state }) => state === 'bad'))
    throw new ProofError('malformed_note', 'a signature of the certificate of an erasure is wrong');
  const signedBy = states.filter(({ state }) => state === 'good').map(({ key }) => key);
  if (signedBy.length === 0)
    throw new ProofError(
      'malformed_note',
      `no trusted key of ${describe(origin)} has signed the certificate`,
    );
  return { ...erasure, signedBy };
}

/**
 * The text of a certificate, whoever has signed it.
 * @param text with its final LF
 * @throws {ProofError} as `readErasure`
 */
export function parseErasure(text: string): Erasure {
  const [first, origin = '', position, leafHash, erasedAt, end, ...rest] = text.split('\n');
  if (first !== ERASURE_FIRST_LINE)
    throw new ProofError('unsupported_format', `not a certificate of an erasure: ${describe(first ?? '')}`);
  if (
    origin === '' ||
    position === undefined ||
    leafHash === undefined ||
    erasedAt === undefined ||
    end !== '' ||
    rest.length > 0
  ) {
    throw new ProofError('malformed_note', 'a certificate of an erasure has exactly five lines');
  }
  return {
    origin,
    position: fromDecimal(position, 'the position of an erasure'),
    leafHash: fromBase64(leafHash, 'the leaf hash of an erasure', HASH_LENGTH),
    erasedAt: fromDecimal(erasedAt, 'the time of an erasure'),
  };
}

/** Whether the certificate is about the entry with this leaf hash in this log. */
export function isErasureOf(
  { origin, leafHash }: Erasure,
  entry: { readonly origin: string; readonly leafHash: Uint8Array },
): boolean {
  return origin === entry.origin && equal(leafHash, entry.leafHash);
}
