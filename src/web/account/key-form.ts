import { element, uniqueId } from '../dom.js';
import { keysWords } from '../messages/account-keys.js';
import { ownProblem } from '../resources.js';
import { createKey, type ApiKey, type Scope } from './calls.js';
import { Field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { limitsFields } from './limits-fields.js';

const DAY_MS = 86_400_000;
const EXPIRIES = { never: null, month: 30, quarter: 90, year: 365 } as const;
type Expiry = keyof typeof EXPIRIES;

/** @param onCreated with the secret, which nobody can have a second time */
export function keyForm(
  onCreated: (created: { readonly key: ApiKey; readonly secret: string }) => Promise<void>,
  cancel: () => void,
): HTMLElement {
  const t = keysWords();
  const name = new Field({ name: 'name', label: t.name, hint: t.nameHint });
  const scopes = scopeChoice();
  const expiry = expiryChoice();
  const networks = new Field({
    name: 'networks',
    label: t.networks,
    hint: t.networksHint,
    lines: 3,
    optional: 'quietly',
  });
  const limits = limitsFields(null);
  const more = element(
    'details',
    { class: 'more' },
    element('summary', {}, t.more),
    element('div', { class: 'field-group' }, networks.element, limits.element),
  );
  return form({
    name: 'key',
    fields: [name, networks, ...limits.fields],
    content: [name.element, scopes.element, expiry.element, more],
    submit: t.createSubmit,
    cancel,
    blame: { invalid_network: networks },
    sentences: { no_scope: t.noScope },
    // What is wrong inside must be seen.
    onWrong: (field) => {
      if (more.contains(field.element)) more.open = true;
    },
    send: async () => {
      if (scopes.value.length === 0) throw ownProblem('no_scope');
      const days = EXPIRIES[expiry.value];
      const created = await createKey({
        name: name.value,
        scopes: scopes.value,
        networks: networks.value.split(/\s+/).filter((network) => network !== ''),
        expiresAt: days === null ? null : new Date(Date.now() + days * DAY_MS).toISOString(),
        limits: limits.value,
      });
      await onCreated(created);
    },
  });
}

function scopeChoice(): { readonly element: HTMLElement; readonly value: readonly Scope[] } {
  const t = keysWords();
  const choices = (['notarize', 'read'] as const).map((scope) => {
    const id = uniqueId('scope');
    const input = element('input', {
      type: 'checkbox',
      id,
      name: scope,
      'aria-describedby': `${id}-explained`,
    });
    input.checked = scope === 'notarize';
    const explained = element('p', { id: `${id}-explained` }, t.scopesExplained[scope]);
    const label = element('label', { for: id }, t.scopeNames[scope]);
    return { scope, input, element: element('div', { class: 'choice' }, input, label, explained) };
  });
  return {
    element: element(
      'fieldset',
      { class: 'choices' },
      element('legend', {}, t.scopes),
      ...choices.map((choice) => choice.element),
    ),
    get value() {
      return choices.filter(({ input }) => input.checked).map(({ scope }) => scope);
    },
  };
}

function expiryChoice(): { readonly element: HTMLElement; readonly value: Expiry } {
  const t = keysWords();
  const names = Object.keys(EXPIRIES) as Expiry[];
  const select = element(
    'select',
    { class: 'input', id: uniqueId('expiry'), name: 'expiry' },
    ...names.map((name) => element('option', { value: name }, t.expiries[name])),
  );
  return {
    element: element('div', { class: 'field' }, element('label', { for: select.id }, t.expiry), select),
    get value() {
      return names.find((name) => name === select.value) ?? 'never';
    },
  };
}
