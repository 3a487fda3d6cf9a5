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
import { administrationMessages } from './messages/administration.js';
import { SUMMARIES } from './summaries.js';
import { usageMessages } from './messages/usage.js';
import { inLanguage } from './language.js';

function operatorColumns(): Column<Person>[] {
  const { columns: c } = administrationMessages();
  return [
    { title: c.email, cell: ({ email }) => email },
    { title: c.state, cell: (person) => stateOf(person, person.operator) },
    { title: c.name, cell: ({ name }) => name },
    { title: c.since, cell: ({ createdAt }) => day(createdAt) },
    { title: c.id, cell: ({ id }) => id },
  ];
}

function userColumns(): Column<OrganizationUser>[] {
  const { columns: c } = administrationMessages();
  return [
    { title: c.email, cell: ({ person }) => person.email },
    { title: c.role, cell: ({ role }) => role },
    { title: c.state, cell: ({ person, acceptedAt }) => stateOf(person, acceptedAt !== null) },
    { title: c.name, cell: ({ person }) => person.name },
    { title: c.added, cell: ({ createdAt }) => day(createdAt) },
    { title: c.id, cell: ({ person }) => person.id },
  ];
}

function stateOf({ disabledAt }: Person, joined: boolean): string {
  const { states } = administrationMessages();
  if (disabledAt !== null) return states.disabled;
  return joined ? states.active : states.invited;
}

const LINK_TEXT = {
  en: `The link can be used once, within a week. A person without a password chooses one. If somebody has already signed
up with the address, which does not prove who that was, the person enters that password or replaces it; replacing it
ends all sessions. The command names the organizations that this person belongs to: whoever opens the link can act
for them too, so send it through a channel that you trust.`,
  ko: `링크는 일주일 안에 한 번 쓸 수 있습니다. 비밀번호가 없는 사람은 비밀번호를 정합니다. 이 주소로 이미 가입한 사람이
있다면(그것이 누구인지는 증명되지 않습니다) 그 비밀번호를 입력하거나 새로 정하며, 새로 정하면 모든 세션이 끝납니다.
이 사람이 속한 조직도 알려 줍니다. 링크를 여는 사람은 그 조직들도 대신할 수 있으니 믿을 수 있는 방법으로 보내세요.`,
} as const;

const TRUST_OPTION = {
  'trust-existing': {
    type: 'boolean',
    help: {
      en: 'make no link if somebody has signed up with this address: you know who it was',
      ko: '이 주소로 이미 가입한 사람이 있으면 링크를 만들지 않음: 그 사람이 누구인지 알 때',
    },
  },
} as const;

const ONE_EMAIL = { min: 1, max: 1, missing: { en: 'missing EMAIL', ko: 'EMAIL을 지정하세요' } } as const;
/** Longer than any password: an endless input is not read to its end. */
const MAX_PASSWORD_BYTES = 16 * 1024;

