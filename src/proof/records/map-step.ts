import { equal, isZero, toHex } from '../bytes.js';
import { ProofError } from '../errors.js';
import { nodeHash, type Sha256, sha256 } from '../hash.js';
import { EMPTY_MAP_ROOT, lookUp, mapBit, mapLeafHash, type MapLeaf, type MapPath } from '../map.js';
import type { StateStatement } from '../time/state.js';
import { automaticLeaf, parseAutomatic } from './automatic.js';
import { type Change, nextValue, NO_CHANGES, NO_VALUE, parseChanges } from './changes.js';

/**
 * From the map before a block to the map after it (docs/proof-format-time.md, "Change lists"): what everybody
 * recomputes, who need not know a single document for it.
 */
export type MapState = StateStatement['map'];

export const EMPTY_MAP: MapState = {
  ...{ changes: NO_CHANGES, records: 0, root: EMPTY_MAP_ROOT },
  ...{ full: false, now: null },
};

/** Why a block's map does not follow from the map before. A closed union. */
export type MapFault =
  /** The change list is not one. */
  | 'malformed_changes'
  /** A value does not follow from the value before and the event. */
  | 'wrong_value'
  /** Root or number of records do not follow from the values. */
  | 'wrong_root'
  /** The statement says of a block that is not full that it is, or the other way round. */
  | 'wrong_full'
  /** The statement names another time for what happens by itself than the block before demands. */
  | 'wrong_now';

/** What the rules of the map read of a block. */
export interface MapBlock {
  readonly origin: string;
  readonly height: number;
  readonly entryCount: number;
}

/**
 * Whether one change follows.
 * @param before the record's value before it; `NO_VALUE`: there was no such record
 * @param leaf of the block's tree at the index that the change names; null for an automatic event
 */
export function changeFollows(
  change: Change,
  { origin, height, entryCount }: MapBlock,
  before: Uint8Array,
  leaf: Uint8Array | null,
  hash: Sha256 = sha256,
): boolean {
  if (!('text' in change))
    return change.index < entryCount && leaf !== null && equal(change.value, nextValue(before, leaf, hash));
  try {
    const event = parseAutomatic(change.text);
    const fits =
      event.origin === origin &&
      event.height === height &&
      equal(event.record, change.key) &&
      equal(event.before, before);
    return fits && equal(change.value, nextValue(before, automaticLeaf(change.text, hash), hash));
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

/** The last value of each record that the list changes, by its id in hexadecimal. */
export function lastValues(changes: readonly Change[]): Map<string, MapLeaf> {
  return new Map(changes.map(({ key, value }) => [toHex(key), { key, value }]));
}

export interface ShownLeaf {
  readonly leaf: MapLeaf;
  /** In the map before. */
  readonly path: MapPath;
}

/**
 * The map after these leaves are set, from the paths of all of their keys in the map before.
 * @returns null: a path does not lead to the root before
 * @throws {ProofError} malformed_path
 */
export function mapAfter(
  { root, records }: Pick<MapState, 'root' | 'records'>,
  shown: readonly ShownLeaf[],
  hash: Sha256 = sha256,
): Pick<MapState, 'root' | 'records'> | null {
  const answers = shown.map(({ leaf, path }) => lookUp(root, leaf.key, path, hash).state);
  if (answers.includes('wrong_root')) return null;
  const added = answers.filter((state) => state === 'absent').length;
  return { root: shown.length === 0 ? root : rootAfter(shown, 0, hash), records: records + added };
}

/** Keys whose first `depth` bits are the same, all of which are below one place of the tree before. */
function rootAfter(shown: readonly ShownLeaf[], depth: number, hash: Sha256): Uint8Array {
  const deeper = shown.find(({ path }) => path.siblings.length > depth);
  if (deeper === undefined) {
    // The place ended here: what was at it, and what comes to it, is a tree of its own.
    const before = shown[0]?.path.leaf ?? null;
    const leaves = shown.map(({ leaf }) => leaf);
    const stays = before !== null && !leaves.some(({ key }) => equal(key, before.key));
    return rootOfLeaves(stays ? [...leaves, before] : leaves, depth, hash);
  }
  const [left, right] = sides(shown, ({ leaf }) => leaf.key, depth).map((side) => {
    if (side.length > 0) return rootAfter(side, depth + 1, hash);
    // The sibling of those on the other side.
    const { siblings } = deeper.path;
    return siblings[siblings.length - 1 - depth] ?? EMPTY_MAP_ROOT;
  });
  return nodeHash(left ?? EMPTY_MAP_ROOT, right ?? EMPTY_MAP_ROOT, hash);
}

function rootOfLeaves(leaves: readonly MapLeaf[], depth: number, hash: Sha256): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return EMPTY_MAP_ROOT;
  if (leaves.length === 1) return mapLeafHash(first, hash);
  const [left = EMPTY_MAP_ROOT, right = EMPTY_MAP_ROOT] = sides(leaves, ({ key }) => key, depth).map((side) =>
    rootOfLeaves(side, depth + 1, hash),
  );
  return nodeHash(left, right, hash);
}

function sides<T>(items: readonly T[], keyOf: (item: T) => Uint8Array, depth: number): [T[], T[]] {
  const both: [T[], T[]] = [[], []];
  for (const item of items) both[mapBit(keyOf(item), depth) ? 1 : 0].push(item);
  return both;
}

/** @returns null: it is no change list */
export function readChanges(list: Uint8Array): Change[] | null {
  try {
    return parseChanges(list);
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
}

/** A record's value in a map. */
export function valueIn(root: Uint8Array, key: Uint8Array, path: MapPath, hash?: Sha256): Uint8Array | null {
  const answer = lookUp(root, key, path, hash);
  if (answer.state === 'wrong_root') return null;
  return answer.state === 'present' ? answer.value : NO_VALUE;
}

/**
 * The time that the block behind this one must name for what happens by itself: that of a full block, so that
 * nothing comes too late because others were before it; null: none.
 */
export function nowBehind({ full, now }: MapState, sealedAt: number): number | null {
  return full ? (now ?? sealedAt) : null;
}

/** Whether both are the same map, whatever the changes were. */
export function isSameMap(
  a: Pick<MapState, 'root' | 'records'>,
  b: Pick<MapState, 'root' | 'records'>,
): boolean {
  return a.records === b.records && equal(a.root, b.root);
}

/** Whether the block with this state changes no record. */
export function changesNothing({ changes }: MapState): boolean {
  return isZero(changes);
}
