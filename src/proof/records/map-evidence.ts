import { equal, fromBase64, fromHex, toBase64, toHex } from '../bytes.js';
import type { Json } from '../canonical-json.js';
import { HASH_LENGTH } from '../hash.js';
import type { Header } from '../header.js';
import type { MapPath } from '../map.js';
import { memberReader } from '../members.js';
import { inclusionPathLength, rootFromInclusionPath } from '../merkle.js';
import { parseStatement, stateHash } from '../time/state.js';
import { TimeError } from '../time/time-error.js';
import { type Change, changesDigest, isFull } from './changes.js';
import { mapPathJson, mapPathOf } from './history-file.js';
import {
  changeFollows,
  EMPTY_MAP,
  isSameMap,
  lastValues,
  type MapFault,
  mapAfter,
  type MapState,
  nowBehind,
  readChanges,
  valueIn,
} from './map-step.js';

/** What shows, beside the headers of a block and the one before it, that the block's map does not follow. */
export interface MapStep {
  /** The state statement of the block; null: its header says that it has none. */
  readonly statement: string | null;
  /** That of the block before; null also when there is no such block. */
  readonly before: string | null;
  /** The change list. */
  readonly changes: Uint8Array;
  /** The place of records in the map before, by id in hexadecimal: of all that the list changes, or of one. */
  readonly paths: ReadonlyMap<string, MapPath>;
  /** Leaves of the block's tree, by index: of a change that does not follow. */
  readonly leaves: ReadonlyMap<number, { readonly hash: Uint8Array; readonly path: readonly Uint8Array[] }>;
}

/**
 * Why the block's map does not follow from the map before.
 * @param previous null: the block is the first
 * @returns a fault, or in words why nothing is shown
 * @throws {ProofError} malformed_path
 */
export function mapStepFault(
  { statement, before, changes: list, paths, leaves }: MapStep,
  origin: string,
  block: Header,
  previous: Header | null,
): { readonly fault: MapFault | 'malformed_state' } | { readonly nothing: string } {
  if (!equal(stateHash(statement), block.state)) return { nothing: 'the statement is not that of the block' };
  if (previous === null ? before !== null : !equal(stateHash(before), previous.state))
    return { nothing: 'the statement before is not that of the block before' };
  const map = readMap(statement);
  const earlier = readMap(before);
  if (map === null) return { fault: 'malformed_state' };
  if (earlier === null) return { nothing: 'the statement before is malformed' };
  if (!equal(changesDigest(list), map.changes))
    return { nothing: 'the change list is not the one that the statement names' };
  if (map.now !== nowBehind(earlier, previous?.sealedAt ?? 0)) return { fault: 'wrong_now' };
  const changes = readChanges(list);
  if (changes === null) return { fault: 'malformed_changes' };
  if (map.full !== isFull(changes)) return { fault: 'wrong_full' };
  const values = new Map<string, Uint8Array>();
  for (const change of changes) {
    const id = toHex(change.key);
    const path = paths.get(id);
    const value = values.get(id) ?? (path === undefined ? null : valueIn(earlier.root, change.key, path));
    if (value !== null && isShownWrong(change, value, origin, block, leaves)) return { fault: 'wrong_value' };
    values.set(id, change.value);
  }
  const shown = [...lastValues(changes)].flatMap(([id, leaf]) => {
    const path = paths.get(id);
    return path === undefined ? [] : [{ leaf, path }];
  });
  if (shown.length < lastValues(changes).size) return { nothing: 'a path is missing' };
  const after = mapAfter(earlier, shown);
  if (after === null) return { nothing: 'a path does not lead to the map before' };
  return isSameMap(after, map) ? { nothing: 'the map follows' } : { fault: 'wrong_root' };
}

/** @param before the record's value before the change */
function isShownWrong(
  change: Change,
  before: Uint8Array,
  origin: string,
  { height, entryCount, merkleRoot }: Header,
  leaves: MapStep['leaves'],
): boolean {
  const facts = { origin, height, entryCount };
  if ('text' in change) return !changeFollows(change, facts, before, null);
  if (change.index >= entryCount) return true;
  const leaf = leaves.get(change.index);
  if (leaf === undefined || leaf.path.length !== inclusionPathLength(change.index, entryCount)) return false;
  const root = rootFromInclusionPath(leaf.hash, change.index, entryCount, leaf.path);
  return equal(root, merkleRoot) && !changeFollows(change, facts, before, leaf.hash);
}

/** @param statement null: the block has none @returns null: it is malformed */
export function readMap(statement: string | null): MapState | null {
  if (statement === null) return EMPTY_MAP;
  try {
    return parseStatement(statement).map;
  } catch (error) {
    if (error instanceof TimeError) return null;
    throw error;
  }
}

export function mapStepJson({ statement, before, changes, paths, leaves }: MapStep) {
  return {
    statement,
    before,
    changes: toBase64(changes),
    paths: Object.fromEntries([...paths].map(([id, path]) => [id, mapPathJson(path)])),
    leaves: [...leaves].map(([index, { hash, path }]) => ({
      index,
      hash: toBase64(hash),
      path: path.map(toBase64),
    })),
  };
}

const { objectAt, arrayAt, stringAt, integerAt, pathAt, assertKeys, malformed } =
  memberReader('malformed_proof');

/** @throws {ProofError} */
export function mapStepOf(json: Json | undefined): MapStep {
  const step = objectAt(json, '"step"');
  assertKeys(step, '"step"', ['statement', 'before', 'changes', 'paths', 'leaves']);
  const textAt = (key: string) => (step[key] === null ? null : stringAt(step, key));
  const paths = Object.entries(objectAt(step['paths'], '"paths"')).map(([id, path]) => {
    fromHex(id, HASH_LENGTH, 'the id of a record');
    const read = objectAt(path, 'a path');
    assertKeys(read, 'a path', ['siblings', 'leaf']);
    return [id, mapPathOf(read)] as const;
  });
  const leaves = arrayAt(step, 'leaves').map((item) => {
    const leaf = objectAt(item, 'a leaf');
    assertKeys(leaf, 'a leaf', ['index', 'hash', 'path']);
    const hash = fromBase64(stringAt(leaf, 'hash'), 'a leaf hash', HASH_LENGTH);
    return [integerAt(leaf, 'index'), { hash, path: pathAt(leaf, 'the path of a leaf') }] as const;
  });
  if (new Map(leaves).size < leaves.length) throw malformed('a leaf is there twice');
  return {
    statement: textAt('statement'),
    before: textAt('before'),
    changes: fromBase64(stringAt(step, 'changes'), 'the change list'),
    paths: new Map(paths),
    leaves: new Map(leaves),
  };
}
