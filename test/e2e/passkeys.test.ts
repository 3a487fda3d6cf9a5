import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createOrganization, createUser, PASSWORD } from '../support/people.js';
import { checkViews, DESKTOP, focusedText } from './account-support.js';
import { openPage, tabTo, useService } from './support.js';

const service = useService();

/** A device in the browser that has passkeys, and whose user is always there. */
async function addDevice(page: Page): Promise<{ credentials(): Promise<readonly unknown[]> }> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  });
  return {
    credentials: async () =>
      (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  };
}

/** Presses the control of that name with the keyboard alone. */
async function keyTo(page: Page, name: string, key = 'Enter'): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press(key);
}

describe('passkeys', () => {
  it('are added, sign in alone or after the password, and are removed, with the keyboard alone', async () => {
    const { id } = await createOrganization(service, 'Keys');
    const { email } = await createUser(service, id, 'owner');
    await using opened = await openPage(`http://localhost:${service.port}/account.html`, DESKTOP);
    const { page } = opened;
    const device = await addDevice(page);
    const fields = (label: string) => page.getByLabel(label, { exact: true });
    const asked = page.locator('dialog input[name=password]');
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await fields('E-mail address').focus();
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    // Screen readers announce it, and the focus moves on.
    await page.getByText('Signed in as Somebody.').waitFor({ state: 'attached' });
    expect(await focusedText(page)).toBe('Profile');

    await keyTo(page, 'Add passkey');
    await asked.waitFor();
    await checkViews(page, DESKTOP);
    await fields('Name').fill('Work key');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('.entry', { hasText: 'Work key' }).waitFor();
    expect(await device.credentials()).toMatchObject([{ rpId: 'localhost', isResidentCredential: true }]);
    await checkViews(page, DESKTOP);

    await keyTo(page, 'Sign out');
    await button('Sign in with a passkey').waitFor();
    await checkViews(page, DESKTOP);
    await keyTo(page, 'Sign in with a passkey');
    await page.locator('.entry', { hasText: 'Work key' }).waitFor();

    await page.getByLabel('Ask for a passkey when I sign in with my password').focus();
    await page.keyboard.press('Space');
    await asked.waitFor();
    expect(await page.getByLabel('Ask for a passkey when I sign in with my password').isChecked()).toBe(
      false,
    );
    await asked.focus();
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('input[name=needed]:checked').waitFor();
    await keyTo(page, 'Sign out');
    // The page moves the focus to its heading, once.
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    await page.keyboard.press('Tab');
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await button('Continue with a passkey').waitFor();
    await checkViews(page, DESKTOP);
    await keyTo(page, 'Continue with a passkey');
    await page.locator('.entry', { hasText: 'Work key' }).waitFor();

    await keyTo(page, 'Remove Work key');
    await keyTo(page, 'Use a passkey instead');
    await page.locator('.entry', { hasText: 'Work key' }).waitFor({ state: 'detached' });
    expect(await page.getByLabel('Ask for a passkey when I sign in with my password').count()).toBe(0);
    opened.assertClean({ mayFailToLoad: true });
  });
});

it('are offered at localhost to those who open the page at an IP address', async () => {
  const { id } = await createOrganization(service, 'Numbers');
  const { email } = await createUser(service, id, 'notary');
  await using opened = await openPage(`${service.url}/account.html`);
  const { page } = opened;
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: `http://localhost:${service.port}/account.html` }).waitFor();
  expect(await page.getByRole('button', { name: 'Add passkey' }).count()).toBe(0);
  opened.assertClean();
});
