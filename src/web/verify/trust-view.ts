import { ProofError } from '../../proof/errors.js';
import { element } from '../dom.js';
import { words } from '../messages/verify.js';
import { parseTrust, type TrustSource } from './trust.js';

const COMMAND = 'ingam verify FILE PROOF --key KEY';

export interface TrustChoice {
  readonly source: TrustSource;
  readonly pasted: string;
}

/** Whom the reader believes, with honest words about the difference. `onChange` follows every key stroke. */
export function trustView(chosen: TrustChoice, onChange: (chosen: TrustChoice) => void): HTMLElement {
  const t = words();
  const field = element('textarea', {
    id: 'trust-field',
    rows: 3,
    spellcheck: 'false',
    autocapitalize: 'off',
    autocomplete: 'off',
    'aria-describedby': 'trust-hint trust-state',
    oninput: () => {
      changed();
    },
  });
  field.value = chosen.pasted;
  const state = element('p', { id: 'trust-state', class: 'field-state', role: 'status' });
  const own = element(
    'div',
    { class: 'own-trust' },
    element('label', { for: 'trust-field' }, t.trustField),
    field,
    element('p', { id: 'trust-hint', class: 'hint' }, t.trustFieldHint),
    state,
  );
  const service = radio('service', t.trustService, t.trustServiceExplained);
  const given = radio('own', t.trustOwn, t.trustOwnExplained);

  function radio(source: TrustSource, label: string, explained: string) {
    const input = element('input', {
      type: 'radio',
      name: 'trust',
      value: source,
      id: `trust-${source}`,
      'aria-describedby': `trust-${source}-explained`,
      onchange: () => {
        changed();
        if (source === 'own') field.focus();
      },
    });
    input.checked = chosen.source === source;
    const row = element(
      'div',
      { class: 'choice' },
      input,
      element('label', { for: input.id }, label),
      element('p', { id: `trust-${source}-explained` }, explained),
    );
    return { input, row };
  }
  function show() {
    own.hidden = !given.input.checked;
    const fault = faultOf(field.value);
    state.replaceChildren(...(fault === null ? [] : [fault.says]));
    field.setAttribute('aria-invalid', fault?.wrong === true ? 'true' : 'false');
  }
  function changed() {
    show();
    onChange({ source: given.input.checked ? 'own' : 'service', pasted: field.value });
  }
  show();
  return element(
    'fieldset',
    { class: 'choices' },
    element('legend', {}, t.trustLegend),
    service.row,
    given.row,
    own,
    element('p', { class: 'fine-print' }, t.trustPage, ' ', element('code', {}, COMMAND)),
  );
}

function faultOf(pasted: string): { says: string; wrong: boolean } | null {
  try {
    return parseTrust(pasted) === null ? { says: words().trustFieldEmpty, wrong: false } : null;
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { says: words().trustFieldWrong, wrong: true };
  }
}
