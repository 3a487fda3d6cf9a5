import type { Drawing } from './canvas.js';
import { shortHex } from './hash-view.js';
import { fine, svg } from './svg.js';
import { layPath, layTree, type PlacedNode, type TreeLayout } from './tree-layout.js';
import { holds, isLeaf, nodeKey, type TreeNode } from './tree-shape.js';

export type NodeHashes = ReadonlyMap<string, Uint8Array>;

/** On the path; given beside it; changed; or none of these. */
export type Mark = 'path' | 'given' | 'changed' | null;

export interface TreePicture {
  readonly root: TreeNode;
  readonly hashes: NodeHashes;
  /** The leaf whose path lights up, from 0. */
  readonly index: number | null;
  /** What a node is, where that is not plain from the index. */
  readonly mark?: (node: TreeNode) => Mark;
  /** Only the path, as a ladder. */
  readonly ladder: boolean;
  /** What stands below a node without children. */
  readonly caption: (node: TreeNode) => string;
  /** Where a node without children leads, and what that link is called. */
  readonly link?: (node: TreeNode, hash: string) => { readonly href: string; readonly label: string };
}

const BOX_HEIGHT = 28;
const DIGIT_WIDTH = 7.9;
const ROW = { tree: 66, ladder: 68 };
/** Above a node's box in a ladder: below the caption of the node above. */
const ELBOW = 10;
const MARGIN = { top: 20, bottom: 16 };

export function treeDrawing(width: number, picture: TreePicture): Drawing {
  const { root, index, ladder } = picture;
  const layout: TreeLayout =
    ladder && index !== null
      ? layPath(root, index, width, ROW.ladder, MARGIN.top)
      : layTree(root, width, ROW.tree, MARGIN.top);
  const digits = ladder ? 8 : Math.max(2, Math.min(8, Math.floor((layout.spacing - 16) / DIGIT_WIDTH)));
  const markOf = (node: TreeNode, parent: TreeNode | null) =>
    picture.mark === undefined ? defaultMark(node, parent, index) : picture.mark(node);
  const isLit = ({ node, parent }: PlacedNode) =>
    parent !== null && markOf(node, parent.node) === 'path' && markOf(parent.node, null) === 'path';
  // What is lit is drawn over what is not.
  const edges = [...layout.nodes]
    .sort((a, b) => Number(isLit(a)) - Number(isLit(b)))
    .map((placed) => edge(placed, isLit(placed), ladder));
  const nodes = layout.nodes.map((placed) =>
    nodeParts(placed, picture, digits, markOf(placed.node, placed.parent?.node ?? null)),
  );
  return { height: layout.height + MARGIN.bottom, parts: [...edges, ...nodes] };
}

function defaultMark(node: TreeNode, parent: TreeNode | null, index: number | null): Mark {
  if (index === null) return null;
  if (holds(node, index)) return 'path';
  return parent !== null && holds(parent, index) ? 'given' : null;
}

function edge({ x, y, parent }: PlacedNode, lit: boolean, ladder: boolean): SVGElement | null {
  if (parent === null) return null;
  const from = parent.y + BOX_HEIGHT / 2;
  const to = y - BOX_HEIGHT / 2;
  const middle = fine((from + to) / 2);
  const [x1, x2] = [fine(parent.x), fine(x)];
  const curve = `C${x1} ${middle} ${x2} ${middle} ${x2} ${fine(to)}`;
  return svg('path', {
    d: `M${x1} ${fine(from)}${ladder ? `V${fine(to - ELBOW)}H${x2}V${fine(to)}` : curve}`,
    class: lit ? 'edge is-path' : 'edge',
  });
}

function nodeParts({ node, x, y }: PlacedNode, picture: TreePicture, digits: number, mark: Mark): SVGElement {
  const hash = picture.hashes.get(nodeKey(node));
  const text = hash === undefined ? '' : shortHex(hash, digits);
  const width = fine(digits * DIGIT_WIDTH + 12);
  const folded = node.children === null && !isLeaf(node);
  const box = (offset: number) =>
    svg('rect', {
      x: fine(x - width / 2 + offset),
      y: y - BOX_HEIGHT / 2 + offset,
      width,
      height: BOX_HEIGHT,
      rx: 5,
      class: offset === 0 ? 'box' : 'box is-behind',
    });
  const boxes = [...(folded ? [box(6), box(3)] : []), box(0)];
  const link = node.children === null ? picture.link?.(node, text) : undefined;
  // The link's name says more than what is written on it, which is left to the eye.
  return svg(
    'g',
    { class: mark === null ? 'node' : `node is-${mark}` },
    ...(link === undefined ? boxes : [svg('a', { href: link.href, 'aria-label': link.label }, ...boxes)]),
    svg(
      'g',
      { class: 'writing', ...(link === undefined ? {} : { 'aria-hidden': 'true' }) },
      svg('text', { x: fine(x), y: y + 4.5, class: 'digits' }, text),
      node.children === null
        ? svg('text', { x: fine(x), y: y + BOX_HEIGHT / 2 + 19, class: 'caption' }, picture.caption(node))
        : null,
    ),
  );
}
