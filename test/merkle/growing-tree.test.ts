import { expect, test } from 'vitest';
import { TileBuilder } from '../../src/merkle/growing-tree.js';
import { nodeSha256 } from '../../src/crypto/primitives.js';
import { merkleRoot, splitHashes, TILE_WIDTH, toHex, type ReadTile } from '../../src/proof/index.js';

const leaf = (i: number) => nodeSha256(new Uint8Array(Buffer.from(`leaf ${i}`)));
const leaves = Array.from({ length: 66_000 }, (_, i) => leaf(i));
const read: ReadTile = ({ level, index, width }) => {
  const span = TILE_WIDTH ** level;
  return Promise.resolve(
    Array.from({ length: width }, (_, i) => {
      const start = (index * TILE_WIDTH + i) * span;
      return merkleRoot(leaves.slice(start, start + span), nodeSha256);
    }),
  );
};

test.each([0, 1, 2, 3, 5, 128, 255, 256, 257, 300, 511, 512, 513, 1000, 65_535, 65_536, 65_537])(
  'a builder that resumes at %i leaves gives the tiles and roots of the whole tree',
  async (size) => {
    const builder = await TileBuilder.resume(size, read);
    expect(toHex(builder.root())).toBe(toHex(merkleRoot(leaves.slice(0, size), nodeSha256)));
    for (const next of leaves.slice(size, size + 300)) {
      for (const { level, index, hashes, root } of builder.push(next)) {
        expect(splitHashes(hashes)).toEqual(await read({ level, index, width: TILE_WIDTH }));
        expect(toHex(root)).toBe(toHex(merkleRoot(splitHashes(hashes), nodeSha256)));
      }
    }
    const grown = Math.min(size + 300, leaves.length);
    expect(toHex(builder.root())).toBe(toHex(merkleRoot(leaves.slice(0, grown), nodeSha256)));
    for (const { id, hashes } of builder.partialTiles()) expect(splitHashes(hashes)).toEqual(await read(id));
  },
);
