import { normaliseEmail } from '../auth/values.js';
import { LOCAL } from '../auth/policy.js';
import { type Role, ROLES } from '../store/auth/model.js';
import type { OrganizationUser, Person } from '../store/index.js';
import {
  ORGANIZATION_OPTION,
  REQUIRED_ORGANIZATION,
  day,
  defineAdminCommand,
  findOrganization,
  findPerson,
  findUser,
  HERE,
  invitationJson,
  printInvitation,
  printRows,
  timeOrNull,
  type Work,
  type Administration,
} from './admin-command.js';
import { closest } from './arguments.js';
import { defineGroup } from './command.js';
import { Failure, usageError } from './failure.js';
import { type Column, EXIT, type ExitCode, type Io, isoTime, printJson, printNote } from './io.js';

const OPERATOR_COLUMNS: readonly Column<Person>[] = [
  { title: 'EMAIL', cell: ({ email }) => email },
  { title: 'STATE', cell: (person) => stateOf(person, person.operator) },
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'SINCE', cell: ({ createdAt }) => day(createdAt) },
  { title: 'ID', cell: ({ id }) => id },
];

const USER_COLUMNS: readonly Column<OrganizationUser>[] = [
  { title: 'EMAIL', cell: ({ person }) => person.email },
  { title: 'ROLE', cell: ({ role }) => role },
  { title: 'STATE', cell: ({ person, acceptedAt }) => stateOf(person, acceptedAt !== null) },
  { title: 'NAME', cell: ({ person }) => person.name },
  { title: 'ADDED', cell: ({ createdAt }) => day(createdAt) },
  { title: 'ID', cell: ({ person }) => person.id },
];

function stateOf({ disabledAt }: Person, joined: boolean): string {
  if (disabledAt !== null) return 'disabled';
  return joined ? 'active' : 'invited';
}

const LINK_TEXT = `The link can be used once, within a week. A person without a password chooses one. If somebody has already signed
up with the address, which does not prove who that was, the person enters that password or replaces it; replacing it
ends all sessions. The command names the organizations that this person belongs to: whoever opens the link can act
for them too, so send it through a channel that you trust.`;

const TRUST_OPTION = {
  'trust-existing': {
    type: 'boolean',
    help: 'make no link if somebody has signed up with this address: you know who it was',
  },
} as const;

const ONE_EMAIL = { min: 1, max: 1, missing: 'missing EMAIL' } as const;
/** Longer than any password: an endless input is not read to its end. */
const MAX_PASSWORD_BYTES = 16 * 1024;

const operator = defineAdminCommand({
  name: 'user operator',
  summary: 'add or remove an operator of the service, or list the operators',
  usage: '[EMAIL [--password-stdin | --trust-existing | --off]]',
  text: `Operators create organizations and read the access log. They do not see the documents of organizations.
The command prints a link with which the person becomes an operator. Without EMAIL it lists the operators.

${LINK_TEXT}

The database is created if it does not exist yet, so this command can run before the first start of the service.
With --password-stdin the first line of standard input becomes the first operator's password, also of a person
who has another one, and no link is printed. Nothing changes for a person who is already an operator.`,
  options: {
    ...TRUST_OPTION,
    'password-stdin': {
      type: 'boolean',
      help: "read the first operator's password from standard input",
    },
    off: {
      type: 'boolean',
      help: 'remove the operator, or void the invitation; the last operator cannot be removed',
    },
  },
  positionals: { min: 0, max: 1 },
  makesDatabase: true,
  async plan({ values, positionals: [email] }, io): Promise<Work> {
    const { off, 'password-stdin': withPassword, 'trust-existing': trustExisting, json } = values;
    const given = (['off', 'password-stdin', 'trust-existing'] as const).filter((name) => values[name]);
    if (given.length > 1) throw usageError(`--${given.join(' and --')} cannot be used together`);
    if (email === undefined) {
      if (given.length > 0) throw usageError('missing EMAIL');
      return (administration) => listOperators(administration, json, io);
    }
    if (off) {
      return async ({ access }) => {
        const person = await access.people.removeOperator(LOCAL, email, HERE);
        return printPerson(person, 'is no longer an operator', json, io);
      };
    }
    const password = withPassword ? await firstLine(io) : null;
    return async (administration) => {
      const { access } = administration;
      const present = (await access.people.operators(LOCAL)).find(
        (person) => person.email === normaliseEmail(email),
      );
      if (present !== undefined) return printPerson(present, 'is already an operator', json, io);
      return password === null
        ? addOperator(administration, email, trustExisting, json, io)
        : seedOperator(administration, email, password, json, io);
    };
  },
});

