import { EVENT_KINDS, type EventKind } from '../../store/access/types.js';
import { usageError } from '../failure.js';
import { closest } from '../input/closest.js';
import { parseCount, parseMoment } from '../input/moment.js';
import { EXIT, printLine } from '../io.js';
import { defineAccessCommand } from './access-command.js';
import type { Administration } from './administration.js';
import { EventPrinter } from './event-printer.js';
import { EventReader } from './event-reader.js';
import { ACCOUNT_OPTION, findAccount, findPerson } from './references.js';

const DEFAULT_LIMIT = 100;
/** They are turned round in memory: some hundred bytes each. */
const LARGEST_LIMIT = 1_000_000;

export const accessLogCommand = defineAccessCommand({
  name: 'access-log',
  summary: 'who signed in, failed to, made keys, changed roles: what matters for security',
  usage: '[--account ID] [--user WHO] [--kind KIND]… [--from TIME] [--to TIME] [--follow]',
  text: `Shows the access log, the latest events at the end. docs/access.md says what each kind of event means.

Works on the database of a service on this machine, as its administrator; the service may run meanwhile.`,
  options: {
    ...ACCOUNT_OPTION,
    user: { type: 'string', value: 'WHO', help: 'what this person did: an e-mail address, or an id' },
    kind: {
      type: 'string',
      multiple: true,
      value: 'KIND',
      help: 'only this kind; may be given several times',
    },
    from: {
      type: 'string',
      value: 'TIME',
      help: 'not before: 2026-11-23 (00:00 UTC), 2026-11-23T09:00:00+09:00, or 7d, 12h, 15m ago',
    },
    to: { type: 'string', value: 'TIME', help: 'before this time' },
    limit: { type: 'string', value: 'N', help: `the latest N of them (default: ${DEFAULT_LIMIT})` },
    follow: { type: 'boolean', help: 'go on with what happens from now on, until stopped' },
  },
  jsonHelp: 'as JSON, one event a line',
  positionals: { min: 0, max: 0 },
  plan({ values }, io) {
    if (values.follow && values.to !== undefined) throw usageError('--follow and --to exclude each other');
    const limit =
      values.limit === undefined ? DEFAULT_LIMIT : parseCount('--limit', values.limit, 0, LARGEST_LIMIT);
    const kinds = values.kind.map(parseKind);
    const chosen = {
      ...(kinds.length === 0 ? {} : { kinds }),
      ...(values.from === undefined ? {} : { from: parseMoment('--from', values.from, 'ago') }),
      ...(values.to === undefined ? {} : { to: parseMoment('--to', values.to, 'ago') }),
    };
    return async (administration) => {
      const reader = new EventReader(administration.access, {
        ...chosen,
        ...(await whose(administration, values.account, values.user)),
      });
      const printer = new EventPrinter(administration.store, io, values.json);
      const { events, more } = await reader.latest(limit);
      await printer.print(events);
      if (values.follow) {
        for await (const fresh of reader.follow(io.signal)) await printer.print(fresh);
      } else if (events.length === 0) {
        printLine(io.stderr, 'Nothing of the kind has happened.');
      } else if (more) {
        printLine(
          io.stderr,
          'There are earlier ones: --limit N shows more, --from and --to choose among them.',
        );
      }
      return EXIT.ok;
    };
  },
});

async function whose(administration: Administration, account: string | undefined, user: string | undefined) {
  return {
    ...(account === undefined ? {} : { accountId: (await findAccount(administration, account)).id }),
    ...(user === undefined ? {} : { personId: await personId(administration, user) }),
  };
}

/** People of another issuer are nobody's rows: their id is all there is. */
async function personId(administration: Administration, who: string): Promise<string> {
  return who.startsWith('oidc:') ? who : (await findPerson(administration, who)).id;
}

function parseKind(text: string): EventKind {
  const kind = EVENT_KINDS.find((each) => each === text);
  if (kind !== undefined) return kind;
  const near = closest(text, EVENT_KINDS);
  throw usageError(
    `there is no kind of event ${text}`,
    near === null ? `The kinds are: ${EVENT_KINDS.join(', ')}` : `Did you mean --kind ${near}?`,
  );
}
