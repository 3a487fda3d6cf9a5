import { hashes, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';

/** Whether `signature` is valid; never throws, and must not change its arguments. */
export type VerifySignature = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/**
 * How signatures are verified. Functions that check signatures take it as an argument, so that a server can
 * pass faster implementations; all of them give the same results.
 */
export interface Verifiers {
  readonly verifyEd25519: VerifySignature;
  readonly verifyMlDsa44: VerifySignature;
}

export const ED25519_KEY_LENGTH = 32;
export const ED25519_SIGNATURE_LENGTH = 64;
/** FIPS 204, table 2. */
export const ML_DSA_44_KEY_LENGTH = 1312;
export const ML_DSA_44_SIGNATURE_LENGTH = 2420;

// The library has no SHA-512 of its own for synchronous use.
hashes.sha512 = sha512;

/** RFC 8032, strict: keys and points in canonical form only, no key of small order. */
export const verifyEd25519: VerifySignature = (signature, message, publicKey) => {
  try {
    return verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
};

/** FIPS 204, algorithm 3, with an empty context string. */
export const verifyMlDsa44: VerifySignature = (signature, message, publicKey) => {
  try {
    return ml_dsa44.verify(signature, message, publicKey);
  } catch {
    return false;
  }
};

/** In plain JavaScript, for every platform. */
export const PORTABLE_VERIFIERS: Verifiers = { verifyEd25519, verifyMlDsa44 };
