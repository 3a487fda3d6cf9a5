import type { Person } from '../../store/index.js';
import { usageError, Failure } from '../failure.js';
import { EXIT, printJson, printLine, type ExitCode, type Io } from '../io.js';
import { printTable } from '../output/table.js';
import { printable } from '../output/text.js';
import { defineAccessCommand, type Work } from './access-command.js';
import type { Administration } from './administration.js';
import { HERE, LOCAL } from './here.js';
import { invitationJson, sayInvitation } from './invitation.js';
import { findPerson } from './references.js';
import { day, personJson } from './shown.js';

/** What concerns a person whatever account they are in. */

const WHO = { min: 1, max: 1, missing: 'who? Give an e-mail address' } as const;
/** Longer than any password may be; what does not end is not read to its end. */
const MAX_PASSWORD_BYTES = 16 * 1024;

export const operator = defineAccessCommand({
  name: 'user operator',
  summary: 'make somebody an operator of the service, or list the operators',
  usage: '[EMAIL [--password-stdin | --off]]',
  text: `Operators make accounts and read the access log; they do not see what accounts keep here. A new one chooses a password
with the link that is on standard output. Without EMAIL: who the operators are.

A database that is not there yet is made, so that this can come before the first start of the service. With
--password-stdin the first line of standard input is the first operator's password, and there is no link. For somebody
who is an operator already nothing changes.`,
  options: {
    'password-stdin': {
      type: 'boolean',
      help: 'read the password of the first operator from standard input',
    },
    off: { type: 'boolean', help: 'not an operator any more; the service keeps at least one' },
  },
  positionals: { min: 0, max: 1 },
  makesDatabase: true,
  async plan({ values, positionals: [email] }, io): Promise<Work> {
    const withPassword = values['password-stdin'];
    if (email === undefined) {
      if (withPassword || values.off) throw usageError('who? Give an e-mail address');
      return (administration) => listOperators(administration, values.json, io);
    }
    if (values.off) {
      if (withPassword) throw usageError('--off and --password-stdin exclude each other');
      return async ({ access }) => {
        const { person } = await access.setOperator(LOCAL, email, false, HERE);
        return report(person, 'is not an operator any more', values.json, io);
      };
    }
    const password = withPassword ? await firstLine(io) : null;
    return (administration) => makeOperator(administration, email, password, values.json, io);
  },
});

export const disable = defineAccessCommand({
  name: 'user disable',
  summary: 'a person cannot sign in any more, to no account',
  usage: 'EMAIL',
  text: `All sessions of the person end. Their place in accounts stays, and "ingam user enable" takes it back. To take somebody
out of one account: ingam user remove. API keys that the person has made go on: "ingam key list" shows who made which.`,
  options: {},
  positionals: WHO,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async ({ access }) => {
      const person = await access.setPersonDisabled(LOCAL, email, true, HERE);
      return report(person, 'cannot sign in any more', values.json, io);
    },
});

export const enable = defineAccessCommand({
  name: 'user enable',
  summary: 'take back that a person was disabled',
  usage: 'EMAIL',
  text: 'The person can sign in again, with the password they had.',
  options: {},
  positionals: WHO,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async ({ access }) => {
      const person = await access.setPersonDisabled(LOCAL, email, false, HERE);
      return report(person, 'can sign in again', values.json, io);
    },
});

async function makeOperator(
  administration: Administration,
  email: string,
  password: string | null,
  json: boolean,
  io: Io,
): Promise<ExitCode> {
  const { access } = administration;
  const operators = await access.operators(LOCAL);
  const present = operators.find((person) => person.email === email.trim().normalize('NFC').toLowerCase());
  if (present?.passwordHash != null) return report(present, 'is an operator already', json, io);
  if (password !== null) {
    if (operators.length > 0) {
      throw new Failure(
        'refused',
        'there is an operator already: a password is read for the first one only',
        {
          exitCode: EXIT.failed,
          hint: 'Leave out --password-stdin for a link with which the new operator chooses the password.',
        },
      );
    }
    await access.seedOperator({ email, password });
    return report(await findPerson(administration, email), 'is the first operator', json, io);
  }
  const made = await access.setOperator(LOCAL, email, true, HERE);
  if (json) {
    printJson(io.stdout, {
      person: personJson(made.person),
      invitation: invitationJson(made.invitation, administration),
    });
  } else if (made.invitation === null) {
    return report(made.person, 'is an operator, with the password they have here', json, io);
  } else sayInvitation(`${made.person.email}, to operate the service`, made.invitation, administration, io);
  return EXIT.ok;
}

async function listOperators({ access }: Administration, json: boolean, io: Io): Promise<ExitCode> {
  const operators = await access.operators(LOCAL);
  if (json) printJson(io.stdout, { operators: operators.map(personJson) });
  else if (operators.length === 0) {
    printLine(io.stderr, 'There is no operator yet. The first: ingam user operator EMAIL');
  } else {
    printTable(
      io.stdout,
      [
        { title: 'EMAIL', cell: ({ email }: Person) => email },
        { title: 'STATE', cell: stateOf },
        { title: 'NAME', cell: ({ name }: Person) => name },
        { title: 'SINCE', cell: ({ createdAt }: Person) => day(createdAt) },
        { title: 'ID', cell: ({ id }: Person) => id },
      ],
      operators,
    );
  }
  return EXIT.ok;
}

function report(person: Person, what: string, json: boolean, io: Io): ExitCode {
  if (json) printJson(io.stdout, personJson(person));
  else printLine(io.stderr, printable(`${person.email} ${what}.`));
  return EXIT.ok;
}

function stateOf({ passwordHash, disabledAt }: Person): string {
  if (disabledAt !== null) return 'disabled';
  return passwordHash === null ? 'invited' : 'active';
}

/** A password on the command line would be in the shell's history and in the list of processes. */
async function firstLine({ stdin }: Io): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    chunks.push(chunk);
    length += chunk.length;
    if (chunk.includes(0x0a) || length > MAX_PASSWORD_BYTES) break;
  }
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/);
  if (line === '') throw usageError('there is no password on standard input');
  return line;
}