const operator = defineAdminCommand({
  name: 'user operator',
  summary: {
    en: 'add or remove an operator of the service, or list the operators',
    ko: '서비스의 관리자(operator)를 추가하거나 해제하고, 목록을 보여 줍니다',
  },
  usage: '[EMAIL [--password-stdin | --trust-existing | --off]]',
  text: {
    en: `Operators create organizations and read the access log. They do not see the documents of organizations.
The command prints a link with which the person becomes an operator. Without EMAIL it lists the operators.

${LINK_TEXT.en}

The database is created if it does not exist yet, so this command can run before the first start of the service.
With --password-stdin the first line of standard input becomes the first operator's password, also of a person
who has another one, and no link is printed. Nothing changes for a person who is already an operator.`,
    ko: `관리자는 조직을 만들고 접속 기록을 봅니다. 조직의 문서는 볼 수 없습니다. 이 명령은 관리자가 될 사람에게 보낼 링크를
출력합니다. EMAIL이 없으면 관리자 목록을 보여 줍니다.

${LINK_TEXT.ko}

데이터베이스가 없으면 만들기 때문에 서비스를 처음 시작하기 전에도 실행할 수 있습니다. --password-stdin을 쓰면 표준
입력의 첫 줄이 첫 관리자의 비밀번호가 되고(다른 비밀번호가 있던 사람도 마찬가지) 링크를 출력하지 않습니다. 이미
관리자인 사람은 아무것도 바뀌지 않습니다.`,
  },
  options: {
    ...TRUST_OPTION,
    'password-stdin': {
      type: 'boolean',
      help: {
        en: "read the first operator's password from standard input",
        ko: '첫 관리자의 비밀번호를 표준 입력에서 읽음',
      },
    },
    off: {
      type: 'boolean',
      help: {
        en: 'remove the operator, or void the invitation; the last operator cannot be removed',
        ko: '관리자에서 해제하거나 초대를 취소. 마지막 관리자는 해제할 수 없습니다',
      },
    },
  },
  positionals: { min: 0, max: 1 },
  makesDatabase: true,
  async plan({ values, positionals: [email] }, io): Promise<Work> {
    const { off, 'password-stdin': withPassword, 'trust-existing': trustExisting, json } = values;
    const given = (['off', 'password-stdin', 'trust-existing'] as const).filter((name) => values[name]);
    if (given.length > 1)
      throw usageError(usageMessages().notTogether(`--${given[0] ?? ''}`, `--${given[1] ?? ''}`));
    if (email === undefined) {
      if (given.length > 0) throw usageError(administrationMessages().missingEmail);
      return (administration) => listOperators(administration, json, io);
    }
    if (off) {
      return async ({ access }) => {
        const person = await access.people.removeOperator(LOCAL, email, HERE);
        return printPerson(person, 'noOperator', json, io);
      };
    }
    const password = withPassword ? await firstLine(io) : null;
    return async (administration) => {
      const { access } = administration;
      const present = (await access.people.operators(LOCAL)).find(
        (person) => person.email === normaliseEmail(email),
      );
      if (present !== undefined) return printPerson(present, 'alreadyOperator', json, io);
      return password === null
        ? addOperator(administration, email, trustExisting, json, io)
        : seedOperator(administration, email, password, json, io);
    };
  },
});

const disable = defineAdminCommand({
  name: 'user disable',
  summary: { en: 'prevent a person from signing in', ko: '로그인하지 못하게 합니다' },
  usage: 'EMAIL',
  text: {
    en: `Ends all sessions of the person. Memberships stay, and "ingam user enable" reverses the command. To remove a
person from one organization, use "ingam user remove". API keys created by the person keep working: "ingam key
list" shows who created which.`,
    ko: `그 사람의 모든 세션을 끝냅니다. 조직의 소속은 그대로이며 "ingam user enable"로 되돌릴 수 있습니다. 한 조직에서만
빼려면 "ingam user remove"를 쓰세요. 그 사람이 만든 API 키는 계속 유효합니다. 누가 만들었는지는 "ingam key list"로
볼 수 있습니다.`,
  },
  options: {},
  positionals: ONE_EMAIL,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async ({ access }) => {
      const person = await access.people.setDisabled(LOCAL, email, true, HERE);
      return printPerson(person, 'disabled', values.json, io);
    },
});

const enable = defineAdminCommand({
  name: 'user enable',
  summary: { en: 'allow a disabled person to sign in again', ko: '다시 로그인할 수 있게 합니다' },
  usage: 'EMAIL',
  text: {
    en: 'The person can sign in again with their previous password.',
    ko: '이전 비밀번호로 다시 로그인할 수 있습니다.',
  },
  options: {},
  positionals: ONE_EMAIL,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async ({ access }) => {
      const person = await access.people.setDisabled(LOCAL, email, false, HERE);
      return printPerson(person, 'enabled', values.json, io);
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
    throw new Failure('refused', administrationMessages().operatorExists, {
      exitCode: EXIT.failed,
      hint: administrationMessages().omitPassword,
    });
  }
  await access.invitations.seedOperator({ email, password });
  const person = await findPerson(administration, email);
  const others = await organizationsOf(administration, person, null);
  if (!json && others.length > 0) warnOfExisting(person, others, administrationMessages().passwordOpens, io);
  return printPerson(person, 'firstOperator', json, io);
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
    return printPerson(person, 'operator', json, io);
  } else {
    warnOfExisting(person, others, administrationMessages().keepOrReplace, io);
    printInvitation(administrationMessages().toOperate(person.email), invitation, administration, io);
  }
  return EXIT.ok;
}

