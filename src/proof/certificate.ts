import { ProofError } from './errors.js';
import {
  MAX_PROOF_LENGTH,
  parseProof,
  PENDING_FORMAT,
  type PendingProof,
  type ProofFile,
} from './proof-file.js';

/**
 * A certificate is a PDF whose first object is the proof file, uncompressed (docs/proof-format.md, "Files").
 * So there is one place to find the proof, whatever else the PDF contains, and no need for a PDF library.
 */
const HEAD = new RegExp(
  [
    /^%PDF-1\.7\n%[\x80-\xff]{4}\n[1-9][0-9]{0,9} 0 obj\n<<\n\/Type \/EmbeddedFile\n/,
    /\/Params <<\n\/CreationDate \(D:[0-9]{14}Z\)\n\/ModDate \(D:[0-9]{14}Z\)\n/,
    /\/CheckSum \([0-9a-f]{32}\)\n\/Size ([1-9][0-9]{0,15})\n>>\n/,
    /\/Subtype \/application#2Fvnd\.ingam\.proof\+json\n\/Length ([1-9][0-9]{0,15})\n>>\nstream\n/,
  ]
    .map(({ source }) => source)
    .join(''),
);
const TAIL = '\nendstream\nendobj\n';
/** In bytes; more than HEAD can match. */
const MAX_HEAD_LENGTH = 512;

/** In bytes: the part of a file that is enough to read the proof that it is or contains. */
export const MAX_PROOF_SOURCE = MAX_HEAD_LENGTH + MAX_PROOF_LENGTH + TAIL.length;

/** Whether the file that begins with `start` is a PDF. A proof file never is. */
export function isPdf(start: Uint8Array): boolean {
  return latin1(start, 0, 5) === '%PDF-';
}

/**
 * Whether the file that begins with `start` is a certificate, possibly truncated: a PDF whose first object is
 * a proof.
 */
export function beginsWithProof(start: Uint8Array): boolean {
  return HEAD.test(latin1(start, 0, MAX_HEAD_LENGTH));
}

/**
 * Reads a proof from a proof file, or from a certificate.
 * @param source the file's bytes, of which the first MAX_PROOF_SOURCE are enough
 * @throws {ProofError} as parseProof does, and malformed_certificate for a PDF that does not begin with a
 *   proof
 */
export function parseProofOrCertificate(source: Uint8Array): ProofFile | PendingProof {
  if (!isPdf(source)) return parseProof(source);
  const proof = parseProof(proofOfCertificate(source));
  if (proof.format === PENDING_FORMAT)
    throw malformed('a certificate contains a final proof, not a pending one');
  return proof;
}

/**
 * The bytes of the proof file in a certificate.
 * @param source the PDF's bytes, of which the first MAX_PROOF_SOURCE are enough
 * @throws {ProofError} malformed_certificate
 */
export function proofOfCertificate(source: Uint8Array): Uint8Array {
  const [head, size, length] = HEAD.exec(latin1(source, 0, MAX_HEAD_LENGTH)) ?? [];
  if (head === undefined || size === undefined || length === undefined) {
    throw malformed(
      'this PDF does not begin with a proof: it is not a certificate, or another program has re-saved it. ' +
        'If a PDF reader shows the proof as an attachment, save the attachment and use it instead',
    );
  }
  const count = Number(length);
  if (size !== length) throw malformed('the certificate states two different lengths of its proof');
  if (count > MAX_PROOF_LENGTH)
    throw malformed(`the proof in a certificate has at most ${MAX_PROOF_LENGTH} bytes`);
  const end = head.length + count;
  if (source.length < end + TAIL.length) throw malformed('the certificate is truncated');
  if (latin1(source, end, end + TAIL.length) !== TAIL)
    throw malformed('the proof in the certificate does not end at the stated length');
  return source.slice(head.length, end);
}

/** One character for each byte. */
function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

function malformed(message: string): ProofError {
  return new ProofError('malformed_certificate', message);
}
