import { signal } from '@preact/signals';

/** A link is kept as long as the tab, also when the page is loaded again: its secret is not in the address any more. */
const KEPT = 'ingam-signing-link';
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    // The browser keeps nothing: the link has to be opened again.
    return null;
  }
}

/** Removes the secret from the address bar at once, so that it does not stay in the history or on the screen. */
function take(): string | null {
  const { hash, pathname, search } = location;
  const given = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  if (given === null) return kept();
  history.replaceState(null, '', pathname + search);
  if (!TOKEN.test(given)) return null;
  try {
    sessionStorage.setItem(KEPT, given);
  } catch {
    // As above.
  }
  return given;
}

/** What opens the request; null: there is no link, or it is incomplete. */
export const token = signal<string | null>(take());

window.addEventListener('hashchange', () => {
  token.value = take();
});
