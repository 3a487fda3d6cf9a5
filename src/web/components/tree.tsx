import { toHex } from '../../proof/bytes.js';
import { splitPoint } from '../../proof/merkle.js';
import { type Drawing, fine, shortHex } from './picture.js';
import { Values } from './values.js';

/**
 * The part of an RFC 6962 tree over the leaves [start, end). Without children it is a leaf or a collapsed
 * subtree.
 */
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

/** Only the nodes on the path to leaf `index` and their siblings. */
export function treePath(size: number, index: number): TreeNode {
  return nodeOf(0, size, 0, (start, end) => start <= index && index < end);
}

export const isLeaf = (node: TreeNode): boolean => node.end - node.start === 1;
export const holds = (node: TreeNode, index: number): boolean => node.start <= index && index < node.end;

/** Key of a node, for maps. */
export const nodeKey = ({ start, end }: TreeNode): string => `${start}-${end}`;

/** The nodes from the root to the leaf, each with its sibling. */
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

interface PlacedNode {
  readonly node: TreeNode;
  /** Center of the node. */
  readonly x: number;
  readonly y: number;
  readonly parent: PlacedNode | null;
}

interface TreeLayout {
  readonly nodes: readonly PlacedNode[];
  readonly height: number;
  /** Distance between nodes of the lowest row. */
  readonly spacing: number;
}

/** Number of nodes without children. */
export function frontier(node: TreeNode): number {
  return node.children === null ? 1 : frontier(node.children[0]) + frontier(node.children[1]);
}

function levels(node: TreeNode): number {
  return node.children === null ? 0 : 1 + Math.max(levels(node.children[0]), levels(node.children[1]));
}

/**
 * Lays out a tree: nodes without children evenly in the lowest row, every other node centered above its
 * children.
 */
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

/** Lays out one path as a ladder: its nodes below each other, each with its sibling on its own side. */
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

export type NodeHashes = ReadonlyMap<string, Uint8Array>;

/** On the path; given beside it; changed; or none of these. */
export type Mark = 'path' | 'given' | 'changed' | null;

interface TreePicture {
  readonly label: string;
  readonly root: TreeNode;
  readonly hashes: NodeHashes;
  /** Index of the leaf whose path is highlighted. */
  readonly index: number | null;
  /** Marks a node; absent: by the index. */
  readonly mark?: (node: TreeNode) => Mark;
  /** Draws only the path, as a ladder. */
  readonly ladder?: boolean;
  /** Caption below a node without children. */
  readonly caption: (node: TreeNode) => string;
  /** Link of a node without children. */
  readonly link?: (node: TreeNode, hash: string) => { readonly href: string; readonly label: string };
}

const BOX_HEIGHT = 28;
const DIGIT_WIDTH = 7.9;
const ROW = { tree: 66, ladder: 68 };
/** Height above a node's box in a ladder at which its edge turns. */
const ELBOW = 10;
const MARGIN = { top: 20, bottom: 16 };

export function drawTree(width: number, picture: TreePicture): Drawing {
  const { root, index, label, ladder = false } = picture;
  const layout =
    ladder && index !== null
      ? layPath(root, index, width, ROW.ladder, MARGIN.top)
      : layTree(root, width, ROW.tree, MARGIN.top);
  const digits = ladder ? 8 : Math.max(2, Math.min(8, Math.floor((layout.spacing - 16) / DIGIT_WIDTH)));
  const markOf = (node: TreeNode, parent: TreeNode | null) =>
    picture.mark === undefined ? defaultMark(node, parent, index) : picture.mark(node);
  const isLit = ({ node, parent }: PlacedNode) =>
    parent !== null && markOf(node, parent.node) === 'path' && markOf(parent.node, null) === 'path';
  // Highlighted edges are drawn over the others.
  const edges = [...layout.nodes].sort((a, b) => Number(isLit(a)) - Number(isLit(b)));
  return {
    height: layout.height + MARGIN.bottom,
    label,
    parts: [
      ...edges.map((placed) => (
        <Edge key={`to ${nodeKey(placed.node)}`} placed={placed} lit={isLit(placed)} ladder={ladder} />
      )),
      ...layout.nodes.map((placed) => (
        <Node
          key={nodeKey(placed.node)}
          placed={placed}
          picture={picture}
          digits={digits}
          mark={markOf(placed.node, placed.parent?.node ?? null)}
        />
      )),
    ],
  };
}

