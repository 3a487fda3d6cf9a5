import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OpenedSession, Session } from '../../src/http/schemas/auth.js';
import { Problem } from '../../src/http/schemas/resources.js';
import { cookieHeader, type Cookies, cookiesOf, fromPage, signInAtPage } from '../support/browser-session.js';
import {
  bearer,
  createKey,
  createOrganization,
  createUser,
  PASSWORD,
  type Someone,
} from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let owner: Someone;
let key: string;
let cookies: Cookies;
beforeAll(async () => {
  service = await startService({ sealing: false });
  const { id } = await createOrganization(service);
  owner = await createUser(service, id, 'owner');
  key = (await createKey(service, id)).secret;
  cookies = await signInAtPage(service.url, owner.email);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const api = () => request(service.url);
const codeOf = (res: { readonly body: unknown }) => Problem.parse(res.body).code;
const DOCUMENTS = { documents: [{ sha256: 'a'.repeat(64) }] };
const accepted = async () => (await service.store.head()).nextPosition;

describe('a page of another site', () => {
  /** What a form on another site can send without a preflight request: three content types, no own header. */
  const forms: readonly (readonly [string, string, string])[] = [
    ['/v1/keys', 'text/plain', '{"name":"evil","scopes":["read"]}'],
    ['/v1/keys', 'application/x-www-form-urlencoded', 'name=evil&scopes=read'],
    ['/v1/session/password', 'text/plain', `{"current":"${PASSWORD}","next":"0123456789abc"}`],
    [
      '/v1/notarizations',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n',
    ],
  ];
  test.each(forms)('cannot post a simple form to %s as %s', async (path, type, body) => {
    const before = await accepted();
    const attempts: Record<string, string>[] = [
      // A browser as of today; one that knows no fetch metadata; one that knows neither.
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'same-site', Origin: 'http://127.0.0.1:3000' },
      {},
    ];
    for (const headers of attempts) {
      const res = await api()
        .post(path)
        .set({ Cookie: cookieHeader(cookies), 'Content-Type': type, ...headers })
        .send(body);
      expect([res.status, codeOf(res)], JSON.stringify(headers)).toEqual([403, 'csrf']);
    }
    expect(await accepted()).toBe(before);
  });

  test('is rejected without cookies too, because it could sign the visitor in to another account', async () => {
    for (const [path, body] of [
      ['/v1/session', { email: owner.email, password: PASSWORD, cookies: true }],
      ['/v1/notarizations', DOCUMENTS],
      ['/v1/invitations/redeem', { token: 'x', password: PASSWORD }],
    ] as const) {
      const res = await api().post(path).set('Sec-Fetch-Site', 'cross-site').send(body);
      expect([path, res.status, codeOf(res)]).toEqual([path, 403, 'csrf']);
      expect(res.headers['set-cookie']).toBeUndefined();
      // A browser adds the credentials that it remembers for a proxy in front of the service.
      await api().post(path).set('Sec-Fetch-Site', 'cross-site').auth('proxy', 'user').send(body).expect(403);
    }
    // A form cannot say application/json, without which no session begins.
    const form = await api()
      .post('/v1/session')
      .set('Content-Type', 'text/plain')
      .send(JSON.stringify({ email: owner.email, password: PASSWORD, cookies: true }));
    expect([form.status, codeOf(form)]).toEqual([415, 'unsupported_media_type']);
  });
});

describe('the CSRF token', () => {
  const create = (headers: Record<string, string>) =>
    api()
      .post('/v1/keys')
      .set(headers)
      .send({ name: 'k', scopes: ['read'] });

  test('must be in the header and belong to the session', async () => {
    const other = await signInAtPage(service.url, owner.email);
    const tokens = [undefined, '', 'x', other['ingam-csrf'] ?? '', `${cookies['ingam-csrf'] ?? ''}x`, key];
    for (const token of tokens) {
      const res = await create({
        Cookie: cookieHeader(cookies),
        ...(token === undefined ? {} : { 'X-CSRF-Token': token }),
      });
      expect([res.status, codeOf(res)], token).toEqual([403, 'csrf']);
    }
    // Cookie and header agree with each other, as where both were planted, but not with the session.
    const planted = { ...cookies, 'ingam-csrf': 'planted' };
    expect((await create(fromPage(planted))).status).toBe(403);
    await create(fromPage(cookies)).expect(201);
    for (const headers of [
      { 'Sec-Fetch-Site': 'same-origin', Origin: service.url },
      { Origin: service.url },
      { 'Sec-Fetch-Site': 'none' },
    ]) {
      await create({ ...fromPage(cookies), ...headers }).expect(201);
    }
  });

  test('does not help a page of another site', async () => {
    for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'https://evil.example' }]) {
      const res = await create({ ...fromPage(cookies), ...headers });
      expect([res.status, codeOf(res)]).toEqual([403, 'csrf']);
    }
  });

  test('is required for every method that changes something, and for no other', async () => {
    const Cookie = cookieHeader(cookies);
    for (const [method, path] of [
      ['PATCH', '/v1/session'],
      ['DELETE', '/v1/session/others'],
      ['DELETE', '/v1/session'],
      ['PUT', '/v1/notarizations'],
      ['POST', '/v1/notarizations'],
    ] as const) {
      const res = await fetch(service.url + path, { method, headers: { Cookie } });
      expect([method, path, res.status]).toEqual([method, path, 403]);
    }
    for (const path of ['/v1/session', '/v1/keys', '/v1/users', '/v1/session/others']) {
      await api().get(path).set('Cookie', Cookie).expect(200);
    }
  });

  test('is not required with a bearer token, which no browser adds by itself', async () => {
    const headers = { ...bearer(key), 'Sec-Fetch-Site': 'cross-site', Origin: 'https://tool.example' };
    await api().post('/v1/notarizations').set(headers).send(DOCUMENTS).expect(201);
    // And the cookie that came along is not looked at.
    const both = await api()
      .get('/v1/session')
      .set({ ...bearer(key), Cookie: cookieHeader(cookies) })
      .expect(200);
    expect(Session.parse(both.body).principal.kind).toBe('key');
  });
});

