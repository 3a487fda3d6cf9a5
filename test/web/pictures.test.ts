import './browser.js';
import { describe, expect, it } from 'vitest';
import { inclusionPathLength } from '../../src/proof/index.js';
import { stubBrowser } from './browser.js';
import {
  countTicks,
  durationTicks,
  durationUnit,
  formatSpell,
  logPlace,
} from '../../src/web/pages/explorer/pictures.js';
import {
  frontier,
  layPath,
  layTree,
  descent,
  treePath,
  treeTop,
  wholeTree,
  type TreeNode,
} from '../../src/web/components/tree.js';

stubBrowser(['en-GB']);
const { formatSpan } = await import('../../src/web/lib/format.js');
const { pauseAfter } = await import('../../src/web/pages/explorer/blocks.js');

const leaves = (node: TreeNode): TreeNode[] =>
  node.children === null ? [node] : node.children.flatMap(leaves);

describe('the shape of a tree', () => {
  it('is the shape of RFC 6962', () => {
    const [left, right] = wholeTree(7).children ?? [];
    expect([left?.start, left?.end, right?.start, right?.end]).toEqual([0, 4, 4, 7]);
    expect(wholeTree(1).children).toBeNull();
  });

  it.each([1, 2, 7, 8, 300, 60_000, 2 ** 20])('covers all of %i leaves, in order and once', (size) => {
    for (const shape of [treeTop(size, 8), treePath(size, size - 1), treePath(size, Math.floor(size / 3))]) {
      const found = leaves(shape);
      expect(found[0]?.start).toBe(0);
      expect(found.at(-1)?.end).toBe(size);
      for (const [i, node] of found.entries()) if (i > 0) expect(node.start).toBe(found[i - 1]?.end);
    }
  });

  it.each([1, 2, 3, 7, 300, 60_000])('opens only the path through %i leaves', (size) => {
    for (const index of [0, Math.floor(size / 2), size - 1]) {
      const steps = descent(treePath(size, index), index);
      expect(steps.at(-1)?.node).toMatchObject({ start: index, end: index + 1 });
      expect(steps.length - 1).toBe(inclusionPathLength(index, size));
      expect(frontier(treePath(size, index))).toBe(steps.length);
    }
  });

  it('shows at most the requested number of top levels', () => {
    for (const most of [1, 2, 3, 8, 15]) expect(frontier(treeTop(60_000, most))).toBeLessThanOrEqual(most);
    expect(frontier(treeTop(60_000, 8))).toBe(8);
  });
});

describe('the layout of a tree', () => {
  it.each([1, 2, 5, 7, 16])('puts %i leaves into one row, evenly, and parents above the middle', (size) => {
    const { nodes, height } = layTree(wholeTree(size), 320, 60, 20);
    const row = nodes.filter(({ node }) => node.children === null).sort((a, b) => a.x - b.x);
    expect(row.map(({ node }) => node.start)).toEqual([...Array(size).keys()]);
    expect(new Set(row.map(({ y }) => y)).size).toBe(1);
    for (const { x, y } of nodes) {
      expect(x > 0 && x < 320 && y >= 20 && y <= height - 20).toBe(true);
    }
    for (const { x, y, parent } of nodes) {
      if (parent === null) continue;
      const children = nodes.filter((other) => other.parent === parent);
      expect(parent.x).toBeCloseTo(((children[0]?.x ?? 0) + (children[1]?.x ?? 0)) / 2);
      expect(parent.y).toBeLessThan(y);
      expect(x).not.toBe(parent.x);
    }
  });

  it.each([320, 900])('makes a ladder of a path that fits into %i units at 60,000 leaves', (width) => {
    const { nodes, height } = layPath(treePath(60_000, 345), 345, width, 60, 20);
    const rungs = nodes.filter(({ x }) => x === width / 2);
    expect(rungs).toHaveLength(17);
    for (const { node, x, y, parent } of nodes) {
      expect(x > 30 && x < width - 30 && y <= height).toBe(true);
      if (x !== width / 2) expect(node.end <= 345 ? x < width / 2 : x > width / 2).toBe(true);
      if (parent !== null) expect(y - parent.y).toBe(60);
    }
  });
});

describe('the scales of charts', () => {
  it.each([
    [1, [0, 1]],
    [7, [0, 2, 4, 6, 8]],
    [300, [0, 100, 200, 300]],
    [60_000, [0, 20_000, 40_000, 60_000]],
  ])('%i entries', (highest, ticks) => {
    expect(countTicks(highest, 4)).toEqual(ticks);
  });

  it('always reach the highest value with few, round marks', () => {
    for (let highest = 1; highest < 2 ** 20; highest = Math.ceil(highest * 1.3)) {
      const ticks = countTicks(highest, 4);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(highest);
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(ticks.every(Number.isInteger)).toBe(true);
    }
  });

  it('enclose durations', () => {
    expect(durationTicks([1000, 4000])).toEqual([1000, 10_000]);
    expect(durationTicks([950, 90_000])).toEqual([100, 1000, 10_000, 60_000, 600_000]);
    expect(durationTicks([1000])).toEqual([1000, 10_000]);
    expect(durationTicks([0]).length).toBeGreaterThan(1);
    expect(durationTicks([1e12]).length).toBeGreaterThan(0);
    for (const value of [0, 50, 1000, 86_400_000, 1e12]) {
      const place = logPlace(value, durationTicks([value]));
      expect(place >= 0 && place <= 1).toBe(true);
    }
    expect(logPlace(10, [1, 100])).toBeCloseTo(0.5);
  });

  it('label a duration in its largest unit', () => {
    expect(durationUnit(59_999).unit).toBe('second');
    expect([450, 1500, 60_000, 5_400_000, 172_800_000].map((ms) => formatSpell(ms))).toEqual([
      '450 milliseconds',
      '1.5 seconds',
      '1 minute',
      '1.5 hours',
      '2 days',
    ]);
  });
});

describe('numbers', () => {
  it('count entries from 1', () => {
    expect([formatSpan(0, 1), formatSpan(4, 6), formatSpan(0, 32_768)]).toEqual(['1', '5–6', '1–32,768']);
  });
});

it('polls a quiet chain less often', () => {
  const pauses = [0, 1, 2, 5, 50].map(pauseAfter);
  expect(pauses[0]).toBe(1000);
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(pauses.at(-1)).toBe(8000);
});
