import { sha256Into } from '../crypto/primitives.js';
import { equal, toHex, type Sha256 } from '../proof/index.js';
import { EMPTY_MAP_ROOT, type MapLeaf, type MapPath } from '../proof/map.js';
import {
  changedPage,
  checkedPage,
  type Child,
  childOf,
  type HashInto,
  MapPageError,
  NO_CHILDREN,
  walkPage,
} from './map-page.js';

export { MapPageError } from './map-page.js';

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

export interface MapUpdate {
  /** Those that have changed, the deepest first. */
  readonly pages: readonly MapPage[];
  readonly root: Uint8Array;
  /** How many keys were not in the map before. */
  readonly added: number;
}

const DIGITS = '0123456789abcdef';
/** Pages that are read at once for one key: more than a million random keys need. */
const READ_AHEAD = 8;

interface Work {
  readonly prefix: string;
  /** As it was before; null: not read yet. */
  page: Uint8Array | null;
  readonly changes: Map<number, Exclude<Child, null>>;
  /** Of the depth before. */
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
  const isEmpty = equal(root, EMPTY_MAP_ROOT);
  const page = isEmpty ? NO_CHILDREN : null;
  let works: Work[] = [{ prefix: '', page, changes: new Map(), parent: null, leaves, isNew: false }];
  while (works.length > 0) {
    depths.push(works);
    await readPages(read, works);
    const next: Work[] = [];
    for (const work of works) {
      for (const [child, own] of byDigit(work.leaves, work.prefix.length)) {
        const before = childOf(work.page ?? NO_CHILDREN, child);
        const isKnown = before !== null && 'key' in before && own.some(({ key }) => equal(key, before.key));
        const [first] = own;
        if (before instanceof Uint8Array) next.push(pageBelow(work, child, own, null));
        else if (first !== undefined && own.length === 1 && (before === null || isKnown))
          work.changes.set(child, first);
        else
          next.push(pageBelow(work, child, before === null || isKnown ? own : [...own, before], NO_CHILDREN));
        // What is below a new page was counted above it.
        if (!work.isNew && !(before instanceof Uint8Array)) added += isKnown ? own.length - 1 : own.length;
      }
    }
    works = next;
  }
  return { ...finish(depths, hashInto), added };
}

async function readPages(read: ReadMapPages, works: readonly Work[]): Promise<void> {
  const stored = works.filter(({ page }) => page === null);
  const pages = stored.length === 0 ? [] : await read(stored.map(({ prefix }) => prefix));
  for (const [i, work] of stored.entries()) work.page = checkedPage(work.prefix, pages[i] ?? null);
}

function pageBelow(work: Work, child: number, leaves: readonly MapLeaf[], page: Uint8Array | null): Work {
  const prefix = `${work.prefix}${DIGITS.charAt(child)}`;
  return { prefix, page, changes: new Map(), parent: { work, child }, leaves, isNew: page !== null };
}

/** Hashes the pages from the deepest to the top. */
function finish(depths: readonly (readonly Work[])[], hashInto: HashInto): Omit<MapUpdate, 'added'> {
  const pages: MapPage[] = [];
  let root: Uint8Array = EMPTY_MAP_ROOT;
  for (const works of depths.toReversed()) {
    for (const { prefix, page: before, changes, parent } of works) {
      const { page, hash } = changedPage(before ?? NO_CHILDREN, changes, hashInto);
      pages.push({ prefix, page });
      if (parent === null) root = hash;
      else parent.work.changes.set(parent.child, hash);
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
    const page = checkedPage(digits.slice(0, depth), pages[depth % READ_AHEAD] ?? null);
    const { beside, end } = walkPage(page, Number.parseInt(digits.charAt(depth), 16), hash);
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
    const found = await read(prefixes);
    const pages = new Map(prefixes.map((prefix, i) => [prefix, checkedPage(prefix, found[i] ?? null)]));
    left = left.filter((id) => {
      const page = pages.get(id.slice(0, depth)) ?? NO_CHILDREN;
      const child = childOf(page, Number.parseInt(id.charAt(depth), 16));
      if (child instanceof Uint8Array) return true;
      if (child !== null && toHex(child.key) === id) values.set(id, child.value);
      return false;
    });
  }
  return values;
}

function byDigit(
  leaves: readonly MapLeaf[],
  digit: number,
): Iterable<readonly [child: number, leaves: readonly MapLeaf[]]> {
  const [only] = leaves;
  if (only !== undefined && leaves.length === 1) return [[digitOf(only, digit), leaves]];
  const groups = new Map<number, MapLeaf[]>();
  for (const leaf of leaves) {
    const child = digitOf(leaf, digit);
    const group = groups.get(child);
    if (group === undefined) groups.set(child, [leaf]);
    else group.push(leaf);
  }
  return groups;
}

function digitOf({ key }: MapLeaf, digit: number): number {
  const byte = key[digit >> 1] ?? 0;
  return digit % 2 === 0 ? byte >> 4 : byte & 15;
}
