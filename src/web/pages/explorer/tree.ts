import { numberForm } from '../../components/form.js';
import { equal, toHex } from '../../../proof/bytes.js';
import { nodeHash } from '../../../proof/hash.js';
import { rootFromInclusionPath } from '../../../proof/merkle.js';
import { TiledTree, type TileId } from '../../../proof/tiles.js';
import { canvas, type Drawing, keepFocus, svg } from '../../components/picture.js';
import { errorSentence } from '../../components/loaded.js';
import { announce, definitions, namedPanel } from '../../components/section.js';
import {
  descent,
  frontier,
  isLeaf,
  type NodeHashes,
  nodeKey,
  treeDrawing,
  type TreeNode,
  treePath,
  treeTop,
  wholeTree,
} from '../../components/tree.js';
import { element, setText, uniqueId } from '../../lib/dom.js';
import { counted, formatNumber, formatSpan } from '../../lib/format.js';
import { blockLink } from '../../lib/links.js';
import type { SealedBlock } from './blocks.js';
import { messages } from '../../messages/explorer.js';

/** One sibling on the path from an entry to the root. */
interface FoldStep {
  readonly side: 'left' | 'right';
  /** The sibling covers the entries [start, end). */
  readonly start: number;
  readonly end: number;
  readonly sibling: Uint8Array;
  readonly result: Uint8Array;
}

interface EntryPath {
  readonly leaf: Uint8Array;
  readonly steps: readonly FoldStep[];
  /** Whether it leads to the root in the block's header. */
  readonly holds: boolean;
}

/** The tree of one block, from its published tiles. All other hashes are computed. */
export class BlockTree {
  readonly #block: SealedBlock;
  readonly #read: (tile: TileId) => Promise<readonly Uint8Array[]>;
  #tiles: TiledTree;

  constructor(block: SealedBlock, read: (tile: TileId) => Promise<readonly Uint8Array[]>) {
    this.#block = block;
    this.#read = read;
    this.#tiles = this.#newTiles();
  }

  /** Discards failed tiles, so that the next call requests them again. */
  forget(): void {
    this.#tiles = this.#newTiles();
  }

