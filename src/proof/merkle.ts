import { equal } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH, nodeHash, sha256, type Sha256 } from './hash.js';

/**
 * RFC 6962 §2.1 Merkle trees over leaf hashes. Indexes and sizes are safe integers, so there are no bitwise
 * operators here: they work on 32 bits only.
 */

/** The root of the tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/** The largest power of two below `size` (RFC 6962's k). `size` must be at least 2. */
export function splitPoint(size: number): number {
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
}

/**
 * MTH(D[n]). Pairing level by level, where an odd last node goes up unchanged, gives exactly the recursion of
 * RFC 6962.
 */
export function merkleRoot(leafHashes: readonly Uint8Array[], hash: Sha256 = sha256): Uint8Array {
  let level = leafHashes;
  if (level.length === 0) return EMPTY_ROOT;
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = at(level, i);
      above.push(i + 1 < level.length ? nodeHash(left, at(level, i + 1), hash) : left);
    }
    level = above;
  }
  return at(level, 0);
}

/** PATH(index, D[n]): the leaf's sibling first, the root's child last. */
export function inclusionPath(index: number, leafHashes: readonly Uint8Array[]): Uint8Array[] {
  if (!isSize(index) || index >= leafHashes.length) throw new RangeError('index is outside the tree');
  if (leafHashes.length === 1) return [];
  const k = splitPoint(leafHashes.length);
  return index < k
    ? [...inclusionPath(index, leafHashes.slice(0, k)), merkleRoot(leafHashes.slice(k))]
    : [...inclusionPath(index - k, leafHashes.slice(k)), merkleRoot(leafHashes.slice(0, k))];
}

/** PROOF(oldSize, D[n]) for 0 < oldSize ≤ n: empty when they are equal. */
export function consistencyPath(oldSize: number, leafHashes: readonly Uint8Array[]): Uint8Array[] {
  if (!isSize(oldSize) || oldSize < 1 || oldSize > leafHashes.length)
    throw new RangeError('oldSize is outside 1..size');
  return subProof(oldSize, leafHashes, true);
}

function subProof(m: number, leafHashes: readonly Uint8Array[], complete: boolean): Uint8Array[] {
  if (m === leafHashes.length) return complete ? [] : [merkleRoot(leafHashes)];
  const k = splitPoint(leafHashes.length);
  return m <= k
    ? [...subProof(m, leafHashes.slice(0, k), complete), merkleRoot(leafHashes.slice(k))]
    : [...subProof(m - k, leafHashes.slice(k), false), merkleRoot(leafHashes.slice(0, k))];
}

/** The length of an inclusion path. Index and size fix it, so a path of another length is malformed. */
export function inclusionPathLength(index: number, size: number): number {
  let length = 0;
  for (let i = index, last = size - 1; last > 0; i = half(i), last = half(last)) {
    if (isOdd(i) || i !== last) length++;
  }
  return length;
}

/**
 * The root that the leaf hash at `index` and the inclusion path lead to (RFC 9162 §2.1.3.2). The caller
 * compares it with the root that it trusts.
 * @throws {ProofError} malformed_path when the index is outside the tree, or the path's length or a hash's
 *   length is wrong
 */
export function rootFromInclusionPath(
  leafHash: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  hash: Sha256 = sha256,
): Uint8Array {
  assertPosition(index, size);
  assertPath([leafHash], 1);
  assertPath(path, inclusionPathLength(index, size));
  let root = leafHash;
  let position = index;
  let last = size - 1;
  for (const sibling of path) {
    // A node without a sibling goes up unchanged, and the path skips its level.
    while (!isOdd(position) && position === last) [position, last] = [half(position), half(last)];
    root = isOdd(position) ? nodeHash(sibling, root, hash) : nodeHash(root, sibling, hash);
    [position, last] = [half(position), half(last)];
  }
  return root;
}

/**
 * The path of a run of leaves: what it takes, besides their hashes, to compute the root. For a run of one leaf
 * it is the leaf's inclusion path (docs/proof-format.md, "Trees").
 * @param first index of the run's first leaf
 * @param node the root of the subtree over the leaves [from, to)
 */
export function runPath(
  first: number,
  count: number,
  size: number,
  node: (from: number, to: number) => Uint8Array,
): Uint8Array[] {
  assertRun(first, count, size);
  const end = first + count;
  const path: Uint8Array[] = [];
  const collect = (from: number, to: number) => {
    if (first <= from && to <= end) return;
    if (to <= first || end <= from) {
      path.push(node(from, to));
      return;
    }
    const middle = from + splitPoint(to - from);
    const isRight = middle <= first;
    collect(isRight ? middle : from, isRight ? to : middle);
    collect(isRight ? from : middle, isRight ? middle : to);
  };
  collect(0, size);
  return path;
}

/**
 * The root that a run of leaf hashes, from index `first` on, and their path lead to. The caller compares it
 * with the root that it trusts.
 * @throws {ProofError} malformed_path when the run is outside the tree, or the path's length or a hash's
 *   length is wrong
 */
export function rootFromRunPath(
  leafHashes: readonly Uint8Array[],
  first: number,
  size: number,
  path: readonly Uint8Array[],
  hash: Sha256 = sha256,
): Uint8Array {
  return climb(leafHashes, first, size, path, hash, () => undefined);
}

