import type { BrowserContextOptions, Page } from 'playwright-core';
import { createUser } from '../support/people.js';
import { addDevice, bytesOf, openPage, type OpenPage } from './support.js';

/** What people do on the pages about records. By selectors, because texts depend on the language. */

/** The Records page, with a new owner of the organization signed in. */
export async function openRecords(
  service: Parameters<typeof createUser>[0] & { readonly port: number },
  organization: string,
  options: BrowserContextOptions,
): Promise<OpenPage> {
  const { email } = await createUser(service, organization, 'owner');
  const address = `http://localhost:${service.port}/records.html`;
  const opened = await openPage(address, { ...options, as: email });
  const { page } = opened;
  await addDevice(page);
  await page.locator('.record-actions').waitFor();
  return opened;
}

/** Makes a key, and returns its text. @param way how it is kept */
export async function makeKey(
  page: Page,
  name: string,
  way: 'passkey' | 'file',
  onFile?: (text: Buffer) => void,
): Promise<string> {
  await page.goto(new URL('records.html#view=keys', page.url()).href);
  await page.locator('[name=key-name]').fill(name);
  await page
    .locator('input[name=way]')
    .nth(way === 'passkey' ? 0 : 1)
    .check();
  const saved = way === 'file' ? page.waitForEvent('download') : null;
  await page.locator('[data-form=make-key] .is-primary').click();
  const own = page.locator('.own-keys li', { hasText: `${name}+` });
  await own.waitFor();
  if (saved !== null) onFile?.(await bytesOf(await saved));
  return own.locator('input').inputValue();
}

/** Goes on to the last step, and signs. */
export async function signStep(page: Page, before?: () => Promise<unknown>): Promise<void> {
  await page.locator('[data-form=event] button[type=submit]').click();
  await page.locator('.signing-keys').waitFor();
  await before?.();
  await page.locator('.panel .is-primary').click();
  await page.locator('.timeline').waitFor();
}
