import { button, element, setText, uniqueId } from '../dom.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/explorer.js';
import { canvas, type Drawing } from '../pictures/canvas.js';
import { counted, formatSpan } from '../pictures/count.js';
import { keepFocus } from '../pictures/keep-focus.js';
import { treeDrawing, type NodeHashes } from '../pictures/tree-picture.js';
import { frontier } from '../pictures/tree-layout.js';
import { isLeaf, treePath, treeTop, wholeTree, type TreeNode } from '../pictures/tree-shape.js';
import { errorSentence } from '../problem-view.js';
import { blockAddress } from './address.js';
import type { BlockTree, EntryPath } from './block-tree.js';
import { foldSteps, legend } from './path-view.js';
import type { SealedBlock } from './sealed-block.js';

/** Below this no two hashes beside each other can be told apart. In sixteenths of the root's font size. */
const NARROWEST = 40;
const MOST_LEAVES = 16;
/** A node that stands for many entries needs room for their numbers. */
const NARROWEST_TOP = 92;

export interface TreeSection {
  readonly element: HTMLElement;
  /** Picks out another entry, counted from 1, or none. */
  readonly pick: (entry: number | null) => void;
}

/** @param say tells those who hear the page what became of the entry they chose */
export function treeSection(block: SealedBlock, tree: BlockTree, say: (text: string) => void): TreeSection {
  const t = words();
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
        href: blockAddress(height, node.start + 1),
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
      say(sentence);
      below.replaceChildren(...pathDetails(path, at));
    } catch (error) {
      if (index === at) fail(error);
    }
  };
  return {
    element: element(
      'section',
      { class: 'panel tree-panel', 'aria-labelledby': 'tree-heading' },
      element('h2', { id: 'tree-heading' }, t.treeHeading),
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

/** A tree that fits is shown whole; of a larger one the path of the entry, or as much from the root down as fits. */
function shapeFor(size: number, index: number | null, width: number): ['whole' | 'path' | 'top', TreeNode] {
  const most = Math.min(MOST_LEAVES, Math.floor(width / NARROWEST));
  if (size <= most) return ['whole', wholeTree(size)];
  if (index !== null) return ['path', treePath(size, index)];
  return ['top', treeTop(size, Math.floor(width / NARROWEST_TOP))];
}

function pathDetails(path: EntryPath, index: number): HTMLElement[] {
  const t = words();
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
  const t = words();
  const id = uniqueId('entry');
  const input = element('input', {
    id,
    class: 'input',
    type: 'text',
    inputmode: 'numeric',
    autocomplete: 'off',
    'aria-describedby': `${id}-state`,
  });
  const problem = element('p', { id: `${id}-state`, class: 'field-state' });
  const moves = element('div', { class: 'entry-moves' });
  const complain = (wrong: boolean) => {
    if (wrong) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    setText(problem, wrong ? t.chooseWrong(formatNumber(entryCount)) : '');
  };
  const link = (text: string, entry: number | null, to: string) =>
    element('a', { class: 'button', href: blockAddress(height, entry), id: `${id}-${to}` }, text);
  const go = (event: Event) => {
    event.preventDefault();
    const typed = input.value.trim();
    const wanted = /^[1-9][0-9]{0,6}$/.test(typed) ? Number(typed) : 0;
    const wrong = wanted < 1 || wanted > entryCount;
    complain(wrong);
    if (wrong) input.focus();
    else location.hash = blockAddress(height, wanted);
  };
  return {
    element: element(
      'form',
      { class: 'entry-choice', onsubmit: go, novalidate: true },
      element('label', { for: id }, t.chooseEntry),
      input,
      button(t.show, () => undefined, { type: 'submit' }),
      moves,
      problem,
    ),
    show(entry: number | null) {
      const wrong = entry !== null && entry > entryCount;
      if (document.activeElement !== input || entry !== null)
        input.value = entry === null ? '' : String(entry);
      complain(wrong);
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
