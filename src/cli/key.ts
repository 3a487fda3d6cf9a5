import { LOCAL } from '../auth/policy.js';
import { SCOPES, type Scope } from '../store/auth/model.js';
import type { ApiKey } from '../store/index.js';
import { defineGroup } from './command.js';
import { usageError } from './failure.js';
import { closest, parseMoment } from './arguments.js';
import { type Column, EXIT, formatTime, isoTime, printJson, printLine, printNote } from './io.js';
import {
  defineAdminCommand,
  HERE,
  LIMIT_OPTIONS,
  limitsGiven,
  NO_LIMITS,
  printRows,
  timeOrNull,
  REQUIRED_ORGANIZATION,
  findOrganization,
  findKey,
  day,
} from './admin-command.js';

const COLUMNS: readonly Column<ApiKey>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'STATE', cell: stateOf },
  { title: 'SCOPES', cell: ({ scopes }) => scopes.join(',') },
  { title: 'CREATED', cell: ({ createdAt }) => day(createdAt) },
  { title: 'EXPIRES', cell: ({ expiresAt }) => day(expiresAt) },
  { title: 'LAST USED', cell: ({ lastUsedAt }) => day(lastUsedAt) },
  { title: 'NETWORKS', cell: ({ networks }) => networks.join(' ') || 'any' },
];

const create = defineAdminCommand({
  name: 'key create',
  summary: 'create an API key for an organization',
  usage: '--organization ID --name NAME [--scope SCOPE]… [--expires DATE] [--network CIDR]…',
  text: `Creates an API key with which a program acts for the organization: ingam notarize --key, or Authorization: Bearer.

Only the key is written to standard output. The service stores a hash of it and cannot show it again.`,
  options: {
    ...REQUIRED_ORGANIZATION,
    name: { type: 'string', value: 'NAME', required: true, help: 'name of the key, such as its purpose' },
    scope: {
      type: 'string',
      multiple: true,
      value: 'SCOPE',
      help: 'notarize (submit) or read; repeat for both (default: both)',
    },
    expires: {
      type: 'string',
      value: 'DATE',
      help: 'expiry: 2027-01-31 (00:00 UTC), 2027-01-31T09:00:00+09:00, or 90d from now\n(default: never)',
    },
    network: {
      type: 'string',
      multiple: true,
      value: 'CIDR',
      help: 'allowed client network, such as 192.0.2.0/24; may be repeated (default: any)',
    },
    ...LIMIT_OPTIONS,
  },
  positionals: { min: 0, max: 0 },
  plan({ values }, io) {
    const scopes = values.scope.length === 0 ? SCOPES : values.scope.map(parseScope);
    const expiresAt =
      values.expires === undefined ? null : parseMoment('--expires', values.expires, 'from now');
    const input = {
      name: values.name,
      scopes: [...new Set(scopes)],
      networks: values.network,
      expiresAt,
      limits: { ...NO_LIMITS, ...limitsGiven(values) },
    };
    return async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const { key, secret } = await administration.access.keys.create(LOCAL, organization.id, input, HERE);
      if (values.json) {
        printJson(io.stdout, { key: keyJson(key), secret });
        return EXIT.ok;
      }
      printLine(io.stdout, secret);
      const until = expiresAt === null ? 'valid until revoked' : `valid until ${formatTime(expiresAt)}`;
      printNote(
        io,
        `Key ${key.id} of ${organization.name}, ${until}. It is not shown again: store it where only its user can read it.`,
      );
      return EXIT.ok;
    };
  },
});

const list = defineAdminCommand({
  name: 'key list',
  summary: 'list the API keys of an organization',
  usage: '--organization ID',
  text: 'Newest first, including revoked and expired keys. The time of last use is exact to the minute.',
  options: REQUIRED_ORGANIZATION,
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const keys = await administration.access.keys.list(LOCAL, organization.id);
      const none = `${organization.name} has no API keys.`;
      return printRows(keys, { name: 'keys', toJson: keyJson, columns: COLUMNS, none }, values.json, io);
    },
});

const revoke = defineAdminCommand({
  name: 'key revoke',
  summary: 'revoke an API key',
  usage: 'ID',
  text: `Takes effect with the next request, on every process of the service. It cannot be reversed: create another key.

ID can also be a whole key, for a key that has leaked.`,
  options: {},
  positionals: { min: 1, max: 1, missing: 'missing ID; "ingam key list --organization ID" shows the ids' },
  plan:
    ({ values, positionals: [text = ''] }, io) =>
    async (administration) => {
      const found = await findKey(administration, text);
      const before = found.revokedAt !== null;
      if (!before) await administration.access.keys.revoke(LOCAL, found.organizationId, found.id, HERE);
      const key = before ? found : await findKey(administration, found.id);
      if (values.json) printJson(io.stdout, keyJson(key));
      else {
        printNote(io, `Key ${key.id} (${key.name}) ${before ? 'was already revoked' : 'revoked'}.`);
      }
      return EXIT.ok;
    },
});

const rotateSigningKey = defineAdminCommand({
  name: 'key rotate-signing-key',
  summary: 'rotate the key that signs access tokens',
  usage: '',
  text: `Rotates the key with which the service signs the access tokens of signed-in people (not API keys). It is rotated
every 30 days anyway. Nobody is signed out: tokens signed with the old key stay valid until they expire.`,
  options: {},
  needsSecret: true,
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async ({ access }) => {
      await access.signingKeys.rotate(LOCAL, HERE);
      if (values.json) printJson(io.stdout, { rotated: true });
      else printNote(io, 'Access tokens are now signed with a new key.');
      return EXIT.ok;
    },
});

function parseScope(text: string): Scope {
  const scope = SCOPES.find((each) => each === text);
  if (scope !== undefined) return scope;
  const near = closest(text, SCOPES);
  throw usageError(
    `--scope must be one of ${SCOPES.join(', ')}`,
    near === null ? undefined : `Did you mean --scope ${near}?`,
  );
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= Date.now() ? 'expired' : 'active';
}

function keyJson(key: ApiKey) {
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

export const keyCommand = defineGroup({
  name: 'key',
  summary: 'create, list and revoke API keys',
  text: `Works directly on the database of a service on this machine. The service may be running.
For the keys that sign the chain see: ingam keygen, ingam log-key`,
  commands: { create, list, revoke, 'rotate-signing-key': rotateSigningKey },
});
