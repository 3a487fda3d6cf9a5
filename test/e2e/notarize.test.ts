import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseProof } from '../../src/proof/index.js';
import { launchChromium } from '../support/chromium.js';
import { startService, type TestService } from '../support/service.js';
import {
  builtPages,
  calls,
  choose,
  openPage,
  startRelay,
  statement,
  textFile,
  waitForRows,
} from './support.js';

let browser: Browser;
let service: TestService;
let folder: string;

beforeAll(async () => {
  browser = await launchChromium();
  service = await startService({ publicDir: builtPages() });
  folder = await mkdtemp(join(tmpdir(), 'ingam-e2e-'));
});
afterAll(async () => {
  await browser.close();
  await service[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const digest = (text: string) => createHash('sha256').update(text).digest();

describe('only the digest', () => {
  it('seals three files, and their proofs verify on the other page', async () => {
    const texts = ['The first.', 'The second.', ''];
    const files = texts.map((text, i) => textFile(`paper ${i} – 문서.txt`, text));
    await using opened = await openPage(browser, service.url);
    const { page, requests } = opened;
    await choose(page, files);
    await waitForRows(page, 'ready', 3);
    expect(calls(requests)).not.toContain('POST /v1/notarizations');
    await page.getByRole('button', { name: 'Notarize 3 documents' }).click();
    await waitForRows(page, 'sealed', 3);
    const sent = requests.filter((request) => request.method() === 'POST');
    // Nothing but digests: no names, no lengths, no content.
    expect(sent.map((request) => request.postDataJSON() as unknown)).toEqual([
      { documents: texts.map((text) => ({ sha256: digest(text).toString('hex') })) },
    ]);
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
    await page.locator('#document-slot input').setInputFiles(files[0] ?? []);
    await page.locator('#proof-slot input').setInputFiles(path);
    expect(await statement(page)).toBe('verified');
    opened.assertClean();
  });

  it('hashes 500 files and follows them with few streams', async () => {
    const files = Array.from({ length: 500 }, (_, i) => textFile(`${i}.txt`, `one of many ${i}`));
    await using opened = await openPage(browser, service.url);
    const { page, requests } = opened;
    await choose(page, files);
    await page.getByRole('button', { name: 'Notarize 500 documents' }).click();
    await page.getByText('All 500 documents are sealed.').first().waitFor();
    expect(await page.locator('.row').count()).toBe(200);
    await page.getByRole('button', { name: 'Show 200 more' }).click();
    expect(await page.locator('.row[data-phase=sealed]').count()).toBe(400);
    // One stream for each block at most, never one for each document.
    const streams = calls(requests).filter((call) => call.endsWith('/events'));
    expect(streams.length).toBeLessThan(50);
    opened.assertClean();
  });

  it('cancels the hashing of a large file, and hashes it from the start when asked again', async () => {
    const path = join(folder, 'large.bin');
    const large = await open(path, 'w');
    await large.truncate(3e8);
    await large.close();
    await using opened = await openPage(browser, service.url);
    const { page } = opened;
    await choose(page, path);
    await waitForRows(page, 'hashing', 1);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await waitForRows(page, 'cancelled', 1);
    await page.getByText('Cancelled, nothing was notarized').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForRows(page, 'sealed', 1);
    const expected = createHash('sha256').update(new Uint8Array(3e8)).digest();
    expect(
      (await service.deps.notarizations.byDigest(new Uint8Array(expected), 5)).notarizations,
    ).toHaveLength(1);
    opened.assertClean();
  });
});

describe('the whole file', () => {
  it('uploads, and the name is kept with the notarization', async () => {
    await using opened = await openPage(browser, service.url);
    const { page, requests } = opened;
    await page.getByLabel('The whole file').check();
    await choose(page, [textFile('계약서 1.pdf', 'uploaded one'), textFile('2.txt', 'uploaded two')]);
    await waitForRows(page, 'waiting', 2);
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await waitForRows(page, 'sealed', 2);
    expect(calls(requests).filter((call) => call === 'POST /v1/notarizations')).toHaveLength(2);
    const { notarizations } = await service.deps.notarizations.byDigest(
      new Uint8Array(digest('uploaded one')),
      5,
    );
    expect(notarizations.map(({ details, entry }) => [details, entry.size])).toEqual([
      [{ name: '계약서 1.pdf' }, 12],
    ]);
    opened.assertClean();
  });

  it('says what to do when the service refuses, and the rest goes on', async () => {
    await using small = await startService({ publicDir: builtPages(), maxUploadBytes: 100 });
    await using opened = await openPage(browser, small.url);
    const { page } = opened;
    await page.getByLabel('The whole file').check();
    await choose(page, [textFile('long.txt', 'x'.repeat(500)), textFile('short.txt', 'x')]);
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await waitForRows(page, 'failed', 1);
    await waitForRows(page, 'sealed', 1);
    await page.getByText('The file is larger than this service takes.').waitFor();
    await page.getByLabel('Only the digest').check();
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForRows(page, 'sealed', 2);
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('a service that goes away', () => {
  it('is waited for: what was begun is finished, and nothing is notarized twice', async () => {
    await using relay = await startRelay(service.port);
    await using opened = await openPage(browser, relay.url);
    const { page } = opened;
    await choose(page, textFile('a.txt', 'while it is away'));
    await waitForRows(page, 'ready', 1);
    await relay.goAway();
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await waitForRows(page, 'held', 1);
    await page.getByText('The service cannot be reached.').waitFor();
    await relay.comeBack();
    await waitForRows(page, 'sealed', 1);
    await page.getByText('The service cannot be reached.').waitFor({ state: 'detached' });
    opened.assertClean({ mayFailToLoad: true });
  });

  it('may lose its answer: the repeated request is the same request', async () => {
    await using opened = await openPage(browser, service.url);
    const { page, requests } = opened;
    let lost = 0;
    await page.route('**/v1/notarizations', async (route) => {
      if (lost++ > 0) return route.continue();
      // The service accepts; the answer never reaches the page.
      await route.fetch();
      return route.abort();
    });
    await choose(page, textFile('b.txt', 'accepted, and not heard of'));
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await waitForRows(page, 'sealed', 1);
    const keys = requests.filter((r) => r.method() === 'POST').map((r) => r.headers()['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    const known = await service.deps.notarizations.byDigest(
      new Uint8Array(digest('accepted, and not heard of')),
      5,
    );
    expect(known.notarizations).toHaveLength(1);
    opened.assertClean({ mayFailToLoad: true });
  });

  it('between acceptance and seal: the row stays accepted and is sealed in the end', async () => {
    await using slow = await startService({ publicDir: builtPages(), sealing: false });
    await using relay = await startRelay(slow.port);
    await using opened = await openPage(browser, relay.url);
    const { page } = opened;
    await choose(page, textFile('c.txt', 'pending for a while'));
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await waitForRows(page, 'accepted', 1);
    await relay.goAway();
    await page.getByText('The service cannot be reached.').waitFor();
    await waitForRows(page, 'accepted', 1);
    slow.startSealing();
    await relay.comeBack();
    await waitForRows(page, 'sealed', 1);
    opened.assertClean({ mayFailToLoad: true });
  });
});
