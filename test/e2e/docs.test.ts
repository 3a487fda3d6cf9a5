import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sharedChromium } from '../support/chromium.js';
import { startService, type TestService } from '../support/service.js';
import { sidewaysScroll, violations } from './account-support.js';
import { builtPages, openPage } from './support.js';

let browser: Browser;
let service: TestService;
beforeAll(async () => {
  browser = await sharedChromium();
  service = await startService({ publicDir: builtPages() });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

it('shows every call and every shape, each unfolded by its link', async () => {
  await using opened = await openPage(browser, `${service.url}/docs#call-notarize`);
  const { page } = opened;
  await page.locator('#call-notarize[open]').getByText('required').first().waitFor();
  const { paths, components } = (await (await fetch(`${service.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
    components: { schemas: Record<string, unknown> };
  };
  const calls = Object.values(paths).flatMap((item) => Object.values(item));
  expect(await page.locator('details.call').count()).toBe(
    calls.length + Object.keys(components.schemas).length,
  );
  expect(await page.locator('.contents li a').count()).toBe(calls.length);
  await page.locator('#call-notarize').getByRole('link', { name: 'DocumentsInput' }).click();
  await page.locator('#shape-DocumentsInput[open]').getByText('documents', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  // Every link within the page leads somewhere, also when all is unfolded.
  await page.locator('details.call:not([open])').evaluateAll((all: HTMLDetailsElement[]) => {
    for (const details of all) details.open = true;
  });
  await expect.poll(() => page.locator('.call-body:empty').count()).toBe(0);
  const lost = await page
    .locator('main a[href^="#"]')
    .evaluateAll((links) =>
      links
        .map((link) => link.getAttribute('href') ?? '')
        .filter((href) => document.getElementById(href.slice(1)) === null),
    );
  expect(lost).toEqual([]);
  opened.assertClean();
});

it('gives examples that do what they say', async () => {
  await using opened = await openPage(browser, `${service.url}/docs#call-notarize`);
  const { page } = opened;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy: Example with application/json' }).click();
  await page.locator('#call-notarize').getByText('Copied').waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect(command).toContain(`curl '${service.url}/v1/notarizations' \\\n`);
  const { stdout } = await promisify(execFile)('sh', ['-c', command]);
  expect(JSON.parse(stdout)).toMatchObject({ notarizations: [{ status: 'accepted' }] });
  opened.assertClean();
});

it('is Korean around the description, on a phone and in the dark, and says when it cannot be had', async () => {
  await using opened = await openPage(browser, `${service.url}/docs`, {
    locale: 'ko-KR',
    colorScheme: 'dark',
    viewport: { width: 360, height: 700 },
  });
  const { page } = opened;
  await page.getByRole('heading', { name: '투명성 로그' }).waitFor();
  await page.locator('#call-getChain > summary').click();
  await page.locator('#call-getChain').getByText('누구나 호출할 수 있으며').waitFor();
  expect(await page.title()).toBe('API · 인감 Ingam');
  expect(await violations(page)).toEqual([]);
  expect(await sidewaysScroll(page)).toBe(0);
  await page.getByRole('button', { name: 'English' }).click();
  await page.locator('#call-getChain[open]').getByText('Everyone may call this').waitFor();
  opened.assertClean();
  await page.route('**/openapi.json', (route) => route.abort());
  await page.reload();
  await page.getByRole('alert').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.unroute('**/openapi.json');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('#call-getChain').waitFor();
});
