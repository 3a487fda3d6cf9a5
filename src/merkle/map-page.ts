import { HASH_LENGTH, nodeHash, type Sha256 } from '../proof/index.js';
import { EMPTY_MAP_ROOT, mapLeafHash, type MapLeaf } from '../proof/map.js';

/**
 * One page of the map (see map-pages.ts): 16 children, and the four levels of the tree above them. Its bytes: in
 * the first four two bits for each child, the first child most significant; then the children that there are, a leaf
 * as key and value, a page as its hash.
 */
const WIDTH = 16;
/** 0: absent. */
const [LEAF, PAGE] = [1, 2];
const KINDS_LENGTH = 4;

/** A leaf, the hash of the page below, or nothing. */
export type Child = MapLeaf | Uint8Array | null;

/** Writes the SHA-256 of `data` into `target`. */
export type HashInto = (data: Uint8Array, target: Uint8Array, offset: number) => void;

/** Thrown when stored pages are no map. */
export class MapPageError extends Error {
  override readonly name = 'MapPageError';
}

/** A page without children. */
export const NO_CHILDREN: Uint8Array = new Uint8Array(KINDS_LENGTH);

const kindAt = (page: Uint8Array, i: number) => ((page[i >> 2] ?? 0) >> (6 - 2 * (i & 3))) & 3;
const lengthOf = (kind: number) => (kind === LEAF ? 2 * HASH_LENGTH : kind === PAGE ? HASH_LENGTH : 0);

/** Where a child begins; of `WIDTH`, the end. */
function offsetOf(page: Uint8Array, child: number): number {
  let at = KINDS_LENGTH;
  for (let i = 0; i < child; i++) at += lengthOf(kindAt(page, i));
  return at;
}

/** @throws {MapPageError} when it is missing or malformed */
export function checkedPage(prefix: string, page: Uint8Array | null): Uint8Array {
  if (page === null) throw new MapPageError(`page "${prefix}" of the map is missing`);
  if (offsetOf(page, WIDTH) !== page.length)
    throw new MapPageError(`page "${prefix}" of the map is malformed`);
  return page;
}

export function childOf(page: Uint8Array, i: number): Child {
  const kind = kindAt(page, i);
  if (kind !== LEAF && kind !== PAGE) return null;
  const at = offsetOf(page, i);
  const middle = at + HASH_LENGTH;
  if (kind === PAGE) return page.subarray(at, middle);
  return { key: page.subarray(at, middle), value: page.subarray(middle, middle + HASH_LENGTH) };
}

// A page is put together and hashed in one array, by copies within it: views and objects for each of its parts take
// several times as long as their hashes.
const [OLD, NEW] = [0, KINDS_LENGTH + 2 * HASH_LENGTH * WIDTH];
const NODES = 2 * NEW;
/** 0x00 ‖ key ‖ value. */
const LEAF_AT = NODES + HASH_LENGTH * WIDTH;
const NODE_AT = LEAF_AT + 1 + 2 * HASH_LENGTH;
const room = new Uint8Array(NODE_AT + 1 + 2 * HASH_LENGTH);
const leafBytes = room.subarray(LEAF_AT, NODE_AT);
/** 0x01 ‖ left ‖ right. */
const nodeBytes = room.subarray(NODE_AT).fill(1, 0, 1);
const kinds = new Uint8Array(WIDTH);

