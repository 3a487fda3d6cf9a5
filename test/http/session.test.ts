import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OpenedSession, OwnSessions, Session } from '../../src/http/schemas/auth.js';
import { Problem } from '../../src/http/schemas/resources.js';
import { cookieHeader, type Cookies, cookiesOf, fromPage, signInAtPage } from '../support/browser-session.js';
import {
  bearer,
  createKey,
  createOperator,
  createOrganization,
  createUser,
  PASSWORD,
  type Someone,
} from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let organizationId: string;
let owner: Someone;
beforeAll(async () => {
  service = await startService();
  organizationId = (await createOrganization(service, 'Kim & Co')).id;
  owner = await createUser(service, organizationId, 'owner');
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const api = () => request(service.url);
const signIn = (body: object) => api().post('/v1/session').send(body);
const codeOf = (res: { readonly body: unknown }) => Problem.parse(res.body).code;
const tokensOf = (res: { readonly body: unknown }) =>
  OpenedSession.parse(res.body).tokens ?? expect.fail('no tokens');

describe('a session for scripts', () => {
  test('sign in, read the session, refresh and sign out', async () => {
    const opened = await signIn({ email: owner.email.toUpperCase(), password: PASSWORD }).expect(200);
    expect(opened.headers['set-cookie']).toBeUndefined();
    expect(opened.headers['cache-control']).toBe('no-store');
    const tokens = tokensOf(opened);
    const who = Session.parse(
      (await api().get('/v1/session').set(bearer(tokens.accessToken)).expect(200)).body,
    );
    expect(who).toMatchObject({
      principal: {
        kind: 'user',
        email: owner.email,
        organization: { id: organizationId, name: 'Kim & Co' },
        role: 'owner',
      },
      memberships: [{ organization: { id: organizationId }, role: 'owner' }],
      policy: { anonymousSubmission: true, privateVerification: false },
      vault: false,
      accessExpiresAt: tokens.accessExpiresAt,
    });
    const refreshed = tokensOf(
      await api().post('/v1/session/refresh').send({ refreshToken: tokens.refreshToken }).expect(200),
    );
    expect(refreshed.refreshToken).not.toBe(tokens.refreshToken);
    await api().delete('/v1/session').set(bearer(refreshed.accessToken)).expect(204);
    for (const token of [tokens.accessToken, refreshed.accessToken]) {
      const res = await api().get('/v1/session').set(bearer(token)).expect(401);
      expect(codeOf(res)).toBe('invalid_token');
      expect(res.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
  });

  test('an unknown address and a wrong password get the same response', async () => {
    const responses = [
      await signIn({ email: owner.email, password: 'not that one at all' }),
      await signIn({ email: 'nobody@example.com', password: 'not that one at all' }),
    ];
    const [wrong, unknown] = responses.map(({ status, body }) => ({
      status,
      body: { ...Problem.parse(body), requestId: '' },
    }));
    expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
    expect(unknown).toEqual(wrong);
  });

  test('the session of an anonymous caller and of an API key', async () => {
    const anonymous = Session.parse((await api().get('/v1/session').expect(200)).body);
    expect(anonymous).toMatchObject({
      principal: { kind: 'anonymous', permissions: [] },
      accessExpiresAt: null,
    });
    const key = await createKey(service, organizationId, ['notarize']);
    const machine = Session.parse((await api().get('/v1/session').set(bearer(key.secret)).expect(200)).body);
    expect(machine.principal).toEqual({
      kind: 'key',
      id: key.id,
      organization: { id: organizationId, name: 'Kim & Co' },
      scopes: ['notarize'],
      permissions: ['notarize'],
    });
  });

  test('a person in two organizations can choose one of them, and no other', async () => {
    const second = await createOrganization(service, 'Second');
    const person = await createUser(service, organizationId, 'notary');
    await service.deps.access.users.add(
      { kind: 'local' },
      second.id,
      { email: person.email, name: 'x', role: 'auditor', trustExisting: true },
      { address: '', agent: '' },
    );
    const tokens = tokensOf(await signIn({ email: person.email, password: PASSWORD }).expect(200));
    const choose = (organization: string) =>
      api().patch('/v1/session').set(bearer(tokens.accessToken)).send({ organization });
    const before = Session.parse((await api().get('/v1/session').set(bearer(tokens.accessToken))).body);
    expect(before.principal).toMatchObject({ organization: null, role: null, permissions: [] });
    expect(before.memberships.map(({ role }) => role).sort()).toEqual(['auditor', 'notary']);
    const chosen = Session.parse((await choose(second.id).expect(200)).body);
    expect(chosen.principal).toMatchObject({ organization: { id: second.id }, role: 'auditor' });
    const other = await createOrganization(service, 'Other');
    expect(codeOf(await choose(other.id).expect(404))).toBe('organization_not_found');
    const after = Session.parse((await api().get('/v1/session').set(bearer(tokens.accessToken))).body);
    expect(after.principal).toMatchObject({ organization: { id: second.id } });
  });

  test('a person lists and ends their sessions, and a new password ends all', async () => {
    const person = await createUser(service, organizationId, 'notary');
    const here = tokensOf(await signIn({ email: person.email, password: PASSWORD }));
    const there = tokensOf(
      await signIn({ email: person.email, password: PASSWORD }).set('User-Agent', 'the other one'),
    );
    const list = async () =>
      OwnSessions.parse(
        (await api().get('/v1/session/others').set(bearer(here.accessToken)).expect(200)).body,
      ).sessions;
    const sessions = await list();
    expect(sessions).toHaveLength(3);
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
    const other = sessions.find(({ agent }) => agent === 'the other one') ?? expect.fail();
    const end = (id: string, token = here.accessToken) =>
      api().delete(`/v1/session/others/${id}`).set(bearer(token));
    await end(other.id, owner.accessToken).expect(404);
    await end(other.id).expect(204);
    await end(other.id).expect(404);
    await api().get('/v1/session').set(bearer(there.accessToken)).expect(401);
    await api().delete('/v1/session/others').set(bearer(here.accessToken)).expect(204);
    expect(await list()).toHaveLength(1);
    const change = (current: string, next: string) =>
      api().post('/v1/session/password').set(bearer(here.accessToken)).send({ current, next });
    expect(codeOf(await change('wrong', 'a new password that is long').expect(401))).toBe(
      'invalid_credentials',
    );
    expect(codeOf(await change(PASSWORD, 'short').expect(400))).toBe('invalid_password');
    const renewed = tokensOf(await change(PASSWORD, 'a new password that is long').expect(200));
    await api().get('/v1/session').set(bearer(here.accessToken)).expect(401);
    await api().get('/v1/session').set(bearer(renewed.accessToken)).expect(200);
    await signIn({ email: person.email, password: PASSWORD }).expect(401);
  });
});

describe('a session for pages', () => {
  test('tokens are in cookies that no script can read, and not in the response', async () => {
    const res = await signIn({ email: owner.email, password: PASSWORD, cookies: true }).expect(200);
    expect(OpenedSession.parse(res.body).tokens).toBeUndefined();
    const lines = z.array(z.string()).parse(res.headers['set-cookie']);
    expect(lines.map((line) => line.replace(/=[^;]*/, '').replace(/(Expires|Max-Age)=[^;]*/g, '$1'))).toEqual(
      [
        'ingam-access; Path=/; Expires; HttpOnly; SameSite=Strict',
        'ingam-refresh; Path=/; Expires; HttpOnly; SameSite=Strict',
        'ingam-csrf; Path=/; Expires; SameSite=Strict',
        'ingam-device; Max-Age; Path=/; Expires; HttpOnly; SameSite=Strict',
      ],
    );
    for (const value of Object.values(cookiesOf(res))) {
      expect(value.length).toBeGreaterThan(20);
      expect(res.text).not.toContain(value);
    }
    const who = await api()
      .get('/v1/session')
      .set('Cookie', cookieHeader(cookiesOf(res)))
      .expect(200);
    expect(Session.parse(who.body).principal).toMatchObject({ kind: 'user', email: owner.email });
  });

  test('over TLS the cookies are bound to this host and to TLS', async () => {
    await using secure = await startService({
      beside: service,
      sealing: false,
      hosts: { publicUrl: new URL('https://notary.example.com') },
    });
    const res = await request(secure.url)
      .post('/v1/session')
      .set('Host', 'notary.example.com')
      .send({ email: owner.email, password: PASSWORD, cookies: true })
      .expect(200);
    for (const line of z.array(z.string()).parse(res.headers['set-cookie'])) {
      expect(line).toMatch(
        /^__Host-ingam-(access|refresh|csrf|device)=.*; Path=\/;.*; Secure; SameSite=Strict$/,
      );
    }
    const { 'ingam-access': plain, '__Host-ingam-access': prefixed = '' } = cookiesOf(res);
    expect(plain).toBeUndefined();
    const who = async (cookie: string) =>
      Session.parse(
        (await request(secure.url).get('/v1/session').set({ Host: 'notary.example.com', Cookie: cookie }))
          .body,
      ).principal.kind;
    expect(await who(`__Host-ingam-access=${prefixed}`)).toBe('user');
    // Without the prefix it could have been set by a neighbour under the same domain.
    expect(await who(`ingam-access=${prefixed}`)).toBe('anonymous');
  });

  test('an expired access token counts as anonymous where that is enough, and the cookie refreshes it', async () => {
    let now = Date.now();
    await using later = await startService({ beside: service, sealing: false, clock: () => now });
    const post = (path: string, cookies: Cookies) => request(later.url).post(path).set(fromPage(cookies));
    const first = await signInAtPage(later.url, owner.email);
    now += 20 * 60_000;
    const who = await request(later.url).get('/v1/session').set('Cookie', cookieHeader(first)).expect(200);
    expect(Session.parse(who.body).principal.kind).toBe('anonymous');
    const keys = await request(later.url).get('/v1/keys').set('Cookie', cookieHeader(first)).expect(401);
    expect(codeOf(keys)).toBe('token_expired');
    // As an anonymous submission it would be lost to the organization.
    const documents = [{ sha256: '0'.repeat(64) }];
    const submitted = await post('/v1/notarizations', first).send({ documents }).expect(401);
    expect(codeOf(submitted)).toBe('token_expired');
    const res = await post('/v1/session/refresh', first).send({}).expect(200);
    const second = cookiesOf(res);
    expect(OpenedSession.parse(res.body).tokens).toBeUndefined();
    await request(later.url).get('/v1/keys').set('Cookie', cookieHeader(second)).expect(200);
    await post('/v1/notarizations', second).send({ documents }).expect(201);
    // Signing out ends the session also when only the refresh token is still good.
    now += 20 * 60_000;
    const out = await request(later.url).delete('/v1/session').set(fromPage(second)).expect(204);
    expect(Object.values(cookiesOf(out))).toEqual(['', '', '']);
    const ended = await post('/v1/session/refresh', second).send({}).expect(401);
    expect(codeOf(ended)).toBe('invalid_token');
    expect(Object.values(cookiesOf(ended))).toEqual(['', '', '']);
  });
});

describe('invitations', () => {
  test('the first operator, an organization, its owner and a user are created over HTTP', async () => {
    await using fresh = await startService({ policy: { anonymousSubmission: false } });
    const call = request(fresh.url);
    const token = (await fresh.deps.access.invitations.setUpLink())?.token ?? expect.fail();
    const inspected = await call.post('/v1/invitations/inspect').send({ token }).expect(200);
    expect(inspected.body).toEqual({
      email: null,
      name: null,
      firstOperator: true,
      operator: true,
      organization: null,
      password: 'new',
      memberships: [],
    });
    const operator = tokensOf(
      await call
        .post('/v1/invitations/redeem')
        .send({ token, email: 'op@example.com', name: 'Op', password: PASSWORD })
        .expect(200),
    ).accessToken;
    expect(codeOf(await call.post('/v1/invitations/inspect').send({ token }).expect(400))).toBe(
      'invalid_invitation',
    );
    const organization = z
      .looseObject({ id: z.string() })
      .parse(
        (await call.post('/v1/organizations').set(bearer(operator)).send({ name: 'Kim' }).expect(201)).body,
      );
    const invite = (by: string, body: object, query = '') =>
      call.post(`/v1/users${query}`).set(bearer(by)).send(body);
    const NewUser = z.looseObject({
      user: z.looseObject({ id: z.string() }),
      invitation: z.looseObject({ token: z.string() }),
    });
    const first = NewUser.parse(
      (
        await invite(
          operator,
          { email: 'kim@example.com', name: 'Kim', role: 'owner' },
          `?organization=${organization.id}`,
        ).expect(201)
      ).body,
    );
    const kim = tokensOf(
      await call
        .post('/v1/invitations/redeem')
        .send({ token: first.invitation.token, password: PASSWORD })
        .expect(200),
    ).accessToken;
    await invite(kim, { email: 'lee@example.com', name: 'Lee', role: 'notary' }).expect(201);
    const users = await call.get('/v1/users').set(bearer(kim)).expect(200);
    expect(users.body).toMatchObject({
      users: [
        { email: 'kim@example.com', role: 'owner' },
        { email: 'lee@example.com', role: 'notary', acceptedAt: null },
      ],
    });
    // From now on the organization is its owner's to staff.
    const again = await invite(
      operator,
      { email: 'spy@example.com', name: 'Spy', role: 'owner' },
      `?organization=${organization.id}`,
    );
    expect(codeOf(again)).toBe('owner_exists');
    const key = await call
      .post('/v1/keys')
      .set(bearer(kim))
      .send({
        name: 'ci',
        scopes: ['notarize'],
        networks: ['127.0.0.0/8'],
        expiresAt: '2099-01-01T00:00:00Z',
      })
      .expect(201);
    const { secret } = z.looseObject({ secret: z.string() }).parse(key.body);
    const documents = [{ sha256: 'a'.repeat(64) }];
    await call.post('/v1/notarizations').send({ documents }).expect(401);
    await call.post('/v1/notarizations').set(bearer(secret)).send({ documents }).expect(201);
  });

  test('operators manage organizations and see no keys', async () => {
    const operator = (await createOperator(service)).accessToken;
    const list = await api().get('/v1/organizations?limit=1').set(bearer(operator)).expect(200);
    expect(list.body).toMatchObject({ organizations: [{}] });
    const change = (body: object) =>
      api().patch(`/v1/organizations/${organizationId}`).set(bearer(operator)).send(body);
    const changed = await change({ limits: { digestsPerDay: 1000 } }).expect(200);
    expect(changed.body).toMatchObject({ limits: { digestsPerDay: 1000, bytesPerDay: null } });
    await change({ limits: { digestsPerDay: null } }).expect(200);
    expect(codeOf(await change({ limits: { digestsPerDay: -1 } }).expect(400))).toBe('invalid_body');
    const keys = await api().get('/v1/keys').set(bearer(operator)).expect(403);
    expect(codeOf(keys)).toBe('forbidden');
    expect(keys.headers['www-authenticate']).toBe('Bearer error="insufficient_scope"');
  });
});
