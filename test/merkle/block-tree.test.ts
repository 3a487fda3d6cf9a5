import { describe, expect, test } from 'vitest';
import { nodeSha256 } from '../../src/crypto/primitives.js';
import {
  concat,
  encodeEntry,
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
import { buildTree, type BlockTree } from '../../src/merkle/block-tree.js';
import { sampleEntry } from '../support/chain.js';
import { entryRuns, RUN_ENTRIES, SealWorkers } from '../../src/sealer/workers.js';

const LARGEST = 600;
/** Where the tree is put together from parts, and has a third level of tiles. */
const SEAMS = [4095, 4096, 4097, 8192, 12_289, 65_535, 65_536, 65_836];
const many = Array.from({ length: Math.max(...SEAMS) }, (_, i) => leafHash(utf8(String(i)), nodeSha256));
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
      const tree = buildTree(concat(...leaves.slice(0, size)));
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
      const tree = buildTree(concat(...own));
      for (let index = 0; index < size; index += size > 300 ? 37 : 1) {
        const path = await tiled(tree, size).inclusionPath(index);
        expect(path.map(toHex)).toEqual(inclusionPath(index, own).map(toHex));
      }
    },
  );

  test.each(SEAMS)('%i entries: put together from parts', async (size) => {
    const own = many.slice(0, size);
    const tree = buildTree(concat(...own));
    expect(toHex(tree.root)).toBe(toHex(merkleRoot(own, nodeSha256)));
    expect(tree.tiles.map(({ level, index, hashes }) => `${level}/${index}×${hashes.length / 32}`)).toEqual(
      expectedTiles(size),
    );
    for (const index of [0, 255, 256, 4095, 4096, 65_535, 65_536, size - 1].filter((at) => at < size)) {
      const path = await tiled(tree, size).inclusionPath(index);
      expect(path.length).toBe(inclusionPathLength(index, size));
      const leaf = own[index] ?? expect.fail();
      expect(toHex(rootFromInclusionPath(leaf, index, size, path))).toBe(toHex(tree.root));
    }
  });

  test('leaves that are a view into a larger buffer, as the worker may have them, are not mixed up', () => {
    const larger = concat(Uint8Array.of(1, 2, 3), ...leaves.slice(0, 5), Uint8Array.of(9));
    const own = larger.subarray(3, 3 + 32 * 5);
    const tree = buildTree(own);
    expect(toHex(tree.root)).toBe(toHex(merkleRoot(leaves.slice(0, 5))));
    expect(tree.tiles[0]?.hashes).toEqual(own);
  });

  test('threads come to the same tree from the entries, run by run', async () => {
    const entries = Array.from({ length: RUN_ENTRIES + 5000 }, (_, i) => ({
      ...sampleEntry(),
      acceptedAt: i,
    }));
    const expected = buildTree(concat(...entries.map((entry) => leafHash(encodeEntry(entry), nodeSha256))));
    const workers = new SealWorkers(2);
    try {
      const tree = await workers.buildTree(entryRuns(entries));
      expect(toHex(tree.root)).toBe(toHex(expected.root));
      expect(toHex(concat(...tree.tiles.map(({ hashes }) => hashes)))).toBe(
        toHex(concat(...expected.tiles.map(({ hashes }) => hashes))),
      );
    } finally {
      await workers.destroy();
    }
  });
});
