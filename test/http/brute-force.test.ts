import request from 'supertest';
import { expect, test } from 'vitest';
import { AccessLog } from '../../src/http/schemas/auth.js';
import { Problem } from '../../src/http/schemas/resources.js';
import { query } from '../faults/harness/database.js';
import { cookieHeader, type Cookies, cookiesOf } from '../support/browser-session.js';
import { bearer, createOperator, createOrganization, createUser, PASSWORD } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

const attempt = (
  service: TestService,
  email: string,
  password: string,
  from = '198.51.100.1',
  cookies: Cookies = {},
) =>
  request(service.url)
    .post('/v1/session')
    .set({ 'X-Forwarded-For': from, Cookie: cookieHeader(cookies) })
    .send({ email, password, cookies: true });
/** Adds ten minutes to each imposed delay, so that none ends before the test has looked at it. */
const extendDelays = ({ databaseUrl }: TestService) =>
  query(
    databaseUrl,
    'UPDATE throttle SET blocked_until = blocked_until + 600000 WHERE blocked_until > forgotten_at - 86400000',
  );
const codeOf = (res: { readonly body: unknown }) => Problem.parse(res.body).code;

test('password guessing from one network is slowed down on all instances, for existing and unknown accounts alike', async () => {
  await using one = await startService({ sealing: false, trustProxy: 1 });
  await using two = await startService({ sealing: false, trustProxy: 1, beside: one });
  const { email } = await createUser(one, (await createOrganization(one)).id, 'owner');
  for (const address of [email, 'nobody@example.com']) {
    for (let i = 0; i < 6; i++) {
      // Each from another address of one network, to both instances in turn.
      const res = await attempt(i % 2 === 0 ? one : two, address, `guess number ${i}`, `198.51.100.${i}`);
      expect(codeOf(res)).toBe('invalid_credentials');
    }
    await extendDelays(one);
    const blocked = await attempt(two, address, 'guess number 6', '198.51.100.1');
    expect([blocked.status, codeOf(blocked)]).toEqual([429, 'sign_in_blocked']);
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0);
  }
  // The right password from that network has to wait too; from any other network the person signs in.
  const right = await attempt(two, email, PASSWORD, '198.51.100.1');
  expect([right.status, codeOf(right)]).toEqual([429, 'sign_in_blocked']);
  await attempt(two, email, PASSWORD, '203.0.113.1').expect(200);
});

test('a browser that has signed in before is not locked out by failures elsewhere or in its own network', async () => {
  await using service = await startService({ sealing: false, trustProxy: 1 });
  const { email } = await createUser(service, (await createOrganization(service)).id, 'owner');
  const cookies = cookiesOf(await attempt(service, email, PASSWORD, '203.0.113.1').expect(200));
  const { 'ingam-device': device = '' } = cookies;
  await attempt(service, email, 'a wrong password', '203.0.113.2').expect(401);
  for (let i = 0; i < 5; i++) await attempt(service, email, `guess number ${i}`, '203.0.113.2');
  await extendDelays(service);
  expect((await attempt(service, email, PASSWORD, '203.0.113.1')).status).toBe(429);
  await attempt(service, email, PASSWORD, '203.0.113.1', { 'ingam-device': device }).expect(200);
});

test('guessing the passwords of many accounts from one network is slowed down', async () => {
  await using service = await startService({ sealing: false, trustProxy: 1 });
  for (let i = 0; i < 21; i++) {
    const res = await attempt(service, `person${i}@example.com`, 'spring2026!!', `192.0.2.${i}`);
    expect(codeOf(res)).toBe('invalid_credentials');
  }
  await extendDelays(service);
  const blocked = await attempt(service, 'person21@example.com', 'spring2026!!', '192.0.2.21');
  expect(codeOf(blocked)).toBe('sign_in_blocked');
  const { email } = await createUser(service, (await createOrganization(service)).id, 'owner');
  await attempt(service, email, PASSWORD, '192.0.2.99').expect(429);
  await attempt(service, email, PASSWORD, '192.0.3.1').expect(200);
});

test('failed sign-ins are in the access log: an owner reads those of the organization, an operator all', async () => {
  await using service = await startService({ sealing: false });
  const owner = await createUser(service, (await createOrganization(service)).id, 'owner');
  const operator = await createOperator(service);
  await attempt(service, owner.email, 'a wrong password').expect(401);
  await attempt(service, 'nobody@example.com', 'a wrong password').expect(401);
  const log = async (token: string, query = '?kind=sign_in_failed') => {
    const res = await request(service.url).get(`/v1/access-log${query}`).set(bearer(token)).expect(200);
    return AccessLog.parse(res.body).events;
  };
  expect(await log(owner.accessToken)).toMatchObject([{ personId: owner.personId, address: '127.0.0.1' }]);
  expect(await log(operator.accessToken)).toHaveLength(2);
  const all = JSON.stringify(await log(operator.accessToken, ''));
  expect(all).not.toContain('a wrong password');
  expect(all).not.toContain('nobody@example.com');
  // Newest first, a page after the other, each once.
  const ids: number[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const res = await request(service.url)
      .get(`/v1/access-log?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
      .set(bearer(operator.accessToken))
      .expect(200);
    const page = AccessLog.parse(res.body);
    ids.push(...page.events.map(({ id }) => id));
    cursor = page.next;
  }
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
  expect(ids).toHaveLength((await log(operator.accessToken, '')).length);
});

test('a refresh whose response was lost can be repeated', async () => {
  await using service = await startService({ sealing: false });
  const owner = await createUser(service, (await createOrganization(service)).id, 'owner');
  const refresh = async () => {
    const res = await request(service.url)
      .post('/v1/session/refresh')
      .send({ refreshToken: owner.refreshToken })
      .expect(200);
    return (res.body as { tokens: { accessToken: string; refreshToken: string } }).tokens;
  };
  const [lost, repeated] = [await refresh(), await refresh()];
  expect(repeated.refreshToken).toBe(lost.refreshToken);
  await request(service.url).get('/v1/keys').set(bearer(repeated.accessToken)).expect(200);
  const filter = { limit: 10, kinds: ['refresh_token_reused' as const] };
  expect(await service.deps.access.log.read({ kind: 'local' }, filter)).toEqual([]);
});

test('a refresh token that is reused ends the session for the thief and for the owner, and is logged', async () => {
  let now = Date.now();
  await using service = await startService({ sealing: false, clock: () => now });
  const owner = await createUser(service, (await createOrganization(service)).id, 'owner');
  const refresh = (refreshToken: string) =>
    request(service.url).post('/v1/session/refresh').send({ refreshToken });
  const tokensOf = (body: unknown) =>
    (body as { tokens: { accessToken: string; refreshToken: string } }).tokens;
  const thief = tokensOf((await refresh(owner.refreshToken).expect(200)).body);
  const again = tokensOf((await refresh(thief.refreshToken).expect(200)).body);
  // The owner, whose token was stolen, refreshes later than a client would repeat a lost refresh.
  now += 60_000;
  const res = await refresh(owner.refreshToken).expect(401);
  expect(codeOf(res)).toBe('invalid_token');
  await refresh(again.refreshToken).expect(401);
  for (const token of [owner.accessToken, thief.accessToken, again.accessToken]) {
    await request(service.url).get('/v1/keys').set(bearer(token)).expect(401);
  }
  const events = await service.deps.access.log.read(
    { kind: 'local' },
    { limit: 10, kinds: ['refresh_token_reused'] },
  );
  expect(events).toMatchObject([{ personId: owner.personId }]);
});
