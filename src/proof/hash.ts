import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { concat } from './bytes.js';

/** Length of every hash in this folder, in bytes. */
export const HASH_LENGTH = 32;

/**
 * SHA-256 (FIPS 180-4). Functions that hash a lot take it as an argument, so that a server can pass its faster
 * implementation of the same function.
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

/** One byte in front of everything that is hashed keeps the four uses apart (for the first two: RFC 6962 §2.1). */
const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);
const DETAILS = Uint8Array.of(0x02);
const ACCOUNT = Uint8Array.of(0x03);

/** 0x00 ‖ data, for one leaf at a time: most leaves have one length, and bytes anew for each are as much work for the collector as for the hash. */
let leaf: Uint8Array = LEAF;

/** RFC 6962 §2.1: the hash of one leaf, SHA-256(0x00 ‖ data). `hash` must not keep what it is given. */
export function leafHash(data: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  if (leaf.length === LEAF.length + data.length) leaf.set(data, LEAF.length);
  else leaf = concat(LEAF, data);
  return hash(leaf);
}

/** 0x01 ‖ left ‖ right, for one node at a time: making it anew costs as much as hashing it, and trees are made of nodes. */
const node = concat(NODE, new Uint8Array(2 * HASH_LENGTH));

/** RFC 6962 §2.1: the hash of an inner node, SHA-256(0x01 ‖ left ‖ right). `hash` must not keep what it is given. */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  if (left.length !== HASH_LENGTH || right.length !== HASH_LENGTH) return hash(concat(NODE, left, right));
  node.set(left, 1);
  node.set(right, 1 + HASH_LENGTH);
  return hash(node);
}

/** SHA-256(0x02 ‖ salt ‖ canonical details): what an entry says of its details without showing them. */
export function detailsHash(salt: Uint8Array, canonicalDetails: Uint8Array): Uint8Array {
  return sha256(concat(DETAILS, salt, canonicalDetails));
}

/** SHA-256(0x03 ‖ salt ‖ account id), of which an entry holds the first 16 bytes. */
export function accountHash(salt: Uint8Array, accountId: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  return hash(concat(ACCOUNT, salt, accountId));
}
