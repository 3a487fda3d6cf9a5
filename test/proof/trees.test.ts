import { describe, expect, it } from 'vitest';
import {
  consistencyPath,
  equal,
  inclusionPath,
  inclusionPathLength,
  leafHash,
  merkleRoot,
  pathsFromRunPath,
  ProofError,
  rootFromInclusionPath,
  rootFromRunPath,
  runPath,
  TiledTree,
  verifyConsistency,
} from '../../src/proof/index.js';
import { fastSha256, flipped, tilesOf } from './support.js';

const SIZES = Array.from({ length: 130 }, (_, i) => i + 1);
const ALL = Array.from({ length: 130 }, (_, i) => leafHash(Uint8Array.of(1, i), fastSha256));
const at = (hashes: readonly Uint8Array[], index: number) => hashes[index] ?? new Uint8Array();

/** Whether a check says yes; refusing is a no, anything else thrown is a defect. */
function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

/** Each broken in one way. */
function broken(path: readonly Uint8Array[]): Uint8Array[][] {
  return [
    ...path.map((hash, i) => path.with(i, flipped(hash, i * 37))),
    ...path.slice(1).map((hash, i) => path.with(i, hash).with(i + 1, at(path, i))),
    [...path, at(ALL, 0)],
    [at(ALL, 0), ...path],
    ...(path.length === 0
      ? []
      : [path.slice(1), path.slice(0, -1), [...path.slice(0, -1), at(path, 0).slice(1)]]),
  ];
}

/** All small ones, and those around a tile's or a power of two's edge: a larger one has no other shapes. */
const SHAPES = SIZES.filter(
  (size) => size <= 17 || [31, 32, 33, 63, 64, 65, 100, 127, 128, 129].includes(size),
);
/** All places in a small tree, and some in a larger one: every 13th, and those at its edges. */
const placesIn = (size: number) =>
  ALL.slice(0, size).flatMap((_, i) =>
    size <= 33 || i % 13 === 0 || i % 64 === 63 || i === size - 1 ? [i] : [],
  );

describe('every tree of 1 to 17 leaves, and larger ones', () => {
  it.each(SHAPES)('gives valid paths only: size %i', async (size) => {
    const leaves = ALL.slice(0, size);
    const root = merkleRoot(leaves, fastSha256);
    const tiled = new TiledTree(size, tilesOf(leaves), fastSha256);
    expect(equal(await tiled.root(), root)).toBe(true);
    for (const index of placesIn(size)) {
      const leaf = at(leaves, index);
      const path = await tiled.inclusionPath(index);
      const reaches = (of: Uint8Array, i: number, n: number, by: readonly Uint8Array[]) =>
        holds(() => equal(rootFromInclusionPath(of, i, n, by, fastSha256), root));
      expect(path).toHaveLength(inclusionPathLength(index, size));
      expect(reaches(leaf, index, size, path)).toBe(true);
      expect(reaches(flipped(leaf, index), index, size, path)).toBe(false);
      expect(broken(path).filter((other) => reaches(leaf, index, size, other))).toEqual([]);
      for (const other of [index - 1, index + 1, index + size, size, -1, index + 0.5, Number.NaN]) {
        expect(reaches(leaf, other, size, path)).toBe(false);
      }
    }
  });

  it('has the same paths with and without tiles', async () => {
    for (const size of SIZES.filter((n) => n <= 16 || n === 33)) {
      const leaves = ALL.slice(0, size);
      const tiled = new TiledTree(size, tilesOf(leaves));
      for (let index = 0; index < size; index++) {
        expect(await tiled.inclusionPath(index)).toEqual(inclusionPath(index, leaves));
        expect(await tiled.consistencyPath(index + 1)).toEqual(consistencyPath(index + 1, leaves));
      }
    }
  });
});

describe('every pair of trees of 1 to 20 leaves, and of 32 and 33', () => {
  const roots = [new Uint8Array(), ...SIZES.map((n) => merkleRoot(ALL.slice(0, n), fastSha256))];
  it.each(SIZES.filter((size) => size <= 20 || size === 32 || size === 33))(
    'gives valid consistency paths only: size %i and all smaller ones',
    async (size) => {
      const tiled = new TiledTree(size, tilesOf(ALL.slice(0, size)), fastSha256);
      const root = at(roots, size);
      for (let old = 1; old <= size; old++) {
        const path = await tiled.consistencyPath(old);
        const consistent = (m: number, n: number, a: Uint8Array, b: Uint8Array, by: readonly Uint8Array[]) =>
          holds(() => verifyConsistency(m, n, a, b, by));
        expect(consistent(old, size, at(roots, old), root, path)).toBe(true);
        expect(consistent(old, size, flipped(at(roots, old)), root, path)).toBe(false);
        expect(consistent(old, size, at(roots, old), flipped(root), path)).toBe(false);
        expect(broken(path).filter((other) => consistent(old, size, at(roots, old), root, other))).toEqual(
          [],
        );
        expect(consistent(size + 1, size, root, root, path)).toBe(false);
        expect(consistent(old + 0.5, size, at(roots, old), root, path)).toBe(false);
      }
    },
  );
});

describe('the path of a run', () => {
  it.each(SIZES.slice(0, 14))('leads to the root and nowhere else, in a tree of %i leaves', (size) => {
    const leaves = ALL.slice(0, size);
    const root = merkleRoot(leaves, fastSha256);
    const node = (from: number, to: number) => merkleRoot(leaves.slice(from, to), fastSha256);
    for (let first = 0; first < size; first++) {
      for (let count = 1; first + count <= size; count++) {
        const run = leaves.slice(first, first + count);
        const path = runPath(first, count, size, node);
        if (count === 1) expect(path).toEqual(inclusionPath(first, leaves));
        const reaches = (of: readonly Uint8Array[], i: number, n: number, by: readonly Uint8Array[]) =>
          holds(() => equal(rootFromRunPath(of, i, n, by, fastSha256), root));
        expect(reaches(run, first, size, path)).toBe(true);
        expect(pathsFromRunPath(run, first, size, path, fastSha256)).toEqual({
          root,
          paths: run.map((_, i) => inclusionPath(first + i, leaves)),
        });
        expect(broken(path).filter((other) => reaches(run, first, size, other))).toEqual([]);
        expect(broken(run).filter((other) => reaches(other, first, size, path))).toEqual([]);
        for (const other of [-1, first + 0.5, Number.NaN, size])
          expect(reaches(run, other, size, path)).toBe(false);
      }
    }
  });

  it('needs a run within the tree', () => {
    const node = () => at(ALL, 0);
    for (const [first, count, size] of [
      [0, 0, 1],
      [0, 2, 1],
      [1, 1, 1],
      [-1, 1, 1],
      [0.5, 1, 2],
    ] as const) {
      expect(() => runPath(first, count, size, node)).toThrow(ProofError);
    }
  });
});
