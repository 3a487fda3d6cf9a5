import { button, element } from '../dom.js';
import { formatShortTime } from '../format.js';
import { partWords } from '../messages/parts.js';
import { usersWords } from '../messages/account-users.js';
import type { IssuedInvitation } from './calls.js';
import { copyable } from '../parts/copyable.js';
import { invitationLink } from './link.js';

export interface Issued {
  readonly name: string;
  readonly invitation: IssuedInvitation;
}

/** A link that was just made and will not be shown again. It stays until its maker says that it is kept. */
export function invitationPanel({ name, invitation }: Issued, onDone: () => void): HTMLElement {
  const t = usersWords();
  const expires = formatShortTime(Date.parse(invitation.expiresAt));
  return element(
    'section',
    { class: 'panel is-once' },
    element('h3', { tabindex: -1 }, t.invitationHeading(name)),
    copyable(t.invitationLink, invitationLink(document.baseURI, invitation.token)),
    element('p', {}, t.invitationExplained(expires)),
    element('div', { class: 'form-actions' }, button(partWords().done, onDone)),
  );
}
