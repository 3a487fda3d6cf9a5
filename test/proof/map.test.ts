import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_MAP_ROOT, lookUp, mapLeafHash, type MapPath } from '../../src/proof/map.js';
import { randomRuns } from '../support/random-runs.js';
import type { MapVectors } from '../vectors/make/time/map.js';
import { MapTree } from './map-tree.js';
import { bytesOf, fastSha256, flipped, hex } from './support.js';
import { timeVectors } from './time/support.js';

const { roots, lookUps } = timeVectors('map') as MapVectors;
const bytes = (text: string) => bytesOf(text, 'hex');
const isMalformed = expect.objectContaining({ name: 'ProofError', code: 'malformed_path' }) as Error;

describe('a map', () => {
  it.each(roots)('has the root of its keys and values: $about', ({ leaves, root }) => {
    let tree = MapTree.EMPTY;
    for (const [key, value] of leaves) tree = tree.set(bytes(key), bytes(value));
    expect(hex(tree.root)).toBe(root);
    let other = MapTree.EMPTY;
    for (const [key, value] of leaves.toReversed()) {
      other = other.set(bytes(key), new Uint8Array(32)).set(bytes(key), bytes(value));
    }
    expect(hex(other.root)).toBe(root);
  });

  it('without keys has the root zero', () => {
    expect(MapTree.EMPTY.root).toEqual(EMPTY_MAP_ROOT);
    expect(hex(EMPTY_MAP_ROOT)).toBe('00'.repeat(32));
  });

  it.each(Object.entries(lookUps))('answers: %s', (_, vector) => {
    const path: MapPath = {
      siblings: vector.path.siblings.map(bytes),
      leaf: vector.path.leaf && { key: bytes(vector.path.leaf.key), value: bytes(vector.path.leaf.value) },
    };
    const ask = () => lookUp(bytes(vector.root), bytes(vector.key), path);
    if (vector.expected === 'malformed') expect(ask).toThrow(isMalformed);
    else if (vector.expected === 'present')
      expect(ask()).toEqual({ state: 'present', value: bytes(vector.value ?? '') });
    else expect(ask()).toMatchObject({ state: vector.expected });
  });

  it('has more broken vectors than good ones', () => {
    const all = Object.values(lookUps);
    const good = all.filter(({ expected }) => expected === 'present' || expected === 'absent');
    expect(all.length - good.length).toBeGreaterThan(2 * good.length);
  });
});

/** Keys that share their first bits as often as not. */
const key = fc
  .tuple(
    fc.integer({ min: 0, max: 3 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.integer({ min: 0, max: 31 }),
  )
  .map(([fill, random, from]) => random.map((byte, i) => (i < from ? fill : byte)));
const value = fc.uint8Array({ minLength: 32, maxLength: 32 });
const entries = fc.array(fc.tuple(key, value), { maxLength: 40 });
const treeOf = (all: readonly (readonly [Uint8Array, Uint8Array])[]) =>
  all.reduce((tree, [each, set]) => tree.set(each, set), MapTree.EMPTY);

describe('any map', () => {
  it('shows the value of each key, and the absence of every other', () => {
    fc.assert(
      fc.property(entries, fc.array(key, { maxLength: 10 }), (all, others) => {
        const tree = treeOf(all);
        const values = new Map(all.map(([each, set]) => [hex(each), set]));
        for (const each of [...all.map(([own]) => own), ...others]) {
          const expected = values.get(hex(each));
          expect(lookUp(tree.root, each, tree.path(each), fastSha256)).toEqual(
            expected === undefined ? { state: 'absent' } : { state: 'present', value: expected },
          );
        }
      }),
      randomRuns(60),
    );
  });

  it('has one root, whatever the order of changes, and keeps its past', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (all, shift) => {
        const unique = [...new Map(all.map((each) => [hex(each[0]), each])).values()];
        const tree = treeOf(unique);
        const turned = unique.map(
          (_, i) => unique[(i + shift) % unique.length] ?? [key, value],
        ) as typeof unique;
        expect(treeOf(turned).root).toEqual(tree.root);
        const [first] = unique;
        if (first === undefined) return;
        const before = tree.root.slice();
        const after = tree.set(first[0], flipped(first[1]));
        expect(after.root).not.toEqual(before);
        expect(lookUp(before, first[0], tree.path(first[0]))).toMatchObject({
          state: 'present',
          value: first[1],
        });
        expect(lookUp(after.root, first[0], tree.path(first[0]))).toMatchObject({ state: 'wrong_root' });
      }),
      randomRuns(40),
    );
  });

  it('gives no other answer to a path that was changed', () => {
    fc.assert(
      fc.property(entries, key, fc.nat(), fc.nat(), (all, other, which, bit) => {
        const tree = treeOf(all);
        const asked = all[which % Math.max(1, all.length)]?.[0] ?? other;
        const honest = lookUp(tree.root, asked, tree.path(asked));
        const path = tree.path(asked);
        const changes: MapPath[] = [
          {
            ...path,
            siblings: path.siblings.map((each, i) =>
              i === which % path.siblings.length ? flipped(each, bit % 256) : each,
            ),
          },
          { ...path, siblings: path.siblings.slice(1) },
          { ...path, siblings: path.siblings.slice(0, -1) },
          { ...path, siblings: [...path.siblings, mapLeafHash({ key: other, value: other })] },
          { ...path, leaf: path.leaf === null ? { key: asked, value: other } : null },
          { ...path, leaf: path.leaf && { ...path.leaf, value: flipped(path.leaf.value, bit % 256) } },
          { ...path, leaf: path.leaf && { ...path.leaf, key: flipped(path.leaf.key, bit % 256) } },
        ];
        for (const changed of changes) {
          try {
            const answer = lookUp(tree.root, asked, changed);
            if (answer.state !== 'wrong_root') expect(answer).toEqual(honest);
          } catch (error) {
            expect(error).toEqual(isMalformed);
          }
        }
      }),
      randomRuns(120),
    );
  });
});
