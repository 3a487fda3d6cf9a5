import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto';
import {
  HASH_LENGTH,
  PUBLIC_KEY_LENGTH,
  rememberGood,
  verifyEd25519,
  type Primitives,
  type Sha256,
  type VerifyEd25519,
} from '../proof/index.js';

/** OpenSSL's implementations of what proof/ rests on. */

/** SHA-256 by OpenSSL: the choice of server and command line wherever proof/ takes a hash function. */
export const nodeSha256: Sha256 = Object.assign(
  (data: Uint8Array) => {
    const bytes = new Uint8Array(HASH_LENGTH);
    sha256Into(data, bytes, 0);
    return bytes;
  },
  { into: sha256Into },
);

/** Writes the SHA-256 of `data` into `target`. `data` may be a part of `target`. */
export function sha256Into(data: Uint8Array, target: Uint8Array, offset: number): void {
  // As a string of one character a byte: Node allocates a Buffer for a hash outside its heap, which takes longer than hashing.
  const digest = hash('sha256', data, 'binary');
  for (let i = 0; i < HASH_LENGTH; i++) target[offset + i] = digest.charCodeAt(i);
}

/** RFC 8410 wrapping of a raw Ed25519 public key. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** 2^255 − 19, the prime of the field: in canonical form, y is below it. */
const PRIME = 2n ** 255n - 19n;
/** y of a point of order 8. */
const Y8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
/** The values that y has in the eight points of small order. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([0n, 1n, PRIME - 1n, Y8, PRIME - Y8]);
const KEYS_KEPT = 64;
const keys = new Map<string, KeyObject | null>();

/**
 * Ed25519 by OpenSSL with exactly the answers of the portable one, in a sixteenth of its time. About signatures OpenSSL is as strict, and stricter
 * in that it leaves out the cofactor; about keys it is not. So its yes counts under a key that the portable one takes too,
 * and in every other case, which no honest signer brings about, the portable one decides.
 */
export const nodeVerifyEd25519: VerifyEd25519 = (signature, message, publicKey) => {
  const key = strictKey(publicKey);
  return (
    (key !== null && verify(null, message, key, signature)) || verifyEd25519(signature, message, publicKey)
  );
};

/** Null for a key that is to be left to the portable check. Making a key object takes as long as checking a signature. */
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
  if (publicKey.length !== PUBLIC_KEY_LENGTH) return false;
  // Little-endian; the topmost bit is the sign of x.
  const y = BigInt.asUintN(255, BigInt(`0x${Buffer.from(publicKey).reverse().toString('hex')}`));
  return y < PRIME && !SMALL_ORDER_Y.has(y);
}

/** Some 500 bytes each. A log has one checkpoint a block, and what is judged at one time is mostly under the latest. */
const SIGNATURES_KEPT = 256;

export const NODE: Primitives = {
  sha256: nodeSha256,
  verifyEd25519: rememberGood(nodeVerifyEd25519, SIGNATURES_KEPT),
};
