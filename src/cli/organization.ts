import { LOCAL } from '../auth/policy.js';
import type { Organization } from '../store/index.js';
import { defineGroup } from './command.js';
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

const PAGE = 1000;
const ONE_ID = {
  min: 1,
  max: 1,
  missing: 'missing ID; "ingam organization list" shows the ids',
} as const;

const limitOf = (value: number | null) => (value === null ? '-' : String(value));

const COLUMNS: readonly Column<Organization>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'STATE', cell: ({ disabledAt }) => (disabledAt === null ? 'active' : 'disabled') },
  { title: 'CREATED', cell: ({ createdAt }) => day(createdAt) },
  { title: 'REQUESTS/MIN', right: true, cell: ({ limits }) => limitOf(limits.requestsPerMinute) },
  { title: 'DIGESTS/DAY', right: true, cell: ({ limits }) => limitOf(limits.digestsPerDay) },
  {
    title: 'BYTES/DAY',
    right: true,
    cell: ({ limits: { bytesPerDay } }) => (bytesPerDay === null ? '-' : formatBytes(bytesPerDay)),
  },
];

const create = defineAdminCommand({
  name: 'organization create',
  summary: 'create an organization',
  usage: 'NAME [--requests-per-minute N] [--digests-per-day N] [--bytes-per-day N]',
  text: 'Creates an organization and writes its id to standard output.',
  options: LIMIT_OPTIONS,
  positionals: { min: 1, max: 1, missing: 'missing NAME' },
  plan({ values, positionals: [name = ''] }, io) {
    const limits = { ...NO_LIMITS, ...limitsGiven(values) };
    return async ({ access }) => {
      const organization = await access.organizations.create(LOCAL, { name, limits }, HERE);
      if (values.json) printJson(io.stdout, organizationJson(organization));
      else {
        printLine(io.stdout, organization.id);
        const next = `ingam user add EMAIL --organization ${organization.id} --role owner`;
        printNote(io, `${organization.name} created. Add its first owner: ${next}`);
      }
      return EXIT.ok;
    };
  },
});

const list = defineAdminCommand({
  name: 'organization list',
  summary: 'list all organizations with their ids and limits',
  usage: '',
  text: 'Writes a table to standard output.',
  options: {},
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const none = 'There are no organizations yet. Create one: ingam organization create NAME';
      const format = { name: 'organizations', toJson: organizationJson, columns: COLUMNS, none };
      return printRows(await allOrganizations(administration), format, values.json, io);
    },
});

const show = defineAdminCommand({
  name: 'organization show',
  summary: 'show an organization',
  usage: 'ID',
  text: 'Shows an organization with the number of its users and active API keys.',
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
        printTable(io.stdout, COLUMNS, [organization]);
        printNote(io, `Users: ${users}. Active API keys: ${keys}.`);
      }
      return EXIT.ok;
    },
});

const limits = defineAdminCommand({
  name: 'organization limits',
  summary: 'show or set the limits of an organization',
  usage: 'ID [--requests-per-minute N] [--digests-per-day N] [--bytes-per-day N]',
  text: `Sets the given limits; "none" removes a limit. Without options it shows them. What was already used today counts.`,
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
  summary: 'rename an organization; its id does not change',
  usage: 'ID NAME',
  text: 'Proofs and the register refer to organizations by id only.',
  options: {},
  positionals: { min: 2, max: 2, missing: 'missing ID and NAME' },
  plan:
    ({ values, positionals: [id = '', name = ''] }, io) =>
    (administration) =>
      change(administration, id, { name }, values.json, io),
});

const disable = defineAdminCommand({
  name: 'organization disable',
  summary: 'disable an organization',
  usage: 'ID',
  text: `From the next request on, its users and API keys cannot act for it. Its notarizations are kept and its proofs
remain valid. "ingam organization enable" reverses the command.`,
  options: {},
  positionals: ONE_ID,
  plan:
    ({ values, positionals: [id = ''] }, io) =>
    (administration) =>
      change(administration, id, { disabled: true }, values.json, io),
});

const enable = defineAdminCommand({
  name: 'organization enable',
  summary: 'enable a disabled organization',
  usage: 'ID',
  text: 'Its users and API keys work again as before.',
  options: {},
  positionals: ONE_ID,
  plan:
    ({ values, positionals: [id = ''] }, io) =>
    (administration) =>
      change(administration, id, { disabled: false }, values.json, io),
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
  else printTable(io.stdout, COLUMNS, [organization]);
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

function organizationJson({ id, name, createdAt, disabledAt, limits }: Organization) {
  return { id, name, createdAt: isoTime(createdAt), disabledAt: timeOrNull(disabledAt), limits };
}

export const organizationCommand = defineGroup({
  name: 'organization',
  summary: 'create, list, limit and disable organizations',
  text: `Works directly on the database of a service on this machine. The service may be running.
docs/access.md explains organizations.`,
  commands: { create, list, show, limits, rename, disable, enable },
});
