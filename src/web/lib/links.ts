/** What the explorer shows, in the fragment of its address. */
export type ExplorerPlace =
  /** Blocks below `before`; null: the latest. */
  | { readonly kind: 'chain'; readonly before: number | null }
  /** One block; `entry` counts from 1; null: none is selected. */
  | { readonly kind: 'block'; readonly height: number; readonly entry: number | null };

const NUMBER = /^(0|[1-9][0-9]{0,15})$/;

/** @param fragment with or without `#`; unknown values mean the latest blocks */
export function parseExplorerLink(fragment: string): ExplorerPlace {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const height = numberOf(given.get('block'));
  if (height !== null) {
    const entry = numberOf(given.get('entry'));
    return { kind: 'block', height, entry: entry === 0 ? null : entry };
  }
  const before = numberOf(given.get('before'));
  return { kind: 'chain', before: before === 0 ? null : before };
}

export function explorerLink(place: ExplorerPlace): string {
  if (place.kind === 'chain') return place.before === null ? '#' : `#before=${place.before}`;
  return place.entry === null ? `#block=${place.height}` : `#block=${place.height}&entry=${place.entry}`;
}

export function blockLink(height: number, entry: number | null = null): string {
  return explorerLink({ kind: 'block', height, entry });
}

/** The address of an entry in the explorer. @param index from 0 */
export function entryLink({ height, index }: { readonly height: number; readonly index: number }): string {
  return `./explorer.html${blockLink(height, index + 1)}`;
}

function numberOf(text: string | null): number | null {
  const value = text !== null && NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}

/** What the fragment of a link to this page can contain; browsers do not send fragments to servers. */
export type AccountLink =
  | { readonly kind: 'setup' | 'invitation' | 'reset' | 'unsubscribe'; readonly token: string }
  /** For a link for a new password. */
  | { readonly kind: 'forgot' }
  /** Where to return to after signing in. */
  | { readonly kind: 'from'; readonly address: string }
  /** Why the identity provider has signed nobody in. */
  | { readonly kind: 'provider'; readonly problem: string }
  | { readonly kind: 'section'; readonly name: SectionName };

export const SECTIONS = ['you', 'users', 'keys', 'webhooks', 'log', 'organizations'] as const;
export type SectionName = (typeof SECTIONS)[number];

const WITH_TOKEN = ['setup', 'invitation', 'reset', 'unsubscribe'] as const;

/** Only pages of this service; the fragments of the register and of records are preserved. */
const BACK = /^#?from=(?:notarize$|(register|records)(?:$|&(.*)$))/s;

/** @param fragment with or without `#`; unknown values mean the first section */
export function parseAccountLink(fragment: string): AccountLink {
  const [name = '', value = ''] = fragment.replace(/^#/, '').split('=');
  const kind = WITH_TOKEN.find((each) => each === name);
  if (kind !== undefined && value !== '') return { kind, token: value };
  if (name === 'forgot') return { kind: 'forgot' };
  if (name === 'provider') return { kind: 'provider', problem: value };
  const back = BACK.exec(fragment);
  if (back !== null) {
    const [, page, rest = ''] = back;
    return { kind: 'from', address: page === undefined ? './' : `./${page}.html#${rest}` };
  }
  return { kind: 'section', name: SECTIONS.find((section) => section === name) ?? 'you' };
}

/** The address of sign-in. @param from the page to return to, and the fragment of its address */
export function signInLink(from: 'notarize' | 'register' | 'records', fragment = ''): string {
  return `./account.html#from=${from}${fragment === '' ? '' : `&${fragment}`}`;
}

/** The invitation link, for the person invited. */
export function invitationLink(page: string, token: string): string {
  return new URL(`account.html#invitation=${token}`, page).href;
}

/** The page of a proof. The fingerprint is in the fragment, which browsers do not send. */
export function proofLink(id: string, sha256: string): string {
  return `./p/${id}#sha256=${sha256}`;
}
