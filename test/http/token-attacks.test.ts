import { createHmac, generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL } from '../../src/auth/index.js';
import { Problem } from '../../src/http/schemas/resources.js';
import { bearer, createKey, createOrganization, createUser, HERE, type Someone } from '../support/people.js';
import { parseResponse, sendRaw } from '../support/raw-http.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let organizationId: string;
let owner: Someone;
beforeAll(async () => {
  service = await startService({ sealing: false });
  organizationId = (await createOrganization(service)).id;
  owner = await createUser(service, organizationId, 'owner');
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const parts = () => owner.accessToken.split('.') as [string, string, string];
const decoded = (index: 0 | 1) =>
  JSON.parse(Buffer.from(parts()[index], 'base64url').toString()) as Record<string, unknown>;

/** test/auth has the whole table of tokens. Here: HTTP turns each rejection into a 401. */
const attacks: readonly (readonly [string, () => string])[] = [
  ['alg none', () => `${base64url({ ...decoded(0), alg: 'none' })}.${parts()[1]}.`],
  [
    'HS256 with the public key',
    () => {
      const input = `${base64url({ ...decoded(0), alg: 'HS256' })}.${parts()[1]}`;
      return `${input}.${createHmac('sha256', 'public key').update(input).digest('base64url')}`;
    },
  ],
  [
    'another ES256 key',
    () => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return jwt.sign(decoded(1), privateKey, { algorithm: 'ES256', keyid: String(decoded(0)['kid']) });
    },
  ],
  [
    'kid with a path',
    () => `${base64url({ ...decoded(0), kid: '../../etc/passwd' })}.${parts()[1]}.${parts()[2]}`,
  ],
  ['kid with SQL', () => `${base64url({ ...decoded(0), kid: "' OR 1=1 --" })}.${parts()[1]}.${parts()[2]}`],
  ['changed claims', () => `${parts()[0]}.${base64url({ ...decoded(1), sub: 'psn_other' })}.${parts()[2]}`],
  ['no signature', () => `${parts()[0]}.${parts()[1]}`],
  ['a refresh token', () => owner.refreshToken],
  ['no token at all', () => 'x'],
  ['dots', () => '...'],
  ['an API key’s beginning', () => 'ingam_0123456789abcdef'],
  ['an API key that nobody has', () => `ingam_0123456789abcdef_${'a'.repeat(43)}`],
  ['12 KB', () => 'a'.repeat(12_000)],
  ['an access token with more behind it', () => `${owner.accessToken}.x`],
];

test.each(attacks)('%s returns 401', async (_, token) => {
  for (const path of ['/v1/keys', '/v1/session', '/v1/verify/' + 'a'.repeat(64)]) {
    const res = await request(service.url).get(path).set(bearer(token()));
    expect([path, res.status, Problem.parse(res.body).code]).toEqual([path, 401, 'invalid_token']);
    expect(res.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  }
  const documents = [{ sha256: 'a'.repeat(64) }];
  await request(service.url).post('/v1/notarizations').set(bearer(token())).send({ documents }).expect(401);
});

test.each([['Digest username="x"'], ['Bearer'], ['Bearer a b'], ['Token x'], ['ingam_x']])(
  'Authorization: %s is not treated as anonymous',
  async (value) => {
    const res = await request(service.url).get('/v1/session').set('Authorization', value).expect(401);
    expect(Problem.parse(res.body).code).toBe('invalid_token');
  },
);

test('a Basic credential for a proxy is ignored', async () => {
  await request(service.url).get('/v1/session').auth('proxy', 'user').expect(200);
});

test('open routes ignore credentials', async () => {
  for (const path of ['/v1/chain', '/healthz', '/v1/blocks', '/openapi.json']) {
    await request(service.url).get(path).set(bearer('nonsense')).expect(200);
  }
});

test('a token of 1 MB returns 431', async () => {
  const { status, body } = parseResponse(
    await sendRaw(service.port, [
      `GET /v1/keys HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${'a'.repeat(1024 * 1024)}\r\n\r\n`,
    ]),
  );
  expect([status, Problem.parse(body).code]).toEqual([431, 'headers_too_large']);
});

test('a revoked key, a removed user and a disabled organization lose access at once on every instance', async () => {
  await using other = await startService({ sealing: false, beside: service });
  const organization = await createOrganization(service, 'Short');
  const { access } = service.deps;
  const key = await createKey(service, organization.id);
  const user = await createUser(service, organization.id, 'notary');
  const stays = await createUser(service, organization.id, 'owner');
  const status = async (token: string) =>
    (await request(other.url).get('/v1/notarizations').set(bearer(token))).status;
  for (const token of [key.secret, user.accessToken, stays.accessToken])
    expect(await status(token)).toBe(200);
  await access.keys.revoke(LOCAL, organization.id, key.id, HERE);
  expect(await status(key.secret)).toBe(401);
  await access.users.remove(LOCAL, organization.id, user.personId, HERE);
  expect(await status(user.accessToken)).toBe(401);
  const second = await createKey(service, organization.id);
  expect(await status(second.secret)).toBe(200);
  await access.organizations.update(LOCAL, organization.id, { disabled: true }, HERE);
  expect(await status(second.secret)).toBe(401);
  expect(await status(stays.accessToken)).toBe(401);
});