test('refreshing and signing out with cookies require the CSRF token', async () => {
  const session = await signInAtPage(service.url, owner.email);
  const Cookie = cookieHeader(session);
  for (const token of ['', 'x']) {
    const res = await api()
      .post('/v1/session/refresh')
      .set({ Cookie, 'X-CSRF-Token': token })
      .send({ cookies: true });
    expect([res.status, codeOf(res)]).toEqual([403, 'csrf']);
  }
  const res = await api()
    .post('/v1/session/refresh')
    .set(fromPage(session))
    .send({ cookies: true })
    .expect(200);
  expect(OpenedSession.parse(res.body).tokens).toBeUndefined();
  expect(cookiesOf(res)['ingam-csrf']).toBe(session['ingam-csrf']);
});

describe('session fixation', () => {
  test('planted cookies never become the session of a later sign-in', async () => {
    // The attacker's own session, planted in the victim's browser.
    const attacker = await createUser(service, (await createOrganization(service, 'Attacker')).id, 'owner');
    const planted = await signInAtPage(service.url, attacker.email);
    const res = await api()
      .post('/v1/session')
      .set(fromPage(planted))
      .send({ email: owner.email, password: PASSWORD, cookies: true })
      .expect(200);
    const own = cookiesOf(res);
    for (const [name, value] of Object.entries(own)) expect(value).not.toBe(planted[name]);
    const who = async (Cookie: string) =>
      Session.parse((await api().get('/v1/session').set('Cookie', Cookie).expect(200)).body).principal;
    expect(await who(cookieHeader(own))).toMatchObject({ email: owner.email });
    expect(await who(cookieHeader(planted))).toMatchObject({ email: attacker.email });
    // Nor do made-up values.
    const made = { 'ingam-access': 'chosen', 'ingam-refresh': 'chosen', 'ingam-csrf': 'chosen' };
    const second = await api()
      .post('/v1/session')
      .set(fromPage(made))
      .send({ email: owner.email, password: PASSWORD, cookies: true })
      .expect(200);
    expect(Object.values(cookiesOf(second))).not.toContain('chosen');
    expect(await who(cookieHeader(made))).toMatchObject({ kind: 'anonymous' });
  });

  test('two cookies of one name are both ignored', async () => {
    const planted = await signInAtPage(service.url, owner.email);
    const res = await api()
      .get('/v1/session')
      .set('Cookie', `${cookieHeader(cookies)}; ingam-access=${planted['ingam-access'] ?? ''}`)
      .expect(200);
    expect(Session.parse(res.body).principal.kind).toBe('anonymous');
  });

  test('a refresh token in the body does not set cookies unless requested', async () => {
    const res = await api()
      .post('/v1/session/refresh')
      .send({ refreshToken: owner.refreshToken })
      .expect(200);
    expect(res.headers['set-cookie']).toBeUndefined();
  });
});
