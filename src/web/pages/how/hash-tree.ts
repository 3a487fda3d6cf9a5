import { announce, ideaSection } from '../../components/section.js';
import { canvas, type Drawing, fine, hashView, svg } from '../../components/picture.js';
import { nodeKey, treeDrawing } from '../../components/tree.js';
import { button, element, setText } from '../../lib/dom.js';
import { counted, formatNumber } from '../../lib/format.js';
import { bitsOf, changedBits, changedNodes, digestOf, SHAPE, type SampleDocuments } from './model.js';
import { messages } from '../../messages/how.js';

/** Changes are announced once, this long after the last keystroke. */
const SPEAK_AFTER_MS = 1200;
const COLUMNS = 32;
const WIDEST = 560;

/** Kept when the language changes. */
let typed: string | null = null;

export function hashPart(): HTMLElement {
  const t = messages();
  let before: Uint8Array | null = null;
  let now = digestOf(typed ?? t.hashSample);
  let speaking: ReturnType<typeof setTimeout> | undefined;
  const field = element('textarea', { id: 'hash-text', class: 'is-prose', rows: 2, spellcheck: 'false' });
  field.value = typed ?? t.hashSample;
  const hash = element('p', { class: 'big-hash' }, hashView(now));
  const sentence = element('p', { class: 'outcome' }, t.bitsHint);
  const bits = canvas(
    'img',
    () => t.bitsLabel,
    (width) => bitsDrawing(now, before, width),
  );
  field.addEventListener('input', () => {
    typed = field.value;
    before = now;
    now = digestOf(typed);
    hash.replaceChildren(hashView(now));
    bits.redraw();
    const changed = changedBits(before, now).filter(Boolean).length;
    setText(sentence, t.bitsChanged(counted(changed)));
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      announce(t.bitsChanged(counted(changed)));
    }, SPEAK_AFTER_MS);
  });
  return ideaSection(
    'hash',
    t.hashHeading,
    t.hashText,
    element('div', { class: 'field' }, element('label', { for: 'hash-text' }, t.hashField), field),
    element('div', {}, element('p', { class: 'hint' }, t.hashName), hash),
    bits.element,
    sentence,
  );
}

function bitsDrawing(now: Uint8Array, before: Uint8Array | null, width: number): Drawing {
  const step = Math.min(WIDEST, width) / COLUMNS;
  const changed = before === null ? null : changedBits(before, now);
  const parts = bitsOf(now).map((bit, i) =>
    svg('rect', {
      x: fine((i % COLUMNS) * step + 1),
      y: fine(Math.floor(i / COLUMNS) * step + 1),
      width: fine(step - 2),
      height: fine(step - 2),
      rx: 1.5,
      class: `bit${bit === 1 ? ' is-one' : ''}${changed?.[i] === true ? ' is-changed' : ''}`,
    }),
  );
  return { height: fine((256 / COLUMNS) * step), parts };
}

export function treePart(samples: SampleDocuments): HTMLElement {
  const t = messages();
  let speaking: ReturnType<typeof setTimeout> | undefined;
  const changed = () => changedNodes(samples.originalHashes, samples.hashes);
  const sentence = element('p', { class: 'outcome' });
  const fields = samples.documents.map((text, i) => {
    const id = `document-${i + 1}`;
    const input = element('input', { id, class: 'input', type: 'text', value: text, autocomplete: 'off' });
    input.addEventListener('input', () => {
      samples.change(i, input.value);
      clearTimeout(speaking);
      speaking = setTimeout(() => {
        announce(sentenceOf(changed().size));
      }, SPEAK_AFTER_MS);
    });
    return { id, input };
  });
  const picture = canvas(
    'img',
    () => t.treeLabel(counted(changed().size)),
    (width) => {
      const marked = changed();
      return treeDrawing(width, {
        root: SHAPE,
        hashes: samples.hashes,
        index: null,
        ladder: false,
        mark: (node) => (marked.has(nodeKey(node)) ? 'changed' : null),
        caption: ({ end }) => formatNumber(end),
      });
    },
  );
  const reset = button(t.reset, () => {
    samples.reset();
    for (const [i, { input }] of fields.entries()) input.value = samples.documents[i] ?? '';
    announce(sentenceOf(0));
  });
  const update = () => {
    const { size } = changed();
    setText(sentence, sentenceOf(size));
    reset.toggleAttribute('disabled', size === 0);
    picture.redraw();
  };
  samples.onChange(update);
  update();
  return ideaSection(
    'tree',
    t.treeHeading,
    t.treeText,
    element(
      'div',
      { class: 'documents-row' },
      ...fields.map(({ id, input }, i) =>
        element(
          'div',
          { class: 'field' },
          element('label', { for: id }, t.documentName(formatNumber(i + 1))),
          input,
        ),
      ),
    ),
    picture.element,
    sentence,
    element('div', { class: 'form-actions' }, reset),
  );
}

function sentenceOf(changed: number): string {
  return changed === 0 ? messages().treeSame : messages().treeChanged(counted(changed));
}
