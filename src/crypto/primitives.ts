import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto';
import {
  ED25519_KEY_LENGTH,
  equal,
  HASH_LENGTH,
  verifyEd25519,
  verifyMlDsa44,
  type Primitives,
  type Sha256,
  type Verifiers,
  type VerifySignature,
} from '../proof/index.js';

/** SHA-256 by OpenSSL. Server and command line pass it wherever proof/ takes a hash function. */
export const nodeSha256: Sha256 = (data) => {
  const bytes = new Uint8Array(HASH_LENGTH);
  sha256Into(data, bytes, 0);
  return bytes;
};

/** Writes the SHA-256 of `data` into `target`. `data` may be a part of `target`. */
export function sha256Into(data: Uint8Array, target: Uint8Array, offset: number): void {
  // As a string of one character a byte: Node allocates a Buffer for a hash outside its heap, which takes
  // longer than hashing.
  const digest = hash('sha256', data, 'binary');
  for (let i = 0; i < HASH_LENGTH; i++) target[offset + i] = digest.charCodeAt(i);
}

/** RFC 8410 wrapping of a raw Ed25519 public key. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** 2^255 − 19, the prime of the field: in canonical form, y is below it. */
const PRIME = 2n ** 255n - 19n;
/** The y coordinate of a point of order 8. */
const Y8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
/** The y coordinates of the eight points of small order. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([0n, 1n, PRIME - 1n, Y8, PRIME - Y8]);
const KEYS_KEPT = 64;
const keys = new Map<string, KeyObject | null>();

/**
 * Ed25519 by OpenSSL, with exactly the results of the portable implementation. OpenSSL is as strict about
 * signatures (and stricter: it verifies without the cofactor), but less strict about keys. So a valid
 * signature under a key that the portable implementation accepts is valid; in every other case, which no
 * honest signer causes, the portable implementation decides.
 */
export const nodeVerifyEd25519: VerifySignature = (signature, message, publicKey) => {
  const key = strictKey(publicKey);
  return (
    (key !== null && verify(null, message, key, signature)) || verifyEd25519(signature, message, publicKey)
  );
};

/**
 * Null for a key that the portable implementation has to judge. Keys are kept: creating a key object takes as
 * long as a check.
 */
function strictKey(publicKey: Uint8Array): KeyObject | null {
  const id = Buffer.from(publicKey).toString('hex');
  const known = keys.get(id);
  if (known !== undefined) return known;
  const key = isStrict(publicKey)
    ? createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' })
    : null;
  if (keys.size >= KEYS_KEPT) keys.clear();
  keys.set(id, key);
  return key;
}

function isStrict(publicKey: Uint8Array): boolean {
  if (publicKey.length !== ED25519_KEY_LENGTH) return false;
  // Little-endian; the highest bit is the sign of x.
  const y = BigInt.asUintN(255, BigInt(`0x${Buffer.from(publicKey).reverse().toString('hex')}`));
  return y < PRIME && !SMALL_ORDER_Y.has(y);
}

/**
 * Wraps `verify` so that it remembers the last `limit` valid signatures: many proofs are under one
 * checkpoint. A signature is remembered with its message and key, and all three are compared in full. Invalid
 * signatures are not kept, so forgeries cannot displace valid ones.
 */
export function rememberValid(verify: VerifySignature, limit: number): VerifySignature {
  const valid = new Map<number, { signature: Uint8Array; message: Uint8Array; publicKey: Uint8Array }>();
  return (signature, message, publicKey) => {
    const id = shortId(signature);
    const known = valid.get(id);
    if (
      known !== undefined &&
      equal(known.signature, signature) &&
      equal(known.message, message) &&
      equal(known.publicKey, publicKey)
    ) {
      return true;
    }
    if (!verify(signature, message, publicKey)) return false;
    const [oldest] = valid.keys();
    if (oldest !== undefined && valid.size >= limit) valid.delete(oldest);
    valid.set(id, { signature: signature.slice(), message: message.slice(), publicKey: publicKey.slice() });
    return true;
  };
}

/**
 * The first four bytes. Two signatures with the same ones displace each other; only a signer could make such
 * a pair.
 */
function shortId(signature: Uint8Array): number {
  return signature.slice(0, 4).reduce((id, byte) => id * 256 + byte, 0);
}

/** A log has one checkpoint for each block, and most proofs of one time are under the latest. */
const SIGNATURES_KEPT = 256;

/**
 * Verifies signatures as fast as this platform can. Node has ML-DSA only from version 24 on, and verifying in
 * plain JavaScript takes more than a millisecond, so valid signatures are remembered.
 */
export const NODE_VERIFIERS: Verifiers = {
  verifyEd25519: nodeVerifyEd25519,
  verifyMlDsa44: rememberValid(verifyMlDsa44, SIGNATURES_KEPT),
};

/** OpenSSL's implementations of the functions that proof/ rests on, where it has them. */
export const NODE: Primitives = {
  sha256: nodeSha256,
  ...NODE_VERIFIERS,
  verifyEd25519: rememberValid(nodeVerifyEd25519, SIGNATURES_KEPT),
};
