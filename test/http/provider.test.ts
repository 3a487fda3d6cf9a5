import { afterAll, beforeAll, expect, test } from 'vitest';
import request from 'supertest';
import { LOCAL } from '../../src/auth/index.js';
import { Session } from '../../src/http/schemas/auth.js';
import { createProvider, type Provider } from '../auth/provider.js';
import { cookieHeader, type Cookies, cookiesOf } from '../support/browser-session.js';
import { HERE } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

// What browsers see between the page and the company's identity provider, behind a proxy with TLS and a path.

const PUBLIC_URL = 'https://notary.example.com/sub/';
const COOKIE = '__Secure-ingam-provider';

let first: TestService;
let service: TestService;
let provider: Provider;
beforeAll(async () => {
  first = await startService({ sealing: false });
  const { id } = await first.deps.access.organizations.create(LOCAL, { name: 'Hanbit' }, HERE);
  provider = await createProvider([{ claimValue: 'notaries', role: 'auditor', organizationId: id }]);
  service = await startService({
    ...{ sealing: false, beside: first, oidc: provider.config(PUBLIC_URL) },
    hosts: { publicUrl: new URL(PUBLIC_URL), loopbackOnly: false },
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
});

const get = (path: string, cookie = '') =>
  request(service.url).get(path).set('Host', 'notary.example.com').set('Cookie', cookie);
const linesOf = (res: { readonly headers: Record<string, unknown> }) =>
  (res.headers['set-cookie'] ?? []) as readonly string[];

/** As far as the provider: its address, and the cookie. */
async function begin(path = '/sign-in'): Promise<{ address: URL; binding: string; line: string }> {
  const res = await get(path).expect(302);
  const [line = ''] = linesOf(res);
  const binding = cookiesOf(res)[COOKIE] ?? expect.fail('there is no cookie');
  return { address: new URL(res.headers['location'] ?? ''), binding, line };
}

const back = (address: URL) => {
  const { pathname, search } = provider.answer(address);
  // The proxy takes its path away.
  return pathname.replace('/sub/', '/') + search;
};

test('a browser gets cookies for this path of this host, and is led to the account page', async () => {
  const { address, binding, line } = await begin();
  expect(address.searchParams.get('redirect_uri')).toBe(`${PUBLIC_URL}sign-in/callback`);
  expect(line).toMatch(/; Path=\/sub\/; .*HttpOnly; Secure; SameSite=Lax$/);
  const res = await get(back(address), `${COOKIE}=${binding}`).expect(302);
  expect(res.headers).toMatchObject({
    ...{ location: '../account.html', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  });
  const cookies: Cookies = cookiesOf(res);
  expect(cookies[COOKIE]).toBe('');
  const session = linesOf(res).filter((each) => !each.startsWith(COOKIE));
  expect(session.map((each) => each.slice(0, each.indexOf('='))).sort()).toEqual(
    ['access', 'csrf', 'device', 'refresh'].map((name) => `__Secure-ingam-${name}`),
  );
  for (const each of session) expect(each).toMatch(/; Path=\/sub\/; .*Secure; SameSite=Strict$/);
  const who = Session.parse((await get('/v1/session', cookieHeader(cookies)).expect(200)).body);
  expect(who).toMatchObject({
    principal: { kind: 'user', id: 'oidc:248289761001', role: 'auditor', operator: false },
    signIn: { provider: 'Company' },
  });
});

test('nobody is led elsewhere, whatever the address says', async () => {
  const evil = encodeURIComponent('https://evil.example/');
  const { address, binding } = await begin(`/sign-in?from=${evil}&redirect_uri=${evil}&next=//evil.example`);
  expect(address.origin).toBe(provider.url);
  expect(address.searchParams.getAll('redirect_uri')).toEqual([`${PUBLIC_URL}sign-in/callback`]);
  const res = await get(`${back(address)}&from=${evil}&next=${evil}`, `${COOKIE}=${binding}`).expect(302);
  expect(res.headers['location']).toBe('../account.html');
  const out = await get(`/sign-out?post_logout_redirect_uri=${evil}`).expect(302);
  const left = new URL(out.headers['location'] ?? '');
  expect([left.origin, left.searchParams.getAll('post_logout_redirect_uri')]).toEqual([
    provider.url,
    [`${PUBLIC_URL}account.html`],
  ]);
});

test('an answer with cookies that somebody has planted, or with none, signs nobody in', async () => {
  const { address, binding } = await begin();
  const answer = back(address);
  const planted = (await begin()).binding;
  for (const cookie of [
    '',
    `${COOKIE}=${planted}`,
    `${COOKIE}=${planted}; ${COOKIE}=${binding}`,
    `ingam-provider=${binding}`,
  ]) {
    const res = await get(answer, cookie).expect(302);
    expect(res.headers['location']).toBe('../account.html#provider=not_begun');
    expect(Object.keys(cookiesOf(res))).toEqual([COOKIE]);
  }
});

test('a service without sign-in at a provider has none of these addresses', async () => {
  for (const path of ['/sign-in', '/sign-in/callback?code=x&state=y', '/sign-out']) {
    await request(first.url).get(path).expect(404);
  }
});
