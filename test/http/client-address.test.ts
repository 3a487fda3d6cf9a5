import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOCAL } from '../../src/auth/index.js';
import {
  bearer,
  createKey,
  createOrganization,
  createUser,
  PASSWORD,
  type Someone,
} from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let direct: TestService;
let owner: Someone;
let proxied: TestService;
let listed: TestService;
let organizationId: string;
beforeAll(async () => {
  direct = await startService({ sealing: false });
  organizationId = (await createOrganization(direct)).id;
  owner = await createUser(direct, organizationId, 'owner');
  proxied = await startService({ sealing: false, beside: direct, trustProxy: 1 });
  listed = await startService({ sealing: false, beside: direct, trustProxy: ['127.0.0.0/8', '10.0.0.0/8'] });
});
afterAll(async () => {
  for (const service of [proxied, listed, direct]) await service[Symbol.asyncDispose]();
});

/** The address that the service takes a client for, as the access log has it. */
async function seenAs(service: TestService, headers: Record<string, string>): Promise<string | null> {
  await request(service.url)
    .post('/v1/session')
    .set(headers)
    .send({ email: owner.email, password: PASSWORD })
    .expect(200);
  const [latest] = await direct.deps.access.log.read(LOCAL, { limit: 1, kinds: ['sign_in'] });
  return latest?.address ?? null;
}

const SPOOFED: readonly (readonly [string, Record<string, string>])[] = [
  ['X-Forwarded-For', { 'X-Forwarded-For': '10.1.2.3' }],
  ['Forwarded', { Forwarded: 'for=10.1.2.3' }],
  ['X-Real-IP', { 'X-Real-IP': '10.1.2.3' }],
  [
    'X-Client-IP',
    { 'X-Client-IP': '10.1.2.3', 'True-Client-IP': '10.1.2.3', 'CF-Connecting-IP': '10.1.2.3' },
  ],
  ['several', { 'X-Forwarded-For': '10.1.2.3, 127.0.0.1' }],
];

describe('without a configured proxy', () => {
  test.each(SPOOFED)('%s is ignored', async (_, headers) => {
    expect(await seenAs(direct, headers)).toBe('127.0.0.1');
  });

  test('a client cannot claim an address in the network of a key', async () => {
    const { secret } = await createKey(direct, organizationId, ['read'], { networks: ['10.0.0.0/8'] });
    const get = (service: TestService, headers: Record<string, string>) =>
      request(service.url)
        .get('/v1/session')
        .set({ ...bearer(secret), ...headers });
    for (const [, headers] of SPOOFED) {
      const res = await get(direct, headers).expect(403);
      expect(res.body).toMatchObject({ code: 'address_not_allowed' });
    }
    await get(proxied, { 'X-Forwarded-For': '10.1.2.3' }).expect(200);
    await get(proxied, { 'X-Forwarded-For': '10.1.2.3, 192.0.2.1' }).expect(403);
  });
});

describe('behind one proxy', () => {
  test.each([
    ['its header counts', '198.51.100.7', '198.51.100.7'],
    ['what the client put before it does not', '10.0.0.1, 198.51.100.7', '198.51.100.7'],
    ['IPv6', '2001:DB8::1', '2001:db8::1'],
    ['IPv4 within IPv6', '::ffff:198.51.100.7', '198.51.100.7'],
    ['an invalid address', '<script>', '127.0.0.1'],
    ['nothing', '', '127.0.0.1'],
  ])('%s', async (_, header, address) => {
    expect(await seenAs(proxied, { 'X-Forwarded-For': header })).toBe(address);
  });

  test('Forwarded and similar headers are ignored', async () => {
    const headers = { Forwarded: 'for=10.1.2.3', 'X-Real-IP': '10.1.2.3' };
    expect(await seenAs(proxied, headers)).toBe('127.0.0.1');
  });
});

test('behind listed proxies, the client is the last address that is not one of them', async () => {
  expect(await seenAs(listed, { 'X-Forwarded-For': '6.6.6.6, 198.51.100.7, 10.0.0.2' })).toBe('198.51.100.7');
  expect(await seenAs(listed, { 'X-Forwarded-For': '6.6.6.6, 203.0.113.9' })).toBe('203.0.113.9');
});
