import { button, element, setText } from '../dom.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/how.js';
import { canvas } from '../pictures/canvas.js';
import { counted } from '../pictures/count.js';
import { treeDrawing } from '../pictures/tree-picture.js';
import { nodeKey } from '../pictures/tree-shape.js';
import { changedNodes, SHAPE } from './model.js';
import { part } from './part.js';
import type { Toy } from './toy.js';

const SPEAK_AFTER_MS = 1200;

export function treePart(toy: Toy, say: (text: string) => void): HTMLElement {
  const t = words();
  let speaking: ReturnType<typeof setTimeout> | undefined;
  const changed = () => changedNodes(toy.originalHashes, toy.hashes);
  const sentence = element('p', { class: 'outcome' });
  const fields = toy.documents.map((text, i) => {
    const id = `document-${i + 1}`;
    const input = element('input', { id, class: 'input', type: 'text', value: text, autocomplete: 'off' });
    input.addEventListener('input', () => {
      toy.change(i, input.value);
      clearTimeout(speaking);
      speaking = setTimeout(() => {
        say(sentenceOf(changed().size));
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
        hashes: toy.hashes,
        index: null,
        ladder: false,
        mark: (node) => (marked.has(nodeKey(node)) ? 'changed' : null),
        caption: ({ end }) => formatNumber(end),
      });
    },
  );
  const reset = button(t.reset, () => {
    toy.reset();
    for (const [i, { input }] of fields.entries()) input.value = toy.documents[i] ?? '';
    say(sentenceOf(0));
  });
  const update = () => {
    const { size } = changed();
    setText(sentence, sentenceOf(size));
    reset.toggleAttribute('disabled', size === 0);
    picture.redraw();
  };
  toy.onChange(update);
  update();
  return part(
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
          element('label', { for: id }, t.documentField(formatNumber(i + 1))),
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
  return changed === 0 ? words().treeSame : words().treeChanged(counted(changed));
}
