import { button, element, setText } from '../lib/dom.js';
import { common } from '../messages/common.js';

/** A block of code with a copy button. */
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

/** @param select selects the text if the browser does not allow copying */
function copying(label: string, text: string, select: () => void) {
  const t = common();
  const said = element('p', { class: 'hint', role: 'status' });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setText(said, common().copied);
    } catch {
      // Not allowed, or the page was not served over TLS.
      select();
      setText(said, common().copyYourself);
    }
  };
  return { press: button(t.copy, () => void copy(), { 'aria-label': t.copyNamed(label) }), said };
}