const disable = defineAdminCommand({
  name: 'user disable',
  summary: 'prevent a person from signing in',
  usage: 'EMAIL',
  text: `Ends all sessions of the person. Memberships stay, and "ingam user enable" reverses the command. To remove a
person from one organization, use "ingam user remove". API keys created by the person keep working: "ingam key
list" shows who created which.`,
  options: {},
  positionals: ONE_EMAIL,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async ({ access }) => {
      const person = await access.people.setDisabled(LOCAL, email, true, HERE);
      return printPerson(person, 'can no longer sign in', values.json, io);
    },
});

const enable = defineAdminCommand({
  name: 'user enable',
  summary: 'allow a disabled person to sign in again',
  usage: 'EMAIL',
  text: 'The person can sign in again with their previous password.',
  options: {},
  positionals: ONE_EMAIL,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async ({ access }) => {
      const person = await access.people.setDisabled(LOCAL, email, false, HERE);
      return printPerson(person, 'can sign in again', values.json, io);
    },
});

async function seedOperator(
  administration: Administration,
  email: string,
  password: string,
  json: boolean,
  io: Io,
): Promise<ExitCode> {
  const { access } = administration;
  if ((await access.people.operators(LOCAL)).length > 0) {
    throw new Failure(
      'refused',
      'there is already an operator: --password-stdin works only for the first one',
      {
        exitCode: EXIT.failed,
        hint: 'Omit --password-stdin to get a link with which the new operator chooses a password.',
      },
    );
  }
  await access.invitations.seedOperator({ email, password });
  const person = await findPerson(administration, email);
  const others = await organizationsOf(administration, person, null);
  if (!json && others.length > 0)
    warnOfExisting(person, others, 'The password now opens these organizations too.', io);
  return printPerson(person, 'is the first operator', json, io);
}

async function addOperator(
  administration: Administration,
  email: string,
  trustExisting: boolean,
  json: boolean,
  io: Io,
): Promise<ExitCode> {
  const { people } = administration.access;
  const { person, invitation } = await people.addOperator(LOCAL, email, HERE, { trustExisting });
  const others = await organizationsOf(administration, person, null);
  if (json) {
    printJson(io.stdout, {
      person: personJson(person),
      otherOrganizations: others,
      invitation: invitationJson(invitation, administration),
    });
  } else if (invitation === null) {
    return printPerson(person, 'is now an operator and signs in with their existing password', json, io);
  } else {
    warnOfExisting(person, others, KEEP_OR_REPLACE, io);
    printInvitation(`${person.email}, to operate the service`, invitation, administration, io);
  }
  return EXIT.ok;
}

async function listOperators({ access }: Administration, json: boolean, io: Io): Promise<ExitCode> {
  const none = 'There is no operator yet. Add one: ingam user operator EMAIL';
  const format = { name: 'operators', toJson: personJson, columns: OPERATOR_COLUMNS, none };
  const invited = await access.people.invitedOperators(LOCAL);
  return printRows([...(await access.people.operators(LOCAL)), ...invited], format, json, io);
}

interface OrganizationName {
  readonly id: string;
  readonly name: string;
}

/** The organizations that the person acts for, but for one. */
async function organizationsOf(
  { store }: Administration,
  person: Person,
  except: string | null,
): Promise<OrganizationName[]> {
  const memberships = await store.memberships(person.id);
  return memberships
    .filter(({ organization }) => organization.id !== except)
    .map(({ organization: { id, name } }) => ({ id, name }));
}

