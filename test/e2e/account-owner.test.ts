import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { bearer, createOrganization, createKey, createOperator, createUser } from '../support/people.js';
import { focusedText, openAccountOf, typeNewPassword } from './account-support.js';
import { choose, openPage, textFile, useService, waitForRows } from './support.js';

const service = useService();

/** The account page of an owner, in one of its sections. */
async function openAsOwner(section: string, name = 'Organization') {
  const { id } = await createOrganization(service, name);
  const owner = await createUser(service, id, 'owner');
  const permissions = ['clipboard-read', 'clipboard-write'];
  const opened = await openAccountOf(service.url, owner.email, { permissions });
  await opened.page.getByRole('link', { name: section }).click();
  await opened.page.getByRole('heading', { name: section, level: 2 }).waitFor();
  return { ...opened, organizationId: id, owner, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

const entry = (page: Page, text: string) => page.locator('.entry', { hasText: text });
const dialog = (page: Page) => page.locator('dialog[open]');

describe('an owner, for the organization’s users,', () => {
  it('creates invitation links, changes roles, and removes users', async () => {
    await using opened = await openAsOwner('Users');
    const { page, organizationId } = opened;
    await page.getByRole('button', { name: 'Add user' }).click();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('name');
    await page.getByLabel('Name', { exact: true }).fill('박서연');
    await page.getByLabel('E-mail address').fill('park');
    await page.getByRole('button', { name: 'Add and create' }).click();
    await page.getByText('Enter an e-mail address like name@example.com.').waitFor();
    await page.getByLabel('E-mail address').fill(`park-${organizationId}@users.example`);
    await page.getByLabel('Auditor').check();
    await page.getByRole('button', { name: 'Add and create' }).click();
    await page.getByRole('heading', { name: 'Send this link to 박서연' }).waitFor();
    await page.getByRole('button', { name: 'Copy: Invitation link' }).click();
    await page.getByText('Copied.').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole('button', { name: 'Done' }).click();
    expect(await page.locator('.is-once').count()).toBe(0);
    expect(await focusedText(page)).toBe('Add user');
    await entry(page, '박서연').getByText('Invited', { exact: true }).waitFor();

    // A new link invalidates the first one.
    await page.getByRole('button', { name: 'New link for 박서연' }).click();
    const second = await page.getByLabel('Invitation link', { exact: true }).inputValue();
    await using invited = await openPage(link);
    await invited.page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
    await invited.page.goto(second);
    await typeNewPassword(invited.page);
    await invited.page.getByRole('button', { name: 'Accept invitation' }).click();
    await invited.page.getByText('Your role: Auditor.').waitFor();

    await page.reload();
    await page.getByRole('button', { name: 'Change role of 박서연' }).click();
    await dialog(page).getByLabel('Notary').check();
    await dialog(page).getByRole('button', { name: 'Save role' }).click();
    await page.getByText('Role of 박서연 changed to Notary.').waitFor({ state: 'attached' });
    await entry(page, '박서연').getByText('Notary', { exact: true }).waitFor();
    expect(await dialog(page).count()).toBe(0);

    await page.getByRole('button', { name: 'Remove 박서연' }).click();
    // Cancel has the focus, and Escape cancels.
    expect(await focusedText(page)).toBe('Cancel');
    await page.keyboard.press('Escape');
    expect(await focusedText(page)).toBe('Remove');
    await page.getByRole('button', { name: 'Remove 박서연' }).click();
    await dialog(page).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('박서연 has been removed.').waitFor({ state: 'attached' });
    await entry(page, '박서연').waitFor({ state: 'detached' });
    expect(await page.locator('.entry').count()).toBe(1);
    opened.assertClean();
  });

  it('cannot leave the organization without an owner, but can hand it over', async () => {
    await using opened = await openAsOwner('Users', 'Two owners');
    const { page, organizationId, owner } = opened;
    await page.getByRole('button', { name: 'Remove Somebody' }).click();
    await dialog(page).getByRole('heading', { name: 'Leave Two owners?' }).waitFor();
    await dialog(page).getByRole('button', { name: 'Leave organization' }).click();
    await dialog(page).getByText('An organization needs an owner').waitFor();
    await page.keyboard.press('Escape');
    await createUser(service, organizationId, 'owner', `second-${owner.email}`);
    await page.reload();
    const own = entry(page, 'You').getByRole('button', { name: 'Change role of Somebody' });
    await own.click();
    await dialog(page).getByLabel('Notary').check();
    await dialog(page).getByRole('button', { name: 'Save role' }).click();
    await page.getByText('Your role: Notary.').waitFor();
    expect(await page.locator('.section-links').count()).toBe(0);
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('an owner, for the organization’s API keys,', () => {
  it('creates a key, sees its secret once, and revokes it', async () => {
    await using opened = await openAsOwner('API keys');
    const { page } = opened;
    await page.getByText('No API keys yet.').waitFor();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByLabel('Name').fill('계약 시스템');
    await page.getByLabel('Notarize').uncheck();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('Choose at least one permission.').waitFor();
    await page.getByLabel('Read').check();
    await page.getByLabel('Expires').selectOption('In 30 days');
    // An invalid field in a collapsed part expands it.
    await page.locator('summary', { hasText: 'Networks and limits' }).click();
    await page.getByLabel('Allowed networks').fill('here');
    await page.locator('summary', { hasText: 'Networks and limits' }).click();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('One of the networks is invalid.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('networks');
    await page.getByLabel('Allowed networks').fill('127.0.0.0/8\n::1');
    await page.getByLabel('Requests per minute').fill('1.5');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('Enter a whole number.').waitFor();
    await page.getByLabel('Requests per minute').fill('100');
    await page.getByRole('button', { name: 'Create key' }).click();
    const secret = await page.getByLabel('API key', { exact: true }).inputValue();
    expect(secret).toMatch(/^ingam_[0-9a-f]{16}_[\w-]{43}$/);
    const call = () => fetch(`${service.url}/v1/session`, { headers: bearer(secret) });
    const { principal } = (await (await call()).json()) as { principal: { kind: string; scopes: string[] } };
    expect([principal.kind, principal.scopes]).toEqual(['key', ['read']]);

    await page.getByRole('button', { name: 'Done' }).click();
    const row = entry(page, '계약 시스템');
    await row.getByText('Active').waitFor();
    await row.getByText('Only from 127.0.0.0/8, ::1/128').waitFor();
    await row.getByText('At most 100 requests per minute').waitFor();
    expect(await page.content()).not.toContain(secret.slice(-43));

    await page.getByRole('button', { name: 'Revoke 계약 시스템' }).click();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    expect((await call()).status).toBe(200);
    await page.getByRole('button', { name: 'Revoke 계약 시스템' }).click();
    await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
    await page.getByText('1 expired or revoked key').waitFor();
    expect((await call()).status).toBe(401);
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('the access log', () => {
  it('can be filtered by kind and day, and is shown page by page', async () => {
    await using opened = await openAsOwner('Access log', 'Logged');
    const { page, organizationId } = opened;
    for (let i = 0; i < 55; i++) await createKey(service, organizationId);
    await page.reload();
    const events = page.locator('.event');
    await events.nth(49).waitFor();
    expect(await events.count()).toBe(50);
    await page.getByRole('button', { name: 'Show older' }).click();
    await page.getByText('End of log').waitFor();
    // All events of this organization and no others.
    const kinds = await page.locator('.event-kind').allTextContents();
    expect(kinds.filter((kind) => kind === 'API key created')).toHaveLength(55);
    expect(kinds).toContain('Organization created');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('event');

    await page.getByLabel('Events').selectOption('Sign-in');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.event-kind')].every(({ textContent }) => textContent === 'Signed in'),
    );
    expect(await events.count()).toBeGreaterThan(0);
    await page.getByLabel('To').fill('2020-01-01');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('No matching events').first().waitFor();
    opened.assertClean();
  });
});

describe('an administrator, for organizations,', () => {
  it('sets limits, disables and enables', async () => {
    const { id } = await createOrganization(service, 'Limited');
    await createUser(service, id, 'owner');
    const key = await createKey(service, id);
    const operator = await createOperator(service);
    await using opened = await openAccountOf(service.url, operator.email);
    const { page } = opened;
    await page.getByRole('link', { name: 'Organizations' }).click();
    await page.getByRole('button', { name: 'Name and limits of Limited' }).click();
    await dialog(page).getByLabel('Name').fill('Much limited');
    await dialog(page).getByLabel('Documents per day').fill('1');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    const row = entry(page, 'Much limited');
    await row.getByText('At most 1 documents per day').waitFor();

    await page.getByRole('button', { name: 'Invite owner of Much limited' }).click();
    await page.getByText('This organization already has an owner, who manages its users.').waitFor();
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

  it('sets limits that users see when they reach them', async () => {
    const { id } = await createOrganization(service, 'One a day', { digestsPerDay: 1 });
    const notary = await createUser(service, id, 'notary');
    await using opened = await openPage(service.url, { as: notary.email });
    const { page } = opened;
    await page.getByText('Notarizing for One a day.').waitFor();
    const files = ['one', 'two'].map((text) => textFile(text, text));
    await choose(page, files);
    // Ready documents go in one request, which is rejected as a whole; later ones would go in another.
    await waitForRows(page, 'ready', 2);
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await page.getByText('This exceeds a usage limit.').first().waitFor();
    expect(await page.locator('.row[data-phase=failed]').count()).toBe(2);
    await page.getByRole('button', { name: 'Remove one from the list' }).click();
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForRows(page, 'sealed', 1);
    await choose(page, textFile('three', 'three'));
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await page.getByText(/You have reached a usage limit\. It resets in \d+ hours?\./).waitFor();
    opened.assertClean({ mayFailToLoad: true });
  });
});
