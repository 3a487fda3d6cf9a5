import { ROLES, type Role } from '../../store/access/types.js';
import type { AccountUser } from '../../store/index.js';
import { defineGroup } from '../command-group.js';
import { usageError } from '../failure.js';
import { closest } from '../input/closest.js';
import { EXIT, printJson, printLine, type Io } from '../io.js';
import { printTable } from '../output/table.js';
import { printable } from '../output/text.js';
import { defineAccessCommand } from './access-command.js';
import { HERE, LOCAL } from './here.js';
import { invitationJson, sayInvitation } from './invitation.js';
import { disable, enable, operator } from './person.js';
import { ACCOUNT_OPTION, findAccount, findUser } from './references.js';
import { day, userJson } from './shown.js';

const WHO = { min: 1, max: 1, missing: 'who? Give an e-mail address' } as const;
const ROLES_TEXT = `owner (everything, users and keys too), notary (submits and reads), auditor (reads)`;

const add = defineAccessCommand({
  name: 'user add',
  summary: 'add a person to an account',
  usage: 'EMAIL --account ID --role ROLE [--name NAME]',
  text: `The person takes part once they have opened the link that is on standard output, and chosen a password there. It works
once, for a week. Somebody who has a password here already is in at once, and there is no link.

Roles: ${ROLES_TEXT}.`,
  options: {
    ...ACCOUNT_OPTION,
    role: { type: 'string', value: 'ROLE', help: 'owner, notary or auditor' },
    name: { type: 'string', value: 'NAME', help: 'how the person is called (default: the e-mail address)' },
  },
  positionals: WHO,
  plan({ values, positionals: [email = ''] }, io) {
    const role = parseRole(values.role, '--role');
    return async (administration) => {
      const account = await findAccount(administration, values.account);
      const input = { email, name: values.name ?? email, role };
      const { user, invitation } = await administration.access.addUser(LOCAL, account.id, input, HERE);
      if (values.json) {
        printJson(io.stdout, {
          user: userJson(user),
          invitation: invitationJson(invitation, administration),
        });
      } else if (invitation === null) {
        sayUser(user, `is ${withArticle(role)} of ${account.name}, with the password they have here`, io);
      } else {
        sayInvitation(
          `${user.person.email}, to join ${account.name} as ${role}`,
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
  summary: 'the people in an account, with their roles',
  usage: '--account ID',
  text: 'Invited: has not opened the link yet. Operators, who are in no account as such, are listed by: ingam user operator',
  options: ACCOUNT_OPTION,
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const account = await findAccount(administration, values.account);
      const users = await administration.access.users(LOCAL, account.id);
      if (values.json) printJson(io.stdout, { users: users.map(userJson) });
      else if (users.length > 0) printUsers(users, io);
      else {
        const next = `ingam user add EMAIL --account ${account.id} --role owner`;
        printLine(io.stderr, printable(`Nobody is in ${account.name} yet. Its first owner: ${next}`));
      }
      return EXIT.ok;
    },
});

const role = defineAccessCommand({
  name: 'user role',
  summary: 'give a user another role in an account',
  usage: 'EMAIL ROLE --account ID',
  text: `Holds from the person's next request on. An account keeps at least one owner.

Roles: ${ROLES_TEXT}.`,
  options: ACCOUNT_OPTION,
  positionals: { min: 2, max: 2, missing: 'who, and which role?' },
  plan({ values, positionals: [email = '', text] }, io) {
    const next = parseRole(text, 'ROLE');
    return async (administration) => {
      const account = await findAccount(administration, values.account);
      const { person } = await findUser(administration, account, email);
      await administration.access.setRole(LOCAL, account.id, person.id, next, HERE);
      const user = await findUser(administration, account, person.id);
      if (values.json) printJson(io.stdout, userJson(user));
      else sayUser(user, `is ${withArticle(next)} of ${account.name}`, io);
      return EXIT.ok;
    };
  },
});

const remove = defineAccessCommand({
  name: 'user remove',
  summary: 'take a person out of an account',
  usage: 'EMAIL --account ID',
  text: `Holds from the person's next request on. What they have notarized stays the account's. An account keeps at least one
owner.`,
  options: ACCOUNT_OPTION,
  positionals: WHO,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async (administration) => {
      const account = await findAccount(administration, values.account);
      const user = await findUser(administration, account, email);
      await administration.access.removeUser(LOCAL, account.id, user.person.id, HERE);
      if (values.json) printJson(io.stdout, { removed: userJson(user) });
      else sayUser(user, `is not in ${account.name} any more`, io);
      return EXIT.ok;
    },
});

const invite = defineAccessCommand({
  name: 'user invite',
  summary: 'a new link, for a lost one or a forgotten password',
  usage: 'EMAIL [--account ID]',
  text: `Makes a new link, with which the person chooses a password; it works once, for a week, and earlier ones are void. With
--account it is the invitation into that account that is made anew, for somebody who has not come with it yet.

The link is on standard output. Whoever has it can become that person here: send it by a way that you trust.`,
  options: ACCOUNT_OPTION,
  positionals: WHO,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async (administration) => {
      const { access } = administration;
      let invitation;
      if (values.account === undefined) invitation = await access.resetPassword(LOCAL, email, HERE);
      else {
        const account = await findAccount(administration, values.account);
        const { person } = await findUser(administration, account, email);
        invitation = await access.inviteAgain(LOCAL, account.id, person.id, HERE);
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

function sayUser({ person }: AccountUser, what: string, io: Io): void {
  printLine(io.stderr, printable(`${person.email} ${what}.`));
}

function printUsers(users: readonly AccountUser[], io: Io): void {
  printTable(
    io.stdout,
    [
      { title: 'EMAIL', cell: ({ person }: AccountUser) => person.email },
      { title: 'ROLE', cell: (user: AccountUser) => user.role },
      { title: 'STATE', cell: stateOf },
      { title: 'NAME', cell: ({ person }: AccountUser) => person.name },
      { title: 'ADDED', cell: ({ createdAt }: AccountUser) => day(createdAt) },
      { title: 'ID', cell: ({ person }: AccountUser) => person.id },
    ],
    users,
  );
}

function stateOf({ person, acceptedAt }: AccountUser): string {
  if (person.disabledAt !== null) return 'disabled';
  return acceptedAt === null ? 'invited' : 'active';
}

export const userCommand = defineGroup({
  name: 'user',
  summary: 'people: who is in an account and as what, and who operates the service',
  text: `Works on the database of a service on this machine, as its administrator; the service may run meanwhile.
docs/access.md says what users and operators may do.`,
  commands: { add, list, role, remove, invite, operator, disable, enable },
});
