import { equal, toHex } from '../../../proof/bytes.js';
import { announce, definitions, ideaSection } from '../../components/section.js';
import { button, element } from '../../lib/dom.js';
import { formatNumber } from '../../lib/format.js';
import { canvas } from '../../components/picture.js';
import { treeDrawing, type Mark, descent, holds, nodeKey, type TreeNode } from '../../components/tree.js';
import { joins, SHAPE, type Join, type SampleDocuments } from './model.js';
import { messages } from '../../messages/how.js';

/** Progress of the reader, kept when the language changes. */
const state = { index: 2, tampered: false, done: 0 };

export function proofPart(samples: SampleDocuments): HTMLElement {
  const t = messages();
  const name = () => formatNumber(state.index + 1);
  const given = () => `${samples.documents[state.index] ?? ''}${state.tampered ? '!' : ''}`;
  const path = () => joins(given(), state.index, samples.hashes);
  const all = () => path().joins.length + 1;
  const steps = element('ol', { class: 'fold' });
  const sentence = element('p', { class: 'outcome' });
  const picture = canvas(
    'img',
    () => t.proofLabel(name(), formatNumber(state.done), formatNumber(all())),
    (width) =>
      treeDrawing(width, {
        root: SHAPE,
        hashes: shownHashes(state.index, state.done, path(), samples),
        index: state.index,
        ladder: false,
        mark: (node) => markOf(node, state.index, state.done),
        caption: ({ end }) => formatNumber(end),
      }),
  );
  const next = button(
    t.next,
    () => {
      state.done += 1;
      const sentence = show();
      announce(sentence);
    },
    { class: 'button is-primary' },
  );
  const again = button(t.again, () => {
    state.done = 0;
    show();
    next.focus();
  });
  const show = (): string => {
    const { leaf, joins: found } = path();
    const items = [
      stepItem(t.stepLeaf(name()), [[t.computed, toHex(leaf), 'code']]),
      ...found.map((join) => joinItem(join)),
    ];
    const finished = state.done >= items.length;
    const hadFocus = document.activeElement === next;
    steps.replaceChildren(...items.slice(0, state.done));
    const holdsNow = equal(found.at(-1)?.result ?? leaf, samples.root);
    const outcome = !finished ? '' : holdsNow ? t.reached(name()) : t.missed;
    sentence.textContent = outcome;
    sentence.className = `outcome ${holdsNow ? 'is-good' : 'is-bad'}`;
    next.disabled = finished;
    again.disabled = state.done === 0;
    if (finished && hadFocus) again.focus();
    picture.redraw();
    const said = steps.lastElementChild?.querySelector('p')?.textContent ?? '';
    return finished ? `${said} ${outcome}` : said;
  };
  const restart = () => {
    state.done = 0;
    show();
  };
  samples.onChange(restart);
  const content = ideaSection(
    'proof',
    t.proofHeading,
    t.proofText,
    chooser(restart),
    tamperBox(restart),
    element('div', { class: 'form-actions' }, next, again),
    picture.element,
    steps,
    sentence,
  );
  show();
  return content;
}

function chooser(restart: () => void): HTMLElement {
  const t = messages();
  const choices = Array.from({ length: SHAPE.end }, (_, i) => {
    const id = `proven-${i + 1}`;
    const input = element('input', { id, type: 'radio', name: 'proven', checked: i === state.index });
    input.addEventListener('change', () => {
      state.index = i;
      restart();
    });
    return element(
      'span',
      { class: 'inline-choice' },
      input,
      element('label', { for: id }, t.documentName(formatNumber(i + 1))),
    );
  });
  return element(
    'fieldset',
    { class: 'field-set' },
    element('legend', {}, t.chooseDocument),
    element('div', { class: 'inline-choices' }, ...choices),
  );
}

function tamperBox(restart: () => void): HTMLElement {
  const input = element('input', { id: 'tamper', type: 'checkbox', checked: state.tampered });
  input.addEventListener('change', () => {
    state.tampered = input.checked;
    restart();
  });
  return element(
    'div',
    { class: 'inline-choice' },
    input,
    element('label', { for: 'tamper' }, messages().tamper),
  );
}

function joinItem({ side, sibling, result }: Join): HTMLElement {
  const t = messages();
  return stepItem(side === 'left' ? t.stepLeft : t.stepRight, [
    [t.given, toHex(sibling), 'code'],
    [t.computed, toHex(result), 'code'],
  ]);
}

function stepItem(explanation: string, values: Parameters<typeof definitions>[0]): HTMLElement {
  return element('li', {}, element('p', {}, explanation), definitions(values));
}

/** The step that computes a node of the path. */
function stepOf(node: TreeNode, index: number): number {
  const up = descent(SHAPE, index).reverse();
  return up.findIndex((level) => level.node === node) + 1;
}

function markOf(node: TreeNode, index: number, done: number): Mark {
  if (holds(node, index)) return stepOf(node, index) <= done ? 'path' : null;
  return descent(SHAPE, index).some(({ sibling }) => sibling === node) ? 'given' : null;
}

/** Shows only hashes that are computed or given by the proof. */
function shownHashes(
  index: number,
  done: number,
  { leaf, joins: found }: { readonly leaf: Uint8Array; readonly joins: readonly Join[] },
  samples: SampleDocuments,
): ReadonlyMap<string, Uint8Array> {
  const shown = new Map<string, Uint8Array>();
  const computed = [leaf, ...found.map(({ result }) => result)];
  for (const [i, { node, sibling }] of descent(SHAPE, index).reverse().entries()) {
    const own = computed[i];
    if (own !== undefined && i < done) shown.set(nodeKey(node), own);
    const given = sibling === null ? undefined : samples.hashes.get(nodeKey(sibling));
    if (sibling !== null && given !== undefined) shown.set(nodeKey(sibling), given);
  }
  return shown;
}
