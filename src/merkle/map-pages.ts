import { sha256Into } from '../crypto/primitives.js';
import { equal, HASH_LENGTH, nodeHash, toHex, type Sha256 } from '../proof/index.js';
import { EMPTY_MAP_ROOT, mapLeafHash, type MapLeaf, type MapPath } from '../proof/map.js';

/**
 * The map in pages of four levels. A page is named by the bits above it, four a hexadecimal digit: the page '' is
 * the top of the tree. A child of a page is a leaf when there is one key below it, and a page of its own when
 * there are more. Keys are never removed, so a page never disappears.
 */
export interface MapPage {
  readonly prefix: string;
  readonly page: Uint8Array;
}

/** Reads the pages of one map, in the order of the prefixes; null: there is none. */
export type ReadMapPages = (prefixes: readonly string[]) => Promise<readonly (Uint8Array | null)[]>;

/** Writes the SHA-256 of `data` into `target`. */
type HashInto = (data: Uint8Array, target: Uint8Array, offset: number) => void;

export interface MapUpdate {
  /** Those that have changed, the deepest first. */
  readonly pages: readonly MapPage[];
  readonly root: Uint8Array;
  /** How many keys were not in the map before. */
  readonly added: number;
}

/** Thrown when stored pages are no map. */
export class MapPageError extends Error {
  override readonly name = 'MapPageError';
}

const WIDTH = 16;
/** In the first four bytes, two bits for each child, the first child most significant; 0: absent. */
const [LEAF, PAGE] = [1, 2];
const KINDS_LENGTH = 4;
const DIGITS = '0123456789abcdef';
/** Pages that are read at once for one key: more than a million random keys need. */
const READ_AHEAD = 8;

/** The hash of the page below; of a page that is being made, null until that is known. */
type Child = MapLeaf | Uint8Array | null;

interface Work {
  readonly prefix: string;
  readonly children: Child[];
  /** Of this depth in the next one. */
  readonly parent: { readonly work: Work; readonly child: number } | null;
  readonly leaves: readonly MapLeaf[];
  readonly isNew: boolean;
}

/**
 * The map after these changes: the pages that are different, and the root. Reads each page once, all of a depth
 * together.
 * @param leaves the new values; a key must not be there twice
 * @param root of the map before; zero: it is empty
 * @throws {MapPageError} when a page is missing or malformed
 */
export async function updateMap(
  read: ReadMapPages,
  root: Uint8Array,
  leaves: readonly MapLeaf[],
  hashInto: HashInto = sha256Into,
): Promise<MapUpdate> {
  if (leaves.length === 0) return { pages: [], root, added: 0 };
  const depths: Work[][] = [];
  let added = 0;
  const top = { prefix: '', parent: null, leaves };
  const isEmpty = equal(root, EMPTY_MAP_ROOT);
  let existing: Pick<Work, 'prefix' | 'parent' | 'leaves'>[] = isEmpty ? [] : [top];
  let fresh: Work[] = isEmpty ? [{ ...top, children: noChildren(), isNew: false }] : [];
  while (existing.length + fresh.length > 0) {
    const pages = existing.length === 0 ? [] : await read(existing.map(({ prefix }) => prefix));
    const works = [
      ...existing.map((work, i) => ({
        ...work,
        children: decodePage(work.prefix, pages[i] ?? null),
        isNew: false,
      })),
      ...fresh,
    ];
    [existing, fresh] = [[], []];
    for (const work of works) {
      const { prefix, children } = work;
      for (const [child, own] of byDigit(work.leaves, prefix.length)) {
        const before = children[child] ?? null;
        const below = { prefix: `${prefix}${DIGITS.charAt(child)}`, parent: { work, child } };
        if (before instanceof Uint8Array) {
          existing.push({ ...below, leaves: own });
          continue;
        }
        const isKnown = before !== null && own.some(({ key }) => equal(key, before.key));
        const [first] = own;
        if (first !== undefined && own.length === 1 && (before === null || isKnown)) children[child] = first;
        else {
          const all = before === null || isKnown ? own : [...own, before];
          fresh.push({ ...below, leaves: all, children: noChildren(), isNew: true });
        }
        // What is below a new page was counted above it.
        if (!work.isNew) added += isKnown ? own.length - 1 : own.length;
      }
    }
    depths.push(works);
  }
  return { ...finish(depths, hashInto), added };
}