/** What the administrator should know about an address that somebody has signed up with. */
function warnOfExisting(
  { email, passwordHash }: Person,
  others: readonly OrganizationName[],
  consequence: string,
  io: Io,
): void {
  if (passwordHash === null) return;
  const where = others.map(({ id, name }) => `${name} (${id})`).join(', ');
  const belongs = where === '' ? 'belongs to no other organization' : `belongs to: ${where}`;
  printNote(io, `Somebody has signed up as ${email} before, and ${belongs}. ${consequence}`);
}

const KEEP_OR_REPLACE =
  'Whoever opens the link enters the password of this address or replaces it, and then acts for all of these ' +
  'organizations. Replacing it ends all sessions.';
const REPLACE =
  'Whoever opens the link replaces the password of this address, which ends all sessions, and then acts for all ' +
  'of these organizations.';

function printPerson(person: Person, change: string, json: boolean, io: Io): ExitCode {
  if (json) printJson(io.stdout, personJson(person));
  else printNote(io, `${person.email} ${change}.`);
  return EXIT.ok;
}

/** Passwords are never arguments: those are visible in the shell history and the process list. */
async function firstLine({ stdin }: Io): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    chunks.push(chunk);
    length += chunk.length;
    if (chunk.includes(0x0a) || length > MAX_PASSWORD_BYTES) break;
  }
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/);
  if (line === '') throw usageError('no password on standard input');
  return line;
}

const ROLES_TEXT = `owner (everything, including users and keys), notary (submit and read), auditor (read)`;

