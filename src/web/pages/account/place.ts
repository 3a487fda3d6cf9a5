import { effect, signal } from '@preact/signals';
import { type AccountLink, parseAccountLink } from '../../lib/links.js';

/** A link is kept until it is used, also when the page is loaded again: its secret is not in the address any more. */
const KEPT = 'ingam-account-link';

function kept(): string {
  try {
    return sessionStorage.getItem(KEPT) ?? '';
  } catch {
    // The browser keeps nothing: the link has to be opened again.
    return '';
  }
}

function keep(fragment: string | null): void {
  try {
    if (fragment === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, fragment);
  } catch {
    // As above.
  }
}

/** Removes a secret from the address bar at once, so that it does not stay in the history or on the screen. */
function take(): AccountLink {
  const { hash, pathname, search } = location;
  const given = parseAccountLink(hash === '' ? kept() : hash);
  if (hash !== '' && 'token' in given) {
    keep(hash);
    history.replaceState(null, '', pathname + search);
  }
  return given;
}

/** What the page was opened for. */
export const link = signal<AccountLink>(take());

window.addEventListener('hashchange', () => {
  link.value = take();
});

/** Goes on without the link, which was used, does not work, or is for somebody else. */
export function leaveLink(): void {
  keep(null);
  link.value = parseAccountLink(location.hash);
}

/** Keeps where somebody came from while they are at the identity provider. */
export function keepPlace(): void {
  if (link.value.kind === 'from' && location.hash !== '') keep(location.hash);
}

/** Leads back to the page from which somebody came to sign in. */
export function returnWhen(mayReturn: () => boolean): void {
  effect(() => {
    if (link.value.kind !== 'from' || !mayReturn()) return;
    if (kept().startsWith('#from=')) keep(null);
    location.assign(link.value.address);
  });
}
