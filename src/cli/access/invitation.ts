import { printLine, type Io } from '../io.js';
import { formatTime, isoTime, printable } from '../output/text.js';
import type { Administration } from './administration.js';
import { addressOf, invitationLink } from './link.js';

/** A one-time token, and until when it is good, in milliseconds. */
interface Invitation {
  readonly token: string;
  readonly expiresAt: number;
}

/** The link alone on standard output, so that scripts can take it; on standard error for whom it is. */
export function sayInvitation(
  whom: string,
  invitation: Invitation,
  administration: Administration,
  io: Io,
): void {
  const until = formatTime(invitation.expiresAt);
  printLine(
    io.stderr,
    printable(`For ${whom}. It works once, until ${until}; whoever opens it chooses the password:`),
  );
  printLine(io.stdout, linkOf(invitation, administration));
}

export function invitationJson(invitation: Invitation | null, administration: Administration) {
  if (invitation === null) return null;
  const { token, expiresAt } = invitation;
  return { link: linkOf(invitation, administration), token, expiresAt: isoTime(expiresAt) };
}

function linkOf({ token }: Invitation, { place }: Administration): string {
  return invitationLink(addressOf(place.config), 'invitation', token);
}
