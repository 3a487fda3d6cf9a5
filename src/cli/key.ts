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
import { administrationMessages } from './messages/administration.js';
import { usageMessages } from './messages/usage.js';
import { SUMMARIES } from './summaries.js';

function columns(): Column<ApiKey>[] {
  const { columns: c, states, anyNetwork } = administrationMessages();
  return [
    { title: c.id, cell: ({ id }) => id },
    { title: c.name, cell: ({ name }) => name },
    { title: c.state, cell: (key) => states[stateOf(key)] },
    { title: c.scopes, cell: ({ scopes }) => scopes.join(',') },
    { title: c.created, cell: ({ createdAt }) => day(createdAt) },
    { title: c.expires, cell: ({ expiresAt }) => day(expiresAt) },
    { title: c.lastUsed, cell: ({ lastUsedAt }) => day(lastUsedAt) },
    { title: c.networks, cell: ({ networks }) => networks.join(' ') || anyNetwork },
  ];
}

const create = defineAdminCommand({
  name: 'key create',
  summary: { en: 'create an API key for an organization', ko: '조직의 API 키를 만듭니다' },
  usage: '--organization ID --name NAME [--scope SCOPE]… [--expires DATE] [--network CIDR]…',
  text: {
    en: `Creates an API key with which a program acts for the organization: ingam notarize --key, or Authorization: Bearer.

Only the key is written to standard output. The service stores a hash of it and cannot show it again.`,
    ko: `프로그램이 조직을 대신해 쓸 API 키를 만듭니다: ingam notarize --key, 또는 Authorization: Bearer.

표준 출력에는 키만 씁니다. 서비스는 키의 해시만 저장하므로 다시 보여 줄 수 없습니다.`,
  },
  options: {
    ...REQUIRED_ORGANIZATION,
    name: {
      type: 'string',
      value: 'NAME',
      required: true,
      help: { en: 'name of the key, such as its purpose', ko: '키의 이름. 예: 용도' },
    },
    scope: {
      type: 'string',
      multiple: true,
      value: 'SCOPE',
      help: {
        en: 'notarize (submit) or read; repeat for both (default: both)',
        ko: 'notarize(등록) 또는 read(조회). 둘 다 쓰려면 반복(기본값: 둘 다)',
      },
    },
    expires: {
      type: 'string',
      value: 'DATE',
      help: {
        en: 'expiry: 2027-01-31 (00:00 UTC), 2027-01-31T09:00:00+09:00, or 90d from now\n(default: never)',
        ko: '만료일: 2027-01-31(00:00 UTC), 2027-01-31T09:00:00+09:00, 또는 지금부터 90d\n(기본값: 만료 없음)',
      },
    },
    network: {
      type: 'string',
      multiple: true,
      value: 'CIDR',
      help: {
        en: 'allowed client network, such as 192.0.2.0/24; may be repeated (default: any)',
        ko: '허용할 클라이언트 네트워크. 예: 192.0.2.0/24. 여러 번 쓸 수 있습니다(기본값: 모두)',
      },
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
      const until =
        expiresAt === null
          ? administrationMessages().untilRevoked
          : administrationMessages().validUntil(formatTime(expiresAt));
      printNote(io, administrationMessages().keyCreated(key.id, organization.name, until));
      return EXIT.ok;
    };
  },
});

const list = defineAdminCommand({
  name: 'key list',
  summary: { en: 'list the API keys of an organization', ko: '조직의 API 키 목록을 보여 줍니다' },
  usage: '--organization ID',
  text: {
    en: 'Newest first, including revoked and expired keys. The time of last use is exact to the minute.',
    ko: '최근에 만든 것부터, 폐기되거나 만료된 키도 보여 줍니다. 마지막 사용 시각은 분 단위까지 정확합니다.',
  },
  options: REQUIRED_ORGANIZATION,
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const keys = await administration.access.keys.list(LOCAL, organization.id);
      const none = administrationMessages().noKeys(organization.name);
      return printRows(keys, { name: 'keys', toJson: keyJson, columns: columns(), none }, values.json, io);
    },
});

const revoke = defineAdminCommand({
  name: 'key revoke',
  summary: { en: 'revoke an API key', ko: 'API 키를 폐기합니다' },
  usage: 'ID',
  text: {
    en: `Takes effect with the next request, on every process of the service. It cannot be reversed: create another key.

ID can also be a whole key, for a key that has leaked.`,
    ko: `다음 요청부터 서비스의 모든 프로세스에 적용됩니다. 되돌릴 수 없으니 필요하면 새 키를 만드세요.

유출된 키라면 ID 대신 키 전체를 지정할 수도 있습니다.`,
  },
  options: {},
  positionals: {
    min: 1,
    max: 1,
    missing: {
      en: 'missing ID; "ingam key list --organization ID" shows the ids',
      ko: 'ID를 지정하세요. "ingam key list --organization ID"로 볼 수 있습니다',
    },
  },
  plan:
    ({ values, positionals: [text = ''] }, io) =>
    async (administration) => {
      const found = await findKey(administration, text);
      const before = found.revokedAt !== null;
      if (!before) await administration.access.keys.revoke(LOCAL, found.organizationId, found.id, HERE);
      const key = before ? found : await findKey(administration, found.id);
      if (values.json) printJson(io.stdout, keyJson(key));
      else {
        printNote(io, administrationMessages().keyRevoked(key.id, key.name, before));
      }
      return EXIT.ok;
    },
});

const rotateSigningKey = defineAdminCommand({
  name: 'key rotate-signing-key',
  summary: { en: 'rotate the key that signs access tokens', ko: '액세스 토큰에 서명하는 키를 교체합니다' },
  usage: '',
  text: {
    en: `Rotates the key with which the service signs the access tokens of signed-in people (not API keys). It is rotated
every 30 days anyway. Nobody is signed out: tokens signed with the old key stay valid until they expire.`,
    ko: `로그인한 사람의 액세스 토큰에 서명하는 키를 교체합니다(API 키가 아닙니다). 평소에도 30일마다 교체됩니다.
로그아웃되는 사람은 없으며, 이전 키로 서명한 토큰은 만료될 때까지 유효합니다.`,
  },
  options: {},
  needsSecret: true,
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async ({ access }) => {
      await access.signingKeys.rotate(LOCAL, HERE);
      if (values.json) printJson(io.stdout, { rotated: true });
      else printNote(io, administrationMessages().signingKeyRotated);
      return EXIT.ok;
    },
});

function parseScope(text: string): Scope {
  const scope = SCOPES.find((each) => each === text);
  if (scope !== undefined) return scope;
  const near = closest(text, SCOPES);
  throw usageError(
    usageMessages().oneOf('--scope', SCOPES.join(', ')),
    near === null ? undefined : administrationMessages().meantScope(near),
  );
}

function stateOf({ revokedAt, expiresAt }: ApiKey): 'revoked' | 'expired' | 'active' {
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
  summary: SUMMARIES.key,
  text: {
    en: `Works directly on the database of a service on this machine. The service may be running.
For the keys that sign the chain see: ingam keygen, ingam log-key`,
    ko: `이 컴퓨터에 있는 서비스의 데이터베이스에서 바로 처리합니다. 서비스가 실행 중이어도 됩니다.
체인에 서명하는 키에 대해서는 ingam keygen, ingam log-key를 보세요.`,
  },
  commands: { create, list, revoke, 'rotate-signing-key': rotateSigningKey },
});
