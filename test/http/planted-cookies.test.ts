import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '../../src/http/schemas/resources.js';
import { Session } from '../../src/http/schemas/auth.js';
import { query } from '../faults/harness/database.js';
import { cookieHeader, type Cookies, cookiesOf, signInAtPage } from '../support/browser-session.js';
import { createOrganization, createUser, PASSWORD, type Someone } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

// Cookies know no ports: another program on the same host can add its own to a browser's requests, over http without "__Host-".

let service: TestService;
let owner: Someone;
let cookies: Cookies;
beforeAll(async () => {
  service = await startService({ sealing: false });
  owner = await createUser(service, (await createOrganization(service)).id, 'owner');
  cookies = await signInAtPage(service.url, owner.email);
});
afterAll(() => service[Symbol.asyncDispose]());

const DOCUMENTS = { documents: [{ sha256: 'a'.repeat(64), details: { title: 'secret' } }] };
const accepted = async () => (await service.store.head()).nextPosition;
const codeOf = (res: { readonly body: unknown }) => Problem.parse(res.body).code;
const csrf = () => ({ 'X-CSRF-Token': cookies['ingam-csrf'] ?? '' });
const without = (name: string) =>
  cookieHeader(Object.fromEntries(Object.entries(cookies).filter(([each]) => each !== name)));

/** The session cookie as it arrives after somebody has interfered. */
const PLANTED: Readonly<Record<string, () => string>> = {
  'another after it': () => `${cookieHeader(cookies)}; ingam-access=planted`,
  'another before it': () => `ingam-access=planted; ${cookieHeader(cookies)}`,
  'an empty one after it': () => `${cookieHeader(cookies)}; ingam-access=`,
  'an empty one before it': () => `ingam-access=; ${cookieHeader(cookies)}`,
  'the same twice': () => `${cookieHeader(cookies)}; ingam-access=${cookies['ingam-access'] ?? ''}`,
  'an empty one instead': () => `${without('ingam-access')}; ingam-access=`,
  'a planted one instead': () => `${without('ingam-access')}; ingam-access=planted`,
};

describe('a session cookie with', () => {
  test.each(Object.keys(PLANTED))(
    '%s: nothing is notarized for nobody, and nothing is signed in',
    async (kind) => {
      const Cookie = PLANTED[kind]?.() ?? '';
      const before = await accepted();
      const sealed: Readonly<Record<string, () => request.Test>> = {
        json: () => request(service.url).post('/v1/notarizations').send(DOCUMENTS),
        ndjson: () =>
          request(service.url)
            .post('/v1/notarizations')
            .set('Content-Type', 'application/x-ndjson')
            .send(`${JSON.stringify(DOCUMENTS.documents[0])}\n`),
        upload: () =>
          request(service.url).post('/v1/notarizations').attach('file', Buffer.from('x'), 'x.txt'),
        put: () => request(service.url).put('/v1/notarizations').send('x'),
      };
      for (const [name, submit] of Object.entries(sealed)) {
        const res = await submit().set({ Cookie, ...csrf() });
        expect([name, res.status, codeOf(res)]).toEqual([name, 401, 'invalid_token']);
      }
      expect(await accepted()).toBe(before);
      const own = await request(service.url).get('/v1/notarizations').set('Cookie', Cookie);
      expect([own.status, codeOf(own)]).toEqual([401, 'invalid_token']);
      const who = await request(service.url).get('/v1/session').set('Cookie', Cookie).expect(200);
      expect(Session.parse(who.body).principal).toEqual({ kind: 'anonymous', permissions: [] });
      // It does not keep anybody from signing in.
      const signIn = { email: owner.email, password: PASSWORD, cookies: true };
      await request(service.url).post('/v1/session').set('Cookie', Cookie).send(signIn).expect(200);
    },
  );
});

test('a bearer token counts, whatever the cookies are', async () => {
  const Cookie = PLANTED['another after it']?.() ?? '';
  const headers = { Cookie, Authorization: `Bearer ${owner.accessToken}` };
  await request(service.url).post('/v1/notarizations').set(headers).send(DOCUMENTS).expect(201);
});

test('planted cookies do not keep a session alive that its person has ended', async () => {
  const session = await signInAtPage(service.url, owner.email);
  const planted = ['access', 'refresh', 'csrf'].map((name) => `ingam-${name}=${'p'.repeat(43)}`).join('; ');
  const Cookie = `${planted}; ${cookieHeader(session)}; ${planted}`;
  const out = await request(service.url)
    .delete('/v1/session')
    .set({ Cookie, 'X-CSRF-Token': session['ingam-csrf'] ?? '' })
    .expect(204);
  expect(Object.values(cookiesOf(out))).toEqual(['', '', '']);
  await request(service.url)
    .post('/v1/session/refresh')
    .send({ refreshToken: session['ingam-refresh'] })
    .expect(401);
  await request(service.url)
    .get('/v1/keys')
    .set('Authorization', `Bearer ${session['ingam-access'] ?? ''}`)
    .expect(401);
});

test('a planted refresh cookie is not exchanged, and the session does not end', async () => {
  const session = await signInAtPage(service.url, owner.email);
  const Cookie = `${cookieHeader(session)}; ingam-refresh=${'p'.repeat(43)}`;
  const headers = { Cookie, 'X-CSRF-Token': session['ingam-csrf'] ?? '' };
  const res = await request(service.url).post('/v1/session/refresh').set(headers).send({}).expect(401);
  expect(codeOf(res)).toBe('invalid_token');
  await request(service.url)
    .post('/v1/session/refresh')
    .send({ refreshToken: session['ingam-refresh'] })
    .expect(200);
});

test('a planted device cookie does not make a known browser unknown', async () => {
  const device = `ingam-device=${cookies['ingam-device'] ?? ''}`;
  await using behind = await startService({ sealing: false, trustProxy: 1, beside: service });
  const attempt = (password: string, headers: Record<string, string> = {}) =>
    request(behind.url)
      .post('/v1/session')
      .set({ 'X-Forwarded-For': '203.0.113.9', ...headers })
      .send({ email: owner.email, password });
  for (let i = 0; i < 6; i++) await attempt(`guess number ${i}`);
  // None ends before the test has looked at it.
  await query(service.databaseUrl, 'UPDATE throttle SET blocked_until = blocked_until + 600000');
  await attempt(PASSWORD).expect(429);
  await attempt(PASSWORD, { Cookie: `ingam-device=planted; ${device}; ingam-device=` }).expect(200);
});
