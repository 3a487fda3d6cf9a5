import { element, icon } from '../dom.js';
import { words } from '../messages/notarize.js';
import { standingOf, type Session } from '../session/index.js';

/** On whose behalf documents are notarized; null for strangers, and for those who cannot notarize. */
export function behalfView(session: Session | null): HTMLElement | null {
  const account = session?.user?.account ?? null;
  if (session === null || account === null || standingOf(session) !== 'on_behalf') return null;
  const t = words();
  return element(
    'p',
    { class: 'behalf' },
    icon('person'),
    element(
      'span',
      {},
      t.onBehalf(account.name),
      session.memberships.length < 2 ? null : ' ',
      session.memberships.length < 2 ? null : element('a', { href: './account.html' }, t.otherAccount),
    ),
  );
}

/** What stands in the place of the drop zone for those who cannot notarize as who they are; null for all others. */
export function barredView(session: Session | null): HTMLElement | null {
  const standing = session === null ? 'open' : standingOf(session);
  if (session === null || standing === 'open' || standing === 'on_behalf') return null;
  const t = words();
  const account = session.user?.account?.name ?? '';
  const { heading, says } = {
    sign_in_first: {
      heading: t.signInFirst,
      says: session.policy.privateVerification ? t.signInFirstPrivate : t.signInFirstExplained,
    },
    no_account: { heading: t.noAccount, says: t.noAccountExplained },
    reads_only: { heading: t.readsOnly(account), says: t.readsOnlyExplained },
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
        : element('a', { class: 'button is-primary', href: './account.html' }, t.openAccount),
      element('a', { class: 'button', href: './verify.html' }, t.verifyLink),
    ),
  );
}
