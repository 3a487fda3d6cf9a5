import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { sidewaysScroll, violations } from './account-support.js';
import { openPage, useService } from './support.js';

const service = useService();
it('shows every endpoint and schema, and expands the one that a link names', async () => {
  await using opened = await openPage(`${service.url}/docs#endpoint-notarize`);
  const { page } = opened;
  await page.locator('#endpoint-notarize[open]').getByText('required').first().waitFor();
  const { paths, components } = (await (await fetch(`${service.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
    components: { schemas: Record<string, unknown> };
  };
  const endpoints = Object.values(paths).flatMap((item) => Object.values(item));
  expect(await page.locator('details.endpoint').count()).toBe(
    endpoints.length + Object.keys(components.schemas).length,
  );
  expect(await page.locator('.contents li a').count()).toBe(endpoints.length);
  await page.locator('#endpoint-notarize').getByRole('link', { name: 'DocumentsInput' }).click();
  await page.locator('#schema-DocumentsInput[open]').getByText('documents', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  // Every link within the page has a target, also when everything is expanded.
  await page.locator('details.endpoint:not([open])').evaluateAll((all: HTMLDetailsElement[]) => {
    for (const details of all) details.open = true;
  });
  await expect.poll(() => page.locator('.endpoint-body:empty').count()).toBe(0);
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

it('gives examples that work', async () => {
  await using opened = await openPage(`${service.url}/docs#endpoint-notarize`);
  const { page } = opened;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy: Example with application/json' }).click();
  await page.locator('#endpoint-notarize').getByText('Copied').waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect(command).toContain(`curl '${service.url}/v1/notarizations' \\\n`);
  const { stdout } = await promisify(execFile)('sh', ['-c', command]);
  expect(JSON.parse(stdout)).toMatchObject({ notarizations: [{ status: 'accepted' }] });
  opened.assertClean();
});

it('is Korean around the description, accessible on a dark phone, and says when it cannot be loaded', async () => {
  await using opened = await openPage(`${service.url}/docs`, {
    locale: 'ko-KR',
    colorScheme: 'dark',
    viewport: { width: 360, height: 700 },
  });
  const { page } = opened;
  await page.getByRole('heading', { name: '투명성 로그' }).waitFor();
  await page.locator('#endpoint-getChain > summary').click();
  await page.locator('#endpoint-getChain').getByText('누구나 호출할 수 있습니다.').waitFor();
  expect(await page.title()).toBe('API 문서 · 인감 Ingam');
  expect(await violations(page)).toEqual([]);
  expect(await sidewaysScroll(page)).toBe(0);
  await page.getByRole('button', { name: 'English' }).click();
  await page.locator('#endpoint-getChain[open]').getByText('Public. Credentials are ignored.').waitFor();
  opened.assertClean();
  await page.route('**/openapi.json', (route) => route.abort());
  await page.reload();
  await page.getByRole('alert').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.unroute('**/openapi.json');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('#endpoint-getChain').waitFor();
});