/** Hashes the pages from the deepest to the top. */
function finish(depths: readonly (readonly Work[])[], hashInto: HashInto): Omit<MapUpdate, 'added'> {
  const pages: MapPage[] = [];
  let root: Uint8Array = EMPTY_MAP_ROOT;
  for (const works of depths.toReversed()) {
    for (const { prefix, children, parent } of works) {
      const own = hashPage(children, hashInto);
      pages.push({ prefix, page: encodePage(children) });
      if (parent === null) root = own;
      else parent.work.children[parent.child] = own;
    }
  }
  return { pages, root };
}

/**
 * The path for a key.
 * @throws {MapPageError} when a page is missing or malformed
 */
export async function readMapPath(
  read: ReadMapPages,
  root: Uint8Array,
  key: Uint8Array,
  hash?: Sha256,
): Promise<MapPath> {
  if (equal(root, EMPTY_MAP_ROOT)) return { siblings: [], leaf: null };
  const digits = toHex(key);
  const siblings: Uint8Array[] = [];
  let pages: readonly (Uint8Array | null)[] = [];
  for (let depth = 0; depth < digits.length; depth++) {
    if (depth % READ_AHEAD === 0) {
      const prefixes = Array.from({ length: READ_AHEAD }, (_, i) => digits.slice(0, depth + i));
      pages = await read(prefixes);
    }
    const children = decodePage(digits.slice(0, depth), pages[depth % READ_AHEAD] ?? null);
    const { beside, end } = walkPage(children, Number.parseInt(digits.charAt(depth), 16), hash);
    siblings.unshift(...beside);
    if (!(end instanceof Uint8Array)) return { siblings, leaf: end };
  }
  throw new MapPageError('the map has a page below its last level');
}

/**
 * The values that these keys have, by key in hexadecimal: only those that are in the map. Reads each page once, all of a
 * depth together.
 * @throws {MapPageError} when a page is missing or malformed
 */
export async function readMapValues(
  read: ReadMapPages,
  root: Uint8Array,
  keys: readonly Uint8Array[],
): Promise<Map<string, Uint8Array>> {
  const values = new Map<string, Uint8Array>();
  let left = equal(root, EMPTY_MAP_ROOT) ? [] : [...new Set(keys.map(toHex))];
  for (let depth = 0; left.length > 0; depth++) {
    const prefixes = [...new Set(left.map((id) => id.slice(0, depth)))];
    const pages = await read(prefixes);
    const children = new Map(prefixes.map((prefix, i) => [prefix, decodePage(prefix, pages[i] ?? null)]));
    left = left.filter((id) => {
      const child = children.get(id.slice(0, depth))?.[Number.parseInt(id.charAt(depth), 16)] ?? null;
      if (child instanceof Uint8Array) return true;
      if (child !== null && toHex(child.key) === id) values.set(id, child.value);
      return false;
    });
  }
  return values;
}

/**
 * The hashes beside the way to a child, the deepest first, and what is at its end. The way ends early at a part of
 * the page with one leaf.
 */
