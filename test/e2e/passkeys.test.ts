import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createOrganization, createUser, PASSWORD } from '../support/people.js';
import { expectAccessible, VIEWS } from './account-support.js';
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

const WORDS = {
  'en-GB': {
    email: 'E-mail address',
    password: 'Password',
    signIn: 'Sign in',
    signOut: 'Sign out',
    passkeySignIn: 'Sign in with a passkey',
    add: 'Add passkey',
    name: 'Name',
    next: 'Continue',
    need: 'Ask for a passkey when I sign in with my password',
    needYes: 'Ask for a passkey',
    onward: 'Continue with a passkey',
    remove: 'Remove Work key',
    instead: 'Use a passkey instead',
    account: 'Profile',
  },
  'ko-KR': {
    email: '이메일 주소',
    password: '비밀번호',
    signIn: '로그인',
    signOut: '로그아웃',
    passkeySignIn: '패스키로 로그인',
    add: '패스키 추가',
    name: '이름',
    next: '계속',
    need: '비밀번호로 로그인할 때 패스키도 확인',
    needYes: '패스키 확인',
    onward: '패스키로 계속',
    remove: 'Work key 삭제',
    instead: '패스키로 대신 확인',
    account: '내 정보',
  },
} as const;

/** Presses the control of that name with the keyboard alone. */
async function keyTo(page: Page, name: string, key = 'Enter'): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press(key);
}

describe.each(VIEWS)('passkeys (%s)', (_, view) => {
  const t = WORDS[view.locale as keyof typeof WORDS];

  it('are added, sign in alone or after the password, and are removed, with the keyboard alone', async () => {
    const { id } = await createOrganization(service, 'Keys');
    const { email } = await createUser(service, id, 'owner');
    await using opened = await openPage(`http://localhost:${service.port}/account.html`, view);
    const { page } = opened;
    const device = await addDevice(page);
    const fields = (label: string) => page.getByLabel(label, { exact: true });
    const asked = page.locator('dialog input[name=password]');
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await fields(t.email).focus();
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: t.account }).waitFor({ state: 'attached' });

    await keyTo(page, t.add);
    await asked.waitFor();
    await expectAccessible(page);
    await fields(t.name).fill('Work key');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('.entry', { hasText: 'Work key' }).waitFor();
    expect(await device.credentials()).toMatchObject([{ rpId: 'localhost', isResidentCredential: true }]);
    await expectAccessible(page);

    await keyTo(page, t.signOut);
    await button(t.passkeySignIn).waitFor();
    await expectAccessible(page);
    await keyTo(page, t.passkeySignIn);
    await page.locator('.entry', { hasText: 'Work key' }).waitFor();

    await page.getByLabel(t.need).focus();
    await page.keyboard.press('Space');
    await asked.waitFor();
    expect(await page.getByLabel(t.need).isChecked()).toBe(false);
    await asked.focus();
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('input[name=needed]:checked').waitFor();
    await keyTo(page, t.signOut);
    // The page moves the focus to its heading, once.
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    await page.keyboard.press('Tab');
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await button(t.onward).waitFor();
    await expectAccessible(page);
    await keyTo(page, t.onward);
    await page.locator('.entry', { hasText: 'Work key' }).waitFor();

    await keyTo(page, t.remove);
    await keyTo(page, t.instead);
    await page.locator('.entry', { hasText: 'Work key' }).waitFor({ state: 'detached' });
    expect(await page.getByLabel(t.need).count()).toBe(0);
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
