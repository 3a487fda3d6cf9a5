import { describe, expect, it, vi } from 'vitest';
import { inclusionPath, leafHash, merkleRoot, TILE_WIDTH, toBase64 } from '../../src/proof/index.js';
import { encodeHeader, NO_PREVIOUS_HASH, NO_STATE, type Header } from '../../src/proof/header.js';
import { stubBrowser } from './browser.js';

stubBrowser(['en-GB']);
const {
  blockLink: blockAddress,
  parseExplorerLink: parsePlace,
  explorerLink: placeAddress,
} = await import('../../src/web/lib/links.js');
const { BlockTree } = await import('../../src/web/pages/explorer/tree.js');
const { marksOf } = await import('../../src/web/pages/explorer/pictures.js');
const { follows, isLinked, mergeBlocks, readBlock } = await import('../../src/web/pages/explorer/blocks.js');
const { descent, nodeKey, treePath, wholeTree } = await import('../../src/web/components/tree.js');

const LEAVES = Array.from({ length: 300 }, (_, i) => leafHash(Uint8Array.of(i % 256, i >> 8)));

function block(fields: Partial<Header>) {
  const header = {
    height: 0,
    previousHash: NO_PREVIOUS_HASH,
    merkleRoot: merkleRoot(LEAVES),
    state: NO_STATE,
    firstPosition: 0,
    entryCount: LEAVES.length,
    sealedAt: 1000,
    difficulty: 0,
    nonce: 0n,
    ...fields,
  };
  return readBlock(toBase64(encodeHeader(header)));
}

const first = block({});
const second = block({ height: 1, previousHash: first.hash, firstPosition: 300, sealedAt: 4000 });

describe('the address of a place in the explorer', () => {
  it.each([
    ['', { kind: 'chain', before: null }],
    ['#before=40', { kind: 'chain', before: 40 }],
    ['#block=0', { kind: 'block', height: 0, entry: null }],
    ['#block=12&entry=345', { kind: 'block', height: 12, entry: 345 }],
    ['#entry=345&block=12', { kind: 'block', height: 12, entry: 345 }],
    // What is not understood is left out, never guessed.
    ['#block=12&entry=0', { kind: 'block', height: 12, entry: null }],
    ['#block=012', { kind: 'chain', before: null }],
    ['#block=-1', { kind: 'chain', before: null }],
    ['#block=99999999999999999', { kind: 'chain', before: null }],
    ['#before=0', { kind: 'chain', before: null }],
    ['#nonsense', { kind: 'chain', before: null }],
  ])('%s', (fragment, place) => {
    expect(parsePlace(fragment)).toEqual(place);
  });

  it('is parsed back to the same place', () => {
    for (const address of ['#before=7', '#block=3', '#block=3&entry=9']) {
      expect(placeAddress(parsePlace(address))).toBe(address);
    }
    expect(blockAddress(5, 1)).toBe('#block=5&entry=1');
  });
});

describe('blocks', () => {
  it('are linked when the later one contains the hash of the earlier one', () => {
    expect(isLinked(first, second)).toBe(true);
    expect(isLinked(block({ nonce: 1n }), second)).toBe(false);
    expect(isLinked(second, first)).toBe(false);
  });

  it('follow each other when every rule of succession is met', () => {
    expect(follows(first, null, 0)).toBe(true);
    expect(follows(second, first, 0)).toBe(true);
    expect(follows(second, block({ nonce: 1n }), 0)).toBe(false);
    expect(follows(block({ height: 1, previousHash: first.hash, firstPosition: 299 }), first, 0)).toBe(false);
  });

  it('are merged, highest first, and the newer response wins', () => {
    const other = block({ nonce: 7n });
    expect(mergeBlocks([second], [first], 60)).toEqual([second, first]);
    expect(mergeBlocks([other], [second, first], 60)).toEqual([second, other]);
    expect(mergeBlocks([second], [first], 1)).toEqual([second]);
  });

  it('are plotted from the earliest on, with the time since the previous one', () => {
    expect(marksOf([second, first])).toEqual([
      { block: first, since: null },
      { block: second, since: 3000 },
    ]);
  });
});

describe('the tree of a block', () => {
  const reads: string[] = [];
  const tilesOf =
    (leaves: readonly Uint8Array[]) =>
    ({ level, index, width }: { level: number; index: number; width: number }) => {
      reads.push(`${level}/${index}`);
      const unit = TILE_WIDTH ** level;
      return Promise.resolve(
        Array.from({ length: width }, (_, i) => {
          const at = (index * TILE_WIDTH + i) * unit;
          return merkleRoot(leaves.slice(at, at + unit));
        }),
      );
    };

  it('provides every hash of the picture and the root from the header', async () => {
    const tree = new BlockTree(first, tilesOf(LEAVES));
    expect(await tree.rootHolds()).toBe(true);
    const shape = wholeTree(LEAVES.length);
    const hashes = await tree.hashes(shape);
    expect(hashes.get(nodeKey(shape))).toEqual(first.header.merkleRoot);
    expect(hashes.get('7-8')).toEqual(LEAVES[7]);
    expect(hashes.get('256-300')).toEqual(merkleRoot(LEAVES.slice(256)));
  });

  /** The hashes beside the path of an entry, from below. */
  const siblings = async (tree: InstanceType<typeof BlockTree>, index: number) => {
    const shape = treePath(tree.block.header.entryCount, index);
    const hashes = await tree.hashes(shape);
    const found = descent(shape, index).flatMap(({ sibling }) =>
      sibling === null ? [] : [hashes.get(nodeKey(sibling))],
    );
    return { leads: tree.leads(shape, hashes), siblings: found.reverse() };
  };

  it.each([0, 1, 128, 255, 256, 298, 299])('leads from entry %i to the root', async (index) => {
    const path = await siblings(new BlockTree(first, tilesOf(LEAVES)), index);
    expect(path).toEqual({ leads: true, siblings: inclusionPath(index, LEAVES) });
  });

  it('fails the check when a published hash differs', async () => {
    const forged = LEAVES.with(3, leafHash(Uint8Array.of(9, 9, 9)));
    const tree = new BlockTree(first, tilesOf(forged));
    expect(await tree.rootHolds()).toBe(false);
    expect((await siblings(tree, 3)).leads).toBe(false);
  });

  it('has an empty path for a single entry', async () => {
    const one = block({ entryCount: 1, merkleRoot: LEAVES[0] ?? NO_PREVIOUS_HASH });
    const tree = new BlockTree(one, tilesOf(LEAVES.slice(0, 1)));
    expect(await siblings(tree, 0)).toEqual({ leads: true, siblings: [] });
    expect((await tree.hashes(treePath(1, 0))).get('0-1')).toEqual(LEAVES[0]);
  });

  it('loads few tiles of a large block', async () => {
    reads.length = 0;
    await siblings(new BlockTree(first, tilesOf(LEAVES)), 5);
    expect(new Set(reads).size).toBe(reads.length);
    expect(reads.length).toBeLessThanOrEqual(3);
  });

  it('requests a tile again that could not be loaded', async () => {
    let isAway = true;
    const read = tilesOf(LEAVES);
    const tree = new BlockTree(first, (tile) => (isAway ? Promise.reject(new Error('away')) : read(tile)));
    const holds = tree.rootHolds();
    await vi.waitUntil(() => tree.failure !== null);
    isAway = false;
    tree.retry();
    expect(tree.failure).toBeNull();
    expect(await holds).toBe(true);
  });
});
