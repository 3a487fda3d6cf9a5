import { element, setText } from '../dom.js';
import { words } from '../messages/how.js';
import { canvas, type Drawing } from '../pictures/canvas.js';
import { counted } from '../pictures/count.js';
import { hashView } from '../pictures/hash-view.js';
import { fine, svg } from '../pictures/svg.js';
import { bitsOf, changedBits, digestOf } from './model.js';
import { part } from './part.js';

/** After the last keystroke, what has changed is spoken once. */
const SPEAK_AFTER_MS = 1200;
const COLUMNS = 32;
const WIDEST = 560;

/** What was typed outlives a change of language. */
let typed: string | null = null;

export function hashPart(say: (text: string) => void): HTMLElement {
  const t = words();
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
      say(t.bitsChanged(counted(changed)));
    }, SPEAK_AFTER_MS);
  });
  return part(
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
