import { Access, AccessError, type AccessErrorCode, type Client } from '../auth/index.js';
import { normaliseEmail } from '../auth/values.js';
import { LOCAL } from '../auth/policy.js';
import type { Config } from '../service/config.js';
import { secretFile } from '../service/keys.js';
import type {
  AccessStore,
  ApiKey,
  Limits,
  Organization,
  OrganizationUser,
  Person,
  Store,
} from '../store/index.js';
import { WebhookError } from '../webhooks/index.js';
import { type Arguments, closest, type OptionTable, parseCount } from './arguments.js';
import { type Command, type CommandSpec, defineCommand } from './command.js';
import {
  DATABASE_OPTIONS,
  databaseFailure,
  databasePlace,
  type DatabasePlace,
  NO_LOG,
  openDatabase,
  readSecrets,
} from './database.js';
import { Failure, usageError } from './failure.js';
import {
  type Column,
  EXIT,
  type ExitCode,
  formatTime,
  type Io,
  isoTime,
  printJson,
  printLine,
  printNote,
  printTable,
} from './io.js';
import { administrationMessages } from './messages/administration.js';
import type { Texts } from './language.js';
import { refusalMessages } from './messages/refusals.js';

/** What administration commands work with. */
export interface Administration {
  readonly access: Access;
  /** To look up by name what `access` looks up by id. */
  readonly store: AccessStore;
  /** Everything else in the database. */
  readonly database: Store;
  /** Of the service; zeros if the command does not need it. */
  readonly secret: Uint8Array;
  readonly place: DatabasePlace;
}

/** Commands that sign and check no tokens do not need the service's secret. */
const NO_SECRET = new Uint8Array(32);

/** Refused by a rule of the service: exit code 1 instead of 2. */
const REFUSED: ReadonlySet<AccessErrorCode> = new Set([
  'last_owner',
  'last_operator',
  'owner_exists',
  'user_exists',
]);

/** The secret of a service that has been started before; it is never created here. */
async function readSecret({ config, dataDir }: DatabasePlace): Promise<Uint8Array> {
  const secrets = await readSecrets({ config, dataDir });
  if (secrets !== null) return secrets.access;
  const hint = administrationMessages().howToGiveSecret;
  if (dataDir === null) throw usageError(administrationMessages().noSecret, hint);
  throw new Failure('unreadable', administrationMessages().noSecretFile(secretFile(dataDir)), { hint });
}

type Common = typeof DATABASE_OPTIONS & {
  readonly json: { readonly type: 'boolean'; readonly help: Texts };
};

/** What a command does with the open database. */
export type Work = (administration: Administration) => Promise<ExitCode>;

interface AdminCommandSpec<T extends OptionTable> extends Omit<CommandSpec<T>, 'run'> {
  readonly jsonHelp?: Texts;
  /**
   * Creates and migrates the database if necessary: the command may run before the first start of the
   * service.
   */
  readonly makesDatabase?: true;
  /** Needs the service's secret, because it signs in the service's name. */
  readonly needsSecret?: true;
  /** Reads the arguments. Mistakes are reported before the database is opened. */
  plan(args: Arguments<T & Common>, io: Io): Work | Promise<Work>;
}

/** An administration command, which works on the service's database directly. */
export function defineAdminCommand<T extends OptionTable>(spec: AdminCommandSpec<T>): Command {
  const {
    jsonHelp = { en: 'print JSON', ko: 'JSON으로 출력' },
    makesDatabase = false,
    needsSecret = false,
  } = spec;
  const json = { type: 'boolean', help: jsonHelp } as const;
  return defineCommand<T & Common>({
    ...spec,
    options: { ...spec.options, ...DATABASE_OPTIONS, json },
    run: async (args, io) => {
      const work = await spec.plan(args, io);
      const place = databasePlace((args as Arguments<Common>).values, io);
      const secret = needsSecret ? await readSecret(place) : NO_SECRET;
      const { store, close } = await openDatabase(place, makesDatabase ? 'make' : 'current');
      try {
        const access = new Access({
          store: store.access,
          rateLimits: store.rateLimits,
          secret,
          origin: 'command line',
          policy: place.config.access,
          oidc: null,
          logger: NO_LOG,
        });
        return await work({ access, store: store.access, database: store, secret, place });
      } catch (error) {
        throw failureOf(error);
      } finally {
        await close();
      }
    },
  });
}

