import { describe, expect, test } from 'vitest';
import { nodeSha256 } from '../../src/crypto/primitives.js';
import { buildTree, buildTileRoots, joinTiles, type BlockTree } from '../../src/merkle/block-tree.js';
import { cutHashes, entryLeafHashes, tileRoot } from '../../src/merkle/flat.js';
import {
  concat,
  encodeEntries,
  encodeEntry,
  inclusionPath,
  inclusionPathLength,
  leafHash,
  levelWidth,
  MAX_BLOCK_ENTRIES,
  merkleRoot,
  rootFromInclusionPath,
  splitHashes,
  TILE_WIDTH,
  tileAt,
  TiledTree,
  toHex,
  utf8,
} from '../../src/proof/index.js';
import { sampleEntry } from '../support/chain.js';
import { entryRuns, RUN_ENTRIES, SealWorkers } from '../../src/sealer/workers.js';

/** All small ones, and those around full tiles. */
const SIZES = Array.from({ length: 600 }, (_, i) => i + 1).filter(
  (size) => size <= 40 || size % TILE_WIDTH <= 2 || size % TILE_WIDTH >= TILE_WIDTH - 2 || size % 29 === 0,
);
/** Sizes around full tiles, and around the first full tile of the second level. */
const LARGE = [4095, 4096, 4097, 12_289, 65_535, 65_536, 65_836];
const many = Array.from({ length: Math.max(...LARGE) }, (_, i) => leafHash(utf8(String(i)), nodeSha256));

/** A tree that is read from the tiles. */
function tiled({ tiles }: BlockTree, size: number): TiledTree {
  const byId = new Map(tiles.map((tile) => [`${tile.level}/${tile.index}`, splitHashes(tile.hashes)]));
  return new TiledTree(
    size,
    ({ level, index }) =>
      Promise.resolve(byId.get(`${level}/${index}`) ?? expect.fail(`no tile ${level}/${index}`)),
    nodeSha256,
  );
}

const idsOf = ({ tiles }: BlockTree) =>
  tiles.map(({ level, index, hashes }) => `${level}/${index}×${hashes.length / 32}`);

/** The tiles of a tree by the layout of c2sp.org/tlog-tiles. */
function expectedTiles(size: number): string[] {
  const ids: string[] = [];
  for (let level = 0; levelWidth(size, level) > 0; level++) {
    for (let first = 0; first < levelWidth(size, level); first += TILE_WIDTH) {
      const { index, width } = tileAt(level, first, size);
      ids.push(`${level}/${index}×${width}`);
    }
  }
  return ids;
}

describe('buildTree', () => {
  test('gives the root and the tiles of RFC 6962 for sizes up to 600', async () => {
    for (const size of SIZES) {
      const own = many.slice(0, size);
      const tree = buildTree(concat(...own));
      expect(toHex(tree.root)).toBe(toHex(merkleRoot(own, nodeSha256)));
      expect(idsOf(tree)).toEqual(expectedTiles(size));
      expect(toHex(await tiled(tree, size).root())).toBe(toHex(tree.root));
    }
  });

  test.each([1, 2, 3, 255, 256, 257, 511, 512, 513, 600])(
    'gives tiles of %i entries that hold every inclusion path',
    async (size) => {
      const own = many.slice(0, size);
      const tree = buildTree(concat(...own));
      for (let index = 0; index < size; index += size > 300 ? 37 : 1) {
        const path = await tiled(tree, size).inclusionPath(index);
        expect(path.map(toHex)).toEqual(inclusionPath(index, own).map(toHex));
      }
    },
  );

  test.each(LARGE)('gives the root and the tiles of RFC 6962 for %i entries', async (size) => {
    const own = many.slice(0, size);
    const tree = buildTree(concat(...own));
    expect(toHex(tree.root)).toBe(toHex(merkleRoot(own, nodeSha256)));
    expect(idsOf(tree)).toEqual(expectedTiles(size));
    for (const index of [0, 255, 256, 4095, 4096, 65_535, 65_536, size - 1].filter((at) => at < size)) {
      const path = await tiled(tree, size).inclusionPath(index);
      expect(path.length).toBe(inclusionPathLength(index, size));
      const leaf = own[index] ?? expect.fail();
      expect(toHex(rootFromInclusionPath(leaf, index, size, path))).toBe(toHex(tree.root));
    }
  });

  test('gives the tiles of the largest block', () => {
    const leaves = Buffer.alloc(MAX_BLOCK_ENTRIES * 32, 'leaf');
    const tree = buildTree(leaves);
    expect(idsOf(tree)).toEqual(expectedTiles(MAX_BLOCK_ENTRIES));
    expect(toHex(tree.root)).toBe(toHex(merkleRoot(cutHashes(leaves, TILE_WIDTH).map(tileRoot), nodeSha256)));
  });

  test('reads leaves that are a view into a larger buffer', () => {
    const larger = concat(Uint8Array.of(1, 2, 3), ...many.slice(0, 5), Uint8Array.of(9));
    const own = larger.subarray(3, 3 + 32 * 5);
    const tree = buildTree(own);
    expect(toHex(tree.root)).toBe(toHex(merkleRoot(many.slice(0, 5))));
    expect(tree.tiles[0]?.hashes).toEqual(own);
  });

  test('gives a tree that later trees do not change', () => {
    const first = buildTree(concat(...many.slice(0, 300)));
    const [root, tiles] = [toHex(first.root), first.tiles.map(({ hashes }) => toHex(hashes))];
    buildTree(concat(...many.slice(300, 900)));
    expect(toHex(first.root)).toBe(root);
    expect(first.tiles.map(({ hashes }) => toHex(hashes))).toEqual(tiles);
  });
});

test('the roots of tiles are the same by merkletreejs and by our own hashing, for every width', () => {
  for (let width = 1; width <= TILE_WIDTH; width++) {
    const tile = concat(...many.slice(width, 2 * width));
    expect(toHex(buildTileRoots(tile))).toBe(toHex(tileRoot(tile)));
    expect(toHex(tileRoot(tile))).toBe(toHex(merkleRoot(many.slice(width, 2 * width), nodeSha256)));
  }
});

test('a block without entries has no tree', () => {
  expect(() => joinTiles([], [])).toThrow(RangeError);
});

test('entryLeafHashes gives the leaf hash of every entry', () => {
  const entries = Array.from({ length: 2 * TILE_WIDTH + 3 }, (_, i) => ({ ...sampleEntry(), acceptedAt: i }));
  const expected = concat(...entries.map((entry) => leafHash(encodeEntry(entry))));
  expect(toHex(entryLeafHashes(encodeEntries(entries)))).toBe(toHex(expected));
});

test('worker threads build the same tree from runs of entries', async () => {
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
    await workers.close();
  }
});