const add = defineAdminCommand({
  name: 'user add',
  summary: 'add a person to an organization',
  usage: 'EMAIL --organization ID --role ROLE [--name NAME] [--trust-existing]',
  text: `Prints a link with which the person joins.

${LINK_TEXT}

Roles: ${ROLES_TEXT}.`,
  options: {
    ...REQUIRED_ORGANIZATION,
    role: { type: 'string', value: 'ROLE', help: 'owner, notary or auditor' },
    name: { type: 'string', value: 'NAME', help: 'name of the person (default: the e-mail address)' },
    ...TRUST_OPTION,
  },
  positionals: ONE_EMAIL,
  plan({ values, positionals: [email = ''] }, io) {
    const role = parseRole(values.role, '--role');
    return async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const trustExisting = values['trust-existing'];
      const input = { email, name: values.name ?? email, role, trustExisting };
      const { user, invitation } = await administration.access.users.add(LOCAL, organization.id, input, HERE);
      const others = await organizationsOf(administration, user.person, organization.id);
      if (values.json) {
        printJson(io.stdout, {
          user: userJson(user),
          otherOrganizations: others,
          invitation: invitationJson(invitation, administration),
        });
      } else if (invitation === null) {
        printNote(
          io,
          `${user.person.email} is now ${withArticle(role)} of ${organization.name} and signs in with their existing password.`,
        );
      } else {
        warnOfExisting(user.person, others, KEEP_OR_REPLACE, io);
        printInvitation(
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

const list = defineAdminCommand({
  name: 'user list',
  summary: 'list the users of an organization with their roles',
  usage: '--organization ID',
  text: `"invited" means that the person has not opened the link yet. Operators do not belong to an organization; list
them with: ingam user operator`,
  options: REQUIRED_ORGANIZATION,
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const users = await administration.access.users.list(LOCAL, organization.id);
      const none = `${organization.name} has no users yet. Add its first owner: ingam user add EMAIL --organization ${organization.id} --role owner`;
      const format = { name: 'users', toJson: userJson, columns: USER_COLUMNS, none };
      return printRows(users, format, values.json, io);
    },
});

const role = defineAdminCommand({
  name: 'user role',
  summary: 'change the role of a user in an organization',
  usage: 'EMAIL ROLE --organization ID',
  text: `Takes effect with the person's next request. The last owner keeps the role.

Roles: ${ROLES_TEXT}.`,
  options: REQUIRED_ORGANIZATION,
  positionals: { min: 2, max: 2, missing: 'missing EMAIL and ROLE' },
  plan({ values, positionals: [email = '', text] }, io) {
    const next = parseRole(text, 'ROLE');
    return async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const { person } = await findUser(administration, organization, email);
      await administration.access.users.setRole(LOCAL, organization.id, person.id, next, HERE);
      const user = await findUser(administration, organization, person.id);
      if (values.json) printJson(io.stdout, userJson(user));
      else printNote(io, `${user.person.email} is now ${withArticle(next)} of ${organization.name}.`);
      return EXIT.ok;
    };
  },
});

const remove = defineAdminCommand({
  name: 'user remove',
  summary: 'remove a user from an organization',
  usage: 'EMAIL --organization ID',
  text: `Takes effect with the person's next request. Their notarizations still belong to the organization. The last
owner of an organization cannot be removed.`,
  options: REQUIRED_ORGANIZATION,
  positionals: ONE_EMAIL,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const user = await findUser(administration, organization, email);
      await administration.access.users.remove(LOCAL, organization.id, user.person.id, HERE);
      if (values.json) printJson(io.stdout, { removed: userJson(user) });
      else printNote(io, `${user.person.email} is no longer in ${organization.name}.`);
      return EXIT.ok;
    },
});

const invite = defineAdminCommand({
  name: 'user invite',
  summary: 'create a new link, for a lost link or a forgotten password',
  usage: 'EMAIL [--organization ID]',
  text: `Prints a new link with which the person sets a new password, which ends all their sessions. It can be used once,
within a week; earlier links become invalid. With --organization it renews an invitation to that organization that
has not been accepted yet.

Anyone who has the link can sign in as that person, for all organizations to which the person belongs: send it
through a channel that you trust.`,
  options: ORGANIZATION_OPTION,
  positionals: ONE_EMAIL,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async (administration) => {
      const { access } = administration;
      let person;
      let invitation;
      if (values.organization === undefined) {
        person = await findPerson(administration, email);
        invitation = await access.people.resetPassword(LOCAL, person.id, HERE);
      } else {
        const organization = await findOrganization(administration, values.organization);
        ({ person } = await findUser(administration, organization, email));
        invitation = await access.users.inviteAgain(LOCAL, organization.id, person.id, HERE);
      }
      const others = await organizationsOf(administration, person, values.organization ?? null);
      if (values.json) {
        const made = invitationJson(invitation, administration);
        printJson(io.stdout, { otherOrganizations: others, invitation: made });
      } else {
        if (others.length > 0) warnOfExisting(person, others, REPLACE, io);
        printInvitation(person.email, invitation, administration, io);
      }
      return EXIT.ok;
    },
});

function parseRole(text: string | undefined, argument: string): Role {
  const found = ROLES.find((each) => each === text);
  if (found !== undefined) return found;
  const near = text === undefined ? null : closest(text, ROLES);
  throw usageError(
    text === undefined ? `missing ${argument}: ${ROLES.join('|')}` : `unknown role: ${text}`,
    near === null ? `Roles: ${ROLES_TEXT}.` : `Did you mean ${near}?`,
  );
}

function withArticle(word: Role): string {
  return `${word === 'notary' ? 'a' : 'an'} ${word}`;
}

function personJson({ id, email, name, operator, passwordHash, createdAt, disabledAt }: Person) {
  return {
    id,
    email,
    name,
    operator,
    hasPassword: passwordHash !== null,
    createdAt: isoTime(createdAt),
    disabledAt: timeOrNull(disabledAt),
  };
}

function userJson({ person, role, createdAt, acceptedAt }: OrganizationUser) {
  return {
    id: person.id,
    email: person.email,
    name: person.name,
    role,
    createdAt: isoTime(createdAt),
    acceptedAt: timeOrNull(acceptedAt),
    disabledAt: timeOrNull(person.disabledAt),
  };
}

export const userCommand = defineGroup({
  name: 'user',
  summary: 'manage the users of organizations, and operators',
  text: `Works directly on the database of a service on this machine. The service may be running.
docs/access.md explains what users and operators may do.`,
  commands: { add, list, role, remove, invite, operator, disable, enable },
});
