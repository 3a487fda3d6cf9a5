import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { LOCAL } from '../../src/auth/index.js';
import { createOrganization, createUser, HERE, PASSWORD } from '../support/people.js';
import { fillSignIn, notarize, register } from './account-support.js';
import { calls, choose, chooseSent, openPage, textFile, tryNow, useService, waitForRows } from './support.js';

/** Longer than an access token is valid, with a margin for clock skew. */
const LIFE_MS = 20 * 60_000;

/** How far the service’s clock is ahead, which decides when tokens expire. */
let ahead = 0;
const service = useService({ clock: () => Date.now() + ahead });

async function openAsNotary() {
  const { id } = await createOrganization(service, 'Held');
  const notary = await createUser(service, id, 'notary');
  const opened = await openPage(service.url, { as: notary.email });
  await opened.page.getByText('Notarizing for Held.').waitFor();
  return {
    ...opened,
    notary,
    organizationId: id,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

const count = (requests: Parameters<typeof calls>[0], call: string) =>
  calls(requests).filter((each) => each === call).length;

/** Another tab of the same browser, with its requests. */
async function anotherTab(context: BrowserContext): Promise<{ page: Page; sent: string[] }> {
  const page = await context.newPage();
  const sent: string[] = [];
  page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
  return { page, sent };
}

describe('an expired access token', () => {
  it('is refreshed without interrupting the user', async () => {
    await using opened = await openAsNotary();
    const { page, requests } = opened;
    ahead += LIFE_MS;
    await notarize(page, 'after a quarter of an hour');
    expect(count(requests, 'POST /v1/session/refresh')).toBe(1);
    // Rejected, refreshed, and sent again, for the organization.
    expect(count(requests, 'POST /v1/notarizations')).toBe(2);
    expect(await register(page)).toHaveLength(1);
    ahead += LIFE_MS;
    await page.reload();
    await page.getByText('Notarizing for Held.').waitFor();
    // Uploads use another kind of request.
    ahead += LIFE_MS;
    await chooseSent(page, 'Upload the file');
    await notarize(page, 'uploaded late');
    expect(await register(page)).toHaveLength(2);
    opened.assertClean({ mayFailToLoad: true });
  });

  it('is refreshed by one tab for all that wake up together', async () => {
    await using opened = await openAsNotary();
    const { page, requests } = opened;
    const tabs = [
      await anotherTab(page.context()),
      await anotherTab(page.context()),
      await anotherTab(page.context()),
    ];
    ahead += LIFE_MS;
    await Promise.all(tabs.map((tab) => tab.page.goto(service.url)));
    for (const tab of tabs) await tab.page.getByText('Notarizing for Held.').waitFor();
    const sent = [...calls(requests), ...tabs.flatMap((tab) => tab.sent)];
    expect(sent.filter((call) => call === 'POST /v1/session/refresh')).toHaveLength(1);
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('a session that ends', () => {
  it('on the server stops submissions, which are never sent anonymously', async () => {
    await using opened = await openAsNotary();
    const { page, notary, organizationId } = opened;
    await choose(page, textFile('contract.txt', 'for Held alone'));
    await waitForRows(page, 'ready', 1);
    // This service accepts anonymous submissions, but this document was to be submitted for the organization.
    await createUser(service, organizationId, 'owner');
    await service.deps.access.people.setDisabled(LOCAL, notary.email, true, HERE);
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await page.getByText('You are not signed in, or your session has ended.').waitFor();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    expect(await page.locator('.row').getAttribute('data-phase')).toBe('failed');
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual(['ingam-device']);
    opened.assertClean({ mayFailToLoad: true });
  });

  it('in another tab also ends in this one', async () => {
    await using opened = await openAsNotary();
    const { page } = opened;
    const other = await anotherTab(page.context());
    await other.page.goto(`${service.url}/account.html`);
    await other.page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    expect(await page.getByText('Notarizing for').count()).toBe(0);
    await fillSignIn(other.page, opened.notary.email, PASSWORD);
    await page.getByText('Notarizing for Held.').waitFor();
    opened.assertClean();
  });

  it('because cookies were cleared stops submissions', async () => {
    await using opened = await openAsNotary();
    const { page, requests } = opened;
    await choose(page, textFile('contract.txt', 'cleared'));
    await waitForRows(page, 'ready', 1);
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await page.getByText('In another tab, someone signed in or out').waitFor();
    expect(count(requests, 'POST /v1/notarizations')).toBe(0);
    // The page now shows that nobody is signed in, so a retry is intended.
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForRows(page, 'sealed', 1);
    opened.assertClean();
  });
});

describe('a page that cannot load the session', () => {
  it('says so, and continues when the service is back', async () => {
    await using opened = await openPage('about:blank');
    const { page } = opened;
    let away = true;
    await page.route('**/v1/**', (route) => (away ? route.abort() : route.continue()));
    await page.goto(`${service.url}/account.html`);
    await page.getByRole('alert').getByText('The service cannot be reached.').waitFor();
    away = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('still takes documents, and submits them once the session is loaded', async () => {
    await using opened = await openAsNotary();
    const { page } = opened;
    let away = true;
    await page.route('**/v1/**', (route) => (away ? route.abort() : route.continue()));
    await page.reload();
    await choose(page, textFile('offline.txt', 'hashed while away'));
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await waitForRows(page, 'retrying', 1);
    away = false;
    await tryNow(page);
    await waitForRows(page, 'sealed', 1);
    expect(await register(page)).toHaveLength(1);
  });
});
