import { printable, ProofError } from '../../proof/errors.js';
import type { Policy, RetiredKey } from '../../proof/policy.js';
import { element, setText } from '../dom.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/verify.js';
import { quorumOf } from './quorum.js';
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
    const { says, wrong } = judged(field.value);
    setText(state, says);
    field.setAttribute('aria-invalid', String(wrong));
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

function judged(pasted: string): { readonly says: string; readonly wrong: boolean } {
  try {
    const policy = parseTrust(pasted);
    return { says: policy === null ? words().trustFieldEmpty : policySentence(policy), wrong: false };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { says: words().trustFieldWrong, wrong: true };
  }
}

/** What was pasted, as it will be used. */
function policySentence(policy: Policy): string {
  const t = words();
  const quorum = quorumOf(policy);
  // A log that is changing its key has several under its one name.
  const keys = [...policy.logs, ...policy.retired.map(({ key }) => key)];
  const logs = [...new Set(keys.map(({ name }) => printable(name)))].join(', ');
  const retired = policy.retired.map(retiredSentence);
  if (quorum === null || quorum.needed === 0) return [t.trustFieldKeys(logs), ...retired].join(' ');
  const names = quorum.signers.filter(({ counts }) => counts).map(({ name }) => printable(name));
  const needed = formatNumber(quorum.needed);
  const demand = t.trustFieldPolicy(logs, needed, formatNumber(quorum.of), names.join(', '));
  return [demand, ...retired].join(' ');
}

/** What a key that its log has given up is still believed for. */
export function retiredSentence({ key, until }: RetiredKey): string {
  return words().retiredKey(printable(key.name), until, formatNumber(until));
}
