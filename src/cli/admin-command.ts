import type { Client } from '../auth/index.js';
import { LOCAL } from '../auth/policy.js';
import type { Config } from '../service/config.js';
import type { AccessEvent, Organization, OrganizationUser, ApiKey, Limits, Person } from '../store/index.js';
import type { Administration } from './administration.js';
import { type Arguments, closest, type OptionTable, parseCount } from './arguments.js';
import { type Command, type CommandSpec, defineCommand } from './command.js';
import { DATABASE_OPTIONS } from './database.js';
import { Failure, usageError } from './failure.js';
import { type ExitCode, formatBytes, formatTime, type Io, isoTime, printable, printLine } from './io.js';

type Common = typeof DATABASE_OPTIONS & {
  readonly json: { readonly type: 'boolean'; readonly help: string };
};

/** What a command does with the open database. */
export type Work = (administration: Administration) => Promise<ExitCode>;

export interface AccessCommandSpec<T extends OptionTable> extends Omit<CommandSpec<T>, 'run'> {
  readonly jsonHelp?: string;
  /** Creates and migrates the database if necessary: the command may run before the first start of the service. */
  readonly makesDatabase?: true;
  /** Needs the service's secret, because it signs in the service's name. */
  readonly needsSecret?: true;
  /** Reads the arguments. Mistakes are reported before the database is opened. */
  plan(args: Arguments<T & Common>, io: Io): Work | Promise<Work>;
}

/** An administration command, which works on the service's database directly. */
export function defineAccessCommand<T extends OptionTable>(spec: AccessCommandSpec<T>): Command {
  const { jsonHelp = 'print JSON', makesDatabase = false, needsSecret = false } = spec;
  const json = { type: 'boolean', help: jsonHelp } as const;
  return defineCommand<T & Common>({
    ...spec,
    options: { ...spec.options, ...DATABASE_OPTIONS, json },
    run: async (args, io) => {
      const work = await spec.plan(args, io);
      // Loaded on demand, so that help and usage errors do not wait for the database client.
      const { administer } = await import('./administration.js');
      const { values } = args as Arguments<Common>;
      return administer(values, io, { makesDatabase, needsSecret }, work);
    },
  });
}

/** The client of a command: no network address. */
export const HERE: Client = { address: '', agent: '' };

/** Wildcard listening addresses, which no client can connect to. */
const EVERYWHERE = new Set(['0.0.0.0', '::']);

/**
 * The address of the page that redeems an invitation. Browsers send the fragment after # to no server.
 * @param token of an invitation, or of the set-up link
 */
export function invitationLink(base: string, kind: 'invitation' | 'setup', token: string): string {
  return new URL(`account.html#${kind}=${token}`, base.endsWith('/') ? base : `${base}/`).href;
}

