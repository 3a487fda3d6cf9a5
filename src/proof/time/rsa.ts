import { concat, equal, toHex } from '../bytes.js';
import { digestIdentifier, type DigestAlgorithm } from './digests.js';
import { octetString, sequence } from './der-writer.js';

/** RSA signature verification (RFC 8017 §8). The public key is public: nothing here needs constant time. */

export interface RsaKey {
  readonly modulus: bigint;
  readonly exponent: bigint;
  /** Length of the modulus. */
  readonly bits: number;
}

/** Bounds that are checked before any arithmetic: a large key or exponent takes a verifier's time. */
export const MIN_RSA_BITS = 2048;
export const MAX_RSA_BITS = 8192;
const MAX_EXPONENT = 1n << 33n;

/** null when a number is even, too small or too large for a public key. */
export function rsaKey(modulus: Uint8Array, exponent: Uint8Array): RsaKey | null {
  if (modulus.length > MAX_RSA_BITS / 8 + 1 || exponent.length > 5) return null;
  const [n, e] = [toBigInt(modulus), toBigInt(exponent)];
  const isNegative = (modulus[0] ?? 0) >= 0x80 || (exponent[0] ?? 0) >= 0x80;
  if (isNegative || n % 2n === 0n || e % 2n === 0n || e < 3n || e >= MAX_EXPONENT) return null;
  return { modulus: n, exponent: e, bits: n.toString(2).length };
}

/**
 * PKCS#1 v1.5: makes the one encoding that the signature must hold, and compares. Nothing in the signature is
 * parsed.
 */
export function verifyPkcs1(
  key: RsaKey,
  algorithm: DigestAlgorithm,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const length = Math.ceil(key.bits / 8);
  const encoded = recover(key, signature, length);
  if (encoded === null) return false;
  const info = sequence(digestIdentifier(algorithm), octetString(digest));
  const padding = new Uint8Array(length - info.length - 3).fill(0xff);
  return equal(encoded, concat(Uint8Array.of(0x00, 0x01), padding, Uint8Array.of(0x00), info));
}

/**
 * PSS with MGF1 over the same digest and trailer 0xBC. The salt is recovered, and then the one encoding with
 * it is made and compared.
 */
export function verifyPss(
  key: RsaKey,
  algorithm: DigestAlgorithm,
  saltLength: number,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const length = Math.ceil((key.bits - 1) / 8);
  const encoded = recover(key, signature, length);
  const maskLength = length - algorithm.length - 1;
  if (encoded === null || saltLength < 0 || saltLength > maskLength - 1) return false;
  const masked = encoded.subarray(0, maskLength);
  const hash = encoded.subarray(maskLength, maskLength + algorithm.length);
  const salt = xor(masked, mgf1(algorithm, hash, maskLength)).subarray(maskLength - saltLength);
  return equal(encoded, encodePss(algorithm, digest, salt, key.bits - 1));
}

/**
 * EMSA-PSS-ENCODE (RFC 8017 §9.1.1).
 * @param bits length of the encoded message
 */
function encodePss(
  algorithm: DigestAlgorithm,
  digest: Uint8Array,
  salt: Uint8Array,
  bits: number,
): Uint8Array {
  const length = Math.ceil(bits / 8);
  const maskLength = length - algorithm.length - 1;
  const hash = algorithm.hash(concat(new Uint8Array(8), digest, salt));
  const zeros = new Uint8Array(maskLength - salt.length - 1);
  const block = concat(zeros, Uint8Array.of(0x01), salt);
  const masked = xor(block, mgf1(algorithm, hash, maskLength));
  masked[0] = (masked[0] ?? 0) & (0xff >> (8 * length - bits));
  return concat(masked, hash, Uint8Array.of(0xbc));
}

/** RSAVP1 and I2OSP; null when the signature is out of range or its value needs more than `length` bytes. */
function recover(key: RsaKey, signature: Uint8Array, length: number): Uint8Array | null {
  if (key.bits < MIN_RSA_BITS || signature.length !== Math.ceil(key.bits / 8)) return null;
  const value = toBigInt(signature);
  if (value >= key.modulus) return null;
  const digits = power(value, key.exponent, key.modulus)
    .toString(16)
    .padStart(2 * length, '0');
  if (digits.length > 2 * length) return null;
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === '1') result = (result * base) % modulus;
  }
  return result;
}

function mgf1(algorithm: DigestAlgorithm, seed: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / algorithm.length) }, (_, i) =>
    algorithm.hash(concat(seed, Uint8Array.of(i >>> 24, i >>> 16, i >>> 8, i))),
  );
  return concat(...blocks).subarray(0, length);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] ?? 0));
}

function toBigInt(octets: Uint8Array): bigint {
  return octets.length === 0 ? 0n : BigInt(`0x${toHex(octets)}`);
}
