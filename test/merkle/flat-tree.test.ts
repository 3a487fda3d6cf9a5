import { expect, test } from 'vitest';
import { nodeSha256 } from '../../src/crypto/primitives.js';
import { FlatTree } from '../../src/merkle/flat.js';
import { inclusionPath, leafHash, merkleRoot, rootFromRunPath, splitHashes } from '../../src/proof/index.js';

const ALL = Array.from({ length: 1030 }, (_, i) => leafHash(Uint8Array.of(i >> 8, i & 255), nodeSha256));

test.each([1, 2, 3, 255, 256, 257, 511, 513, 1030])(
  'a tree of %i leaves has the root and the paths of RFC 6962',
  (size) => {
    const leaves = ALL.slice(0, size);
    const tree = new FlatTree(Buffer.concat(leaves));
    const root = merkleRoot(leaves, nodeSha256);
    expect(tree.size).toBe(size);
    expect(Buffer.from(tree.root)).toEqual(Buffer.from(root));
    for (const index of [0, 1, 127, 128, 255, 256, 511, 512, size - 1].filter((each) => each < size)) {
      const path = new Uint8Array(Buffer.concat(tree.path(index, 1)));
      expect(splitHashes(path)).toEqual(inclusionPath(index, leaves).map((hash) => new Uint8Array(hash)));
      const count = Math.min(300, size - index);
      const run = leaves.slice(index, index + count);
      const reached = rootFromRunPath(run, index, size, tree.path(index, count), nodeSha256);
      expect(Buffer.from(reached)).toEqual(Buffer.from(root));
    }
  },
);
