import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL } from '../../src/auth/index.js';
import { bearer, createKey, createOrganization, HERE, type Key } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let now = Date.now();
let service: TestService;
/** Another instance on the same database. */
let other: TestService;
beforeAll(async () => {
  service = await startService({ sealing: false, clock: () => now });
  other = await startService({ sealing: false, beside: service });
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

async function submit(key: Key | null) {
  const response = await fetch(`${service.url}/v1/notarizations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(key === null ? {} : bearer(key.secret)) },
    body: JSON.stringify({ documents: [{ sha256: randomBytes(32).toString('hex') }] }),
  });
  const { code = null } = (await response.json()) as { code?: string };
  return { status: response.status, code };
}

const ACCEPTED = { status: 201, code: null };
const accepted = async () => (await service.store.head()).nextPosition;

test.each([
  ['is revoked', 'invalid_token'],
  ['belongs to an organization that is disabled', 'invalid_token'],
  ['expires', 'token_expired'],
  ['gets limits', 'limit_exceeded'],
])('an API key that %s on another instance is rejected at once, and no other key is', async (what, code) => {
  const organization = await createOrganization(service);
  const key = await createKey(service, organization.id, ['notarize'], { expiresAt: now + 3_600_000 });
  const bystander = await createKey(service, (await createOrganization(service)).id);
  for (const each of [key, bystander]) expect(await submit(each)).toEqual(ACCEPTED);
  const { access } = other.deps;
  if (what === 'is revoked') await access.keys.revoke(LOCAL, organization.id, key.id, HERE);
  if (what === 'belongs to an organization that is disabled')
    await access.organizations.update(LOCAL, organization.id, { disabled: true }, HERE);
  if (what === 'gets limits') {
    await access.organizations.update(LOCAL, organization.id, { limits: { digestsPerDay: 0 } }, HERE);
  }
  if (what === 'expires') now += 3_600_000;
  const before = await accepted();
  // Sent together, so that they are likely to share a group commit.
  const responses = await Promise.all(
    [key, bystander, null, bystander, null, key].map((each) => submit(each)),
  );
  expect(responses.map((response) => response.code)).toEqual([code, null, null, null, null, code]);
  expect(await accepted()).toBe(before + 4);
});

test('a key without the scope, or from another network, is rejected for that until it is revoked', async () => {
  const organization = await createOrganization(service);
  const reader = await createKey(service, organization.id, ['read']);
  const away = await createKey(service, organization.id, ['notarize'], { networks: ['192.0.2.0/24'] });
  for (let i = 0; i < 2; i++) {
    expect((await submit(reader)).code).toBe('forbidden');
    expect((await submit(away)).code).toBe('address_not_allowed');
  }
  for (const { id } of [reader, away]) await other.deps.access.keys.revoke(LOCAL, organization.id, id, HERE);
  expect((await submit(reader)).code).toBe('invalid_token');
  expect((await submit(away)).code).toBe('invalid_token');
});
