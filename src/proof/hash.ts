import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { concat } from './bytes.js';

/** Length of every hash in this folder, in bytes. */
export const HASH_LENGTH = 32;

/**
 * SHA-256 (FIPS 180-4). Functions that hash take it as an argument, so that a server can pass a faster
 * implementation.
 */
export type Sha256 = (data: Uint8Array) => Uint8Array;

export const sha256: Sha256 = (data) => nobleSha256(data);

/** A running SHA-256, for documents that do not fit in memory. */
export interface StreamingSha256 {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
}

export function createSha256(): StreamingSha256 {
  return nobleSha256.create();
}

// The first byte of everything that is hashed separates its four uses (for the first two: RFC 6962 §2.1).
const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);
const DETAILS = Uint8Array.of(0x02);
const ACCOUNT = Uint8Array.of(0x03);

// Buffers for 0x00 ‖ data, by the length of the data, and for 0x01 ‖ left ‖ right. Both are written and
// hashed within one call. To allocate one takes longer than to hash it.
const leafBuffers: Uint8Array[] = [];
const MAX_BUFFERED_LEAF = 144;
const nodeBuffer = concat(NODE, new Uint8Array(2 * HASH_LENGTH));

/**
 * The hash of one leaf, SHA-256(0x00 ‖ data): RFC 6962 §2.1.
 * @param hash must not keep a reference to its argument
 */
export function leafHash(data: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  if (data.length > MAX_BUFFERED_LEAF) return hash(concat(LEAF, data));
  const buffer = (leafBuffers[data.length] ??= new Uint8Array(LEAF.length + data.length));
  buffer.set(data, LEAF.length);
  return hash(buffer);
}

/**
 * The hash of an inner node, SHA-256(0x01 ‖ left ‖ right): RFC 6962 §2.1.
 * @param hash must not keep a reference to its argument
 */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  if (left.length !== HASH_LENGTH || right.length !== HASH_LENGTH) return hash(concat(NODE, left, right));
  nodeBuffer.set(left, NODE.length);
  nodeBuffer.set(right, NODE.length + HASH_LENGTH);
  return hash(nodeBuffer);
}

/** SHA-256(0x02 ‖ salt ‖ canonical details): commits an entry to its details without disclosing them. */
export function detailsHash(
  salt: Uint8Array,
  canonicalDetails: Uint8Array,
  hash: Sha256 = sha256,
): Uint8Array {
  return hash(concat(DETAILS, salt, canonicalDetails));
}

/** SHA-256(0x03 ‖ salt ‖ account id). An entry holds its first 16 bytes. */
export function accountHash(salt: Uint8Array, accountId: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  return hash(concat(ACCOUNT, salt, accountId));
}
