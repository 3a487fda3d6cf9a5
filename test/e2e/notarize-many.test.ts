import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE } from '../../src/crypto/primitives.js';
import { parseProof, verify } from '../../src/proof/index.js';
import { readZip } from '../support/zip.js';
import { bytesOf, calls, choose, drop, openPage, textFile, useService, waitForRows } from './support.js';

const service = useService();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingam-e2e-'));
  await mkdir(join(folder, 'papers'));
  await Promise.all(
    Array.from({ length: 120 }, (_, i) => writeFile(join(folder, 'papers', nameOf(i)), `one of many ${i}`)),
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const nameOf = (i: number) => `문서 ${String(i).padStart(3, '0')}.txt`;
const digest = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());
const known = async (text: string) =>
  (await service.deps.notarizations.byDigest(digest(text), 10)).notarizations.length;

describe('120 dropped files', () => {
  it('are notarized in one request while the page stays responsive, and yield all proofs in one file', async () => {
    await using opened = await openPage(service.url);
    const { page, requests } = opened;
    await page.evaluate(() => {
      const counter = window as unknown as { ticks: number };
      counter.ticks = 0;
      setInterval(() => (counter.ticks += 1), 20);
    });
    await drop(page, [join(folder, 'papers')]);
    await page.getByText('120 documents ready.').waitFor({ state: 'attached', timeout: 0 });
    await page.getByRole('button', { name: 'Notarize 120 documents' }).click();
    await page.getByText('All 120 documents are sealed.').first().waitFor({ timeout: 0 });
    expect(await page.evaluate(() => (window as unknown as { ticks: number }).ticks)).toBeGreaterThan(10);
    expect(calls(requests).filter((call) => call === 'POST /v1/notarizations')).toHaveLength(1);
    // At most one stream per block, not one per document.
    const { height } = (await (await fetch(`${service.url}/v1/chain`)).json()) as { height: number };
    const streams = calls(requests).filter((call) => call.endsWith('/events')).length;
    expect(streams).toBeLessThanOrEqual(height + 1);

    expect(await page.locator('.row').count()).toBe(100);
    await page.getByText('1 to 100 of 120').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('101 to 120 of 120').waitFor();
    expect(await page.locator('.row[data-phase=sealed]').count()).toBe(20);
    await page.getByText(`papers/${nameOf(119)}`).waitFor();
    await page.getByLabel('Show', { exact: true }).selectOption({ label: 'Needs attention (0)' });
    await page.getByText('No documents to show.').waitFor();
    await page.getByLabel('Show', { exact: true }).selectOption({ label: 'Sealed (120)' });

    await choose(page, [textFile(nameOf(7), 'a namesake'), textFile(nameOf(7), 'another namesake')]);
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    const files = await proofsOf(page, 122);
    // In the order of the list, by name.
    const names = [...files.keys()];
    expect([names[0], names[119]]).toEqual([
      `papers/${nameOf(0)}.ingam.json`,
      `papers/${nameOf(119)}.ingam.json`,
    ]);
    expect(names.slice(120)).toEqual([`${nameOf(7)}.ingam.json`, `${nameOf(7)} (2).ingam.json`]);
    const trust = { policy: await service.deps.log.policy(), receiptKeys: [] };
    const verdicts = [...files.values()].map((text, i) => {
      const content = i < 120 ? `one of many ${i}` : i === 120 ? 'a namesake' : 'another namesake';
      const document = { sha256: digest(content), size: content.length };
      return verify({ proof: parseProof(text), document, ...trust, primitives: NODE }).verdict;
    });
    expect(verdicts).toEqual(verdicts.map(() => 'verified'));
    opened.assertClean();
  });

  it('give the existing proofs of those that are already notarized, and can be notarized again', async () => {
    const some = join(folder, 'some');
    await mkdir(some);
    for (let i = 0; i < 20; i++)
      await writeFile(join(some, nameOf(i)), `one of ${i < 12 ? 'many' : 'few'} ${i}`);
    await using opened = await openPage(service.url);
    const { page } = opened;
    await drop(page, [some]);
    await page.locator('.summary', { hasText: '8 new · 12 already notarized' }).waitFor();
    // Proof and certificate at once; only before the first name that is sent for printing, the page asks.
    const row = page.locator('.row', { hasText: nameOf(3) });
    await row.getByText(/^Already notarized in block \d+, .+$/).waitFor();
    const [proof] = await Promise.all([
      page.waitForEvent('download'),
      row.getByRole('button', { name: 'Download proof of' }).click(),
    ]);
    expect(parseProof((await bytesOf(proof)).toString()).document.sha256).toEqual(digest('one of many 3'));
    await row.getByRole('button', { name: 'Download certificate of' }).click();
    const dialog = page.getByRole('dialog', { name: 'Certificate (PDF)' });
    expect(await dialog.getByLabel(`Print the file name: ${nameOf(3)}`).isChecked()).toBe(true);
    for (const button of [
      dialog.getByRole('button', { name: 'Download' }),
      row.getByRole('button', { name: 'Download certificate of' }),
    ]) {
      const [certificate] = await Promise.all([page.waitForEvent('download'), button.click()]);
      expect(certificate.suggestedFilename()).toBe(`${nameOf(3)}.certificate.pdf`);
    }
    await page.getByRole('button', { name: 'Notarize 8 documents' }).click();
    await waitForRows(page, 'sealed', 8);
    await row.getByRole('button', { name: 'Notarize again' }).click();
    await waitForRows(page, 'sealed', 9);
    await page.locator('.summary', { hasText: '11 already notarized' }).waitFor();
    expect([await known('one of many 2'), await known('one of many 3')]).toEqual([1, 2]);

    await page.getByLabel('Search by name').fill('019');
    expect(await page.locator('.row').count()).toBe(1);
    await page.getByLabel('Search by name').fill('');
    await page.getByRole('button', { name: 'Clear list' }).click();
    await page.getByRole('dialog').getByText('You have not downloaded 9 proofs yet.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Clear list' }).click();
    await drop(page, [some]);
    await page.locator('.summary', { hasText: '20 already notarized' }).waitFor();
    await page.getByText(/^Already notarized in block .+ · 2 times$/).waitFor();
    await page.getByRole('button', { name: 'Notarize 20 again' }).click();
    await page.getByText('All 20 documents are sealed.').first().waitFor();
    expect([await known('one of many 2'), await known('one of many 3')]).toEqual([2, 3]);
    opened.assertClean();
  });
});

/** The files of the zip that the page makes, in their order. */
async function proofsOf(page: Page, count: number): Promise<Map<string, string>> {
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 0 }),
    page.getByRole('button', { name: `${count} proofs only` }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('ingam-proofs.zip');
  await page.getByText(`${count} files downloaded in one zip.`).waitFor();
  const zip = join(folder, 'proofs.zip');
  await download.saveAs(zip);
  return readZip(await readFile(zip));
}
