import { button, element, setText, uniqueId } from '../lib/dom.js';
import { common } from '../messages/common.js';

/** A text to take along: shown whole, selected when touched, and copied with one press. */
export function copyable(label: string, text: string): HTMLElement {
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
  const { press, said } = copying(label, text, () => {
    box.focus();
    box.select();
  });
  return element(
    'div',
    { class: 'copyable' },
    element('label', { for: id }, label),
    element('div', { class: 'copyable-line' }, box, press),
    said,
  );
}

/** The same of a code within other values, as people compare it by eye. */
export function copyableCode(label: string, shown: string, text: string): HTMLElement {
  const code = element('code', {}, shown);
  const { press, said } = copying(label, text, () => {
    getSelection()?.selectAllChildren(code);
  });
  return element('div', { class: 'copyable is-code' }, code, press, said);
}

/** The same of several lines. */
export function copyableBlock(label: string, text: string): HTMLElement {
  const block = element('pre', { tabindex: 0, role: 'group', 'aria-label': label }, text);
  const { press, said } = copying(label, text, () => {
    getSelection()?.selectAllChildren(block);
  });
  return element(
    'div',
    { class: 'copyable is-block' },
    element('div', { class: 'copyable-head' }, element('span', {}, label), press),
    block,
    said,
  );
}

/** @param select when the browser does not copy by itself: then the reader does */
function copying(label: string, text: string, select: () => void) {
  const t = common();
  const said = element('p', { class: 'hint', role: 'status' });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setText(said, common().copied);
    } catch {
      // Not allowed, or the page did not come over TLS.
      select();
      setText(said, common().copyYourself);
    }
  };
  return { press: button(t.copy, () => void copy(), { 'aria-label': t.copyNamed(label) }), said };
}
