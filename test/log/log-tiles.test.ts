import { expect, test } from 'vitest';
import { LogTiles } from '../../src/log/tiles.js';
import { encodeHeader, leafHash, merkleRoot, type TiledTree } from '../../src/proof/index.js';
import { acceptSome, nextCommit } from '../support/chain.js';
import { createStore } from '../support/database.js';

test('reads each tile of the log once, and of a tile that has grown only the new hashes', async () => {
  await using db = await createStore();
  const { store } = db;
  const asked = { tiles: 0, headers: 0 };
  const tiles = new LogTiles({
    ...store,
    logTile: (...tile) => ((asked.tiles += 1), store.logTile(...tile)),
    blocksBetween: (from, to) => ((asked.headers += to - from), store.blocksBetween(from, to)),
  });
  const leaves: Uint8Array[] = [];
  const grow = async (size: number) => {
    await acceptSome(store, size - leaves.length);
    while (leaves.length < size) {
      const commit = await nextCommit(store, 1);
      await store.commitBlock(commit);
      leaves.push(leafHash(encodeHeader(commit.block)));
    }
  };
  const rootHolds = async (tree: TiledTree) => {
    expect(await tree.root()).toEqual(merkleRoot(leaves.slice(0, tree.size)));
  };

  await grow(5);
  await rootHolds(tiles.tree(5));
  expect(asked).toEqual({ tiles: 1, headers: 0 });
  await grow(9);
  await Promise.all([9, 3, 9, 7].map((size) => rootHolds(tiles.tree(size))));
  await rootHolds(tiles.tree(9));
  expect(asked.tiles).toBe(1);
  const { headers } = asked;
  await rootHolds(tiles.tree(8));
  expect(asked.headers).toBe(headers);

  await grow(258);
  for (const size of [258, 256, 100, 257]) await rootHolds(tiles.tree(size));
  // The first tile above the leaves stands for the first 256; tree 100 needs 91 more of these.
  expect(asked).toEqual({ tiles: 3, headers: headers + 91 });
  await expect(tiles.tree(259).root()).rejects.toThrow('must hold 3 hashes, got 2');
  expect(await tiles.tree(258).inclusionPath(200)).toHaveLength(9);
  // The other 156, and the one that is not there.
  expect(asked).toEqual({ tiles: 3, headers: headers + 248 });
});
