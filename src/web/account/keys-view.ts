import { button, element, present } from '../dom.js';
import { formatDate, formatNumber, formatShortTime } from '../format.js';
import { partWords } from '../messages/parts.js';
import { keysWords } from '../messages/account-keys.js';
import { apiKeys, revokeKey, type ApiKey } from './calls.js';
import { copyable } from '../parts/copyable.js';
import { confirmFirst } from '../parts/dialog.js';
import { keyForm } from './key-form.js';
import { limitSentences } from './limits-fields.js';
import { Loaded } from '../parts/loaded.js';
import { announce, focusHeading, type Section } from '../parts/section.js';
import { tag } from '../parts/tag.js';

/** The organization's API keys. */
export function keysSection(): Section {
  const own = element('div', { class: 'panels' });
  let secret: { readonly name: string; readonly text: string } | null = null;
  let creating = false;
  const head = element('div', { class: 'panels' });
  const body = element('div', { class: 'panels' });
  own.append(head, body);
  /** Apart from the list, which may arrive while somebody types here. */
  const showHead = () => {
    const done = () => {
      set(null, false);
    };
    head.replaceChildren(
      ...present([
        element('p', { class: 'hint' }, keysWords().lead),
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
      keysWords().create,
      () => {
        set(null, true);
      },
      { class: 'button is-primary add' },
    );

  const creation = () =>
    element(
      'section',
      { class: 'panel' },
      element('h3', {}, keysWords().createHeading),
      keyForm(
        async ({ key, secret: text }) => {
          // Shown before anything else can fail: nobody can have it a second time.
          set({ name: key.name, text }, false);
          announce(keysWords().created(key.name));
          await list.load();
        },
        () => {
          set(null, false);
        },
      ),
    );

  const confirmRevocation = ({ id, name }: ApiKey) => {
    const t = keysWords();
    confirmFirst({
      heading: t.revokeHeading(name),
      says: t.revokeExplained,
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
  const t = keysWords();
  return element(
    'section',
    { class: 'panel is-once' },
    element('h3', { tabindex: -1 }, t.secretHeading(name)),
    copyable(t.secret, text),
    element('p', {}, t.secretExplained),
    element('div', { class: 'form-actions' }, button(partWords().done, onDone)),
  );
}

function keyLists(keys: readonly ApiKey[], revoke: (key: ApiKey) => void): HTMLElement {
  const t = keysWords();
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
      : element(
          'details',
          {},
          element('summary', {}, t.others(over.length, formatNumber(over.length))),
          list(over),
        ),
  );
}

function isGood({ revokedAt, expiresAt }: ApiKey): boolean {
  return revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > Date.now());
}

function keyRow(key: ApiKey, revoke: (key: ApiKey) => void): HTMLElement {
  const t = keysWords();
  const { name, revokedAt, expiresAt, lastUsedAt } = key;
  const time = (rfc3339: string) => formatShortTime(Date.parse(rfc3339));
  const facts = [
    t.made(formatDate(Date.parse(key.createdAt))),
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
