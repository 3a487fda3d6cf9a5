import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseProof } from '../../src/proof/index.js';
import {
  calls,
  choose,
  drop,
  give,
  openPage,
  statement,
  tabTo,
  textFile,
  useService,
  waitForRows,
} from './support.js';

const service = useService();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingam-e2e-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const digest = (text: string) => createHash('sha256').update(text).digest();
const names = (page: Page) => page.locator('.row-name').allTextContents();

describe('sending the fingerprint only', () => {
  it('seals three files, whose proofs then verify on the verify page', async () => {
    const texts = ['The first.', 'The second.', ''];
    const files = texts.map((text, i) => textFile(`paper ${i} – 문서.txt`, text));
    await using opened = await openPage(service.url);
    const { page, requests } = opened;
    await choose(page, files);
    await waitForRows(page, 'ready', 3);
    expect(calls(requests)).not.toContain('POST /v1/notarizations');
    await page.getByRole('button', { name: 'Notarize 3 documents' }).click();
    await waitForRows(page, 'sealed', 3);
    const sent = requests.filter((request) => request.method() === 'POST');
    // Only digests: no names, no sizes, no content.
    expect(sent.map((request) => request.postDataJSON() as unknown)).toEqual([
      { documents: texts.map((text) => ({ sha256: digest(text).toString('hex') })) },
    ]);
    const asked = calls(requests).filter((call) => call.startsWith('GET /v1/verify/'));
    expect(asked.sort()).toEqual(
      texts.map((text) => `GET /v1/verify/${digest(text).toString('hex')}`).sort(),
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download proof of paper 0' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('paper 0 – 문서.txt.ingam.json');
    const path = join(folder, 'paper.ingam.json');
    await download.saveAs(path);
    expect(parseProof(await readFile(path, 'utf8')).document.sha256).toEqual(
      new Uint8Array(digest('The first.')),
    );
    opened.assertClean();

    await page.getByRole('link', { name: 'Verify', exact: true }).click();
    await give(page, path);
    expect(await statement(page)).toBe('holds_alone');
    await give(page, ...files.slice(0, 1));
    await page.locator('[data-statement=alone]').waitFor();
    await page.goBack();
    await choose(page, textFile('linked.txt', 'with a link'));
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await waitForRows(page, 'sealed', 1);
    await page
      .locator('.row-status')
      .getByRole('link', { name: /^block \d/ })
      .click();
    await page.waitForURL(/explorer\.html#block=\d+&entry=1$/);
    opened.assertClean();
  });

  it('takes dropped and chosen folders, sorts their files, and keeps their paths', async () => {
    const papers = join(folder, '서류');
    await mkdir(join(papers, 'older', 'draft'), { recursive: true });
    await mkdir(join(papers, 'empty'));
    for (const path of ['b.txt', 'older/a.txt', 'older/draft/계약.txt', 'alone.txt']) {
      await writeFile(join(path === 'alone.txt' ? folder : papers, path), `in ${path}`);
    }
    await using opened = await openPage(service.url);
    const { page } = opened;
    await drop(page, [papers, join(folder, 'alone.txt')]);
    await waitForRows(page, 'ready', 4);
    const within = ['서류/b.txt', '서류/older/a.txt', '서류/older/draft/계약.txt'];
    expect(await names(page)).toEqual(['alone.txt', ...within]);
    await page.getByRole('button', { name: 'Clear list' }).click();
    await page.locator('.row').first().waitFor({ state: 'detached' });

    const dialog = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose a folder' }).click();
    await (await dialog).setFiles(papers);
    await waitForRows(page, 'ready', 3);
    expect(await names(page)).toEqual(within);
    await drop(page, [join(papers, 'empty')]);
    await page.getByText('There were no files in what you dropped.').waitFor();
    // The browser cannot open names that are not UTF-8, which only Linux has.
    const broken = join(folder, 'broken');
    const nameless = Buffer.concat([Buffer.from(`${broken}/`), Buffer.of(0xff)]);
    await mkdir(broken);
    await writeFile(join(broken, 'fine.txt'), 'in fine.txt');
    if (process.platform === 'linux') await writeFile(nameless, 'unreadable');
    await drop(page, [broken, join(folder, 'alone.txt')]);
    await waitForRows(page, 'ready', 5);
    const said = await page.locator('.unread').textContent();
    if (process.platform === 'linux') {
      await unlink(nameless);
      expect(said).toBe('Not added, because the browser could not read: broken/ (1)');
    }
    opened.assertClean();
  });

  it('shows progress and speed while it hashes a large file, and can be cancelled', async () => {
    const path = join(folder, 'large.bin');
    const large = await open(path, 'w');
    await large.truncate(3e8);
    await large.close();
    await using opened = await openPage(service.url);
    const { page, requests } = opened;
    await choose(page, path);
    await waitForRows(page, 'hashing', 1);
    // Progress, speed and time left, for this file and for all.
    await page
      .locator('.row-status', { hasText: /Computing the fingerprint, \d+% · .+\/s · about .+ left/ })
      .waitFor();
    await page
      .locator('.summary', { hasText: /Fingerprints: 0 of 1 · .+ of 300 MB · .+\/s · about .+ left/ })
      .waitFor();
    await page.getByRole('button', { name: 'Cancel large.bin' }).click();
    await waitForRows(page, 'cancelled', 1);
    await page.getByText('Cancelled. Nothing was notarized.').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForRows(page, 'hashing', 1);
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await waitForRows(page, 'cancelled', 1);
    expect(calls(requests).filter((call) => /verify|notarizations/.test(call))).toEqual([]);
    opened.assertClean();
  });
});

describe('with the keyboard alone, the page', () => {
  it('edits details, removes a document, and downloads', async () => {
    await using opened = await openPage(service.url);
    const { page } = opened;
    await choose(page, [textFile('first.txt', 'The first.'), textFile('new.txt', 'by key')]);
    await waitForRows(page, 'known', 1);
    await waitForRows(page, 'ready', 1);
    await tabTo(page, 'Add details to new.txt');
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('Add details to new.txt');
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor();
    await page.getByLabel('Title').focus();
    await page.keyboard.type('Written by key');
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('Edit details of new.txt');

    await page.keyboard.press('Shift+Tab');
    for (let i = 0; i < 10 && (await focused(page)) !== 'Remove first.txt from the list'; i++) {
      await page.keyboard.press('Shift+Tab');
    }
    await page.keyboard.press('Space');
    await page.locator('.row[data-phase=known]').waitFor({ state: 'detached' });
    // The focus moves to the row that took its place.
    expect(await focused(page)).toBe('Remove new.txt from the list');
    await page.getByRole('button', { name: 'Notarize 1 document' }).focus();
    await page.keyboard.press('Enter');
    await waitForRows(page, 'sealed', 1);
    await page.getByText('1 document sealed.').waitFor({ state: 'attached' });
    await tabTo(page, 'Download proof of new.txt');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(download.suggestedFilename()).toBe('new.txt.ingam.json');
    opened.assertClean();
  });
});

function focused(page: Page): Promise<string> {
  return page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
  );
}
