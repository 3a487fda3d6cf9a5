import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeSha256 } from '../../src/crypto/primitives.js';
import { MapPageError, type ReadMapPages, readMapPath, updateMap } from '../../src/merkle/map-pages.js';
import { fromHex, toHex } from '../../src/proof/index.js';
import { EMPTY_MAP_ROOT, lookUp, type MapLeaf } from '../../src/proof/map.js';
import { automaticLeaf } from '../../src/proof/records/automatic.js';
import { changesDigest, nextValue, NO_VALUE, parseChanges } from '../../src/proof/records/changes.js';
import { Random } from '../fuzz/random.js';
import { MapTree } from '../proof/map-tree.js';
import { VECTORS } from '../vectors/load.js';

const bytes = (random: Random) => Uint8Array.from(random.bytes(32));

/** Pages as they were after each height. */
class Pages {
  readonly #rows = new Map<string, { readonly height: number; readonly page: Uint8Array }[]>();
  reads = 0;
  root: Uint8Array = EMPTY_MAP_ROOT;
  records = 0;

  at(height: number): ReadMapPages {
    return (prefixes) => {
      this.reads++;
      return Promise.resolve(
        prefixes.map(
          (prefix) => this.#rows.get(prefix)?.findLast((row) => row.height <= height)?.page ?? null,
        ),
      );
    };
  }

  async update(height: number, leaves: readonly MapLeaf[]): Promise<number> {
    const { pages, root, added } = await updateMap(this.at(height), this.root, leaves);
    for (const { prefix, page } of pages) {
      const rows = this.#rows.get(prefix) ?? [];
      rows.push({ height, page });
      this.#rows.set(prefix, rows);
    }
    this.root = root;
    this.records += added;
    return pages.length;
  }
}

interface Vectors {
  readonly blocks: readonly {
    readonly about: string;
    readonly leafHashes: readonly string[];
    readonly changes: string;
    readonly digest: string;
    readonly records: number;
    readonly root: string;
    readonly paths: readonly {
      readonly key: string;
      readonly siblings: readonly string[];
      readonly leaf: { readonly key: string; readonly value: string } | null;
    }[];
  }[];
}

const { blocks } = JSON.parse(readFileSync(join(VECTORS, 'records/changes.json'), 'utf8')) as Vectors;

describe('the map in pages', () => {
  it('has the values, roots and paths of another implementation', async () => {
    const pages = new Pages();
    const values = new Map<string, Uint8Array>();
    for (const [height, block] of blocks.entries()) {
      const changes = Buffer.from(block.changes, 'hex');
      expect(toHex(changesDigest(changes)), block.about).toBe(block.digest);
      for (const [i, change] of parseChanges(changes).entries()) {
        const key = toHex(change.key);
        const leaf = 'text' in change ? automaticLeaf(change.text) : fromHex(block.leafHashes[i] ?? '', 32);
        const value = nextValue(values.get(key) ?? NO_VALUE, leaf);
        expect(toHex(change.value), block.about).toBe(toHex(value));
        values.set(key, value);
      }
      const changed = new Map(parseChanges(changes).map(({ key, value }) => [toHex(key), { key, value }]));
      await pages.update(height, [...changed.values()]);
      expect({ root: toHex(pages.root), records: pages.records }, block.about).toEqual({
        root: block.root,
        records: block.records,
      });
    }
    // Every past map is still there.
    for (const [height, { root, paths }] of blocks.entries()) {
      for (const { key, siblings, leaf } of paths) {
        const path = await readMapPath(pages.at(height), fromHex(root, 32), fromHex(key, 32), nodeSha256);
        expect(path.siblings.map(toHex)).toEqual(siblings);
        expect(path.leaf && { key: toHex(path.leaf.key), value: toHex(path.leaf.value) }).toEqual(leaf);
      }
    }
  });

  it('is the tree of any random set, whatever the order and the batches', async () => {
    const random = new Random(7);
    for (let round = 0; round < 5; round++) {
      const pages = new Pages();
      let tree = MapTree.EMPTY;
      const keys: Uint8Array[] = [];
      for (let height = 0; height < 6; height++) {
        const leaves = new Map<string, MapLeaf>();
        for (let i = random.below(12) + 1; i > 0; i--) {
          const old = keys[random.below(keys.length + 1)];
          // Some keys differ from another one behind many bits only.
          const key = Uint8Array.from(old ?? bytes(random));
          if (old !== undefined && random.below(2) === 0) {
            const at = random.below(256);
            key[at >> 3] = (key[at >> 3] ?? 0) ^ (128 >> (at & 7));
          }
          keys.push(key);
          leaves.set(toHex(key), { key, value: bytes(random) });
        }
        for (const { key, value } of leaves.values()) tree = tree.set(key, value);
        await pages.update(height, [...leaves.values()]);
        expect(toHex(pages.root)).toBe(toHex(tree.root));
      }
      expect(pages.records).toBe(new Set(keys.map(toHex)).size);
      for (const key of [...keys.slice(0, 8), bytes(random)])
        expect(await readMapPath(pages.at(5), pages.root, key, nodeSha256)).toEqual(tree.path(key));
    }
  });

  it('writes no page but those above what changes, and reads each depth at once', async () => {
    const pages = new Pages();
    const random = new Random(8);
    const leaves = Array.from({ length: 4096 }, () => ({ key: bytes(random), value: bytes(random) }));
    await pages.update(0, leaves);
    pages.reads = 0;
    const [leaf] = leaves;
    if (leaf === undefined) throw new Error('no leaf');
    // Of 4096 keys, about one is below each page of the fourth depth.
    expect(await pages.update(1, [{ ...leaf, value: bytes(random) }])).toBeLessThan(8);
    expect(pages.reads).toBeLessThan(8);
    expect(await pages.update(2, [])).toBe(0);
    const absent = bytes(random);
    const path = await readMapPath(pages.at(2), pages.root, absent, nodeSha256);
    expect(lookUp(pages.root, absent, path)).toEqual({ state: 'absent' });
  });

  it('refuses pages that are missing or malformed', async () => {
    const leaves = [1, 2, 3].map((byte) => ({
      key: new Uint8Array(32).fill(byte),
      value: new Uint8Array(32),
    }));
    const { root, pages } = await updateMap(() => Promise.resolve([]), EMPTY_MAP_ROOT, leaves);
    const [leaf] = leaves;
    if (leaf === undefined) throw new Error('no leaf');
    for (const change of [
      () => null,
      (page: Uint8Array) => page.slice(1),
      (page: Uint8Array) => Buffer.concat([page, page]),
    ]) {
      const read: ReadMapPages = (prefixes) =>
        Promise.resolve(
          prefixes.map((prefix) => {
            const found = pages.find((page) => page.prefix === prefix);
            return found === undefined ? null : change(found.page);
          }),
        );
      await expect(updateMap(read, root, [leaf])).rejects.toThrow(MapPageError);
      await expect(readMapPath(read, root, leaf.key)).rejects.toThrow(MapPageError);
    }
  });
});