/** The address at which people reach the configured service. */
export function addressOf({ access, host, port }: Config): string {
  if (access.publicUrl !== null) return access.publicUrl.href;
  const name = EVERYWHERE.has(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}/`;
}

/** A one-time token and its expiry in milliseconds. */
interface Invitation {
  readonly token: string;
  readonly expiresAt: number;
}

/** Prints only the link to standard output, for scripts, and its recipient to standard error. */
export function sayInvitation(
  whom: string,
  invitation: Invitation,
  administration: Administration,
  io: Io,
): void {
  const until = formatTime(invitation.expiresAt);
  printLine(
    io.stderr,
    printable(
      `Link for ${whom}. It can be used once, until ${until}. Anyone who opens it can set the password:`,
    ),
  );
  printLine(io.stdout, linkOf(invitation, administration));
}

export function invitationJson(invitation: Invitation | null, administration: Administration) {
  if (invitation === null) return null;
  const { token, expiresAt } = invitation;
  return { link: linkOf(invitation, administration), token, expiresAt: isoTime(expiresAt) };
}

function linkOf({ token }: Invitation, { place }: Administration): string {
  return invitationLink(addressOf(place.config), 'invitation', token);
}

export const ORGANIZATION_OPTION = {
  organization: {
    type: 'string',
    value: 'ID',
    help: 'id of the organization; see "ingam organization list"',
  },
} as const;

/** Suggestions consider at most this many organizations. */
const LOOKED_THROUGH = 1000;

/** @throws {Failure} organization_not_found */
export async function findOrganization(
  { access, store }: Administration,
  id: string | undefined,
): Promise<Organization> {
  if (id === undefined) {
    throw usageError(
      'missing --organization ID',
      'List the organizations and their ids with: ingam organization list',
    );
  }
  const found = await store.organization(id);
  if (found !== null) return found;
  const organizations = await access.organizations.list(LOCAL, { limit: LOOKED_THROUGH });
  const near = closest(id, [
    ...organizations.map((organization) => organization.id),
    ...organizations.map(({ name }) => name),
  ]);
  const meant = organizations.find((organization) => organization.id === near || organization.name === near);
  throw notFound(
    'organization_not_found',
    `organization ${id} not found`,
    meant === undefined
      ? 'List the organizations and their ids with: ingam organization list'
      : `Did you mean ${meant.id} (${meant.name})?`,
  );
}

/** @throws {Failure} user_not_found */
export async function findUser(
  { access }: Administration,
  organization: Organization,
  who: string,
): Promise<OrganizationUser> {
  const users = await access.users.list(LOCAL, organization.id);
  const email = who.trim().normalize('NFC').toLowerCase();
  const found = users.find(({ person }) => person.id === who || person.email === email);
  if (found !== undefined) return found;
  const near = closest(
    email,
    users.map(({ person }) => person.email),
  );
  throw notFound(
    'user_not_found',
    `no user ${who} in ${organization.name}`,
    near === null
      ? `List its users with: ingam user list --organization ${organization.id}`
      : `Did you mean ${near}?`,
  );
}

/** @throws {Failure} user_not_found */
export async function findPerson({ store }: Administration, who: string): Promise<Person> {
  const email = who.trim().normalize('NFC').toLowerCase();
  const found = who.includes('@') ? await store.personByEmail(email) : await store.person(who);
  if (found !== null) return found;
  throw notFound(
    'user_not_found',
    `no person with this address or id: ${who}`,
    'Give an e-mail address or an id.',
  );
}

/** @param text the key's id, or the whole key. @throws {Failure} key_not_found */
export async function findKey({ store }: Administration, text: string): Promise<ApiKey> {
  const id = /^ingam_([0-9a-f]{16})_/.exec(text)?.[1] ?? text;
  const [facts = null] = /^[0-9a-f]{16}$/.test(id) ? await store.keyFacts([id]) : [];
  if (facts !== null) return facts.key;
  // Not quoted in full: it may be a secret.
  const shown = text.length > 24 ? `${text.slice(0, 22)}…` : text;
  throw notFound(
    'key_not_found',
    `API key ${shown} not found`,
    'List the keys and their ids with: ingam key list --organization ID',
  );
}

function notFound(code: string, message: string, hint: string): Failure {
  return new Failure('refused', message, { code, hint });
}

const timeOrNull = (time: number | null) => (time === null ? null : isoTime(time));

export function organizationJson({ id, name, createdAt, disabledAt, limits }: Organization) {
  return { id, name, createdAt: isoTime(createdAt), disabledAt: timeOrNull(disabledAt), limits };
}

export function personJson({ id, email, name, operator, passwordHash, createdAt, disabledAt }: Person) {
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

export function userJson({ person, role, createdAt, acceptedAt }: OrganizationUser) {
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

export function keyJson(key: ApiKey) {
  const { id, name, scopes, networks, createdBy, limits } = key;
  return {
    id,
    name,
    prefix: `ingam_${id}_`,
    scopes,
    networks,
    createdAt: isoTime(key.createdAt),
    createdBy,
    expiresAt: timeOrNull(key.expiresAt),
    revokedAt: timeOrNull(key.revokedAt),
    lastUsedAt: timeOrNull(key.lastUsedAt),
    limits,
  };
}

export function eventJson({ id, at, kind, organizationId, personId, keyId, address, detail }: AccessEvent) {
  return { id, at: isoTime(at), kind, organizationId, personId, keyId, address, detail };
}

/** The date of a time, for tables; `-` for null. */
export function day(time: number | null): string {
  return time === null ? '-' : isoTime(time).slice(0, 10);
}

export const LIMIT_OPTIONS = {
  'requests-per-minute': { type: 'string', value: 'N', help: 'API requests per minute; "none" for no limit' },
  'digests-per-day': { type: 'string', value: 'N', help: 'documents per day, uploads and digests' },
  'bytes-per-day': {
    type: 'string',
    value: 'N',
    help: 'bytes of uploads per day, such as 500MiB or 10GiB',
  },
} as const;

export type LimitValues = Readonly<Record<keyof typeof LIMIT_OPTIONS, string | undefined>>;

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
/** The range of the database column. */
const MOST_REQUESTS = 2 ** 31 - 1;

/** The limits that were given. @throws {Failure} usage */
export function limitsGiven(values: LimitValues): Partial<Limits> {
  const requests = values['requests-per-minute'];
  const digests = values['digests-per-day'];
  const bytes = values['bytes-per-day'];
  return {
    ...(requests === undefined
      ? {}
      : { requestsPerMinute: limit('--requests-per-minute', requests, MOST_REQUESTS) }),
    ...(digests === undefined ? {} : { digestsPerDay: limit('--digests-per-day', digests) }),
    ...(bytes === undefined ? {} : { bytesPerDay: byteLimit(bytes) }),
  };
}

export function withoutLimits(given: Partial<Limits>): Limits {
  return { requestsPerMinute: null, digestsPerDay: null, bytesPerDay: null, ...given };
}

/** Table columns for limits. */
export const LIMIT_COLUMNS = [
  { title: 'REQUESTS/MIN', right: true, cell: ({ limits }: Limited) => shown(limits.requestsPerMinute) },
  { title: 'DIGESTS/DAY', right: true, cell: ({ limits }: Limited) => shown(limits.digestsPerDay) },
  {
    title: 'BYTES/DAY',
    right: true,
    cell: ({ limits: { bytesPerDay } }: Limited) => (bytesPerDay === null ? '-' : formatBytes(bytesPerDay)),
  },
] as const;

interface Limited {
  readonly limits: Limits;
}

function limit(option: string, text: string, maximum?: number): number | null {
  return text === 'none' ? null : parseCount(option, text, 0, maximum);
}

function byteLimit(text: string): number | null {
  if (text === 'none') return null;
  const [, digits = '', unit = ''] = /^([0-9]+)([KMGT]iB)?$/.exec(text) ?? [];
  const bytes = digits === '' ? NaN : parseCount('--bytes-per-day', digits) * (UNITS[unit] ?? NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw usageError('--bytes-per-day must be a number of bytes, optionally with KiB, MiB, GiB or TiB');
}

function shown(value: number | null): string {
  return value === null ? '-' : String(value);
}
