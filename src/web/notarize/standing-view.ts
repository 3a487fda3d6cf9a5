import { element, icon } from '../dom.js';
import { words } from '../messages/notarize.js';
import { standingOf, type Session } from '../session/index.js';

/** On whose behalf documents are notarized; null for strangers, and for those who cannot notarize. */
export function behalfView(session: Session | null): HTMLElement | null {
  const organization = session?.user?.organization ?? null;
  if (session === null || organization === null || standingOf(session) !== 'on_behalf') return null;
  const t = words();
  return element(
    'p',
    { class: 'behalf' },
    icon('person'),
    element(
      'span',
      {},
      t.onBehalf(organization.name),
      session.memberships.length < 2 ? null : ' ',
      session.memberships.length < 2 ? null : element('a', { href: './account.html' }, t.otherOrganization),
    ),
  );
}

/** What stands in the place of the drop zone for those who cannot notarize as who they are; null for all others. */
export function barredView(session: Session | null): HTMLElement | null {
  const standing = session === null ? 'open' : standingOf(session);
  if (session === null || standing === 'open' || standing === 'on_behalf') return null;
  const t = words();
  const organization = session.user?.organization?.name ?? '';
  const { heading, says } = {
    sign_in_first: {
      heading: t.signInFirst,
      says: session.policy.privateVerification ? t.signInFirstPrivate : t.signInFirstExplained,
    },
    no_organization: { heading: t.noOrganization, says: t.noOrganizationExplained },
    reads_only: { heading: t.readsOnly(organization), says: t.readsOnlyExplained },
  }[standing];
  return element(
    'section',
    { class: 'barred', 'aria-labelledby': 'barred-heading' },
    icon('person'),
    element('h2', { id: 'barred-heading' }, heading),
    element('p', {}, says),
    element(
      'div',
      { class: 'drop-buttons' },
      standing === 'sign_in_first'
        ? element('a', { class: 'button is-primary', href: './account.html#from=notarize' }, t.signIn)
        : element('a', { class: 'button is-primary', href: './account.html' }, t.openOrganization),
      element('a', { class: 'button', href: './verify.html' }, t.verifyLink),
    ),
  );
}
