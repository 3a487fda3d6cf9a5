import type { BrowserContextOptions } from 'playwright-core';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL } from '../../src/auth/index.js';
import { createProvider, type Provider } from '../auth/provider.js';
import { HERE } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { expectAccessible, VIEWS } from './account-support.js';
import { builtPages, openPage, tabTo } from './support.js';

let first: TestService;
let service: TestService;
let provider: Provider;
let url: string;
beforeAll(async () => {
  // The provider must know the service's address, and the service an organization, before it starts.
  first = await startService({ sealing: false });
  const { id } = await first.deps.access.organizations.create(LOCAL, { name: 'Hanbit' }, HERE);
  provider = await createProvider([{ claimValue: 'notaries', role: 'notary', organizationId: id }]);
  const port = await freePort();
  url = `http://localhost:${port}/`;
  service = await startService({
    ...{ beside: first, publicDir: builtPages(), port, oidc: provider.config(url) },
    hosts: { publicUrl: new URL(url), loopbackOnly: true },
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const WORDS = {
  'en-GB': {
    signIn: 'Sign in with Company',
    role: 'Hanbit. Your role: Notary.',
    signOut: 'Sign out',
    everywhere: 'Sign out here and at Company',
    noRole: 'Company knows you, but you have no role here.',
    notBegun: 'This sign-in was not started in this browser',
    away: 'Company cannot be reached.',
  },
  'ko-KR': {
    signIn: 'Company 계정으로 로그인',
    role: 'Hanbit · 역할: 등록 담당자',
    signOut: '로그아웃',
    everywhere: '여기와 Company 모두에서 로그아웃',
    noRole: 'Company에서 확인된 계정이지만',
    notBegun: '이 브라우저에서 시작하지 않았거나',
    away: 'Company에 연결할 수 없습니다.',
  },
} as const;

const open = (view: BrowserContextOptions, hash = '') => openPage(`${url}account.html${hash}`, view);

describe.each(VIEWS)('the company’s identity provider (%s)', (_, view) => {
  const t = WORDS[view.locale as keyof typeof WORDS];

  it('signs people in and out, with the keyboard alone', async () => {
    await using opened = await open(view);
    const { page } = opened;
    await page.getByRole('link', { name: t.signIn }).waitFor();
    await expectAccessible(page);
    await tabTo(page, t.signIn);
    await page.keyboard.press('Enter');
    await page.getByText(t.role).waitFor();
    expect(page.url()).toBe(`${url}account.html`);
    await page.getByRole('heading', { name: 'Jane Doe' }).waitFor();
    expect(await page.locator('input[type=password]').count()).toBe(0);
    await expectAccessible(page);
    const names = (await page.context().cookies()).map(({ name }) => name).sort();
    expect(names).toEqual(['ingam-access', 'ingam-csrf', 'ingam-device', 'ingam-refresh']);
    await tabTo(page, t.everywhere);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: t.signIn }).waitFor();
    expect(provider.asked.at(-1)).toBe('/logout');
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual(['ingam-device']);
  });

  it('says why nobody is signed in', async () => {
    await using opened = await open(view);
    const { page } = opened;
    provider.strange = { idToken: { claims: { roles: [] } } };
    await page.getByRole('link', { name: t.signIn }).click();
    await page.getByRole('alert').getByText(t.noRole).waitFor();
    await expectAccessible(page);
    provider.strange = { responses: { '/token': { status: 503, body: '' } } };
    await page.getByRole('link', { name: t.signIn }).click();
    await page.getByRole('alert').getByText(t.away).waitFor();
    provider.strange = {};
    // Somebody else's answer, in a link that a stranger has sent.
    await page.goto(`${url}sign-in/callback?code=x&state=y&iss=${encodeURIComponent(provider.url)}`);
    await page.getByRole('alert').getByText(t.notBegun).waitFor();
    await page.getByRole('link', { name: t.signIn }).click();
    await page.getByText(t.role).waitFor();
  });
});

it('leads back to the page from which somebody came to sign in', async () => {
  await using opened = await open({}, '#from=register&q=contract');
  const { page } = opened;
  await page.getByRole('link', { name: 'Sign in with Company' }).click();
  await page.waitForURL(`${url}register.html#q=contract`);
  await page.goto(`${url}account.html`);
  await page.getByText('Hanbit. Your role: Notary.').waitFor();
});
