import { concat, equal, isZero } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH, leafHash, nodeHash, sha256, type Sha256 } from './hash.js';

/**
 * The map: a binary prefix tree over keys and values of 32 bytes, as in draft-ietf-keytrans-protocol. A leaf
 * is SHA-256(0x00 ‖ key ‖ value), a parent SHA-256(0x01 ‖ left ‖ right), a child that is not there 32 zero
 * bytes; a subtree with one leaf is that leaf; the first bit of a key is its most significant. So each set of
 * keys and values has one root.
 */

/** The root of the map without keys: a tree that is not there. */
export const EMPTY_MAP_ROOT: Uint8Array = new Uint8Array(HASH_LENGTH);

const KEY_BITS = HASH_LENGTH * 8;

export interface MapLeaf {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** What there is at the place of a key. */
export interface MapPath {
  /** Hashes beside the way from the root to the place, the deepest first. */
  readonly siblings: readonly Uint8Array[];
  /** The leaf at the place, which may have another key; null: none. */
  readonly leaf: MapLeaf | null;
}

export type MapAnswer =
  | { readonly state: 'present'; readonly value: Uint8Array }
  | { readonly state: 'absent' }
  | { readonly state: 'wrong_root'; readonly computed: Uint8Array };

export function mapLeafHash({ key, value }: MapLeaf, hash: Sha256 = sha256): Uint8Array {
  return leafHash(concat(key, value), hash);
}

/** Bit `depth` of a key: false leads to the left child. */
export function mapBit(key: Uint8Array, depth: number): boolean {
  return (((key[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1) === 1;
}

/**
 * What the map with this root has for a key. A path to the key's own leaf shows its value; a path to another
 * leaf, or to a child that is not there, shows that the key has none.
 * @throws {ProofError} malformed_path when no map has such a path for this key
 */
export function lookUp(root: Uint8Array, key: Uint8Array, path: MapPath, hash: Sha256 = sha256): MapAnswer {
  assertPath(key, path);
  const { siblings, leaf } = path;
  let computed = leaf === null ? EMPTY_MAP_ROOT : mapLeafHash(leaf, hash);
  for (const [i, sibling] of siblings.entries()) {
    computed = mapBit(key, siblings.length - 1 - i)
      ? nodeHash(sibling, computed, hash)
      : nodeHash(computed, sibling, hash);
  }
  if (!equal(computed, root)) return { state: 'wrong_root', computed };
  return leaf !== null && equal(leaf.key, key)
    ? { state: 'present', value: leaf.value }
    : { state: 'absent' };
}

function assertPath(key: Uint8Array, { siblings, leaf }: MapPath): void {
  const hashes = [key, ...siblings, ...(leaf === null ? [] : [leaf.key, leaf.value])];
  if (hashes.some(({ length }) => length !== HASH_LENGTH))
    throw malformed(`keys, values and hashes of a map have ${HASH_LENGTH} bytes`);
  // A child that is not there has a sibling with two leaves or more, which differ in a bit behind it.
  const longest = leaf === null ? KEY_BITS - 1 : KEY_BITS;
  if (siblings.length > longest) throw malformed(`a path must have at most ${longest} hashes`);
  const [deepest] = siblings;
  // Otherwise the place would be further up: one leaf alone, or none, makes no subtree.
  if (deepest !== undefined && isZero(deepest))
    throw malformed('the deepest hash of a path must not be zero');
  if (leaf === null || equal(leaf.key, key)) return;
  for (let depth = 0; depth < siblings.length; depth++) {
    if (mapBit(leaf.key, depth) !== mapBit(key, depth))
      throw malformed('the leaf of a path is not at the place of the key');
  }
}

function malformed(message: string): ProofError {
  return new ProofError('malformed_path', message);
}
