import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { createFolder, invoke } from '../cli/invoke.js';
import { createUser } from '../support/people.js';
import type { Kind } from '../../src/web/pages/records/place.js';
import { addDevice, bytesOf, give, type GivenFile, openPage, type OpenPage } from './support.js';

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

/** Opens the form for a new record, and gives it its first file. The view before it can have a place for files, too. */
export async function beginRecord(page: Page, kind: Kind, file: GivenFile): Promise<void> {
  await page.goto(new URL(`records.html#new=${kind}`, page.url()).href);
  const form = page.locator('[data-form=event]');
  await form.locator('input[type=file]').first().setInputFiles(file);
  await form.getByText(file.name, { exact: true }).waitFor();
}

/** Goes on to the last step, and signs. */
export async function signStep(page: Page, before?: () => Promise<unknown>): Promise<void> {
  await page.locator('[data-form=event] button[type=submit]').click();
  await page.locator('.signing-keys').waitFor();
  await before?.();
  await page.locator('.panel .is-primary').click();
  await page.locator('.timeline').waitFor();
}

const HISTORY = 'a.ingam-history.json';

/** Verifies the history with nothing but the service's policy, on the command line. @returns what that says */
export async function checkOnCommandLine(
  service: { readonly url: string },
  history: Buffer,
): Promise<string> {
  await using folder = await createFolder();
  const { policy } = (await (await fetch(`${service.url}/v1/chain`)).json()) as { policy: string };
  await writeFile(folder.at('policy'), policy);
  await writeFile(folder.at(HISTORY), history);
  const checked = await invoke(['verify', HISTORY, '--trust', 'policy'], { cwd: folder.path });
  expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('VERIFIED') as string });
  return checked.stderr;
}

/**
 * Verifies the history in the one file that a page offers, without a network.
 * @param offered the link to that file
 * @returns the types of its events
 */
export async function checkOffline(page: Page, offered: Locator, history: Buffer): Promise<string[]> {
  await using folder = await createFolder();
  const saving = page.waitForEvent('download');
  await offered.click();
  const path = folder.at('verifier.html');
  await (await saving).saveAs(path);
  await using offline = await openPage(pathToFileURL(path).href, { offline: true });
  await give(offline.page, { name: HISTORY, mimeType: 'application/json', buffer: history });
  // No member has cosigned it: only the service vouches.
  await offline.page.locator('.result[data-statement=history_alone]').waitFor();
  return await offline.page
    .locator('.timeline-event')
    .evaluateAll((events) => events.map((each) => each.getAttribute('data-type') ?? ''));
}
