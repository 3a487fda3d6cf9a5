import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedChromium } from '../support/chromium.js';
import { startService, type TestService } from '../support/service.js';
import { builtPages, openPage, statement, textFile } from './support.js';

let browser: Browser;
let service: TestService;
let axe: string;

beforeAll(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  browser = await sharedChromium();
  service = await startService({ publicDir: builtPages() });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

interface AxeResult {
  violations: { id: string; nodes: { html: string }[] }[];
  passes: unknown[];
}

async function violations(page: Page): Promise<string[]> {
  // Through the debugger, which the page's content security policy does not bind.
  await page.evaluate(axe);
  const result = await page.evaluate<AxeResult>('axe.run()');
  expect(result.passes.length).toBeGreaterThan(10);
  return result.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

const VIEWS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['English, light, desktop', { locale: 'en-GB', viewport: { width: 1280, height: 900 } }],
  [
    'Korean, dark, phone',
    { locale: 'ko-KR', colorScheme: 'dark', viewport: { width: 375, height: 700 }, reducedMotion: 'reduce' },
  ],
];

describe.each(VIEWS)('the verify page is accessible (%s)', (_, options) => {
  it('in every state', async () => {
    await using opened = await openPage(browser, `${service.url}/verify.html`, options);
    const { page } = opened;
    expect(await violations(page)).toEqual([]);
    const give = async (text: string) => {
      await page.reload();
      await page.locator('#document-input input').setInputFiles(textFile('paper.txt', text));
    };
    await give('never seen before');
    expect(await statement(page)).toBe('unknown');
    expect(await violations(page)).toEqual([]);
    await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: 'seen',
    });
    await give('seen');
    await page.locator('[data-statement=verified]').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.locator('#proof-input input').setInputFiles(textFile('paper.ingam.json', '{}'));
    await page.locator('[data-statement]:not([data-statement=verified])').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