async function listOperators({ access }: Administration, json: boolean, io: Io): Promise<ExitCode> {
  const none = administrationMessages().noOperator;
  const format = { name: 'operators', toJson: personJson, columns: operatorColumns(), none };
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
  const belongs =
    where === '' ? administrationMessages().inNoOther : administrationMessages().belongsTo(where);
  printNote(io, administrationMessages().signedUpBefore(email, belongs, consequence));
}

function printPerson(
  person: Person,
  change: keyof ReturnType<typeof administrationMessages>['personIs'],
  json: boolean,
  io: Io,
): ExitCode {
  if (json) printJson(io.stdout, personJson(person));
  else printNote(io, administrationMessages().personIs[change](person.email));
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
  if (line === '') throw usageError(administrationMessages().noPassword);
  return line;
}

const ROLES_TEXT = {
  en: 'owner (everything, including users and keys), notary (submit and read), auditor (read)',
  ko: 'owner(소유자: 사용자와 키를 포함한 모든 것), notary(등록 담당자: 등록과 조회), auditor(감사 담당자: 조회)',
} as const;

const add = defineAdminCommand({
  name: 'user add',
  summary: { en: 'add a person to an organization', ko: '조직에 사람을 추가합니다' },
  usage: 'EMAIL --organization ID --role ROLE [--name NAME] [--trust-existing]',
  text: {
    en: `Prints a link with which the person joins.

${LINK_TEXT.en}

Roles: ${ROLES_TEXT.en}.`,
    ko: `조직에 참여할 사람에게 보낼 링크를 출력합니다.

${LINK_TEXT.ko}

역할: ${ROLES_TEXT.ko}.`,
  },
  options: {
    ...REQUIRED_ORGANIZATION,
    role: {
      type: 'string',
      value: 'ROLE',
      help: {
        en: 'owner, notary or auditor',
        ko: 'owner(소유자), notary(등록 담당자), auditor(감사 담당자)',
      },
    },
    name: {
      type: 'string',
      value: 'NAME',
      help: {
        en: 'name of the person (default: the e-mail address)',
        ko: '사람의 이름(기본값: 이메일 주소)',
      },
    },
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
        printNote(io, administrationMessages().joined(user.person.email, role, organization.name));
      } else {
        warnOfExisting(user.person, others, administrationMessages().keepOrReplace, io);
        printInvitation(
          administrationMessages().toJoin(user.person.email, organization.name, role),
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
  summary: {
    en: 'list the users of an organization with their roles',
    ko: '조직의 사용자와 역할을 보여 줍니다',
  },
  usage: '--organization ID',
  text: {
    en: `"invited" means that the person has not opened the link yet. Operators do not belong to an organization; list
them with: ingam user operator`,
    ko: '"초대됨"은 아직 링크를 열지 않았다는 뜻입니다. 관리자는 조직에 속하지 않습니다. 관리자 목록: ingam user operator',
  },
  options: REQUIRED_ORGANIZATION,
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const users = await administration.access.users.list(LOCAL, organization.id);
      const none = administrationMessages().noUsers(organization.name, organization.id);
      const format = { name: 'users', toJson: userJson, columns: userColumns(), none };
      return printRows(users, format, values.json, io);
    },
});

const role = defineAdminCommand({
  name: 'user role',
  summary: { en: 'change the role of a user in an organization', ko: '조직에서 사용자의 역할을 바꿉니다' },
  usage: 'EMAIL ROLE --organization ID',
  text: {
    en: `Takes effect with the person's next request. The last owner keeps the role.

Roles: ${ROLES_TEXT.en}.`,
    ko: `그 사람의 다음 요청부터 적용됩니다. 마지막 소유자의 역할은 바꿀 수 없습니다.

역할: ${ROLES_TEXT.ko}.`,
  },
  options: REQUIRED_ORGANIZATION,
  positionals: { min: 2, max: 2, missing: { en: 'missing EMAIL and ROLE', ko: 'EMAIL과 ROLE을 지정하세요' } },
  plan({ values, positionals: [email = '', text] }, io) {
    const next = parseRole(text, 'ROLE');
    return async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const { person } = await findUser(administration, organization, email);
      await administration.access.users.setRole(LOCAL, organization.id, person.id, next, HERE);
      const user = await findUser(administration, organization, person.id);
      if (values.json) printJson(io.stdout, userJson(user));
      else printNote(io, administrationMessages().hasRole(user.person.email, next, organization.name));
      return EXIT.ok;
    };
  },
});

