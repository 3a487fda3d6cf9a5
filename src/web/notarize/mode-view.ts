import { element } from '../dom.js';
import { words } from '../messages/notarize.js';
import type { Desk } from './desk.js';
import type { Mode } from './item.js';

/** What may leave the browser. The default is the least. */
export function modeChoice(desk: Desk): HTMLElement {
  const t = words();
  return element(
    'fieldset',
    { class: 'choices' },
    element('legend', {}, t.modeLegend),
    choice(desk, 'digest', t.digestOnly, t.digestOnlyExplained),
    choice(desk, 'upload', t.upload, t.uploadExplained),
  );
}

function choice(desk: Desk, mode: Mode, label: string, explained: string): HTMLElement {
  const input = element('input', {
    type: 'radio',
    name: 'mode',
    value: mode,
    id: `mode-${mode}`,
    'aria-describedby': `mode-${mode}-explained`,
    onchange: () => {
      desk.mode = mode;
    },
  });
  input.checked = desk.mode === mode;
  return element(
    'div',
    { class: 'choice' },
    input,
    element('label', { for: input.id }, label),
    element('p', { id: `mode-${mode}-explained` }, explained),
  );
}