  async rootHolds(): Promise<boolean> {
    return equal(await this.#tiles.root(), this.#block.header.merkleRoot);
  }

  /** The hash of every node of `shape`: nodes without children from the tiles, all others computed. */
  async hashes(shape: TreeNode): Promise<NodeHashes> {
    const found = new Map<string, Uint8Array>();
    const visit = async (node: TreeNode): Promise<Uint8Array> => {
      const hash =
        node.children === null
          ? await this.#tiles.range(node.start, node.end)
          : nodeHash(await visit(node.children[0]), await visit(node.children[1]));
      found.set(nodeKey(node), hash);
      return hash;
    };
    await visit(shape);
    return found;
  }

  /** @param index of an entry, from 0 */
  async path(index: number, shape: TreeNode): Promise<EntryPath> {
    const { entryCount, merkleRoot } = this.#block.header;
    const leaf = await this.#tiles.range(index, index + 1);
    const siblings = await this.#tiles.inclusionPath(index);
    const steps = fold(index, leaf, siblings, siblingsOf(shape, index));
    const root = rootFromInclusionPath(leaf, index, entryCount, siblings);
    return { leaf, steps, holds: equal(root, merkleRoot) };
  }

  #newTiles(): TiledTree {
    return new TiledTree(this.#block.header.entryCount, this.#read);
  }
}

/** The siblings of the path, from the leaf upwards. */
export function siblingsOf(shape: TreeNode, index: number): TreeNode[] {
  return descent(shape, index)
    .flatMap(({ sibling }) => (sibling === null ? [] : [sibling]))
    .reverse();
}

function fold(
  index: number,
  leaf: Uint8Array,
  siblings: readonly Uint8Array[],
  parts: readonly TreeNode[],
): FoldStep[] {
  let result = leaf;
  return parts.map(({ start, end }, i) => {
    const sibling = siblings[i];
    if (sibling === undefined) throw new RangeError('the path is shorter than the tree is high');
    const side = start > index ? 'right' : 'left';
    result = side === 'left' ? nodeHash(sibling, result) : nodeHash(result, sibling);
    return { side, start, end, sibling, result };
  });
}

/** The path in words and full hashes. */
function foldSteps({ leaf, steps }: EntryPath, index: number): HTMLElement {
  const t = messages();
  const first = element(
    'li',
    {},
    element('p', {}, t.foldStart(formatNumber(index + 1))),
    element('code', {}, toHex(leaf)),
  );
  const rest = steps.map(({ side, start, end, sibling, result }) =>
    element(
      'li',
      {},
      element(
        'p',
        {},
        side === 'left' ? t.foldLeft(formatSpan(start, end)) : t.foldRight(formatSpan(start, end)),
      ),
      definitions([
        [t.given, toHex(sibling), 'code'],
        [t.computed, toHex(result), 'code'],
      ]),
    ),
  );
  return element('ol', { class: 'fold' }, first, ...rest);
}

/** The legend of the picture. */
function legend(): HTMLElement {
  const t = messages();
  const sample = (kind: string, folded: boolean) => {
    const box = (offset: number) =>
      svg('rect', {
        x: 2 + offset,
        y: 2 + offset,
        width: 22,
        height: 12,
        rx: 3,
        class: offset === 0 ? 'box' : 'box is-behind',
      });
    return svg(
      'svg',
      { viewBox: '0 0 32 22', class: 'sample', 'aria-hidden': 'true' },
      svg('g', { class: `node${kind}` }, ...(folded ? [box(6), box(3)] : []), box(0)),
    );
  };
  return element(
    'ul',
    { class: 'legend' },
    element('li', {}, sample(' is-path', false), t.legendPath),
    element('li', {}, sample(' is-given', false), t.legendGiven),
    element('li', {}, sample('', true), t.legendFolded),
  );
}

/** Minimum width of a leaf, in sixteenths of the root's font size. */
const NARROWEST = 40;
const MOST_LEAVES = 16;
/** Minimum width of a collapsed node, which shows a range of numbers. */
const NARROWEST_TOP = 92;

export interface TreeSection {
  readonly element: HTMLElement;
  /** Selects another entry, counted from 1, or none. */
  readonly pick: (entry: number | null) => void;
}

/** The section with the picture of the tree. */
export function treeSection(block: SealedBlock, tree: BlockTree): TreeSection {
  const t = messages();
  const { height, entryCount, firstPosition } = block.header;
  let index: number | null = null;
  const known = new Map<string, NodeHashes | null>();
  const state = element('p', { class: 'path-state' });
  const below = element('div', { class: 'path-details' });
  const choice = entryChoice(block);

  const load = async (key: string, shape: TreeNode) => {
    known.set(key, null);
    try {
      known.set(key, await tree.hashes(shape));
      picture.redraw();
    } catch (error) {
      known.delete(key);
      fail(error);
    }
  };
  const fail = (error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    tree.forget();
    state.className = 'path-state problem';
    setText(state, errorSentence(error));
  };
  const draw = (width: number): Drawing => {
    const [kind, shape] = shapeFor(entryCount, index, width);
    const key = kind === 'path' ? `path ${index ?? ''}` : `${kind} ${frontier(shape)}`;
    if (!known.has(key)) void load(key, shape);
    return treeDrawing(width, {
      root: shape,
      hashes: known.get(key) ?? new Map(),
      index,
      ladder: kind === 'path',
      caption: ({ start, end }) => formatSpan(start, end),
      link: (node, hash) => ({
        href: blockLink(height, node.start + 1),
        label: isLeaf(node)
          ? t.nodeEntry(formatNumber(node.end), hash)
          : t.nodeEntries(formatSpan(node.start, node.end), hash),
      }),
    });
  };
  const label = () =>
    index === null
      ? t.treeLabel(counted(entryCount))
      : t.pathLabel(formatNumber(index + 1), counted(entryCount));
  const picture = canvas('group', label, draw);
  const showPath = async (at: number) => {
    try {
      const path = await tree.path(at, treePath(entryCount, at));
      if (index !== at) return;
      const entry = formatNumber(at + 1);
      const sentence = path.holds
        ? t.entryLeads(entry, formatNumber(height), formatNumber(firstPosition + at))
        : t.entryFails(entry);
      state.className = path.holds ? 'path-state is-good' : 'path-state problem';
      setText(state, sentence);
      announce(sentence);
      below.replaceChildren(...pathDetails(path, at));
    } catch (error) {
      if (index === at) fail(error);
    }
  };
  return {
    element: namedPanel(
      'tree',
      t.treeHeading,
      element('p', { class: 'hint' }, t.treeExplained),
      choice.element,
      picture.element,
      legend(),
      state,
      below,
    ),
    pick(entry) {
      index = entry === null || entry > entryCount ? null : entry - 1;
      choice.show(entry);
      state.className = 'path-state';
      setText(state, '');
      below.replaceChildren();
      picture.redraw();
      if (index !== null) void showPath(index);
    },
  };
}

/** Shows the whole tree if it fits; otherwise the path of the entry, or the top levels. */
function shapeFor(size: number, index: number | null, width: number): ['whole' | 'path' | 'top', TreeNode] {
  const most = Math.min(MOST_LEAVES, Math.floor(width / NARROWEST));
  if (size <= most) return ['whole', wholeTree(size)];
  if (index !== null) return ['path', treePath(size, index)];
  return ['top', treeTop(size, Math.floor(width / NARROWEST_TOP))];
}

function pathDetails(path: EntryPath, index: number): HTMLElement[] {
  const t = messages();
  if (path.steps.length === 0) return [element('p', { class: 'hint' }, t.onlyEntry)];
  return [
    element(
      'details',
      {},
      element('summary', {}, t.foldHeading(counted(path.steps.length))),
      foldSteps(path, index),
    ),
  ];
}

function entryChoice({ header: { height, entryCount } }: SealedBlock) {
  const t = messages();
  const id = uniqueId('entry');
  const moves = element('div', { class: 'entry-moves' });
  const form = numberForm({
    id,
    name: 'entry-choice',
    label: t.chooseEntry,
    submit: t.show,
    wrong: t.chooseWrong(formatNumber(entryCount)),
    parse: (typed) => (/^[1-9][0-9]{0,6}$/.test(typed) && Number(typed) <= entryCount ? Number(typed) : null),
    go: (entry) => {
      location.hash = blockLink(height, entry);
    },
    beside: moves,
  });
  const link = (text: string, entry: number | null, to: string) =>
    element('a', { class: 'button', href: blockLink(height, entry), id: `${id}-${to}` }, text);
  return {
    element: form.element,
    show(entry: number | null) {
      const wrong = entry !== null && entry > entryCount;
      if (document.activeElement !== form.input || entry !== null)
        form.input.value = entry === null ? '' : String(entry);
      form.complain(wrong);
      keepFocus(moves, () => {
        moves.replaceChildren(
          ...(entry !== null && !wrong && entry > 1 ? [link(t.previousEntry, entry - 1, 'previous')] : []),
          ...(entry !== null && !wrong && entry < entryCount ? [link(t.nextEntry, entry + 1, 'next')] : []),
          ...(entry === null ? [] : [link(t.showAll, null, 'all')]),
        );
      });
    },
  };
}
