import { LOCAL } from '../auth/policy.js';
import { type Role, ROLES } from '../store/auth/store.js';
import type { OrganizationUser, Person } from '../store/index.js';
import {
  ORGANIZATION_OPTION,
  day,
  defineAccessCommand,
  findOrganization,
  findPerson,
  findUser,
  HERE,
  invitationJson,
  personJson,
  sayInvitation,
  userJson,
  type Work,
} from './admin-command.js';
import type { Administration } from './administration.js';
import { closest } from './arguments.js';
import { defineGroup } from './command.js';
import { Failure, usageError } from './failure.js';
import { EXIT, type ExitCode, type Io, printable, printJson, printLine, printTable } from './io.js';

/** What concerns a person whatever organization they are in. */

const WHO = { min: 1, max: 1, missing: 'who? Give an e-mail address' } as const;
/** Longer than any password may be; what does not end is not read to its end. */
const MAX_PASSWORD_BYTES = 16 * 1024;

export const operator = defineAccessCommand({
  name: 'user operator',
  summary: 'make somebody an operator of the service, or list the operators',
  usage: '[EMAIL [--password-stdin | --off]]',
  text: `Operators create organizations and read the access log. They do not see the documents of organizations.
The command prints a link with which a new operator chooses a password. Without EMAIL it lists the operators.

The database is created if it does not exist yet, so this command can run before the first start of the service.
With --password-stdin the first line of standard input becomes the first operator's password, and no link is
printed. Nothing changes for a person who is already an operator.`,
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
        const { person } = await access.people.setOperator(LOCAL, email, false, HERE);
        return report(person, 'is not an operator any more', values.json, io);
      };
    }
    const password = withPassword ? await firstLine(io) : null;
    return (administration) => makeOperator(administration, email, password, values.json, io);
  },
});

