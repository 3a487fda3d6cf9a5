import { splitPoint } from '../../proof/merkle.js';

/** The part of an RFC 6962 tree over the leaves [start, end); without children it is a leaf, or a subtree that is not opened. */
export interface TreeNode {
  readonly start: number;
  readonly end: number;
  readonly children: readonly [TreeNode, TreeNode] | null;
}

type Opens = (start: number, end: number, depth: number) => boolean;

function nodeOf(start: number, end: number, depth: number, opens: Opens): TreeNode {
  const count = end - start;
  if (count === 1 || !opens(start, end, depth)) return { start, end, children: null };
  const middle = start + splitPoint(count);
  return {
    start,
    end,
    children: [nodeOf(start, middle, depth + 1, opens), nodeOf(middle, end, depth + 1, opens)],
  };
}

export function wholeTree(size: number): TreeNode {
  return nodeOf(0, size, 0, () => true);
}

/** The levels below the root that have at most `most` nodes. */
export function treeTop(size: number, most: number): TreeNode {
  const levels = Math.floor(Math.log2(Math.max(1, most)));
  return nodeOf(0, size, 0, (_start, _end, depth) => depth < levels);
}

/** Only what leads to leaf `index`, and beside each node of it the sibling. */
export function treePath(size: number, index: number): TreeNode {
  return nodeOf(0, size, 0, (start, end) => start <= index && index < end);
}

export const isLeaf = (node: TreeNode): boolean => node.end - node.start === 1;
export const holds = (node: TreeNode, index: number): boolean => node.start <= index && index < node.end;

/** The names of a tree's nodes in order, for maps. */
export const nodeKey = ({ start, end }: TreeNode): string => `${start}-${end}`;

/** From the root to the leaf. Each node but the root comes with its sibling. */
export function descent(
  root: TreeNode,
  index: number,
): { readonly node: TreeNode; readonly sibling: TreeNode | null }[] {
  const steps: { node: TreeNode; sibling: TreeNode | null }[] = [{ node: root, sibling: null }];
  for (let node = root; node.children !== null;) {
    const [left, right] = node.children;
    const below = holds(left, index) ? left : right;
    steps.push({ node: below, sibling: below === left ? right : left });
    node = below;
  }
  return steps;
}