function walkPage(
  children: readonly Child[],
  child: number,
  hash: Sha256 | undefined,
): { readonly beside: Uint8Array[]; readonly end: Child } {
  const beside: Uint8Array[] = [];
  const levels = foldPage(children, hash);
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

// The nodes of one page are hashed in place: an object for each would take longer than its hash.
const nodes = Buffer.alloc(WIDTH * HASH_LENGTH);
const kinds = new Uint8Array(WIDTH);
/** 0x00 ‖ key ‖ value, and 0x01 ‖ left ‖ right. */
const [leafBytes, nodeBytes] = [Buffer.alloc(1 + 2 * HASH_LENGTH, 0), Buffer.alloc(1 + 2 * HASH_LENGTH, 1)];

/** The hash of the tree in a page. */
function hashPage(children: readonly Child[], hashInto: HashInto): Uint8Array {
  nodes.fill(0);
  for (const [i, child] of children.entries()) {
    kinds[i] = child === null ? 0 : child instanceof Uint8Array ? PAGE : LEAF;
    if (child instanceof Uint8Array) nodes.set(child, i * HASH_LENGTH);
    else if (child !== null) {
      leafBytes.set(child.key, 1);
      leafBytes.set(child.value, 1 + HASH_LENGTH);
      hashInto(leafBytes, nodes, i * HASH_LENGTH);
    }
  }
  for (let width = WIDTH / 2; width >= 1; width /= 2) {
    for (let i = 0; i < width; i++) {
      const [left = 0, right = 0] = [kinds[2 * i], kinds[2 * i + 1]];
      const [to, from] = [i * HASH_LENGTH, 2 * i * HASH_LENGTH];
      if (left + right <= LEAF) {
        // Nothing, or one leaf: it goes up unchanged.
        const only = right === LEAF ? from + HASH_LENGTH : from;
        nodes.copyWithin(to, only, only + HASH_LENGTH);
        kinds[i] = left + right;
      } else {
        nodes.copy(nodeBytes, 1, from, from + 2 * HASH_LENGTH);
        hashInto(nodeBytes, nodes, to);
        kinds[i] = PAGE;
      }
      // A place that is not there is zero.
      nodes.fill(0, from === to ? from + HASH_LENGTH : from, from + 2 * HASH_LENGTH);
    }
  }
  return Uint8Array.from(nodes.subarray(0, HASH_LENGTH));
}

/**
 * The levels of a page, its children first. What is at each place: nothing, one leaf, or the hash of a subtree.
 */
function foldPage(children: readonly Child[], hash: Sha256 | undefined): (readonly Child[])[] {
  const levels: (readonly Child[])[] = [children];
  for (let level = children; level.length > 1;) {
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

function noChildren(): Child[] {
  return Array.from({ length: WIDTH }, () => null);
}

function byDigit(leaves: readonly MapLeaf[], digit: number): Map<number, MapLeaf[]> {
  const groups = new Map<number, MapLeaf[]>();
  for (const leaf of leaves) {
    const byte = leaf.key[digit >> 1] ?? 0;
    const child = digit % 2 === 0 ? byte >> 4 : byte & 15;
    const group = groups.get(child);
    if (group === undefined) groups.set(child, [leaf]);
    else group.push(leaf);
  }
  return groups;
}

function encodePage(children: readonly Child[]): Uint8Array {
  const length = children.reduce(
    (sum, child) => sum + (child === null ? 0 : child instanceof Uint8Array ? HASH_LENGTH : 2 * HASH_LENGTH),
    KINDS_LENGTH,
  );
  const page = new Uint8Array(length);
  let at = KINDS_LENGTH;
  for (const [i, child] of children.entries()) {
    if (child === null) continue;
    const isHash = child instanceof Uint8Array;
    page[i >> 2] = (page[i >> 2] ?? 0) | ((isHash ? PAGE : LEAF) << (6 - 2 * (i & 3)));
    for (const part of isHash ? [child] : [child.key, child.value]) {
      page.set(part, at);
      at += HASH_LENGTH;
    }
  }
  return page;
}

/** @throws {MapPageError} */
function decodePage(prefix: string, page: Uint8Array | null): Child[] {
  if (page === null) throw new MapPageError(`page "${prefix}" of the map is missing`);
  let at = KINDS_LENGTH;
  const next = () => page.subarray(at, (at += HASH_LENGTH));
  const children = Array.from({ length: WIDTH }, (_, i): Child => {
    const kind = ((page[i >> 2] ?? 0) >> (6 - 2 * (i & 3))) & 3;
    if (kind === LEAF) return { key: next(), value: next() };
    return kind === PAGE ? next() : null;
  });
  if (at !== page.length) throw new MapPageError(`page "${prefix}" of the map is malformed`);
  return children;
}
