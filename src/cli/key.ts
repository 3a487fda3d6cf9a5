import { LOCAL } from '../auth/policy.js';
import { SCOPES, type Scope } from '../store/auth/store.js';
import type { ApiKey } from '../store/index.js';
import { defineGroup } from './command.js';
import { usageError } from './failure.js';
import { closest, parseMoment } from './arguments.js';
import { EXIT, printJson, printLine, printTable, formatTime, printable } from './io.js';
import {
  defineAccessCommand,
  HERE,
  LIMIT_OPTIONS,
  limitsGiven,
  withoutLimits,
  ORGANIZATION_OPTION,
  findOrganization,
  findKey,
  day,
  keyJson,
} from './admin-command.js';

const create = defineAccessCommand({
  name: 'key create',
  summary: 'make an API key for an organization',
  usage: '--organization ID --name NAME [--scope SCOPE]… [--expires DATE] [--network CIDR]…',
  text: `Makes an API key, with which a machine acts for the organization: ingam notarize --key, or Authorization: Bearer.

The key is on standard output, alone, this once: it is kept only as a hash, and cannot be shown again.`,
  options: {
    ...ORGANIZATION_OPTION,
    name: { type: 'string', value: 'NAME', help: 'what it is for, in your words' },
    scope: {
      type: 'string',
      multiple: true,
      value: 'SCOPE',
      help: '"notarize" to submit, "read" to read what the organization has; several times for both\n(default: both)',
    },
    expires: {
      type: 'string',
      value: 'DATE',
      help: 'until when it is good: 2027-01-31 (00:00 UTC), 2027-01-31T09:00:00+09:00, or 90d from now\n(default: until it is revoked)',
    },
    network: {
      type: 'string',
      multiple: true,
      value: 'CIDR',
      help: 'from where it may be used, such as 192.0.2.0/24; may be given several times\n(default: from anywhere)',
    },
    ...LIMIT_OPTIONS,
  },
  positionals: { min: 0, max: 0 },
  plan({ values }, io) {
    const { name } = values;
    if (name === undefined) throw usageError('what is the key for? Give --name NAME');
    const scopes = values.scope.length === 0 ? SCOPES : values.scope.map(parseScope);
    const expiresAt =
      values.expires === undefined ? null : parseMoment('--expires', values.expires, 'from now');
    const input = {
      name,
      scopes: [...new Set(scopes)],
      networks: values.network,
      expiresAt,
      limits: withoutLimits(limitsGiven(values)),
    };
    return async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const { key, secret } = await administration.access.keys.create(LOCAL, organization.id, input, HERE);
      if (values.json) {
        printJson(io.stdout, { key: keyJson(key), secret });
        return EXIT.ok;
      }
      printLine(io.stdout, secret);
      const until = expiresAt === null ? 'until it is revoked' : `until ${formatTime(expiresAt)}`;
      printLine(
        io.stderr,
        printable(
          `The key ${key.id} of ${organization.name}, good ${until}. It is not shown again: put it where only its user can read it.`,
        ),
      );
      return EXIT.ok;
    };
  },
});

const list = defineAccessCommand({
  name: 'key list',
  summary: 'the API keys of an organization, with their ids and last use',
  usage: '--organization ID',
  text: 'Newest first, revoked and expired ones too. The last use is true to the minute.',
  options: ORGANIZATION_OPTION,
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const keys = await administration.access.keys.list(LOCAL, organization.id);
      if (values.json) printJson(io.stdout, { keys: keys.map(keyJson) });
      else if (keys.length === 0) printLine(io.stderr, printable(`${organization.name} has no API keys.`));
      else {
        const now = Date.now();
        printTable(
          io.stdout,
          [
            { title: 'ID', cell: ({ id }: ApiKey) => id },
            { title: 'NAME', cell: ({ name }: ApiKey) => name },
            { title: 'STATE', cell: (key: ApiKey) => stateOf(key, now) },
            { title: 'SCOPES', cell: ({ scopes }: ApiKey) => scopes.join(',') },
            { title: 'MADE', cell: ({ createdAt }: ApiKey) => day(createdAt) },
            { title: 'EXPIRES', cell: ({ expiresAt }: ApiKey) => day(expiresAt) },
            { title: 'LAST USED', cell: ({ lastUsedAt }: ApiKey) => day(lastUsedAt) },
            { title: 'NETWORKS', cell: ({ networks }: ApiKey) => networks.join(' ') || 'any' },
          ],
          keys,
        );
      }
      return EXIT.ok;
    },
});

const revoke = defineAccessCommand({
  name: 'key revoke',
  summary: 'an API key is good for nothing any more, at once',
  usage: 'ID',
  text: `From the next request on, on every instance. There is no way back: make another key.

A whole key is taken as well as an id, for one that was found where it should not be.`,
  options: {},
  positionals: { min: 1, max: 1, missing: 'which key? "ingam key list --organization ID" shows the ids' },
  plan:
    ({ values, positionals: [text = ''] }, io) =>
    async (administration) => {
      const found = await findKey(administration, text);
      const before = found.revokedAt !== null;
      if (!before) await administration.access.keys.revoke(LOCAL, found.organizationId, found.id, HERE);
      const key = before ? found : await findKey(administration, found.id);
      if (values.json) printJson(io.stdout, keyJson(key));
      else {
        printLine(
          io.stderr,
          printable(`The key ${key.id} (${key.name}) ${before ? 'had been revoked already' : 'is revoked'}.`),
        );
      }
      return EXIT.ok;
    },
});

const rotateSigningKey = defineAccessCommand({
  name: 'key rotate-signing-key',
  summary: 'another key signs access tokens from now on',
  usage: '',
  text: `Nothing to do with API keys: this is the key with which the service signs the tokens of people who have signed in. It is
changed every 30 days anyway. Nobody is signed out: tokens that the old key has signed are good until they end.`,
  options: {},
  needsSecret: true,
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async ({ access }) => {
      await access.signingKeys.rotate(LOCAL, HERE);
      if (values.json) printJson(io.stdout, { rotated: true });
      else printLine(io.stderr, 'Access tokens are signed with a new key from now on.');
      return EXIT.ok;
    },
});

function parseScope(text: string): Scope {
  const scope = SCOPES.find((each) => each === text);
  if (scope !== undefined) return scope;
  const near = closest(text, SCOPES);
  throw usageError(
    `--scope is one of ${SCOPES.join(', ')}`,
    near === null ? undefined : `Did you mean --scope ${near}?`,
  );
}

function stateOf({ revokedAt, expiresAt }: ApiKey, now: number): string {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

export const keyCommand = defineGroup({
  name: 'key',
  summary: 'API keys, with which machines act for an organization: make, list, revoke them',
  text: `Works on the database of a service on this machine, as its administrator; the service may run meanwhile.
The keys that sign the chain are another matter: ingam keygen.`,
  commands: { create, list, revoke, 'rotate-signing-key': rotateSigningKey },
});
