import { expect, test } from 'vitest';
import { nodeSha256 } from '../../src/crypto/primitives.js';
import {
  concat,
  inclusionPathLength,
  leafHash,
  merkleRoot,
  rootFromInclusionPath,
  splitHashes,
  TILE_WIDTH,
  toHex,
  utf8,
} from '../../src/proof/index.js';
import { extendLog, logTree } from '../../src/sealer/log.js';
import type { LogTile } from '../../src/merkle/growing-tree.js';
import type { Store } from '../../src/store/index.js';

const headerOf = (height: number) => utf8(`header ${height}`);

/**
 * A log in memory that keeps what the store keeps: full tiles, and the leaf hashes of all blocks, from which
 * alone it serves partial tiles (src/store/tiles.ts does it by SQL).
 */
function createLog() {
  const leaves: Uint8Array[] = [];
  const full = new Map<string, LogTile>();
  const hashesAt = (level: number, first: number, width: number): (Uint8Array | undefined)[] =>
    Array.from({ length: width }, (_, i) =>
      level === 0 ? leaves[first + i] : full.get(`${level - 1}/${first + i}`)?.root,
    );
  const store: Pick<Store, 'logTile'> = {
    logTile: (level, index, width) => {
      const stored = full.get(`${level}/${index}`);
      if (stored !== undefined) return Promise.resolve(stored.hashes.subarray(0, width * 32));
      const hashes = hashesAt(level, index * TILE_WIDTH, width);
      const known = hashes.filter((hash) => hash !== undefined);
      return Promise.resolve(width < TILE_WIDTH && known.length === width ? concat(...known) : null);
    },
  };
  return { leaves, full, store: store as Store };
}

type Log = ReturnType<typeof createLog>;

async function append(log: Log): Promise<{ root: Uint8Array; tiles: readonly LogTile[] }> {
  const size = log.leaves.length;
  const extension = await extendLog(log.store, size, headerOf(size));
  log.leaves.push(leafHash(headerOf(size), nodeSha256));
  for (const tile of extension.tiles) log.full.set(`${tile.level}/${tile.index}`, tile);
  return extension;
}

test('has the root of RFC 6962 at every size up to 600, and yields each tile when it is full', async () => {
  const log = createLog();
  for (let size = 1; size <= 600; size++) {
    const { root, tiles } = await append(log);
    expect(toHex(root)).toBe(toHex(merkleRoot(log.leaves, nodeSha256)));
    expect(tiles.map(({ level, index }) => `${level}/${index}`)).toEqual(
      size % TILE_WIDTH === 0 ? [`0/${size / TILE_WIDTH - 1}`] : [],
    );
    for (const tile of tiles) {
      expect(tile.hashes.length).toBe(TILE_WIDTH * 32);
      expect(toHex(tile.root)).toBe(toHex(merkleRoot(splitHashes(tile.hashes), nodeSha256)));
    }
  }
  for (const size of [1, 2, 255, 256, 257, 511, 512, 513, 600]) {
    const root = merkleRoot(log.leaves.slice(0, size), nodeSha256);
    for (const index of [0, Math.floor(size / 3), size - 1]) {
      const path = await logTree(log.store, size).inclusionPath(index);
      expect(path.length).toBe(inclusionPathLength(index, size));
      const leaf = log.leaves[index] ?? expect.fail();
      expect(toHex(rootFromInclusionPath(leaf, index, size, path))).toBe(toHex(root));
    }
  }
});

test('completes a tile on two levels with block 65,536', async () => {
  const log = createLog();
  // The tiles of the blocks before, without building the log block by block.
  for (let i = 0; i < 65_534; i++) log.leaves.push(leafHash(headerOf(i), nodeSha256));
  for (let index = 0; index < 255; index++) {
    const hashes = log.leaves.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
    const root = merkleRoot(hashes, nodeSha256);
    log.full.set(`0/${index}`, { level: 0, index, hashes: concat(...hashes), root });
  }
  const completed: string[][] = [];
  for (let i = 0; i < 4; i++) {
    const { root, tiles } = await append(log);
    expect(toHex(root)).toBe(toHex(merkleRoot(log.leaves, nodeSha256)));
    completed.push(tiles.map(({ level, index }) => `${level}/${index}`));
  }
  expect(completed).toEqual([[], ['0/255', '1/0'], [], []]);
});

test('throws when a tile of the log is missing', async () => {
  const log = createLog();
  for (let i = 0; i < 300; i++) await append(log);
  log.full.delete('0/0');
  await expect(append(log)).rejects.toThrow('the log lacks 1 hashes of tile 1/0');
  log.leaves.pop();
  await expect(extendLog(log.store, 300, headerOf(300))).rejects.toThrow('tile 0/1');
});
