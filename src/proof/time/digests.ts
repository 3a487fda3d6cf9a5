import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { nullValue, oid, sequence } from './der-writer.js';
import { TAG, type DerReader } from './der.js';

/** The digest algorithms that count. */
export type DigestName = 'sha256' | 'sha384' | 'sha512';

export interface DigestAlgorithm {
  readonly name: DigestName;
  readonly oid: string;
  /** In bytes. */
  readonly length: number;
  readonly hash: (data: Uint8Array) => Uint8Array;
}

export const DIGESTS: Readonly<Record<DigestName, DigestAlgorithm>> = {
  sha256: { name: 'sha256', oid: '2.16.840.1.101.3.4.2.1', length: 32, hash: (data) => sha256(data) },
  sha384: { name: 'sha384', oid: '2.16.840.1.101.3.4.2.2', length: 48, hash: (data) => sha384(data) },
  sha512: { name: 'sha512', oid: '2.16.840.1.101.3.4.2.3', length: 64, hash: (data) => sha512(data) },
};

/**
 * Only to compare the certificate that an old SigningCertificate attribute names. The signature over that
 * attribute uses one of `DIGESTS`.
 */
export const sha1OfCertificate = (certificate: Uint8Array): Uint8Array => sha1(certificate);

const WEAK = new Map([
  ['1.2.840.113549.2.2', 'MD2'],
  ['1.2.840.113549.2.5', 'MD5'],
  ['1.3.14.3.2.26', 'SHA-1'],
  ['1.3.36.3.2.1', 'RIPEMD-160'],
  ['2.16.840.1.101.3.4.2.4', 'SHA-224'],
]);

/** One of `DIGESTS`, or why an algorithm is none of them. */
export type DigestChoice =
  | { readonly algorithm: DigestAlgorithm }
  | {
      readonly algorithm: null;
      readonly fault: 'weak_algorithm' | 'unsupported_algorithm';
      readonly name: string;
    };

export function digestOf(identifier: string): DigestChoice {
  const algorithm = Object.values(DIGESTS).find(({ oid }) => oid === identifier);
  if (algorithm !== undefined) return { algorithm };
  const weak = WEAK.get(identifier);
  return weak === undefined
    ? { algorithm: null, fault: 'unsupported_algorithm', name: identifier }
    : { algorithm: null, fault: 'weak_algorithm', name: weak };
}

export interface AlgorithmIdentifier {
  readonly oid: string;
  /** The whole element; null: absent. */
  readonly parameters: Uint8Array | null;
}

/** @throws {DerError} */
export function readAlgorithm(reader: DerReader): AlgorithmIdentifier {
  const fields = reader.sequence();
  const identifier = fields.oid();
  const parameters = fields.isAtEnd ? null : fields.raw();
  fields.finish();
  return { oid: identifier, parameters };
}

/**
 * The AlgorithmIdentifier of a digest, with parameters NULL or absent (RFC 5754 §2).
 * @returns its object identifier
 * @throws {DerError}
 */
export function readDigestAlgorithm(reader: DerReader): string {
  const { oid: identifier, parameters } = readAlgorithm(reader);
  if (parameters !== null && parameters[0] !== TAG.null)
    throw reader.unexpected('has a digest algorithm with parameters');
  return identifier;
}

/** With parameters NULL, as requests have been written from the beginning. */
export function digestIdentifier({ oid: identifier }: DigestAlgorithm): Uint8Array {
  return sequence(oid(identifier), nullValue());
}
