import { preserveInputs } from '../../components/form.js';
import { mountFrame } from '../../components/dom-page.js';
import { Loaded } from '../../components/loaded.js';
import { announce, focusHeading, type Section } from '../../components/section.js';
import { element } from '../../lib/dom.js';
import { type Session, session } from '../../lib/session.js';
import { keysSection } from './keys.js';
import { type AccountLink, parseAccountLink, type SectionName } from '../../lib/links.js';
import { logSection } from './log.js';
import { organizationsSection } from './organizations.js';
import { redeemSection, signInView } from './sign-in.js';
import { usersSection } from './users.js';
import { youSection } from './you.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';

const MAKE: Readonly<Record<SectionName, () => Section>> = {
  you: youSection,
  users: usersSection,
  keys: keysSection,
  log: logSection,
  organizations: organizationsSection,
};

/** The sections that the signed-in user may see, in order. */
function sectionsOf({ user }: Session): readonly SectionName[] {
  if (user === null) return [];
  const owner = user.role === 'owner';
  return [
    'you',
    ...(owner ? (['users', 'keys'] as const) : []),
    ...(owner || user.operator ? (['log'] as const) : []),
    ...(user.operator ? (['organizations'] as const) : []),
  ];
}

/** @param kept the current section, to be rebuilt; null: creates a new one */
function signedInView(
  name: SectionName,
  sections: readonly SectionName[],
  kept: Section | null,
): { readonly element: HTMLElement; readonly section: Section } {
  const t = messages();
  const section = kept ?? MAKE[name]();
  section.show();
  const links = sections.map((each) =>
    element(
      'a',
      { href: `#${each}`, ...(each === name ? { 'aria-current': 'page' } : {}) },
      t.sections[each],
    ),
  );
  return {
    element: element(
      'div',
      { class: 'page' },
      element('h1', { tabindex: -1 }, t.heading),
      sections.length < 2
        ? null
        : element('nav', { class: 'section-links', 'aria-label': t.sectionNavigation }, ...links),
      element('h2', { class: name === 'you' ? 'visually-hidden' : '', tabindex: -1 }, t.sections[name]),
      section.element,
    ),
    section,
  };
}

/**
 * Removes a secret from the address bar at once, so that it does not stay in the history or on the screen.
 */
function takeLink(): AccountLink {
  const link = parseAccountLink(location.hash);
  if (link.kind === 'setup' || link.kind === 'invitation') {
    history.replaceState(null, '', location.pathname + location.search);
  }
  return link;
}

let link = takeLink();
let redemption = redemptionOf(link);
/** The current section, kept when the language changes. */
let shown: { readonly key: string; readonly section: Section | null } = { key: '', section: null };
const content = element('div', { class: 'organization' });
/** Shown until the session is loaded. */
const unknown = new Loaded(
  () => session.load(),
  () => {
    if (session.current === null) show();
  },
);
const { show } = mountFrame('account', () => {
  const restore = preserveInputs(content);
  const title = fill();
  restore(content);
  return { title, content };
});

function redemptionOf(from: AccountLink): Section | null {
  if (from.kind !== 'setup' && from.kind !== 'invitation') return null;
  const leave = () => {
    redemption = null;
    renew();
  };
  const done = (found: Session) => {
    leave();
    if (found.user !== null) announce(messages().signedIn(found.user.name));
  };
  return redeemSection(from.token, { onDone: done, onLeave: leave });
}

/** Rebuilds the page and moves the focus to its heading. */
function renew(): void {
  show();
  focusHeading(content);
}

/** @returns the title of the page */
function fill(): string {
  const t = messages();
  const { current } = session;
  if (redemption !== null) {
    redemption.show();
    content.replaceChildren(redemption.element);
    return t.inviteHeadingPlain;
  }
  if (current === null) {
    content.replaceChildren(unknown.view(() => element('p', {})));
    return t.heading;
  }
  if (current.user === null) {
    content.replaceChildren(signInView());
    return common().signIn;
  }
  const sections = sectionsOf(current);
  const wanted = link.kind === 'section' ? link.name : 'you';
  const name = sections.includes(wanted) ? wanted : 'you';
  const key = [name, current.user.id, current.user.organization?.id].join(' ');
  const view = signedInView(name, sections, shown.key === key ? shown.section : null);
  shown = { key, section: view.section };
  content.replaceChildren(view.element);
  return t.sections[name];
}

/** The user for whom the page was last shown; undefined: not known. */
let visitor: string | null | undefined;
session.onChange(() => {
  const before = visitor;
  const user = session.current?.user ?? null;
  visitor = user?.id ?? null;
  if (redemption !== null) return;
  if (link.kind === 'from' && user?.organization != null) {
    location.assign(link.address);
  } else if (before === undefined || before === visitor) {
    const hadFocus = content.contains(document.activeElement);
    show();
    if (hadFocus && !content.contains(document.activeElement)) focusHeading(content);
  } else {
    renew();
    announce(user === null ? messages().signedOut : messages().signedIn(user.name));
  }
});
window.addEventListener('hashchange', () => {
  link = takeLink();
  redemption = redemptionOf(link);
  renew();
});
void unknown.load();