const remove = defineAdminCommand({
  name: 'user remove',
  summary: { en: 'remove a user from an organization', ko: '조직에서 사용자를 뺍니다' },
  usage: 'EMAIL --organization ID',
  text: {
    en: `Takes effect with the person's next request. Their notarizations still belong to the organization. The last
owner of an organization cannot be removed.`,
    ko: '그 사람의 다음 요청부터 적용됩니다. 등록한 것은 계속 조직의 것입니다. 마지막 소유자는 뺄 수 없습니다.',
  },
  options: REQUIRED_ORGANIZATION,
  positionals: ONE_EMAIL,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const user = await findUser(administration, organization, email);
      await administration.access.users.remove(LOCAL, organization.id, user.person.id, HERE);
      if (values.json) printJson(io.stdout, { removed: userJson(user) });
      else printNote(io, administrationMessages().userRemoved(user.person.email, organization.name));
      return EXIT.ok;
    },
});

const invite = defineAdminCommand({
  name: 'user invite',
  summary: {
    en: 'create a new link, for a lost link or a forgotten password',
    ko: '링크를 잃어버리거나 비밀번호를 잊은 사람에게 줄 새 링크를 만듭니다',
  },
  usage: 'EMAIL [--organization ID]',
  text: {
    en: `Prints a new link with which the person sets a new password, which ends all their sessions. It can be used once,
within a week; earlier links become invalid. With --organization it renews an invitation to that organization that
has not been accepted yet.

Anyone who has the link can sign in as that person, for all organizations to which the person belongs: send it
through a channel that you trust.`,
    ko: `새 비밀번호를 정할 수 있는 링크를 출력합니다. 비밀번호를 정하면 그 사람의 모든 세션이 끝납니다. 링크는 일주일 안에
한 번 쓸 수 있고 이전 링크는 무효가 됩니다. --organization을 쓰면 아직 수락하지 않은 그 조직의 초대를 새로 만듭니다.

링크를 가진 사람은 누구든지 그 사람으로 로그인해 그 사람이 속한 모든 조직을 대신할 수 있으니, 믿을 수 있는 방법으로
보내세요.`,
  },
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
        if (others.length > 0) warnOfExisting(person, others, administrationMessages().replace, io);
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
    text === undefined
      ? administrationMessages().missingRole(argument, ROLES.join('|'))
      : administrationMessages().unknownRole(text),
    near === null
      ? administrationMessages().roles(inLanguage(ROLES_TEXT))
      : administrationMessages().meantRole(near),
  );
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
  summary: SUMMARIES.user,
  text: {
    en: `Works directly on the database of a service on this machine. The service may be running.
docs/access.md explains what users and operators may do.`,
    ko: `이 컴퓨터에 있는 서비스의 데이터베이스에서 바로 처리합니다. 서비스가 실행 중이어도 됩니다.
사용자와 관리자가 할 수 있는 일은 docs/access.md에 있습니다.`,
  },
  commands: { add, list, role, remove, invite, operator, disable, enable },
});
