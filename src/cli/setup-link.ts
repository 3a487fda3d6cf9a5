import { accountLink, addressOf, defineAdminCommand } from './admin-command.js';
import { Failure } from './failure.js';
import { EXIT, formatTime, isoTime, printJson, printLine, printNote } from './io.js';
import { administrationMessages } from './messages/administration.js';
import { SUMMARIES } from './summaries.js';

export const setupLinkCommand = defineAdminCommand({
  name: 'setup-link',
  summary: SUMMARIES['setup-link'],
  usage: '',
  text: {
    en: `For a service that has no administrator yet, whose link has expired or was lost. The new link works once, for
24 hours, and earlier links stop working. Whoever opens it first becomes the administrator of the service.

Works directly on the database of a service on this machine. The service may be running; it must have been started
once.`,
    ko: `아직 관리자가 없고 링크가 만료되었거나 잃어버린 서비스를 위한 명령입니다. 새 링크는 24시간 동안 한 번만 쓸 수 있고
이전 링크는 쓸 수 없게 됩니다. 링크를 먼저 여는 사람이 서비스의 관리자가 됩니다.

이 컴퓨터에 있는 서비스의 데이터베이스에서 바로 처리합니다. 서비스가 실행 중이어도 되며, 한 번은 시작된 적이 있어야
합니다.`,
  },
  options: {},
  positionals: { min: 0, max: 0 },
  plan({ values: { json } }, io) {
    return async ({ access, place }) => {
      const made = await access.invitations.setUpLink();
      if (made === null) {
        throw new Failure('refused', administrationMessages().hasAdministrator, {
          code: 'operator_exists',
          exitCode: EXIT.failed,
          hint: administrationMessages().seeOperators,
        });
      }
      const { token, expiresAt } = made;
      const link = accountLink(addressOf(place.config), 'setup', token);
      if (json) printJson(io.stdout, { link, token, expiresAt: isoTime(expiresAt) });
      else {
        printNote(io, administrationMessages().setUpLink(formatTime(expiresAt)));
        printLine(io.stdout, link);
      }
      return EXIT.ok;
    };
  },
});
