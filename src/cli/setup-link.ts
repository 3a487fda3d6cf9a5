import { accountLink, addressOf, defineAdminCommand } from './admin-command.js';
import { Failure } from './failure.js';
import { EXIT, formatTime, isoTime, printJson, printLine, printNote } from './io.js';

export const setupLinkCommand = defineAdminCommand({
  name: 'setup-link',
  summary: 'print a new link to set up the first administrator',
  usage: '',
  text: `For a service that has no administrator yet, whose link has expired or was lost. The new link works once, for
24 hours, and earlier links stop working. Whoever opens it first becomes the administrator of the service.

Works directly on the database of a service on this machine. The service may be running; it must have been started
once.`,
  options: {},
  positionals: { min: 0, max: 0 },
  plan({ values: { json } }, io) {
    return async ({ access, place }) => {
      const made = await access.invitations.setUpLink();
      if (made === null) {
        throw new Failure('refused', 'this service has an administrator, or somebody was invited to be one', {
          code: 'operator_exists',
          exitCode: EXIT.failed,
          hint:
            'See who with: ingam user operator. For a new password: ingam user invite EMAIL. ' +
            'For a new invitation: ingam user operator EMAIL',
        });
      }
      const { token, expiresAt } = made;
      const link = accountLink(addressOf(place.config), 'setup', token);
      if (json) printJson(io.stdout, { link, token, expiresAt: isoTime(expiresAt) });
      else {
        printNote(io, `Set up the first administrator. The link works once, until ${formatTime(expiresAt)}:`);
        printLine(io.stdout, link);
      }
      return EXIT.ok;
    };
  },
});
