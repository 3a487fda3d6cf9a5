import { confirmFirst } from '../../components/dialog.js';
import { choice, choices, Field, form, selection } from '../../components/form.js';
import { announce, focusHeading, panel, type Section, tag } from '../../components/section.js';
import { type ApiKey, apiKeys, createKey, revokeKey, type Scope } from '../../lib/api.js';
import { button, element } from '../../lib/dom.js';
import { counted, formatDate, formatTime } from '../../lib/format.js';
import { localProblem } from '../../lib/request.js';
import { limitSentences, limitsFields } from './fields.js';
import { entry, entryList, managedSection, secretPanel } from './lists.js';
import { messages } from '../../messages/account.js';

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
  const expiry = selection(
    'expiry',
    t.expiry,
    (Object.keys(EXPIRIES) as Expiry[]).map((name) => [name, t.expiries[name]] as const),
    'never',
  );
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
  const scopes = (['notarize', 'read'] as const).map((scope) => ({
    scope,
    ...choice({
      type: 'checkbox',
      name: scope,
      label: t.scopeNames[scope],
      explained: t.scopesExplained[scope],
      checked: scope === 'notarize',
    }),
  }));
  return {
    element: choices(t.scopes, ...scopes.map((each) => each.element)),
    get value() {
      return scopes.filter(({ input }) => input.checked).map(({ scope }) => scope);
    },
  };
}

/** The organization's API keys. */
export function keysSection(): Section {
  const section = managedSection({
    load: apiKeys,
    lead: () => messages().keys.lead,
    add: () => messages().keys.create,
    form: (cancel) => panel(messages().keys.createHeading, keyForm(created, cancel)),
    list: (keys) => keyLists(keys, confirmRevocation),
  });
  const created = async ({ key, secret }: { readonly key: ApiKey; readonly secret: string }) => {
    // Show it before anything else can fail: it cannot be shown again.
    section.open((close) => {
      const t = messages().keys;
      const shown = { label: t.secret, text: secret, explained: t.secretExplained };
      return secretPanel(t.secretHeading(key.name), shown, close);
    });
    announce(messages().keys.created(key.name));
    await section.loaded.load();
  };
  const confirmRevocation = ({ id, name }: ApiKey) => {
    const t = messages().keys;
    confirmFirst({
      heading: t.revokeHeading(name),
      message: t.revokeExplained,
      yes: t.revokeYes,
      run: async () => {
        await revokeKey(id);
        await section.loaded.load();
        announce(t.revokedNow(name));
        focusHeading(document.body);
      },
    });
  };
  return section;
}

function keyLists(keys: readonly ApiKey[], revoke: (key: ApiKey) => void): HTMLElement {
  const t = messages().keys;
  if (keys.length === 0) return element('p', { class: 'panel is-empty' }, t.none);
  const good = keys.filter(isGood);
  const over = keys.filter((key) => !isGood(key));
  const list = (some: readonly ApiKey[]) => entryList(some.map((key) => keyRow(key, revoke)));
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
  return entry({
    name,
    tags: [status, ...key.scopes.map((scope) => tag(t.scopeNames[scope]))],
    lines: [element('code', {}, `${key.prefix}…`)],
    facts,
    actions: isGood(key)
      ? [
          button(
            t.revoke,
            () => {
              revoke(key);
            },
            { 'aria-label': t.revokeNamed(name) },
          ),
        ]
      : [],
  });
}
