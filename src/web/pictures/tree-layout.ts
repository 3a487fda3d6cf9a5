import { descent, type TreeNode } from './tree-shape.js';

export interface PlacedNode {
  readonly node: TreeNode;
  /** The middle of the node. */
  readonly x: number;
  readonly y: number;
  readonly parent: PlacedNode | null;
}

export interface TreeLayout {
  readonly nodes: readonly PlacedNode[];
  readonly height: number;
  /** How far the nodes of the lowest row are apart. */
  readonly spacing: number;
}

/** How many nodes without children there are. */
export function frontier(node: TreeNode): number {
  return node.children === null ? 1 : frontier(node.children[0]) + frontier(node.children[1]);
}

function levels(node: TreeNode): number {
  return node.children === null ? 0 : 1 + Math.max(levels(node.children[0]), levels(node.children[1]));
}

/** What is not opened stands in the lowest row, evenly, in its order; every other node above the middle of its children. */
export function layTree(root: TreeNode, width: number, rowHeight: number, margin: number): TreeLayout {
  const spacing = width / frontier(root);
  let laid = 0;
  const nodes: PlacedNode[] = [];
  const middle = (node: TreeNode): number => {
    if (node.children === null) return (laid++ + 0.5) * spacing;
    return (middle(node.children[0]) + middle(node.children[1])) / 2;
  };
  const rows = levels(root);
  const place = (node: TreeNode, parent: PlacedNode | null) => {
    const before = laid;
    const x = middle(node);
    if (node.children !== null) laid = before;
    const placed = { node, x, y: margin + (rows - levels(node)) * rowHeight, parent };
    nodes.push(placed);
    for (const child of node.children ?? []) place(child, placed);
  };
  place(root, null);
  return { nodes, height: rows * rowHeight + 2 * margin, spacing };
}

/** A ladder: the nodes of one leaf's path below each other, and beside each, on its own side, the sibling. */
export function layPath(
  root: TreeNode,
  index: number,
  width: number,
  rowHeight: number,
  margin: number,
): TreeLayout {
  const nodes: PlacedNode[] = [];
  const aside = Math.min(width / 3, 260);
  let above: PlacedNode | null = null;
  for (const [row, { node, sibling }] of descent(root, index).entries()) {
    const y = margin + row * rowHeight;
    const placed: PlacedNode = { node, x: width / 2, y, parent: above };
    nodes.push(placed);
    if (sibling !== null) {
      const x = width / 2 + (sibling.start < node.start ? -aside : aside);
      nodes.push({ node: sibling, x, y, parent: above });
    }
    above = placed;
  }
  const rows = descent(root, index).length - 1;
  return { nodes, height: rows * rowHeight + 2 * margin, spacing: aside };
}
