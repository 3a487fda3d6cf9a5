import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import {
  choose,
  openPage,
  type OpenPage,
  type PageOptions,
  POLLING,
  textFile,
  waitForRows,
} from './support.js';

/** The steps of users on the account page, and checks that all pages share. */

export const NEW_PASSWORD = '한국어로 된 긴 문장 하나면 충분해';

/** The account page of somebody who is signed in. */
export async function openAccountOf(
  service: string,
  email: string,
  options: PageOptions = {},
): Promise<OpenPage> {
  const opened = await openPage(`${service}/account.html`, { ...options, as: email });
  await opened.page.getByRole('button', { name: 'Account: ' }).waitFor();
  return opened;
}

export async function fillSignIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function typeNewPassword(page: Page, password = NEW_PASSWORD): Promise<void> {
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByLabel('Confirm password').fill(password);
}

/** Notarizes one document on the page that is open. */
export async function notarize(page: Page, text: string): Promise<void> {
  await choose(page, textFile(`${text}.txt`, text));
  await page.locator('.list-actions .is-primary').click();
  await waitForRows(page, 'sealed', 1);
}

/** Digests in the organization's register, as the signed-in user sees it. */
export async function register(page: Page): Promise<string[]> {
  const answer = await page.request.get(new URL('/v1/notarizations', page.url()).href);
  expect(answer.status()).toBe(200);
  const { notarizations } = (await answer.json()) as { notarizations: { sha256: string }[] };
  return notarizations.map(({ sha256 }) => sha256);
}

export async function focusedText(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? '');
}

export async function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

interface AxeResult {
  /** Rules that the page keeps. */
  readonly passes: number;
  readonly violations: readonly string[];
}

/**
 * Only what is asked for leaves the page: a whole result has a hundred kilobytes. What a dialog covers cannot be reached, and
 * no page has anything that plays.
 */
const RUN_AXE = `axe.run(document.querySelector('dialog:modal') ?? document, {
  resultTypes: ['violations'],
  preload: false,
}).then(({ passes, violations }) => ({
  passes: passes.length,
  violations: violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)),
}))`;
let axe: string | null = null;

/** The violations that axe-core finds in the current state of the page. */
export async function violations(page: Page): Promise<readonly string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') {
    axe ??= await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    // Through the debugger, which the page's content security policy does not bind.
    await page.evaluate(axe);
  }
  const result = await page.evaluate<AxeResult>(RUN_AXE);
  expect(result.passes).toBeGreaterThan(5);
  return result.violations;
}

/** Checks that the page is accessible and no wider than the screen. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
  expect(await sidewaysScroll(page)).toBe(0);
}

/** How many states of each page were checked. */
const checked = new WeakMap<Page, number>();

/**
 * Checks that the present state of the page is no wider than a phone, and accessible in one of the views; returns to the one
 * that it was in. Which one changes from state to state, so that what the states of a page have in common is checked in both:
 * axe-core takes longer than all that a test does to reach a state.
 * @param shown the view that the page was opened in
 */
export async function checkViews(page: Page, shown: View): Promise<void> {
  const turn = checked.get(page) ?? 0;
  checked.set(page, turn + 1);
  const other = shown === PHONE ? DESKTOP : PHONE;
  const looked = turn % 2 === 0 ? shown : other;
  expect(await sidewaysScroll(page)).toBe(0);
  if (looked === shown) expect(await violations(page)).toEqual([]);
  if (looked === shown && shown === PHONE) return;
  await show(page, other);
  expect(await sidewaysScroll(page)).toBe(0);
  if (looked === other) expect(await violations(page)).toEqual([]);
  await show(page, shown);
}

async function show(page: Page, { viewport, colorScheme, locale }: View): Promise<void> {
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme });
  const language = locale.slice(0, 2);
  await page.evaluate((language) => {
    // Works while a dialog is open, and closes no menu, because nothing but the button sees it.
    const button = document.querySelector(`.switch [lang=${language}]`)?.closest('button');
    button?.dispatchEvent(new MouseEvent('click'));
  }, language);
  await page.waitForFunction((language) => document.documentElement.lang === language, language, POLLING);
}

// Without motion, because colors that change slowly have too little contrast on their way.
export const DESKTOP = {
  locale: 'en-GB',
  colorScheme: 'light',
  viewport: { width: 1280, height: 900 },
  reducedMotion: 'reduce',
} as const;
export const PHONE = {
  locale: 'ko-KR',
  colorScheme: 'dark',
  viewport: { width: 360, height: 700 },
  reducedMotion: 'reduce',
} as const;
export const VIEWS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['English, light, desktop', DESKTOP],
  ['Korean, dark, phone', PHONE],
];
type View = typeof DESKTOP | typeof PHONE;
