import { button, element, setText } from '../dom.js';
import { formatPercent } from '../format.js';
import { words } from '../messages/verify.js';
import type { Work } from './examination.js';

/** Shows in `place` what is being done. A bar that is there already moves on, so that it is not a new one at every step. */
export function showWork(place: HTMLElement, work: Work | null, cancel: () => void): void {
  const t = words();
  if (work === null) place.replaceChildren();
  else if (work.kind === 'looking') place.replaceChildren(element('p', {}, t.lookingUp));
  else if (work.kind === 'unreadable')
    place.replaceChildren(element('p', { class: 'problem' }, t.unreadableDocument));
  else showHashing(place, work, cancel);
}

function showHashing(
  place: HTMLElement,
  { bytes, size, name }: Extract<Work, { kind: 'hashing' }>,
  cancel: () => void,
): void {
  const t = words();
  const fraction = size === 0 ? 1 : bytes / size;
  const text = t.hashing(formatPercent(fraction), name);
  if (place.querySelector('progress') === null) {
    const bar = element('progress', { max: 1, 'aria-label': text });
    place.replaceChildren(element('p', {}, text), bar, button(t.cancel, cancel));
  }
  const bar = place.querySelector('progress');
  if (bar !== null) bar.value = fraction;
  const line = place.querySelector('p');
  if (line !== null) setText(line, text);
}
