import { button, element, setText, uniqueId } from '../dom.js';
import { partWords } from '../messages/parts.js';

/** A text to take along: shown whole, selected when touched, and copied with one press. */
export function copyable(label: string, text: string): HTMLElement {
  const t = partWords();
  const id = uniqueId('copy');
  const box = element('input', {
    class: 'input is-code',
    id,
    readonly: true,
    value: text,
    spellcheck: 'false',
  });
  box.addEventListener('focus', () => {
    box.select();
  });
  const said = element('p', { class: 'hint', role: 'status' });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setText(said, t.copied);
    } catch {
      // Not allowed, or the page did not come over TLS.
      box.focus();
      box.select();
      setText(said, t.copyYourself);
    }
  };
  const press = button(t.copy, () => void copy(), { 'aria-label': t.copyNamed(label) });
  return element(
    'div',
    { class: 'copyable' },
    element('label', { for: id }, label),
    element('div', { class: 'copyable-line' }, box, press),
    said,
  );
}
