/** What a link to this page can carry behind the `#`, which browsers send to no server. */
export type PageLink =
  | { readonly kind: 'setup' | 'invitation'; readonly token: string }
  /** Where to go back to after signing in. */
  | { readonly kind: 'from'; readonly address: string }
  | { readonly kind: 'section'; readonly name: SectionName };

export const SECTIONS = ['you', 'users', 'keys', 'log', 'organizations'] as const;
export type SectionName = (typeof SECTIONS)[number];

/** Pages of this service alone; what stood behind the `#` of the register goes there and back. */
const BACK = /^#?from=(notarize$|register(?:$|&(.*)$))/s;

/** @param fragment with or without its `#`; what is not known leads to the page's beginning */
export function parseLink(fragment: string): PageLink {
  const [name = '', value = ''] = fragment.replace(/^#/, '').split('=');
  if ((name === 'setup' || name === 'invitation') && value !== '') return { kind: name, token: value };
  const back = BACK.exec(fragment);
  if (back !== null)
    return { kind: 'from', address: back[1] === 'notarize' ? './' : `./register.html#${back[2] ?? ''}` };
  return { kind: 'section', name: SECTIONS.find((section) => section === name) ?? 'you' };
}

/** The address of this page with an invitation, to be sent to whom it is for. */
export function invitationLink(page: string, token: string): string {
  return new URL(`account.html#invitation=${token}`, page).href;
}