/**
 * The inclusion path of each leaf of a run, and the root that they lead to. The caller compares it with the
 * root that it trusts.
 * @throws {ProofError} malformed_path, as rootFromRunPath
 */
export function pathsFromRunPath(
  leafHashes: readonly Uint8Array[],
  first: number,
  size: number,
  path: readonly Uint8Array[],
  hash: Sha256 = sha256,
): { readonly root: Uint8Array; readonly paths: readonly (readonly Uint8Array[])[] } {
  const paths = leafHashes.map((): Uint8Array[] => []);
  const root = climb(leafHashes, first, size, path, hash, (from, to, sibling) => {
    for (const each of paths.slice(Math.max(0, from - first), Math.max(0, to - first))) each.push(sibling);
  });
  return { root, paths };
}

/**
 * Computes the root, from the leaves upwards.
 * @param onSibling called with each subtree [from, to) that leaves of the run are in, and its sibling's root
 */
function climb(
  leafHashes: readonly Uint8Array[],
  first: number,
  size: number,
  path: readonly Uint8Array[],
  hash: Sha256,
  onSibling: (from: number, to: number, sibling: Uint8Array) => void,
): Uint8Array {
  assertRun(first, leafHashes.length, size);
  assertPath(leafHashes, leafHashes.length);
  assertPath(path, undefined);
  const end = first + leafHashes.length;
  let used = 0;
  const root = (from: number, to: number): Uint8Array => {
    if (to <= first || end <= from) {
      const sibling = path[used++];
      if (sibling === undefined) throw new ProofError('malformed_path', 'the path is too short');
      return sibling;
    }
    if (to - from === 1) return at(leafHashes, from - first);
    const middle = from + splitPoint(to - from);
    const isRight = middle <= first;
    const earlier = isRight ? root(middle, to) : root(from, middle);
    const later = isRight ? root(from, middle) : root(middle, to);
    const [left, right] = isRight ? [later, earlier] : [earlier, later];
    onSibling(from, middle, right);
    onSibling(middle, to, left);
    return nodeHash(left, right, hash);
  };
  const result = root(0, size);
  assertPath(path, used);
  return result;
}

/**
 * Whether the tree of `newSize` leaves and root `newRoot` extends the one of `oldSize` and `oldRoot` (RFC
 * 9162 §2.1.4.2).
 * @throws {ProofError} malformed_path when sizes, path length or a hash's length are impossible
 */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) {
    throw new ProofError('malformed_path', `no tree of ${newSize} leaves extends one of ${oldSize}`);
  }
  // RFC 9162 defines no proof from the empty tree: `true` would say nothing about the new one.
  if (oldSize === 0 && newSize > 0) {
    throw new ProofError('malformed_path', 'there is no consistency proof from the empty tree');
  }
  if (oldSize === newSize) {
    assertPath(path, 0);
    return equal(oldRoot, newRoot) && (newSize > 0 || equal(newRoot, EMPTY_ROOT));
  }
  let position = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(position)) [position, last] = [half(position), half(last)];
  // When the old tree is a complete subtree of the new one, its root is the first hash, and the path leaves
  // it out.
  const hashes = position === 0 ? [oldRoot, ...path] : path;
  assertPath(path, undefined);
  const [start, ...rest] = hashes;
  if (start === undefined) throw new ProofError('malformed_path', 'the consistency path is empty');
  let reachedOld = start;
  let reachedNew = start;
  for (const sibling of rest) {
    if (last === 0) throw new ProofError('malformed_path', 'the consistency path is too long');
    if (isOdd(position) || position === last) {
      reachedOld = nodeHash(sibling, reachedOld);
      reachedNew = nodeHash(sibling, reachedNew);
      while (!isOdd(position) && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      reachedNew = nodeHash(reachedNew, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  if (last !== 0) throw new ProofError('malformed_path', 'the consistency path is too short');
  return equal(reachedOld, oldRoot) && equal(reachedNew, newRoot);
}

function assertPosition(index: number, size: number): void {
  if (!isSize(size) || !isSize(index) || index >= size) {
    throw new ProofError('malformed_path', `index ${index} is outside a tree of ${size} leaves`);
  }
}

function assertRun(first: number, count: number, size: number): void {
  if (!isSize(size) || !isSize(first) || !isSize(count) || count < 1 || first + count > size) {
    throw new ProofError(
      'malformed_path',
      `${count} leaves from ${first} are not in a tree of ${size} leaves`,
    );
  }
}

function assertPath(path: readonly Uint8Array[], length: number | undefined): void {
  if (length !== undefined && path.length !== length) {
    throw new ProofError('malformed_path', `the path must have ${length} hashes, got ${path.length}`);
  }
  if (path.some((hash) => hash.length !== HASH_LENGTH)) {
    throw new ProofError('malformed_path', `every hash of a path has ${HASH_LENGTH} bytes`);
  }
}

function at(hashes: readonly Uint8Array[], index: number): Uint8Array {
  const hash = hashes[index];
  if (hash === undefined) throw new RangeError(`no hash at ${index}`);
  return hash;
}

const isSize = (value: number) => Number.isSafeInteger(value) && value >= 0;
const isOdd = (value: number) => value % 2 === 1;
const half = (value: number) => Math.floor(value / 2);
