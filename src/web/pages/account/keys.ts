import { copyable } from '../../components/copyable.js';
import { confirmFirst } from '../../components/dialog.js';
import { Field, form } from '../../components/form.js';
import { Loaded } from '../../components/loaded.js';
import { announce, focusHeading, type Section, tag } from '../../components/section.js';
import { type ApiKey, apiKeys, createKey, revokeKey, type Scope } from '../../lib/api.js';
import { button, element, present, uniqueId } from '../../lib/dom.js';
import { counted, formatDate, formatTime } from '../../lib/format.js';
import { localProblem } from '../../lib/request.js';
import { limitSentences, limitsFields } from './fields.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';

const DAY_MS = 86_400_000;
const EXPIRIES = { never: null, month: 30, quarter: 90, year: 365 } as const;
type Expiry = keyof typeof EXPIRIES;

/** @param onCreated receives the secret, which cannot be shown again */
function keyForm(
  onCreated: (created: { readonly key: ApiKey; readonly secret: string }) => Promise<void>,
  cancel: () => void,
): HTMLElement {
  const t = messages().keys;
  const name = new Field({ name: 'name', label: messages().name, hint: t.nameHint });
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
    submit: t.create,
    cancel,
    blame: { invalid_network: networks },
    sentences: { no_scope: t.noScope },
    // Expand the part that contains the invalid field.
    onWrong: (field) => {
      if (more.contains(field.element)) more.open = true;
    },
    send: async () => {
      if (scopes.value.length === 0) throw localProblem('no_scope');
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
  const t = messages().keys;
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
  const t = messages().keys;
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

/** The organization's API keys. */
export function keysSection(): Section {
  const own = element('div', { class: 'panels' });
  let secret: { readonly name: string; readonly text: string } | null = null;
  let creating = false;
  const head = element('div', { class: 'panels' });
  const body = element('div', { class: 'panels' });
  own.append(head, body);
  /** Separate from the list, which may be rebuilt while the user types here. */
  const showHead = () => {
    const done = () => {
      set(null, false);
    };
    head.replaceChildren(
      ...present([
        element('p', { class: 'hint' }, messages().keys.lead),
        secret === null ? null : secretPanel(secret.name, secret.text, done),
        creating ? creation() : secret === null ? createButton() : null,
      ]),
    );
  };
  const showBody = () => {
    body.replaceChildren(list.view((keys) => keyLists(keys, confirmRevocation)));
  };
  const show = () => {
    showHead();
    showBody();
  };
  const set = (now: typeof secret, create: boolean) => {
    secret = now;
    creating = create;
    showHead();
    const first = own.querySelector<HTMLElement>(create ? 'form input' : '.is-once h3');
    (first ?? own.querySelector<HTMLElement>('.add'))?.focus();
  };
  const list = new Loaded(apiKeys, showBody);
  void list.load();

  const createButton = () =>
    button(
      messages().keys.create,
      () => {
        set(null, true);
      },
      { class: 'button is-primary add' },
    );

  const creation = () =>
    element(
      'section',
      { class: 'panel' },
      element('h3', {}, messages().keys.createHeading),
      keyForm(
        async ({ key, secret: text }) => {
          // Show it before anything else can fail: it cannot be shown again.
          set({ name: key.name, text }, false);
          announce(messages().keys.created(key.name));
          await list.load();
        },
        () => {
          set(null, false);
        },
      ),
    );

  const confirmRevocation = ({ id, name }: ApiKey) => {
    const t = messages().keys;
    confirmFirst({
      heading: t.revokeHeading(name),
      message: t.revokeExplained,
      yes: t.revokeYes,
      run: async () => {
        await revokeKey(id);
        await list.load();
        announce(t.revokedNow(name));
        focusHeading(document.body);
      },
    });
  };
  return { element: own, show };
}

function secretPanel(name: string, text: string, onDone: () => void): HTMLElement {
  const t = messages().keys;
  return element(
    'section',
    { class: 'panel is-once' },
    element('h3', { tabindex: -1 }, t.secretHeading(name)),
    copyable(t.secret, text),
    element('p', {}, t.secretExplained),
    element('div', { class: 'form-actions' }, button(common().done, onDone)),
  );
}

function keyLists(keys: readonly ApiKey[], revoke: (key: ApiKey) => void): HTMLElement {
  const t = messages().keys;
  if (keys.length === 0) return element('p', { class: 'panel is-empty' }, t.none);
  const good = keys.filter(isGood);
  const over = keys.filter((key) => !isGood(key));
  const list = (some: readonly ApiKey[]) =>
    element('ul', { class: 'entries panel is-list' }, ...some.map((key) => keyRow(key, revoke)));
  return element(
    'div',
    { class: 'panels' },
    good.length === 0 ? element('p', { class: 'panel is-empty' }, t.none) : list(good),
    over.length === 0
      ? null
      : element('details', {}, element('summary', {}, t.others(counted(over.length))), list(over)),
  );
}

function isGood({ revokedAt, expiresAt }: ApiKey): boolean {
  return revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > Date.now());
}

function keyRow(key: ApiKey, revoke: (key: ApiKey) => void): HTMLElement {
  const t = messages().keys;
  const { name, revokedAt, expiresAt, lastUsedAt } = key;
  const time = (rfc3339: string) => formatTime(Date.parse(rfc3339));
  const facts = [
    t.createdOn(formatDate(Date.parse(key.createdAt))),
    lastUsedAt === null ? t.neverUsed : t.lastUsed(time(lastUsedAt)),
    ...(revokedAt !== null
      ? [t.revokedAt(time(revokedAt))]
      : expiresAt === null
        ? []
        : [t.expires(time(expiresAt))]),
    ...(key.networks.length === 0 ? [] : [t.from(key.networks.join(', '))]),
    ...limitSentences(key.limits),
  ];
  const status =
    revokedAt !== null ? tag(t.revoked) : isGood(key) ? tag(t.active, 'good') : tag(t.expired, 'doubt');
  return element(
    'li',
    { class: 'entry' },
    element(
      'div',
      { class: 'entry-main' },
      element(
        'p',
        { class: 'entry-name' },
        element('bdi', {}, name),
        status,
        ...key.scopes.map((scope) => tag(t.scopeNames[scope])),
      ),
      element('p', { class: 'hint' }, element('code', {}, `${key.prefix}…`)),
      element('ul', { class: 'entry-facts hint' }, ...facts.map((fact) => element('li', {}, fact))),
    ),
    isGood(key)
      ? element(
          'div',
          { class: 'entry-actions' },
          button(
            t.revoke,
            () => {
              revoke(key);
            },
            { 'aria-label': t.revokeNamed(name) },
          ),
        )
      : null,
  );
}