/** The page with other children at these places, and the hash of its tree. */
export function changedPage(
  page: Uint8Array,
  changes: ReadonlyMap<number, Exclude<Child, null>>,
  hashInto: HashInto,
): { readonly page: Uint8Array; readonly hash: Uint8Array } {
  room.set(page, OLD);
  room.fill(0, NEW, NEW + KINDS_LENGTH);
  let [from, to] = [OLD + KINDS_LENGTH, NEW + KINDS_LENGTH];
  for (let i = 0; i < WIDTH; i++) {
    const before = kindAt(page, i);
    const change = changes.get(i);
    const kind = change === undefined ? before : change instanceof Uint8Array ? PAGE : LEAF;
    if (change === undefined) room.copyWithin(to, from, from + lengthOf(kind));
    else if (change instanceof Uint8Array) room.set(change, to);
    else {
      room.set(change.key, to);
      room.set(change.value, to + HASH_LENGTH);
    }
    const node = NODES + i * HASH_LENGTH;
    if (kind === PAGE) room.copyWithin(node, to, to + HASH_LENGTH);
    else if (kind === LEAF) {
      room.copyWithin(LEAF_AT + 1, to, to + 2 * HASH_LENGTH);
      hashInto(leafBytes, room, node);
    }
    // A place that is not there is zero.
    else room.fill(0, node, node + HASH_LENGTH);
    kinds[i] = kind;
    room[NEW + (i >> 2)] = (room[NEW + (i >> 2)] ?? 0) | (kind << (6 - 2 * (i & 3)));
    from += lengthOf(before);
    to += lengthOf(kind);
  }
  return { page: room.slice(NEW, to), hash: hashOfNodes(hashInto) };
}

/** Of the tree above the nodes in `room`, of which `kinds` says what they are. */
function hashOfNodes(hashInto: HashInto): Uint8Array {
  for (let width = WIDTH / 2; width >= 1; width /= 2) {
    for (let i = 0; i < width; i++) {
      const [left = 0, right = 0] = [kinds[2 * i], kinds[2 * i + 1]];
      const [to, from] = [NODES + i * HASH_LENGTH, NODES + 2 * i * HASH_LENGTH];
      if (left + right <= LEAF) {
        // Nothing, or one leaf: it goes up unchanged.
        const only = right === LEAF ? from + HASH_LENGTH : from;
        room.copyWithin(to, only, only + HASH_LENGTH);
        kinds[i] = left + right;
      } else {
        room.copyWithin(NODE_AT + 1, from, from + 2 * HASH_LENGTH);
        hashInto(nodeBytes, room, to);
        kinds[i] = PAGE;
      }
    }
  }
  return room.slice(NODES, NODES + HASH_LENGTH);
}

/**
 * The hashes beside the way to a child, the deepest first, and what is at its end. The way ends early at a part of
 * the page with one leaf.
 */
export function walkPage(
  page: Uint8Array,
  child: number,
  hash: Sha256 | undefined,
): { readonly beside: Uint8Array[]; readonly end: Child } {
  const beside: Uint8Array[] = [];
  const levels = foldPage(page, hash);
  let height = levels.length - 1;
  let end = levels[height]?.[0] ?? null;
  while (height > 0 && end instanceof Uint8Array) {
    height--;
    const at = child >> height;
    beside.unshift(hashOf(levels[height]?.[at ^ 1] ?? null, hash));
    end = levels[height]?.[at] ?? null;
  }
  return { beside, end };
}

/**
 * The levels of a page, its children first. What is at each place: nothing, one leaf, or the hash of a subtree.
 */
function foldPage(page: Uint8Array, hash: Sha256 | undefined): (readonly Child[])[] {
  const children = Array.from({ length: WIDTH }, (_, i) => childOf(page, i));
  const levels: (readonly Child[])[] = [children];
  for (let level: readonly Child[] = children; level.length > 1;) {
    const above: Child[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left = null, right = null] = [level[i], level[i + 1]];
      if (right === null && !(left instanceof Uint8Array)) above.push(left);
      else if (left === null && !(right instanceof Uint8Array)) above.push(right);
      else above.push(nodeHash(hashOf(left, hash), hashOf(right, hash), hash));
    }
    levels.push(above);
    level = above;
  }
  return levels;
}

function hashOf(child: Child, hash: Sha256 | undefined): Uint8Array {
  if (child === null) return EMPTY_MAP_ROOT;
  return child instanceof Uint8Array ? child : mapLeafHash(child, hash);
}
