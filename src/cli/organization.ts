import { LOCAL } from '../auth/policy.js';
import type { Organization } from '../store/index.js';
import { defineGroup } from './command.js';
import { usageError } from './failure.js';
import {
  type Column,
  EXIT,
  type ExitCode,
  formatBytes,
  type Io,
  isoTime,
  printJson,
  printLine,
  printNote,
  printTable,
} from './io.js';
import {
  defineAdminCommand,
  HERE,
  LIMIT_OPTIONS,
  limitsGiven,
  NO_LIMITS,
  printRows,
  timeOrNull,
  findOrganization,
  day,
  type Administration,
} from './admin-command.js';
import { administrationMessages } from './messages/administration.js';
import { SUMMARIES } from './summaries.js';

const PAGE = 1000;
const ONE_ID = {
  min: 1,
  max: 1,
  missing: {
    en: 'missing ID; "ingam organization list" shows the ids',
    ko: 'ID를 지정하세요. "ingam organization list"로 볼 수 있습니다',
  },
} as const;

const limitOf = (value: number | null) => (value === null ? '-' : String(value));

function columns(): Column<Organization>[] {
  const { columns: c, states } = administrationMessages();
  return [
    { title: c.id, cell: ({ id }) => id },
    { title: c.name, cell: ({ name }) => name },
    { title: c.state, cell: ({ disabledAt }) => (disabledAt === null ? states.active : states.disabled) },
    { title: c.created, cell: ({ createdAt }) => day(createdAt) },
    { title: c.requests, right: true, cell: ({ limits }) => limitOf(limits.requestsPerMinute) },
    { title: c.digests, right: true, cell: ({ limits }) => limitOf(limits.digestsPerDay) },
    {
      title: c.bytes,
      right: true,
      cell: ({ limits: { bytesPerDay } }) => (bytesPerDay === null ? '-' : formatBytes(bytesPerDay)),
    },
  ];
}

const create = defineAdminCommand({
  name: 'organization create',
  summary: { en: 'create an organization', ko: '조직을 만듭니다' },
  usage: 'NAME [--requests-per-minute N] [--digests-per-day N] [--bytes-per-day N]',
  text: {
    en: 'Creates an organization and writes its id to standard output.',
    ko: '조직을 만들고 ID를 표준 출력에 씁니다.',
  },
  options: LIMIT_OPTIONS,
  positionals: { min: 1, max: 1, missing: { en: 'missing NAME', ko: 'NAME을 지정하세요' } },
  plan({ values, positionals: [name = ''] }, io) {
    const limits = { ...NO_LIMITS, ...limitsGiven(values) };
    return async ({ access }) => {
      const organization = await access.organizations.create(LOCAL, { name, limits }, HERE);
      if (values.json) printJson(io.stdout, organizationJson(organization));
      else {
        printLine(io.stdout, organization.id);
        const next = `ingam user add EMAIL --organization ${organization.id} --role owner`;
        printNote(io, administrationMessages().organizationCreated(organization.name, next));
      }
      return EXIT.ok;
    };
  },
});

const list = defineAdminCommand({
  name: 'organization list',
  summary: {
    en: 'list all organizations with their ids and limits',
    ko: '모든 조직을 ID, 한도와 함께 보여 줍니다',
  },
  usage: '',
  text: { en: 'Writes a table to standard output.', ko: '표를 표준 출력에 씁니다.' },
  options: {},
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const none = administrationMessages().noOrganizations;
      const format = { name: 'organizations', toJson: organizationJson, columns: columns(), none };
      return printRows(await allOrganizations(administration), format, values.json, io);
    },
});

const show = defineAdminCommand({
  name: 'organization show',
  summary: { en: 'show an organization', ko: '조직을 보여 줍니다' },
  usage: 'ID',
  text: {
    en: 'Shows an organization with the number of its users and active API keys.',
    ko: '조직과 그 사용자 수, 사용 중인 API 키의 수를 보여 줍니다.',
  },
  options: {},
  positionals: ONE_ID,
  plan:
    ({ values, positionals: [id = ''] }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, id);
      const { access } = administration;
      const users = (await access.users.list(LOCAL, organization.id)).length;
      const now = Date.now();
      const keys = (await access.keys.list(LOCAL, organization.id)).filter(
        ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt > now),
      ).length;
      if (values.json) printJson(io.stdout, { ...organizationJson(organization), users, keys });
      else {
        printTable(io.stdout, columns(), [organization]);
        printNote(io, administrationMessages().counts(users, keys));
      }
      return EXIT.ok;
    },
});

const limits = defineAdminCommand({
  name: 'organization limits',
  summary: { en: 'show or set the limits of an organization', ko: '조직의 한도를 보거나 정합니다' },
  usage: 'ID [--requests-per-minute N] [--digests-per-day N] [--bytes-per-day N]',
  text: {
    en: `Sets the given limits; "none" removes a limit. Without options it shows them. What was already used today counts.`,
    ko: `지정한 한도를 정합니다. "none"은 한도를 없앱니다. 옵션이 없으면 한도를 보여 줍니다. 오늘 이미 쓴 양도 계산에
들어갑니다.`,
  },
  options: LIMIT_OPTIONS,
  positionals: ONE_ID,
  plan({ values, positionals: [id = ''] }, io) {
    const given = limitsGiven(values);
    return (administration) =>
      Object.keys(given).length === 0
        ? printOne(administration, id, values.json, io)
        : change(administration, id, { limits: given }, values.json, io);
  },
});

