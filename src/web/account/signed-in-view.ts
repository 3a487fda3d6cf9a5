import { element } from '../dom.js';
import { words } from '../messages/account.js';
import type { Session } from '../session/index.js';
import { organizationsSection } from './accounts-view.js';
import { keysSection } from './keys-view.js';
import type { SectionName } from './link.js';
import { logSection } from './log-view.js';
import type { Section } from '../parts/section.js';
import { usersSection } from './users-view.js';
import { youSection } from './you-view.js';

const MAKE: Readonly<Record<SectionName, () => Section>> = {
  you: youSection,
  users: usersSection,
  keys: keysSection,
  log: logSection,
  organizations: organizationsSection,
};

/** What there is to see for whoever is signed in, in the order of the page. */
export function sectionsOf({ user }: Session): readonly SectionName[] {
  if (user === null) return [];
  const owner = user.role === 'owner';
  return [
    'you',
    ...(owner ? (['users', 'keys'] as const) : []),
    ...(owner || user.operator ? (['log'] as const) : []),
    ...(user.operator ? (['organizations'] as const) : []),
  ];
}

/** @param kept the section as it was, to be shown again; null: it is made anew */
export function signedInView(
  name: SectionName,
  sections: readonly SectionName[],
  kept: Section | null,
): { readonly element: HTMLElement; readonly section: Section } {
  const t = words();
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
