import { normaliseEmail } from '../../auth/values.js';
import { LOCAL } from '../../auth/policy.js';
import type { Person } from '../../store/index.js';
import {
  type Administration,
  day,
  defineAdminCommand,
  findPerson,
  HERE,
  invitationJson,
  printInvitation,
  printRows,
  timeOrNull,
  type Work,
} from '../admin-command.js';
import { Failure, usageError } from '../failure.js';
import { type Column, EXIT, type ExitCode, type Io, isoTime, printJson, printNote } from '../io.js';
import { administrationMessages } from '../messages/administration.js';
import { usageMessages } from '../messages/usage.js';
import { LINK_TEXT, ONE_EMAIL, organizationsOf, stateOf, TRUST_OPTION, warnOfExisting } from './shared.js';

/** The commands about a person: operators, and who may sign in. */

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

/** Longer than any password: an endless input is not read to its end. */
const MAX_PASSWORD_BYTES = 16 * 1024;

export const operator = defineAdminCommand({
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

export const disable = defineAdminCommand({
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

export const enable = defineAdminCommand({
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