function defaultMark(node: TreeNode, parent: TreeNode | null, index: number | null): Mark {
  if (index === null) return null;
  if (holds(node, index)) return 'path';
  return parent !== null && holds(parent, index) ? 'given' : null;
}

interface EdgeProps {
  readonly placed: PlacedNode;
  readonly lit: boolean;
  readonly ladder: boolean;
}

function Edge({ placed: { x, y, parent }, lit, ladder }: EdgeProps) {
  if (parent === null) return null;
  const from = parent.y + BOX_HEIGHT / 2;
  const to = y - BOX_HEIGHT / 2;
  const middle = fine((from + to) / 2);
  const [x1, x2] = [fine(parent.x), fine(x)];
  const way = ladder
    ? `V${fine(to - ELBOW)}H${x2}V${fine(to)}`
    : `C${x1} ${middle} ${x2} ${middle} ${x2} ${fine(to)}`;
  return <path d={`M${x1} ${fine(from)}${way}`} class={lit ? 'edge is-path' : 'edge'} />;
}

interface NodeProps {
  readonly placed: PlacedNode;
  readonly picture: TreePicture;
  readonly digits: number;
  readonly mark: Mark;
}

function Node({ placed: { node, x, y }, picture, digits, mark }: NodeProps) {
  const hash = picture.hashes.get(nodeKey(node));
  const text = hash === undefined ? '' : shortHex(hash, digits);
  const width = fine(digits * DIGIT_WIDTH + 12);
  const isLast = node.children === null;
  const box = (
    <Boxes
      x={fine(x - width / 2)}
      y={y - BOX_HEIGHT / 2}
      width={width}
      height={BOX_HEIGHT}
      rx={5}
      folded={isLast && !isLeaf(node)}
    />
  );
  const link = isLast ? picture.link?.(node, text) : undefined;
  // The link's name says more than its visible text, which is hidden from screen readers.
  return (
    <g class={mark === null ? 'node' : `node is-${mark}`}>
      {link === undefined ? (
        box
      ) : (
        <a href={link.href} aria-label={link.label}>
          {box}
        </a>
      )}
      <g class="writing" aria-hidden={link !== undefined}>
        <text x={fine(x)} y={y + 4.5} class="digits">
          {text}
        </text>
        {isLast ? (
          <text x={fine(x)} y={y + BOX_HEIGHT / 2 + 19} class="caption">
            {picture.caption(node)}
          </text>
        ) : null}
      </g>
    </g>
  );
}

interface BoxesProps {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly rx: number;
  /** Drawn as a pile: it stands for many. */
  readonly folded: boolean;
}

export function Boxes({ x, y, folded, ...size }: BoxesProps) {
  const offsets = folded ? [6, 3, 0] : [0];
  return (
    <>
      {offsets.map((offset) => (
        <rect
          key={offset}
          {...size}
          x={x + offset}
          y={y + offset}
          class={offset === 0 ? 'box' : 'box is-behind'}
        />
      ))}
    </>
  );
}

interface PathStepsProps {
  readonly root: TreeNode;
  readonly index: number;
  readonly hashes: NodeHashes;
  /** Explains the first step, which hashes the leaf. */
  readonly start: string;
  /** Explains a step that joins the hash so far with its sibling. */
  readonly join: (side: 'left' | 'right', sibling: TreeNode) => string;
  /** Names of the given and the computed hash. */
  readonly given: string;
  readonly computed: string;
  /** Number of steps to show; absent: all. */
  readonly done?: number;
}

/** The way from a leaf to the root in words and full hashes. */
export function PathSteps({ root, index, hashes, done, ...words }: PathStepsProps) {
  const hex = (node: TreeNode) => <code>{toHex(hashes.get(nodeKey(node)) ?? new Uint8Array())}</code>;
  const up = descent(root, index).reverse();
  return (
    <ol class="fold">
      {up.slice(0, done).map(({ node }, i) => {
        const sibling = up[i - 1]?.sibling ?? null;
        if (sibling === null) {
          return (
            <li key="leaf">
              <p>{words.start}</p>
              <Values of={[[words.computed, hex(node)]]} />
            </li>
          );
        }
        return (
          <li key={nodeKey(sibling)}>
            <p>{words.join(sibling.start > index ? 'right' : 'left', sibling)}</p>
            <Values
              of={[
                [words.given, hex(sibling)],
                [words.computed, hex(node)],
              ]}
            />
          </li>
        );
      })}
    </ol>
  );
}
