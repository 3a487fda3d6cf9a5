/** What the fragment of a link to this page can contain; browsers do not send fragments to servers. */
export type PageLink =
  | { readonly kind: 'setup' | 'invitation'; readonly token: string }
  /** Where to return to after signing in. */
  | { readonly kind: 'from'; readonly address: string }
  | { readonly kind: 'section'; readonly name: SectionName };

export const SECTIONS = ['you', 'users', 'keys', 'log', 'organizations'] as const;
export type SectionName = (typeof SECTIONS)[number];

/** Only pages of this service; the fragment of the register is preserved. */
const BACK = /^#?from=(notarize$|register(?:$|&(.*)$))/s;

/** @param fragment with or without `#`; unknown values mean the first section */
export function parseLink(fragment: string): PageLink {
  const [name = '', value = ''] = fragment.replace(/^#/, '').split('=');
  if ((name === 'setup' || name === 'invitation') && value !== '') return { kind: name, token: value };
  const back = BACK.exec(fragment);
  if (back !== null)
    return { kind: 'from', address: back[1] === 'notarize' ? './' : `./register.html#${back[2] ?? ''}` };
  return { kind: 'section', name: SECTIONS.find((section) => section === name) ?? 'you' };
}

/** The invitation link, for the person invited. */
export function invitationLink(page: string, token: string): string {
  return new URL(`account.html#invitation=${token}`, page).href;
}