function failureOf(error: unknown): unknown {
  if (error instanceof WebhookError) {
    const { code, message } = error;
    return new Failure('refused', refusalMessages().rule(code, message), { code, cause: error });
  }
  if (!(error instanceof AccessError)) return databaseFailure(error);
  const { code, message } = error;
  return new Failure('refused', refusalMessages().rule(code, message), {
    code,
    cause: error,
    exitCode: REFUSED.has(code) ? EXIT.failed : EXIT.usage,
  });
}

/** The client of a command: no network address. */
export const HERE: Client = { address: '', agent: '' };

/** Wildcard listening addresses, which no client can connect to. */
const EVERYWHERE = new Set(['0.0.0.0', '::']);

/**
 * The address of the page that redeems an invitation or sets up the service. Browsers send the fragment after
 * # to no server.
 */
export function accountLink(base: string, kind: 'invitation' | 'setup', token: string): string {
  return new URL(`account.html#${kind}=${token}`, base.endsWith('/') ? base : `${base}/`).href;
}

/** The address at which people reach the configured service. */
export function addressOf({ access, host, port }: Config): string {
  if (access.publicUrl !== null) return access.publicUrl.href;
  const name = EVERYWHERE.has(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}/`;
}

/** A one-time token, its expiry in milliseconds, and whether the service sends it by e-mail. */
interface Invitation {
  readonly token: string;
  readonly expiresAt: number;
  readonly mailed: boolean;
}

/** Prints only the link to standard output, for scripts, and its recipient to standard error. */
export function printInvitation(
  recipient: string,
  invitation: Invitation,
  administration: Administration,
  io: Io,
): void {
  printNote(io, administrationMessages().linkFor(recipient, formatTime(invitation.expiresAt)));
  printLine(io.stdout, linkOf(invitation, administration));
}

export function invitationJson(invitation: Invitation | null, administration: Administration) {
  if (invitation === null) return null;
  const { token, expiresAt, mailed } = invitation;
  return { link: linkOf(invitation, administration), token, expiresAt: isoTime(expiresAt), mailed };
}

function linkOf({ token }: Invitation, { place }: Administration): string {
  return accountLink(addressOf(place.config), 'invitation', token);
}

export const ORGANIZATION_OPTION = {
  organization: {
    type: 'string',
    value: 'ID',
    help: {
      en: 'id of the organization; see "ingam organization list"',
      ko: '조직의 ID. "ingam organization list"로 볼 수 있습니다',
    },
  },
} as const;

/** For commands that always act on one organization. */
export const REQUIRED_ORGANIZATION = {
  organization: { ...ORGANIZATION_OPTION.organization, required: true },
} as const;

/** Suggestions consider at most this many organizations. */
const SEARCHED = 1000;

/** @throws {Failure} organization_not_found */
export async function findOrganization({ access, store }: Administration, id: string): Promise<Organization> {
  const found = await store.organization(id);
  if (found !== null) return found;
  const organizations = await access.organizations.list(LOCAL, { limit: SEARCHED });
  const near = closest(id, [
    ...organizations.map((organization) => organization.id),
    ...organizations.map(({ name }) => name),
  ]);
  const meant = organizations.find((organization) => organization.id === near || organization.name === near);
  throw notFound(
    'organization_not_found',
    administrationMessages().noOrganization(id),
    meant === undefined
      ? administrationMessages().listOrganizations
      : administrationMessages().meantOrganization(meant.id, meant.name),
  );
}

/** @throws {Failure} user_not_found */
export async function findUser(
  { access }: Administration,
  organization: Organization,
  who: string,
): Promise<OrganizationUser> {
  const users = await access.users.list(LOCAL, organization.id);
  const email = who.includes('@') ? normaliseEmail(who) : null;
  const found = users.find(({ person }) => person.id === who || person.email === email);
  if (found !== undefined) return found;
  const near = closest(
    email ?? who,
    users.map(({ person }) => person.email),
  );
  throw notFound(
    'user_not_found',
    administrationMessages().noUser(who, organization.name),
    near === null
      ? administrationMessages().listUsers(organization.id)
      : administrationMessages().meantUser(near),
  );
}

/** @throws {Failure} user_not_found */
export async function findPerson({ store }: Administration, who: string): Promise<Person> {
  const found = who.includes('@') ? await store.personByEmail(normaliseEmail(who)) : await store.person(who);
  if (found !== null) return found;
  throw notFound(
    'user_not_found',
    administrationMessages().noPerson(who),
    administrationMessages().givePerson,
  );
}

/** @param text the key's id, or the whole key. @throws {Failure} key_not_found */
export async function findKey({ store }: Administration, text: string): Promise<ApiKey> {
  const id = /^ingam_([0-9a-f]{16})_/.exec(text)?.[1] ?? text;
  const [facts = null] = /^[0-9a-f]{16}$/.test(id) ? await store.keyFacts([id]) : [];
  if (facts !== null) return facts.key;
  // Not quoted in full: it may be a secret.
  const shown = text.length > 24 ? `${text.slice(0, 22)}…` : text;
  throw notFound('key_not_found', administrationMessages().noKey(shown), administrationMessages().listKeys);
}

function notFound(code: string, message: string, hint: string): Failure {
  return new Failure('refused', message, { code, hint });
}

/** RFC 3339, for JSON. */
export function timeOrNull(time: number | null): string | null {
  return time === null ? null : isoTime(time);
}

/**
 * Prints rows as a table, or under `name` as JSON. Without rows the table is replaced by `none`, a sentence.
 */
export function printRows<Row>(
  rows: readonly Row[],
  format: {
    readonly name: string;
    readonly toJson: (row: Row) => unknown;
    readonly columns: readonly Column<Row>[];
    readonly none: string;
  },
  json: boolean,
  io: Io,
): ExitCode {
  if (json) printJson(io.stdout, { [format.name]: rows.map(format.toJson) });
  else if (rows.length > 0) printTable(io.stdout, format.columns, rows);
  else printNote(io, format.none);
  return EXIT.ok;
}

/** The date of a time, for tables; `-` for null. */
export function day(time: number | null): string {
  return time === null ? '-' : isoTime(time).slice(0, 10);
}

export const LIMIT_OPTIONS = {
  'requests-per-minute': {
    type: 'string',
    value: 'N',
    help: { en: 'API requests per minute; "none" for no limit', ko: '분당 API 요청 수. "none"은 제한 없음' },
  },
  'digests-per-day': {
    type: 'string',
    value: 'N',
    help: {
      en: 'documents per day, uploads and digests',
      ko: '하루에 등록할 수 있는 문서 수(업로드와 해시값)',
    },
  },
  'bytes-per-day': {
    type: 'string',
    value: 'N',
    help: {
      en: 'bytes of uploads per day, such as 500MiB or 10GiB',
      ko: '하루에 업로드할 수 있는 양. 예: 500MiB, 10GiB',
    },
  },
} as const;

type LimitValues = Readonly<Record<keyof typeof LIMIT_OPTIONS, string | undefined>>;

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
/** The range of the database column. */
const MAX_REQUESTS = 2 ** 31 - 1;

/** The limits that were given. @throws {Failure} usage */
export function limitsGiven(values: LimitValues): Partial<Limits> {
  const requests = values['requests-per-minute'];
  const digests = values['digests-per-day'];
  const bytes = values['bytes-per-day'];
  return {
    ...(requests === undefined
      ? {}
      : { requestsPerMinute: limit('--requests-per-minute', requests, MAX_REQUESTS) }),
    ...(digests === undefined ? {} : { digestsPerDay: limit('--digests-per-day', digests) }),
    ...(bytes === undefined ? {} : { bytesPerDay: byteLimit(bytes) }),
  };
}

export const NO_LIMITS: Limits = { requestsPerMinute: null, digestsPerDay: null, bytesPerDay: null };

function limit(option: string, text: string, maximum?: number): number | null {
  return text === 'none' ? null : parseCount(option, text, 0, maximum);
}

function byteLimit(text: string): number | null {
  if (text === 'none') return null;
  const [, digits = '', unit = ''] = /^([0-9]+)([KMGT]iB)?$/.exec(text) ?? [];
  const bytes = digits === '' ? NaN : parseCount('--bytes-per-day', digits) * (UNITS[unit] ?? NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw usageError(administrationMessages().byteLimit);
}
