/** What a link to this page can carry behind the `#`, which browsers send to no server. */
export type PageLink =
  | { readonly kind: 'setup' | 'invitation'; readonly token: string }
  /** Where to go back to after signing in. */
  | { readonly kind: 'from'; readonly page: 'notarize' }
  | { readonly kind: 'section'; readonly name: SectionName };

export const SECTIONS = ['you', 'users', 'keys', 'log', 'accounts'] as const;
export type SectionName = (typeof SECTIONS)[number];

/** @param fragment with or without its `#`; what is not known leads to the page's beginning */
export function parseLink(fragment: string): PageLink {
  const [name = '', value = ''] = fragment.replace(/^#/, '').split('=');
  if ((name === 'setup' || name === 'invitation') && value !== '') return { kind: name, token: value };
  if (name === 'from' && value === 'notarize') return { kind: 'from', page: value };
  return { kind: 'section', name: SECTIONS.find((section) => section === name) ?? 'you' };
}

/** The address of this page with an invitation, to be sent to whom it is for. */
export function invitationLink(page: string, token: string): string {
  return new URL(`account.html#invitation=${token}`, page).href;
}
