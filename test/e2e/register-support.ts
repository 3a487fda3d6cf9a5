import { createHash } from 'node:crypto';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { bearer } from '../support/people.js';
import type { TestService } from '../support/service.js';
import { openPage, type OpenPage, POLLING } from './support.js';

/** Documents for the register, and users who open it. */

export interface Given {
  readonly sha256: string;
  readonly size?: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

export const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** @returns ids, in the order given */
export async function notarizeAs(
  service: TestService,
  token: string,
  documents: readonly Given[],
  wait: '' | '?wait=sealed' = '?wait=sealed',
): Promise<string[]> {
  const response = await fetch(`${service.url}/v1/notarizations${wait}`, {
    method: 'POST',
    headers: { ...bearer(token), 'Content-Type': 'application/json' },
    body: JSON.stringify({ documents }),
  });
  expect(response.status).toBe(201);
  const { notarizations } = (await response.json()) as { notarizations: { id: string }[] };
  return notarizations.map(({ id }) => id);
}

/** The register of somebody who is signed in. */
export async function openRegister(
  url: string,
  email: string,
  { hash = '', ...options }: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<OpenPage> {
  const opened = await openPage(`${url}/register.html${hash}`, { ...options, as: email });
  await opened.page.locator('main h1').waitFor();
  return opened;
}

export const rows = (page: Page) => page.locator('.register tbody tr');

/** The names of the rows, once there are so many. */
export async function names(page: Page, count: number): Promise<string[]> {
  await page.waitForFunction(
    (count) =>
      document.querySelector('[aria-busy=true]') === null &&
      document.querySelectorAll('.register tbody tr').length === count,
    count,
    POLLING,
  );
  return page.locator('.register .entry-name a').allTextContents();
}

export async function search(page: Page, text: string): Promise<void> {
  await page.locator('[name=words]').fill(text);
  await page.keyboard.press('Enter');
}

/** A CSV file (RFC 4180) as rows of cells. */
export function parseCsv(text: string): string[][] {
  const found: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    found.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') found.push([]);
    if (end === '') break;
  }
  return found.filter((cells) => cells.some((cell) => cell !== ''));
}
