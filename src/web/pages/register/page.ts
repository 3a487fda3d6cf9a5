import { connection } from '../../lib/request.js';
import { element } from '../../lib/dom.js';
import { mountFrame } from '../../components/dom-page.js';
import { preserveInputs } from '../../components/form.js';
import { Loaded } from '../../components/loaded.js';
import { emptyState, focusHeading } from '../../components/section.js';
import { signInLink } from '../../lib/links.js';
import { session, type Session } from '../../lib/session.js';
import { parsePlace, type Place, placeAddress, type Query } from './search.js';
import { ListSection, organizationChoice } from './list.js';
import { DocumentSection } from './document.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';

/** Signing in leads back to the requested place. */
function signedOutView(place: Place): HTMLElement {
  const t = messages();
  const back = placeAddress(place).slice(1);
  const href = signInLink('register', back);
  return emptyState(
    t.signInFirst,
    t.signInExplained,
    'person',
    element('a', { class: 'button is-primary', href }, common().signIn),
  );
}

function noOrganizationView(session: Session): HTMLElement {
  const t = messages();
  const choice = organizationChoice(session);
  return emptyState(
    t.noOrganization,
    choice === null ? t.noOrganizationExplained : t.noOrganizationChoose,
    'person',
    choice ?? element('a', { class: 'button is-primary', href: './account.html' }, common().openAccount),
  );
}

let place = parsePlace(location.hash);
let list: ListSection | null = null;
let one: DocumentSection | null = null;
/** The user and organization that `list` and `one` belong to. */
let visitor = '';
/** Scroll position of the list when it was left. */
let scrolled = 0;
const content = element('div', {});
/** Shown until the session is loaded. */
const unknown = new Loaded(
  () => session.load(),
  () => {
    if (session.current === null) show();
  },
);

const { show } = mountFrame('register', () => {
  const restore = preserveInputs(content);
  const title = fill();
  restore(content);
  return { title, content };
});

/** @returns the title of the page */
function fill(): string {
  const { current } = session;
  const organization = current?.user?.organization ?? null;
  const now =
    organization === null ? '' : `${current?.user?.id ?? ''} ${organization.id} ${current?.user?.role ?? ''}`;
  if (now !== visitor) forget(now);
  if (current === null) content.replaceChildren(unknown.view(() => element('p', {})));
  else if (current.user === null) content.replaceChildren(headed(signedOutView(place)));
  else if (organization === null) content.replaceChildren(headed(noOrganizationView(current)));
  else if (place.kind === 'one') return showOne(place.id, place.query);
  else showList(place.query);
  return common().register;
}

function forget(now: string): void {
  visitor = now;
  list?.found.leave();
  one?.leave();
  list = one = null;
}

function headed(view: HTMLElement): HTMLElement {
  return element('div', { class: 'page' }, element('h1', { tabindex: -1 }, common().register), view);
}

function showList(query: Query): void {
  one?.leave();
  one = null;
  list ??= new ListSection(query, go);
  list.show();
  content.replaceChildren(list.element);
  void list.open(query, false);
}

function showOne(id: string, query: Query): string {
  if (one?.id !== id) {
    one?.leave();
    const row = list?.found.row(id) ?? null;
    const known = row === null ? null : { row, names: list?.found.shown?.names ?? new Map<string, string>() };
    one = new DocumentSection(id, query, known, (changed) => {
      list?.found.put(changed);
      document.title = common().pageTitle(one?.heading ?? common().register);
    });
  }
  one.show();
  content.replaceChildren(one.element);
  return one.heading;
}

/** Repeating the same search reloads it. */
function go(query: Query): void {
  const address = placeAddress({ kind: 'list', query });
  if (address === (location.hash === '' ? '#' : location.hash)) void list?.open(query, true);
  else location.hash = address;
}

window.addEventListener('hashchange', () => {
  const from = place;
  place = parsePlace(location.hash);
  if (from.kind === 'list') scrolled = window.scrollY;
  if (from.kind === 'list' && place.kind === 'list' && list !== null) {
    void list.open(place.query, false);
    return;
  }
  document.title = common().pageTitle(fill());
  if (place.kind === 'one') {
    window.scrollTo(0, 0);
    focusHeading(content);
    return;
  }
  // Return to the same row of the list.
  const link = from.kind === 'one' ? content.querySelector<HTMLElement>(`[data-id="${from.id}"] th a`) : null;
  if (link === null) focusHeading(content);
  else {
    window.scrollTo(0, scrolled);
    link.focus({ preventScroll: true });
  }
});
session.onChange(() => {
  const hadFocus = content.contains(document.activeElement);
  show();
  if (hadFocus && !content.contains(document.activeElement)) focusHeading(content);
});
connection.onChange(() => {
  if (connection.offline) return;
  if (list?.found.loaded.state.kind === 'failed') void list.found.load();
  void one?.again();
});
void unknown.load();
