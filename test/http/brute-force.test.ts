import request from 'supertest';
import { expect, test } from 'vitest';
import { AccessLog } from '../../src/http/schemas/auth.js';
import { Problem } from '../../src/http/schemas/resources.js';
import { bearer, createOrganization, createOperator, createUser, PASSWORD } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

const attempt = (service: TestService, email: string, password: string, from = '198.51.100.1') =>
  request(service.url).post('/v1/session').set('X-Forwarded-For', from).send({ email, password });
const codeOf = (res: { readonly body: unknown }) => Problem.parse(res.body).code;

test('guessing costs more and more waiting, for people who exist and people who do not, over all instances', async () => {
  await using one = await startService({ sealing: false, trustProxy: 1 });
  await using two = await startService({ sealing: false, trustProxy: 1, beside: one });
  const { email } = await createUser(one, (await createOrganization(one)).id, 'owner');
  const outcomes = async (address: string) => {
    const seen: string[] = [];
    for (let i = 0; i < 9; i++) {
      // From another network each time, to both instances in turn.
      const res = await attempt(i % 2 === 0 ? one : two, address, `guess number ${i}`, `198.51.${i}.1`);
      seen.push(codeOf(res));
      if (res.status === 429) expect(Number(res.headers['retry-after'])).toBeGreaterThan(0);
    }
    return seen;
  };
  const known = await outcomes(email);
  expect(known.slice(0, 5)).toEqual(Array(5).fill('invalid_credentials'));
  expect(known.at(-1)).toBe('sign_in_blocked');
  expect(await outcomes('nobody@example.com')).toEqual(known);
  // The right password does not help as long as the wait lasts.
  const right = await attempt(two, email, PASSWORD, '203.0.113.1');
  expect([right.status, codeOf(right)]).toEqual([429, 'sign_in_blocked']);
  // Others are not kept waiting.
  const other = await createUser(one, (await createOrganization(one)).id, 'owner');
  await attempt(one, other.email, PASSWORD, '203.0.113.1').expect(200);
});

test('one network that tries many addresses is slowed as a network', async () => {
  await using service = await startService({ sealing: false, trustProxy: 1 });
  const codes: string[] = [];
  for (let i = 0; i < 24; i++) {
    codes.push(codeOf(await attempt(service, `person${i}@example.com`, 'spring2026!!', `192.0.2.${i}`)));
  }
  expect(codes.slice(0, 20)).toEqual(Array(20).fill('invalid_credentials'));
  expect(codes.at(-1)).toBe('sign_in_blocked');
  const { email } = await createUser(service, (await createOrganization(service)).id, 'owner');
  await attempt(service, email, PASSWORD, '192.0.2.99').expect(429);
  await attempt(service, email, PASSWORD, '192.0.3.1').expect(200);
});

test('what was tried stands in the access log: the owner sees their organization’s, the operator all of it', async () => {
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

test('a refresh whose answer was lost can be repeated', async () => {
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
  // The owner, whose token was stolen, refreshes later than a lost answer would be repeated.
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
