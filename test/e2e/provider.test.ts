import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL } from '../../src/auth/index.js';
import { createProvider, type Provider } from '../auth/provider.js';
import { HERE } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { DESKTOP, checkViews } from './account-support.js';
import { builtPages, openPage, tabTo } from './support.js';
import { freePort } from '../support/free-port.js';

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

const open = (view: BrowserContextOptions, hash = '') => openPage(`${url}account.html${hash}`, view);

describe('the company’s identity provider', () => {
  it('signs people in and out, with the keyboard alone', async () => {
    await using opened = await open(DESKTOP);
    const { page } = opened;
    await page.getByRole('link', { name: 'Sign in with Company' }).waitFor();
    await checkViews(page, DESKTOP);
    await tabTo(page, 'Sign in with Company');
    await page.keyboard.press('Enter');
    await page.getByText('Hanbit. Your role: Notary.').waitFor();
    expect(page.url()).toBe(`${url}account.html`);
    await page.getByRole('heading', { name: 'Jane Doe' }).waitFor();
    expect(await page.locator('input[type=password]').count()).toBe(0);
    await checkViews(page, DESKTOP);
    const names = (await page.context().cookies()).map(({ name }) => name).sort();
    expect(names).toEqual(['ingam-access', 'ingam-csrf', 'ingam-device', 'ingam-refresh']);
    await tabTo(page, 'Sign out here and at Company');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Sign in with Company' }).waitFor();
    expect(provider.asked.at(-1)).toBe('/logout');
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual(['ingam-device']);
  });

  it('says why nobody is signed in', async () => {
    await using opened = await open(DESKTOP);
    const { page } = opened;
    provider.strange = { idToken: { claims: { roles: [] } } };
    await page.getByRole('link', { name: 'Sign in with Company' }).click();
    await page.getByRole('alert').getByText('Company knows you, but you have no role here.').waitFor();
    await checkViews(page, DESKTOP);
    provider.strange = { responses: { '/token': { status: 503, body: '' } } };
    await page.getByRole('link', { name: 'Sign in with Company' }).click();
    await page.getByRole('alert').getByText('Company cannot be reached.').waitFor();
    provider.strange = {};
    // Somebody else's answer, in a link that a stranger has sent.
    await page.goto(`${url}sign-in/callback?code=x&state=y&iss=${encodeURIComponent(provider.url)}`);
    await page.getByRole('alert').getByText('This sign-in was not started in this browser').waitFor();
    await page.getByRole('link', { name: 'Sign in with Company' }).click();
    await page.getByText('Hanbit. Your role: Notary.').waitFor();
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
