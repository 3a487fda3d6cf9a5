import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OpenedSession, Organization, Session } from '../../src/http/schemas/auth.js';
import { PasskeyChallenge, PasskeyCreation, Passkeys } from '../../src/http/schemas/passkeys.js';
import { Problem } from '../../src/http/schemas/resources.js';
import { assertionJson, Authenticator, jsonOf } from '../support/authenticator.js';
import { cookieHeader, cookiesOf, fromPage, signInAtPage } from '../support/browser-session.js';
import { createOrganization, createUser, PASSWORD, type Someone } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let owner: Someone;
let host: string;
let device: Authenticator;
beforeAll(async () => {
  service = await startService({ sealing: false });
  const { id } = await createOrganization(service);
  owner = await createUser(service, id, 'owner');
  host = `localhost:${service.port}`;
  device = new Authenticator({ rpId: 'localhost', origin: `http://${host}` });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const call = (method: 'post' | 'get' | 'patch' | 'put', path: string, at = host) =>
  request(service.url)[method](path).set('Host', at);
const codeOf = (res: { readonly body: unknown }) => Problem.parse(res.body).code;
const challenge = async () =>
  PasskeyChallenge.parse((await call('post', '/v1/session/passkey/challenge').expect(200)).body).challenge;

describe('a person', () => {
  test('adds a passkey on a page, signs in with it, lists, renames and removes it', async () => {
    const cookies = await signInAtPage(service.url, owner.email);
    const page = (method: 'post' | 'get' | 'patch', path: string) =>
      call(method, path).set(fromPage(cookies));
    const proof = { password: PASSWORD };
    const asked = PasskeyCreation.parse(
      (await page('post', '/v1/passkeys/challenge').send({ proof }).expect(200)).body,
    );
    expect(asked).toMatchObject({ rpId: 'localhost', user: { email: owner.email }, known: [] });
    const made = device.create(asked.challenge, Buffer.from(asked.user.id, 'base64url'));
    await page('post', '/v1/passkeys')
      .send({ name: 'Laptop', ...jsonOf(made) })
      .expect(201);
    const passkey = assertionJson(device.answer(await challenge()));
    const opened = await call('post', '/v1/session/passkey').send({ passkey, cookies: true }).expect(200);
    expect(OpenedSession.parse(opened.body).tokens).toBeUndefined();
    const session = await call('get', '/v1/session').set('Cookie', cookieHeader(cookiesOf(opened)));
    expect(Session.parse(session.body)).toMatchObject({
      principal: { kind: 'user', email: owner.email },
      signIn: { passkeys: true },
    });
    const list = async () => Passkeys.parse((await page('get', '/v1/passkeys').expect(200)).body);
    const { id, lastUsedAt } = (await list()).passkeys[0] ?? expect.fail('there is none');
    expect(lastUsedAt).not.toBeNull();
    await page('patch', `/v1/passkeys/${id}`).send({ name: 'Phone' }).expect(204);
    await page('patch', '/v1/passkeys').send({ needed: true, proof }).expect(204);
    expect(await list()).toMatchObject({ passkeys: [{ name: 'Phone' }], needed: true });
    const { email } = owner;
    const refused = await call('post', '/v1/session').send({ email, password: PASSWORD }).expect(401);
    expect(codeOf(refused)).toBe('passkey_needed');
    const by = { passkey: assertionJson(device.answer(await challenge())) };
    await page('post', `/v1/passkeys/${id}/removal`).send({ proof: by }).expect(204);
    expect(await list()).toEqual({ passkeys: [], needed: false });
    const gone = { passkey: assertionJson(device.answer(await challenge())) };
    expect(codeOf(await call('post', '/v1/session/passkey').send(gone).expect(401))).toBe('invalid_passkey');
  });

  test('acts for an organization that requires passkeys only with one, from the next request on', async () => {
    const { id } = await createOrganization(service, 'Strict');
    const [strict, weak] = [await createUser(service, id, 'owner'), await createUser(service, id, 'notary')];
    const api = (method: 'post' | 'get' | 'put', path: string, { accessToken }: Someone) =>
      call(method, path).set('Authorization', `Bearer ${accessToken}`);
    const require = (required: boolean) =>
      api('put', `/v1/organizations/${id}/passkeys`, strict).send({ required });
    expect(codeOf(await require(true).expect(403))).toBe('passkey_required');
    const proof = { password: PASSWORD };
    const add = async (who: Someone) => {
      const asked = await api('post', '/v1/passkeys/challenge', who).send({ proof }).expect(200);
      const { challenge: nonce, user } = PasskeyCreation.parse(asked.body);
      const own = new Authenticator({ rpId: 'localhost', origin: `http://${host}` });
      const made = own.create(nonce, Buffer.from(user.id, 'base64url'));
      await api('post', '/v1/passkeys', who)
        .send({ name: 'Key', ...jsonOf(made) })
        .expect(201);
    };
    await add(strict);
    await api('get', '/v1/notarizations', weak).expect(200);
    await require(true).expect(200);
    expect(codeOf(await api('get', '/v1/notarizations', weak).expect(403))).toBe('passkey_required');
    const seen = Session.parse((await api('get', '/v1/session', weak).expect(200)).body);
    expect(seen.principal).toMatchObject({ organization: null, lacksPasskey: true, permissions: [] });
    await add(weak);
    await api('get', '/v1/notarizations', weak).expect(200);
    expect(Organization.parse((await require(false).expect(200)).body).requiresPasskey).toBe(false);
  });

  test('changes passkeys only from a page of this service', async () => {
    const cookies = await signInAtPage(service.url, owner.email);
    for (const [method, path] of [
      ['post', '/v1/passkeys'],
      ['post', '/v1/passkeys/challenge'],
      ['patch', '/v1/passkeys'],
      ['patch', '/v1/passkeys/pky_x'],
      ['post', '/v1/passkeys/pky_x/removal'],
    ] as const) {
      const bare = await call(method, path).set('Cookie', cookieHeader(cookies)).send({});
      const foreign = await call(method, path)
        .set(fromPage(cookies))
        .set('Sec-Fetch-Site', 'cross-site')
        .send({});
      expect([path, codeOf(bare), codeOf(foreign)]).toEqual([path, 'csrf', 'csrf']);
    }
    const planted = await call('post', '/v1/session/passkey').set('Sec-Fetch-Site', 'cross-site').send({});
    expect(codeOf(planted)).toBe('csrf');
  });
});

test('there are no passkeys at an IP address, and the answer says where there are', async () => {
  const at = `127.0.0.1:${service.port}`;
  const res = await call('post', '/v1/session/passkey/challenge', at).expect(409);
  expect(Problem.parse(res.body)).toMatchObject({
    code: 'passkeys_unavailable',
    detail: expect.stringContaining('http://localhost') as string,
  });
  const session = Session.parse((await call('get', '/v1/session', at)).body);
  expect(session.signIn.passkeys).toBe(false);
});

test.each([
  ['https://notary.example.com/', 'notary.example.com', true],
  ['https://notary.example.com:8443/sub/', 'notary.example.com', true],
  ['http://localhost:8080/', 'localhost', true],
  ['http://notary.example.com/', 'notary.example.com', false],
  ['https://192.0.2.1/', '192.0.2.1', false],
  ['https://[2001:db8::1]/', '[2001:db8::1]', false],
])('with INGAM_PUBLIC_URL=%s', async (publicUrl, name, available) => {
  await using instance = await startService({
    ...{ sealing: false, beside: service },
    hosts: { publicUrl: new URL(publicUrl), loopbackOnly: false },
  });
  const asked = () => request(instance.url).post('/v1/session/passkey/challenge').set('Host', name);
  const res = await asked().expect(available ? 200 : 409);
  if (!available) return;
  expect(PasskeyChallenge.parse(res.body).rpId).toBe(name);
  // Elsewhere than there, an answer is refused, whatever Host says.
  const { origin } = new URL(publicUrl);
  const tries: readonly (readonly [string, string])[] = [
    [origin, 'passkey signs nobody in'],
    ['https://evil.example', 'another address'],
    [`https://evil.${name}`, 'another address'],
  ];
  for (const [from, message] of tries) {
    const soft = new Authenticator({ rpId: name, origin: from });
    soft.userHandle = Buffer.from('psn_aaaaaaaaaaaaaaaaaaaa');
    const passkey = assertionJson(soft.answer(PasskeyChallenge.parse((await asked()).body).challenge));
    const refused = await request(instance.url)
      .post('/v1/session/passkey')
      .set('Host', name)
      .send({ passkey });
    expect(Problem.parse(refused.body).detail).toContain(message);
  }
});
