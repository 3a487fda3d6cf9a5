import { nodeSha256 } from '../crypto/primitives.js';
import {
  type MapPage,
  type ReadMapPages,
  readMapPath,
  readMapValues,
  updateMap,
} from '../merkle/map-pages.js';
import { equal, toHex } from '../proof/index.js';
import type { MapPath } from '../proof/map.js';
import { type Change, changesDigest, isFull, NO_VALUE } from '../proof/records/changes.js';
import {
  changeFollows,
  changesNothing,
  isSameMap,
  lastValues,
  type MapBlock,
  type MapFault,
  type MapState,
  nowBehind,
  readChanges,
} from '../proof/records/map-step.js';

/** A block whose map is to be recomputed. */
export interface FollowedMapBlock extends MapBlock {
  readonly sealedAt: number;
  /** As the block's statement has it. */
  readonly map: MapState;
  /** The change list that was served; empty: none. */
  readonly list: Uint8Array;
  /** The leaf hash at this index of the block's tree. */
  leaf(index: number): Uint8Array | null;
}

export type FollowedMap =
  | { readonly fault: null; readonly pages: readonly MapPage[] }
  /** The list is not the one that the statement names: the fault of whoever served it. */
  | { readonly fault: 'other_changes' }
  /** `at`: which change; null: all together. */
  | { readonly fault: MapFault; readonly changes: readonly Change[]; readonly at: number | null };

/** Recomputes the map block by block, from change lists and leaf hashes. */
export class MapChain {
  readonly #read: ReadMapPages;
  /** Pages that are newer than those that can be read. */
  readonly #newer = new Map<string, Uint8Array>();
  #map: MapState;
  /** Of the last block that was followed. */
  #sealedAt: number;

  /**
   * @param last the map after the last block that is known, and when that was sealed
   * @param read the pages as they were then
   */
  constructor(last: { readonly map: MapState; readonly sealedAt: number }, read: ReadMapPages) {
    this.#map = last.map;
    this.#sealedAt = last.sealedAt;
    this.#read = async (prefixes) => {
      const missing = prefixes.filter((prefix) => !this.#newer.has(prefix));
      const found = missing.length === 0 ? [] : await read(missing);
      const pages = new Map(missing.map((prefix, i) => [prefix, found[i] ?? null]));
      return prefixes.map((prefix) => this.#newer.get(prefix) ?? pages.get(prefix) ?? null);
    };
  }

  /** After the last block that was followed. */
  get map(): MapState {
    return this.#map;
  }

  /** The path of a key in the present map. */
  path(key: Uint8Array): Promise<MapPath> {
    return readMapPath(this.#read, this.#map.root, key, nodeSha256);
  }

  /**
   * Checks that the map of the next block follows, and takes it over if it does.
   * @throws {MapPageError} when the pages are not those of the map
   */
  async follow(block: FollowedMapBlock): Promise<FollowedMap> {
    const { map, list, sealedAt } = block;
    if (!equal(changesDigest(list, nodeSha256), map.changes)) return { fault: 'other_changes' };
    if (map.now !== nowBehind(this.#map, this.#sealedAt))
      return { fault: 'wrong_now', changes: [], at: null };
    if (changesNothing(map)) {
      if (!isSameMap(map, this.#map)) return { fault: 'wrong_root', changes: [], at: null };
      this.#take(map, sealedAt);
      return { fault: null, pages: [] };
    }
    const changes = readChanges(list);
    if (changes === null) return { fault: 'malformed_changes', changes: [], at: null };
    if (map.full !== isFull(changes)) return { fault: 'wrong_full', changes: [], at: null };
    const read = once(this.#read);
    const keys = changes.map(({ key }) => key);
    const values = await readMapValues(read, this.#map.root, keys);
    for (const [at, change] of changes.entries()) {
      const id = toHex(change.key);
      const leaf = 'text' in change ? null : block.leaf(change.index);
      if (!changeFollows(change, block, values.get(id) ?? NO_VALUE, leaf, nodeSha256))
        return { fault: 'wrong_value', changes, at };
      values.set(id, change.value);
    }
    const leaves = [...lastValues(changes).values()];
    const { pages, root, added } = await updateMap(read, this.#map.root, leaves);
    if (!isSameMap(map, { root, records: this.#map.records + added }))
      return { fault: 'wrong_root', changes, at: null };
    this.#take(map, sealedAt);
    for (const { prefix, page } of pages) this.#newer.set(prefix, page);
    return { fault: null, pages };
  }

  #take(map: MapState, sealedAt: number): void {
    this.#map = map;
    this.#sealedAt = sealedAt;
  }

  /** The pages up to here can be read now. */
  stored(): void {
    this.#newer.clear();
  }
}

/** Reads each page once. */
function once(read: ReadMapPages): ReadMapPages {
  const pages = new Map<string, Uint8Array | null>();
  return async (prefixes) => {
    const missing = prefixes.filter((prefix) => !pages.has(prefix));
    const found = missing.length === 0 ? [] : await read(missing);
    for (const [i, prefix] of missing.entries()) pages.set(prefix, found[i] ?? null);
    return prefixes.map((prefix) => pages.get(prefix) ?? null);
  };
}
