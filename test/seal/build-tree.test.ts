import { describe, expect, test } from 'vitest';
import { nodeSha256 } from '../../src/node-crypto.js';
import {
  inclusionPath,
  inclusionPathLength,
  leafHash,
  levelWidth,
  merkleRoot,
  rootFromInclusionPath,
  splitHashes,
  tileAt,
  TiledTree,
  toHex,
  utf8,
} from '../../src/proof/index.js';
import { buildTree, type BlockTree } from '../../src/seal/build-tree.js';

const LARGEST = 600;
const leaves = Array.from({ length: LARGEST }, (_, i) => leafHash(utf8(String(i))));

function tiled({ tiles }: BlockTree, size: number): TiledTree {
  const byId = new Map(tiles.map((tile) => [`${tile.level}/${tile.index}`, splitHashes(tile.hashes)]));
  return new TiledTree(
    size,
    ({ level, index }) =>
      Promise.resolve(byId.get(`${level}/${index}`) ?? expect.fail(`no tile ${level}/${index}`)),
    nodeSha256,
  );
}

/** Which tiles there must be, by the layout of c2sp.org/tlog-tiles. */
function expectedTiles(size: number): string[] {
  const ids: string[] = [];
  for (let level = 0; levelWidth(size, level) > 0; level++) {
    for (let first = 0; first < levelWidth(size, level); first += 256) {
      const { index, width } = tileAt(level, first, size);
      ids.push(`${level}/${index}×${width}`);
    }
  }
  return ids;
}

describe('buildTree', () => {
  test('every size up to 600: root and tiles are those of RFC 6962 and of the tile layout', async () => {
    for (let size = 1; size <= LARGEST; size++) {
      const tree = buildTree(leaves.slice(0, size));
      expect(toHex(tree.root)).toBe(toHex(merkleRoot(leaves.slice(0, size))));
      const ids = tree.tiles.map(({ level, index, hashes }) => `${level}/${index}×${hashes.length / 32}`);
      expect(ids).toEqual(expectedTiles(size));
      expect(toHex(await tiled(tree, size).root())).toBe(toHex(tree.root));
    }
  });

  test.each([1, 2, 3, 255, 256, 257, 511, 512, 513, 600])(
    'paths out of the tiles of %i entries',
    async (size) => {
      const own = leaves.slice(0, size);
      const tree = buildTree(own);
      for (let index = 0; index < size; index += size > 300 ? 37 : 1) {
        const path = await tiled(tree, size).inclusionPath(index);
        expect(path.map(toHex)).toEqual(inclusionPath(index, own).map(toHex));
      }
    },
  );

  test('a block of more than 65,536 entries has a third level', async () => {
    const size = 65_536 + 300;
    const own = Array.from({ length: size }, (_, i) => leafHash(utf8(String(i)), nodeSha256));
    const tree = buildTree(own);
    expect(toHex(tree.root)).toBe(toHex(merkleRoot(own, nodeSha256)));
    expect(tree.tiles.map(({ level, index, hashes }) => `${level}/${index}×${hashes.length / 32}`)).toEqual(
      expectedTiles(size),
    );
    for (const index of [0, 255, 256, 65_535, 65_536, size - 1]) {
      const path = await tiled(tree, size).inclusionPath(index);
      expect(path.length).toBe(inclusionPathLength(index, size));
      const leaf = own[index] ?? expect.fail();
      expect(toHex(rootFromInclusionPath(leaf, index, size, path))).toBe(toHex(tree.root));
    }
  });

  test('leaves that are views into one buffer, as the worker has them, are not mixed up', () => {
    const all = new Uint8Array(32 * 5);
    leaves.slice(0, 5).forEach((leaf, i) => {
      all.set(leaf, 32 * i);
    });
    const tree = buildTree(Array.from({ length: 5 }, (_, i) => all.subarray(32 * i, 32 * (i + 1))));
    expect(toHex(tree.root)).toBe(toHex(merkleRoot(leaves.slice(0, 5))));
    expect(tree.tiles[0]?.hashes).toEqual(all);
  });
});
