import { LOCAL } from '../auth/policy.js';
import type { Organization } from '../store/index.js';
import { defineGroup } from './command.js';
import { EXIT, printJson, printLine, type ExitCode, type Io, printTable, printable } from './io.js';
import {
  defineAccessCommand,
  HERE,
  LIMIT_COLUMNS,
  LIMIT_OPTIONS,
  limitsGiven,
  withoutLimits,
  findOrganization,
  organizationJson,
  day,
} from './admin-command.js';
import type { Administration } from './administration.js';

const PAGE = 1000;
const WHICH = {
  min: 1,
  max: 1,
  missing: 'missing ID; "ingam organization list" shows the ids',
} as const;

const create = defineAccessCommand({
  name: 'organization create',
  summary: 'create an organization',
  usage: 'NAME [--requests-per-minute N] [--digests-per-day N] [--bytes-per-day N]',
  text: 'Creates an organization and writes its id to standard output.',
  options: LIMIT_OPTIONS,
  positionals: { min: 1, max: 1, missing: 'missing NAME' },
  plan({ values, positionals: [name = ''] }, io) {
    const limits = withoutLimits(limitsGiven(values));
    return async ({ access }) => {
      const organization = await access.organizations.create(LOCAL, { name, limits }, HERE);
      if (values.json) printJson(io.stdout, organizationJson(organization));
      else {
        printLine(io.stdout, organization.id);
        const next = `ingam user add EMAIL --organization ${organization.id} --role owner`;
        printLine(io.stderr, printable(`${organization.name} created. Add its first owner: ${next}`));
      }
      return EXIT.ok;
    };
  },
});

const list = defineAccessCommand({
  name: 'organization list',
  summary: 'list all organizations with their ids and limits',
  usage: '',
  text: 'Writes a table to standard output.',
  options: {},
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const organizations = await allOrganizations(administration);
      if (values.json) printJson(io.stdout, { organizations: organizations.map(organizationJson) });
      else if (organizations.length > 0) printOrganizations(organizations, io);
      else printLine(io.stderr, 'There are no organizations yet. Create one: ingam organization create NAME');
      return EXIT.ok;
    },
});

const show = defineAccessCommand({
  name: 'organization show',
  summary: 'show an organization',
  usage: 'ID',
  text: 'Shows an organization with the number of its users and active API keys.',
  options: {},
  positionals: WHICH,
  plan:
    ({ values, positionals: [id] }, io) =>
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
        printOrganizations([organization], io);
        printLine(io.stderr, `Users: ${users}. Active API keys: ${keys}.`);
      }
      return EXIT.ok;
    },
});

const limits = defineAccessCommand({
  name: 'organization limits',
  summary: 'show or set the limits of an organization',
  usage: 'ID [--requests-per-minute N] [--digests-per-day N] [--bytes-per-day N]',
  text: `Sets the given limits; "none" removes a limit. Without options it shows them. Earlier use counts.`,
  options: LIMIT_OPTIONS,
  positionals: WHICH,
  plan({ values, positionals: [id] }, io) {
    const given = limitsGiven(values);
    return (administration) =>
      Object.keys(given).length === 0
        ? showOne(administration, id, values.json, io)
        : change(administration, id, { limits: given }, values.json, io);
  },
});

const rename = defineAccessCommand({
  name: 'organization rename',
  summary: 'rename an organization; its id does not change',
  usage: 'ID NAME',
  text: 'Proofs and the register refer to organizations by id only.',
  options: {},
  positionals: { min: 2, max: 2, missing: 'missing ID or NAME' },
  plan:
    ({ values, positionals: [id, name = ''] }, io) =>
    (administration) =>
      change(administration, id, { name }, values.json, io),
});

const disable = defineAccessCommand({
  name: 'organization disable',
  summary: 'disable an organization',
  usage: 'ID',
  text: `From the next request on, its users and API keys cannot act for it. Its notarizations are kept and its proofs
remain valid. "ingam organization enable" reverses the command.`,
  options: {},
  positionals: WHICH,
  plan:
    ({ values, positionals: [id] }, io) =>
    (administration) =>
      change(administration, id, { disabled: true }, values.json, io),
});

const enable = defineAccessCommand({
  name: 'organization enable',
  summary: 'enable a disabled organization',
  usage: 'ID',
  text: 'Its users and API keys work again as before.',
  options: {},
  positionals: WHICH,
  plan:
    ({ values, positionals: [id] }, io) =>
    (administration) =>
      change(administration, id, { disabled: false }, values.json, io),
});

type Change = Parameters<Administration['access']['organizations']['update']>[2];

async function change(
  administration: Administration,
  id: string | undefined,
  to: Change,
  json: boolean,
  io: Io,
): Promise<ExitCode> {
  const organization = await findOrganization(administration, id);
  report(await administration.access.organizations.update(LOCAL, organization.id, to, HERE), json, io);
  return EXIT.ok;
}

async function showOne(
  administration: Administration,
  id: string | undefined,
  json: boolean,
  io: Io,
): Promise<ExitCode> {
  report(await findOrganization(administration, id), json, io);
  return EXIT.ok;
}

function report(organization: Organization, json: boolean, io: Io): void {
  if (json) printJson(io.stdout, organizationJson(organization));
  else printOrganizations([organization], io);
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

function printOrganizations(organizations: readonly Organization[], io: Io): void {
  printTable(
    io.stdout,
    [
      { title: 'ID', cell: ({ id }: Organization) => id },
      { title: 'NAME', cell: ({ name }: Organization) => name },
      {
        title: 'STATE',
        cell: ({ disabledAt }: Organization) => (disabledAt === null ? 'active' : 'disabled'),
      },
      { title: 'CREATED', cell: ({ createdAt }: Organization) => day(createdAt) },
      ...LIMIT_COLUMNS,
    ],
    organizations,
  );
}

export const organizationCommand = defineGroup({
  name: 'organization',
  summary: 'create, list, limit and disable organizations',
  text: `Works directly on the database of a service on this machine. The service may be running.
docs/access.md explains organizations.`,
  commands: { create, list, show, limits, rename, disable, enable },
});