export const disable = defineAccessCommand({
  name: 'user disable',
  summary: 'a person cannot sign in any more, to no organization',
  usage: 'EMAIL',
  text: `Ends all sessions of the person. Memberships stay, and "ingam user enable" reverses the command. To remove a
person from one organization, use "ingam user remove". API keys created by the person keep working: "ingam key
list" shows who created which.`,
  options: {},
  positionals: WHO,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async ({ access }) => {
      const person = await access.people.setDisabled(LOCAL, email, true, HERE);
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
      const person = await access.people.setDisabled(LOCAL, email, false, HERE);
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
  const operators = await access.people.operators(LOCAL);
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
    await access.invitations.seedOperator({ email, password });
    return report(await findPerson(administration, email), 'is the first operator', json, io);
  }
  const made = await access.people.setOperator(LOCAL, email, true, HERE);
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
  const operators = await access.people.operators(LOCAL);
  if (json) printJson(io.stdout, { operators: operators.map(personJson) });
  else if (operators.length === 0) {
    printLine(io.stderr, 'There is no operator yet. The first: ingam user operator EMAIL');
  } else {
    printTable(
      io.stdout,
      [
        { title: 'EMAIL', cell: ({ email }: Person) => email },
        { title: 'STATE', cell: personState },
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

function personState({ passwordHash, disabledAt }: Person): string {
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

const ROLES_TEXT = `owner (everything, users and keys too), notary (submits and reads), auditor (reads)`;

const add = defineAccessCommand({
  name: 'user add',
  summary: 'add a person to an organization',
  usage: 'EMAIL --organization ID --role ROLE [--name NAME]',
  text: `The person takes part once they have opened the link that is on standard output, and chosen a password there. It works
once, for a week. Somebody who has a password here already is in at once, and there is no link.

Roles: ${ROLES_TEXT}.`,
  options: {
    ...ORGANIZATION_OPTION,
    role: { type: 'string', value: 'ROLE', help: 'owner, notary or auditor' },
    name: { type: 'string', value: 'NAME', help: 'how the person is called (default: the e-mail address)' },
  },
  positionals: WHO,
  plan({ values, positionals: [email = ''] }, io) {
    const role = parseRole(values.role, '--role');
    return async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const input = { email, name: values.name ?? email, role };
      const { user, invitation } = await administration.access.users.add(LOCAL, organization.id, input, HERE);
      if (values.json) {
        printJson(io.stdout, {
          user: userJson(user),
          invitation: invitationJson(invitation, administration),
        });
      } else if (invitation === null) {
        sayUser(
          user,
          `is ${withArticle(role)} of ${organization.name}, with the password they have here`,
          io,
        );
      } else {
        sayInvitation(
          `${user.person.email}, to join ${organization.name} as ${role}`,
          invitation,
          administration,
          io,
        );
      }
      return EXIT.ok;
    };
  },
});

const list = defineAccessCommand({
  name: 'user list',
  summary: 'the people in an organization, with their roles',
  usage: '--organization ID',
  text: 'Invited: has not opened the link yet. Operators, who are in no organization as such, are listed by: ingam user operator',
  options: ORGANIZATION_OPTION,
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const users = await administration.access.users.list(LOCAL, organization.id);
      if (values.json) printJson(io.stdout, { users: users.map(userJson) });
      else if (users.length > 0) printUsers(users, io);
      else {
        const next = `ingam user add EMAIL --organization ${organization.id} --role owner`;
        printLine(io.stderr, printable(`Nobody is in ${organization.name} yet. Its first owner: ${next}`));
      }
      return EXIT.ok;
    },
});

const role = defineAccessCommand({
  name: 'user role',
  summary: 'give a user another role in an organization',
  usage: 'EMAIL ROLE --organization ID',
  text: `Holds from the person's next request on. An organization keeps at least one owner.

Roles: ${ROLES_TEXT}.`,
  options: ORGANIZATION_OPTION,
  positionals: { min: 2, max: 2, missing: 'who, and which role?' },
  plan({ values, positionals: [email = '', text] }, io) {
    const next = parseRole(text, 'ROLE');
    return async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const { person } = await findUser(administration, organization, email);
      await administration.access.users.setRole(LOCAL, organization.id, person.id, next, HERE);
      const user = await findUser(administration, organization, person.id);
      if (values.json) printJson(io.stdout, userJson(user));
      else sayUser(user, `is ${withArticle(next)} of ${organization.name}`, io);
      return EXIT.ok;
    };
  },
});

const remove = defineAccessCommand({
  name: 'user remove',
  summary: 'take a person out of an organization',
  usage: 'EMAIL --organization ID',
  text: `Takes effect with the person's next request. Their notarizations still belong to the organization. The last
owner of an organization cannot be removed.`,
  options: ORGANIZATION_OPTION,
  positionals: WHO,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const user = await findUser(administration, organization, email);
      await administration.access.users.remove(LOCAL, organization.id, user.person.id, HERE);
      if (values.json) printJson(io.stdout, { removed: userJson(user) });
      else sayUser(user, `is not in ${organization.name} any more`, io);
      return EXIT.ok;
    },
});

const invite = defineAccessCommand({
  name: 'user invite',
  summary: 'a new link, for a lost one or a forgotten password',
  usage: 'EMAIL [--organization ID]',
  text: `Makes a new link, with which the person chooses a password; it works once, for a week, and earlier ones are void. With
--organization it is the invitation into that organization that is made anew, for somebody who has not come with it yet.

The link is on standard output. Whoever has it can become that person here: send it by a way that you trust.`,
  options: ORGANIZATION_OPTION,
  positionals: WHO,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async (administration) => {
      const { access } = administration;
      let invitation;
      if (values.organization === undefined)
        invitation = await access.people.resetPassword(LOCAL, email, HERE);
      else {
        const organization = await findOrganization(administration, values.organization);
        const { person } = await findUser(administration, organization, email);
        invitation = await access.users.inviteAgain(LOCAL, organization.id, person.id, HERE);
      }
      if (values.json) printJson(io.stdout, { invitation: invitationJson(invitation, administration) });
      else sayInvitation(email, invitation, administration, io);
      return EXIT.ok;
    },
});

function parseRole(text: string | undefined, what: string): Role {
  const found = ROLES.find((each) => each === text);
  if (found !== undefined) return found;
  const near = text === undefined ? null : closest(text, ROLES);
  throw usageError(
    text === undefined ? `which role? Give ${what} ${ROLES.join('|')}` : `there is no role ${text}`,
    near === null ? `Roles: ${ROLES_TEXT}.` : `Did you mean ${near}?`,
  );
}

function withArticle(word: Role): string {
  return `${word === 'notary' ? 'a' : 'an'} ${word}`;
}

function sayUser({ person }: OrganizationUser, what: string, io: Io): void {
  printLine(io.stderr, printable(`${person.email} ${what}.`));
}

function printUsers(users: readonly OrganizationUser[], io: Io): void {
  printTable(
    io.stdout,
    [
      { title: 'EMAIL', cell: ({ person }: OrganizationUser) => person.email },
      { title: 'ROLE', cell: (user: OrganizationUser) => user.role },
      { title: 'STATE', cell: stateOf },
      { title: 'NAME', cell: ({ person }: OrganizationUser) => person.name },
      { title: 'ADDED', cell: ({ createdAt }: OrganizationUser) => day(createdAt) },
      { title: 'ID', cell: ({ person }: OrganizationUser) => person.id },
    ],
    users,
  );
}

function stateOf({ person, acceptedAt }: OrganizationUser): string {
  if (person.disabledAt !== null) return 'disabled';
  return acceptedAt === null ? 'invited' : 'active';
}

export const userCommand = defineGroup({
  name: 'user',
  summary: 'people: who is in an organization and as what, and who operates the service',
  text: `Works on the database of a service on this machine, as its administrator; the service may run meanwhile.
docs/access.md says what users and operators may do.`,
  commands: { add, list, role, remove, invite, operator, disable, enable },
});