const rename = defineAdminCommand({
  name: 'organization rename',
  summary: {
    en: 'rename an organization; its id does not change',
    ko: '조직의 이름을 바꿉니다. ID는 그대로입니다',
  },
  usage: 'ID NAME',
  text: {
    en: 'Proofs and the register refer to organizations by id only.',
    ko: '증명과 등록 내역은 조직을 ID로만 가리킵니다.',
  },
  options: {},
  positionals: { min: 2, max: 2, missing: { en: 'missing ID and NAME', ko: 'ID와 NAME을 지정하세요' } },
  plan:
    ({ values, positionals: [id = '', name = ''] }, io) =>
    (administration) =>
      change(administration, id, { name }, values.json, io),
});

const disable = defineAdminCommand({
  name: 'organization disable',
  summary: { en: 'disable an organization', ko: '조직의 사용을 중지합니다' },
  usage: 'ID',
  text: {
    en: `From the next request on, its users and API keys cannot act for it. Its notarizations are kept and its proofs
remain valid. "ingam organization enable" reverses the command.`,
    ko: `다음 요청부터 조직의 사용자와 API 키가 조직을 대신해 아무것도 할 수 없습니다. 등록은 보관되고 증명은 유효합니다.
"ingam organization enable"로 되돌릴 수 있습니다.`,
  },
  options: {},
  positionals: ONE_ID,
  plan:
    ({ values, positionals: [id = ''] }, io) =>
    (administration) =>
      change(administration, id, { disabled: true }, values.json, io),
});

const enable = defineAdminCommand({
  name: 'organization enable',
  summary: { en: 'enable a disabled organization', ko: '사용이 중지된 조직을 다시 사용합니다' },
  usage: 'ID',
  text: {
    en: 'Its users and API keys work again as before.',
    ko: '조직의 사용자와 API 키를 이전처럼 다시 쓸 수 있습니다.',
  },
  options: {},
  positionals: ONE_ID,
  plan:
    ({ values, positionals: [id = ''] }, io) =>
    (administration) =>
      change(administration, id, { disabled: false }, values.json, io),
});

const passkeys = defineAdminCommand({
  name: 'organization passkeys',
  summary: {
    en: 'stop requiring passkeys of an organization’s users',
    ko: '조직의 사용자에게 패스키를 더 이상 요구하지 않습니다',
  },
  usage: 'ID --off',
  text: {
    en: `For the day when no owner has a passkey any more: passwords sign in again. An owner who is signed in with a passkey
requires them on the page.`,
    ko: `패스키를 가진 소유자가 아무도 없을 때 씁니다. 다시 비밀번호로 로그인할 수 있습니다. 패스키를 필수로 하는 것은 패스키로
로그인한 소유자가 웹 페이지에서 합니다.`,
  },
  options: { off: { type: 'boolean', help: { en: 'no longer required', ko: '더 이상 요구하지 않음' } } },
  positionals: ONE_ID,
  plan({ values, positionals: [id = ''] }, io) {
    if (!values.off) throw usageError(administrationMessages().passkeysOff);
    return async (administration) => {
      const { access } = administration;
      const { id: found } = await findOrganization(administration, id);
      await access.organizations.requirePasskeys(LOCAL, found, false, HERE);
      return printOne(administration, found, values.json, io);
    };
  },
});

type Change = Parameters<Administration['access']['organizations']['update']>[2];

async function change(
  administration: Administration,
  id: string,
  to: Change,
  json: boolean,
  io: Io,
): Promise<ExitCode> {
  const organization = await findOrganization(administration, id);
  await administration.access.organizations.update(LOCAL, organization.id, to, HERE);
  return printOne(administration, organization.id, json, io);
}

async function printOne(
  administration: Administration,
  id: string,
  json: boolean,
  io: Io,
): Promise<ExitCode> {
  const organization = await findOrganization(administration, id);
  if (json) printJson(io.stdout, organizationJson(organization));
  else printTable(io.stdout, columns(), [organization]);
  return EXIT.ok;
}

async function allOrganizations({ access }: Administration): Promise<Organization[]> {
  const all: Organization[] = [];
  for (;;) {
    const after = all.at(-1)?.id;
    const page = await access.organizations.list(LOCAL, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

function organizationJson({ id, name, createdAt, disabledAt, limits, requiresPasskey }: Organization) {
  return {
    ...{ id, name, createdAt: isoTime(createdAt), disabledAt: timeOrNull(disabledAt), limits },
    requiresPasskey,
  };
}

export const organizationCommand = defineGroup({
  name: 'organization',
  summary: SUMMARIES.organization,
  text: {
    en: `Works directly on the database of a service on this machine. The service may be running.
docs/access.md explains organizations.`,
    ko: `이 컴퓨터에 있는 서비스의 데이터베이스에서 바로 처리합니다. 서비스가 실행 중이어도 됩니다.
조직에 대한 설명은 docs/access.md에 있습니다.`,
  },
  commands: { create, list, show, limits, rename, passkeys, disable, enable },
});
