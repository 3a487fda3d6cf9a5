import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedChromium } from '../support/chromium.js';
import { bearer, createOrganization, createKey, createOperator, createUser } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { focusedText, signIn, typeNewPassword } from './account-support.js';
import { builtPages, choose, openPage, textFile, waitForRows } from './support.js';

let browser: Browser;
let service: TestService;

beforeAll(async () => {
  browser = await sharedChromium();
  service = await startService({ publicDir: builtPages() });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

/** The organization page of an organization's owner, in a section of it. */
async function openAsOwner(section: string, name = 'Organization') {
  const { id } = await createOrganization(service, name);
  const owner = await createUser(service, id, 'owner');
  const opened = await openPage(browser, `${service.url}/account.html`, {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await signIn(opened.page, service.url, owner.email);
  await opened.page.getByRole('link', { name: section }).click();
  await opened.page.getByRole('heading', { name: section, level: 2 }).waitFor();
  return { ...opened, organizationId: id, owner, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

const entry = (page: Page, text: string) => page.locator('.entry', { hasText: text });
const dialog = (page: Page) => page.locator('dialog[open]');

describe('an owner and the organization’s users', () => {
  it('invites, hands over a link, changes a role, and removes', async () => {
    await using opened = await openAsOwner('Users');
    const { page, organizationId } = opened;
    await page.getByRole('button', { name: 'Add a user' }).click();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('name');
    await page.getByLabel('Name', { exact: true }).fill('박서연');
    await page.getByLabel('E-mail address').fill('park');
    await page.getByRole('button', { name: 'Add and make' }).click();
    await page.getByText('An e-mail address reads name@host.').waitFor();
    await page.getByLabel('E-mail address').fill(`park@${organizationId}.example`);
    await page.getByLabel('Auditor').check();
    await page.getByRole('button', { name: 'Add and make' }).click();
    await page.getByRole('heading', { name: 'Send this link to 박서연' }).waitFor();
    await page.getByRole('button', { name: 'Copy: Invitation link' }).click();
    await page.getByText('Copied.').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole('button', { name: 'Done' }).click();
    expect(await page.locator('.is-once').count()).toBe(0);
    expect(await focusedText(page)).toBe('Add a user');
    await entry(page, '박서연').getByText('Invited', { exact: true }).waitFor();

    // A new link makes the first one void.
    await page.getByRole('button', { name: 'New link for 박서연' }).click();
    const second = await page.getByLabel('Invitation link', { exact: true }).inputValue();
    await using invited = await openPage(browser, link);
    await invited.page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
    await invited.page.goto(second);
    await typeNewPassword(invited.page);
    await invited.page.getByRole('button', { name: 'Accept the invitation' }).click();
    await invited.page.getByText('Your role there: Auditor.').waitFor();

    await page.reload();
    await page.getByRole('button', { name: 'Change role of 박서연' }).click();
    await dialog(page).getByLabel('Notary').check();
    await dialog(page).getByRole('button', { name: 'Save the role' }).click();
    await page.getByText('The role of 박서연 is now: Notary.').waitFor({ state: 'attached' });
    await entry(page, '박서연').getByText('Notary', { exact: true }).waitFor();
    expect(await dialog(page).count()).toBe(0);

    await page.getByRole('button', { name: 'Remove 박서연' }).click();
    // Saying no is what has the focus, and Escape says it too.
    expect(await focusedText(page)).toBe('Cancel');
    await page.keyboard.press('Escape');
    expect(await focusedText(page)).toBe('Remove');
    await page.getByRole('button', { name: 'Remove 박서연' }).click();
    await dialog(page).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('박서연 is removed.').waitFor({ state: 'attached' });
    expect(await page.locator('.entry').count()).toBe(1);
    opened.assertClean();
  });

  it('cannot leave the organization without an owner, and is led away after leaving it to another', async () => {
    await using opened = await openAsOwner('Users', 'Two owners');
    const { page, organizationId, owner } = opened;
    await page.getByRole('button', { name: 'Remove Somebody' }).click();
    await dialog(page).getByRole('heading', { name: 'Leave Two owners?' }).waitFor();
    await dialog(page).getByRole('button', { name: 'Leave the organization' }).click();
    await dialog(page).getByText('An organization needs an owner').waitFor();
    await page.keyboard.press('Escape');
    await createUser(service, organizationId, 'owner', `second-${owner.email}`);
    await page.reload();
    const own = entry(page, 'You').getByRole('button', { name: 'Change role of Somebody' });
    await own.click();
    await dialog(page).getByLabel('Notary').check();
    await dialog(page).getByRole('button', { name: 'Save the role' }).click();
    await page.getByText('Your role there: Notary.').waitFor();
    expect(await page.locator('.section-links').count()).toBe(0);
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('an owner and the organization’s API keys', () => {
  it('creates one, sees its secret once, and revokes it', async () => {
    await using opened = await openAsOwner('API keys');
    const { page } = opened;
    await page.getByText('There is no key yet.').waitFor();
    await page.getByRole('button', { name: 'Create a key' }).click();
    await page.getByLabel('Name').fill('계약 시스템');
    await page.getByLabel('Notarize').uncheck();
    await page.getByRole('button', { name: 'Create the key' }).click();
    await page.getByText('Choose at least one.').waitFor();
    await page.getByLabel('Read').check();
    await page.getByLabel('Good for').selectOption('30 days');
    // What is wrong in a part that is folded away unfolds it.
    await page.locator('summary', { hasText: 'Networks and limits' }).click();
    await page.getByLabel('Only from these networks').fill('here');
    await page.locator('summary', { hasText: 'Networks and limits' }).click();
    await page.getByRole('button', { name: 'Create the key' }).click();
    await page.getByText('One of the networks is not right.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('networks');
    await page.getByLabel('Only from these networks').fill('127.0.0.0/8\n::1');
    await page.getByLabel('Requests a minute').fill('1.5');
    await page.getByRole('button', { name: 'Create the key' }).click();
    await page.getByText('A limit is a whole number').waitFor();
    await page.getByLabel('Requests a minute').fill('100');
    await page.getByRole('button', { name: 'Create the key' }).click();
    const secret = await page.getByLabel('API key', { exact: true }).inputValue();
    expect(secret).toMatch(/^ingam_[0-9a-f]{16}_[\w-]{43}$/);
    const call = () => fetch(`${service.url}/v1/session`, { headers: bearer(secret) });
    const { principal } = (await (await call()).json()) as { principal: { kind: string; scopes: string[] } };
    expect([principal.kind, principal.scopes]).toEqual(['key', ['read']]);

    await page.getByRole('button', { name: 'Done' }).click();
    const row = entry(page, '계약 시스템');
    await row.getByText('In force').waitFor();
    await row.getByText('Only from 127.0.0.0/8, ::1/128').waitFor();
    await row.getByText('At most 100 requests a minute').waitFor();
    expect(await page.content()).not.toContain(secret.slice(-43));

    await page.getByRole('button', { name: 'Revoke 계약 시스템' }).click();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    expect((await call()).status).toBe(200);
    await page.getByRole('button', { name: 'Revoke 계약 시스템' }).click();
    await dialog(page).getByRole('button', { name: 'Revoke the key' }).click();
    await page.getByText('1 key no longer in force').waitFor();
    expect((await call()).status).toBe(401);
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('an owner and the access log', () => {
  it('is filtered by kind and day, and read page by page', async () => {
    await using opened = await openAsOwner('Access log', 'Logged');
    const { page, organizationId } = opened;
    for (let i = 0; i < 55; i++) await createKey(service, organizationId);
    await page.reload();
    const events = page.locator('.event');
    await events.nth(49).waitFor();
    expect(await events.count()).toBe(50);
    await page.getByRole('button', { name: 'Show older' }).click();
    await page.getByText('That is all.').waitFor();
    // Everything of this organization and nothing else: its making, its owner's coming, and the keys.
    const kinds = await page.locator('.event-kind').allTextContents();
    expect(kinds.filter((kind) => kind === 'API key created')).toHaveLength(55);
    expect(kinds).toContain('Organization created');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('event');

    await page.getByLabel('What').selectOption('Signing in');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.event-kind')].every(({ textContent }) => textContent === 'Signed in'),
    );
    expect(await events.count()).toBeGreaterThan(0);
    await page.getByLabel('To').fill('2020-01-01');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('Nothing of the kind happened in that time.').first().waitFor();
    opened.assertClean();
  });
});

describe('an operator and the organizations', () => {
  it('limits, disables and enables', async () => {
    const { id } = await createOrganization(service, 'Limited');
    await createUser(service, id, 'owner');
    const key = await createKey(service, id);
    const operator = await createOperator(service);
    await using opened = await openPage(browser, `${service.url}/account.html`);
    const { page } = opened;
    await signIn(page, service.url, operator.email);
    await page.getByRole('link', { name: 'Organizations' }).click();
    await page.getByRole('button', { name: 'Name and limits of Limited' }).click();
    await dialog(page).getByLabel('Name').fill('Much limited');
    await dialog(page).getByLabel('Documents a day').fill('1');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    const row = entry(page, 'Much limited');
    await row.getByText('At most 1 documents a day').waitFor();

    await page.getByRole('button', { name: 'First owner of Much limited' }).click();
    await page.getByText('This organization has an owner, who looks after its users.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('button', { name: 'Disable Much limited' }).click();
    await dialog(page).getByRole('button', { name: 'Disable' }).click();
    await row.getByText('Disabled').waitFor();
    const used = await fetch(`${service.url}/v1/session`, { headers: bearer(key.secret) });
    expect(used.status).toBe(401);
    await page.getByRole('button', { name: 'Enable Much limited' }).click();
    await row.getByRole('button', { name: 'Disable' }).waitFor();
    opened.assertClean({ mayFailToLoad: true });
  });

  it('reads of a limit what it comes to where it is hit', async () => {
    const { id } = await createOrganization(service, 'One a day', { digestsPerDay: 1 });
    const notary = await createUser(service, id, 'notary');
    await using opened = await openPage(browser, `${service.url}/account.html`);
    const { page } = opened;
    await signIn(page, service.url, notary.email);
    await page.goto(service.url);
    await page.getByText('You notarize on behalf of One a day.').waitFor();
    const files = ['one', 'two'].map((text) => textFile(text, text));
    await choose(page, files);
    // What is ready goes in one request, which is refused whole; what becomes ready later would go in another.
    await waitForRows(page, 'ready', 2);
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await page.getByText('This is more than a limit of your organization allows.').first().waitFor();
    expect(await page.locator('.row[data-phase=failed]').count()).toBe(2);
    await page.getByRole('button', { name: 'Remove one from the list' }).click();
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForRows(page, 'sealed', 1);
    await choose(page, textFile('three', 'three'));
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await page
      .getByText(/A limit of your organization is used up\. It is free again in \d+ hours?\./)
      .waitFor();
    opened.assertClean({ mayFailToLoad: true });
  });
});
