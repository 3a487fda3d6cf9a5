import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseProof } from '../../src/proof/index.js';
import { createOrganization, createUser } from '../support/people.js';
import { readZipBytes } from '../support/zip.js';
import { violations } from './account-support.js';
import { bytesOf, choose, openPage, textFile, useService, waitForRows } from './support.js';

const service = useService();

const PHONE = { viewport: { width: 390, height: 844 } };
const files = (count: number, text: string) =>
  Array.from({ length: count }, (_, i) => textFile(`lease ${i}.pdf`, `${text} ${i}`));

describe('the bar with what can be done', () => {
  it('is in sight on a phone, with one document and with many', async () => {
    await using opened = await openPage(service.url, PHONE);
    const { page } = opened;
    for (const [text, added, all] of [
      ['one', 1, 1],
      ['many', 14, 15],
    ] as const) {
      await choose(page, files(added, `on a phone, ${text}`));
      await waitForRows(page, 'ready', all);
      const primary = page.locator('.bar .is-primary');
      const box = await primary.boundingBox();
      expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(844);
      expect(await page.evaluate(() => scrollY)).toBe(0);
      // It does not cover the last row at the end of the page.
      await page.evaluate(() => {
        scrollTo(0, document.body.scrollHeight);
      });
      const bottom = await page.locator('.row').last().boundingBox();
      const top = await page.locator('.bar').boundingBox();
      expect((bottom?.y ?? Infinity) + (bottom?.height ?? 0)).toBeLessThanOrEqual(top?.y ?? 0);
      await page.evaluate(() => {
        scrollTo(0, 0);
      });
    }
    opened.assertClean();
  });

  it('becomes the receipt: proofs and certificates of all documents in one zip', async () => {
    await using opened = await openPage(service.url);
    const { page } = opened;
    await choose(page, files(2, 'both kinds'));
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await page.locator('.summary', { hasText: /^All 2 documents are sealed. · block \d+$/ }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download proofs and certificates' }).click(),
    ]);
    await page.getByText('4 files downloaded in one zip.').waitFor();
    const folder = await mkdtemp(join(tmpdir(), 'ingam-e2e-'));
    try {
      await download.saveAs(join(folder, 'both.zip'));
      const zip = readZipBytes(await readFile(join(folder, 'both.zip')));
      expect([...zip.keys()]).toEqual(
        [0, 1].flatMap((i) => [`lease ${i}.pdf.ingam.json`, `lease ${i}.pdf.certificate.pdf`]),
      );
      // A pending proof has a receipt instead of a block.
      expect(parseProof(String(zip.get('lease 0.pdf.ingam.json')))).not.toHaveProperty('receipt');
      expect(String(zip.get('lease 1.pdf.certificate.pdf')?.subarray(0, 5))).toBe('%PDF-');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    // A line for each document, with a link that others can open.
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy 2 links' }).click();
    await page.getByRole('button', { name: 'Links copied.' }).waitFor();
    const lines = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
    expect(lines.map((line) => line.split('\t')[0])).toEqual(['lease 0.pdf', 'lease 1.pdf']);
    await using shared = await openPage(lines[1]?.split('\t')[1] ?? '');
    await shared.page
      .getByText(/Sealed/)
      .first()
      .waitFor();
    expect(await violations(page)).toEqual([]);
    opened.assertClean();
  });
});

describe('without an account', () => {
  it('nothing is lost without a question, and the browser keeps a list that can be cleared', async () => {
    await using opened = await openPage(service.url);
    const { page } = opened;
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    await choose(page, [textFile('ready.txt', 'not sent yet')]);
    await waitForRows(page, 'ready', 1);
    await page.locator('.row-name').click();
    await page.reload();
    expect(asked).toEqual(['beforeunload']);
    await choose(page, files(2, 'kept'));
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await waitForRows(page, 'sealed', 2);
    await page.reload();
    expect(asked).toHaveLength(2);

    await page.getByText('Only this browser keeps this list, with the names of the files.').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download proof of lease 1.pdf' }).click(),
    ]);
    expect(parseProof((await bytesOf(download)).toString())).not.toHaveProperty('receipt');
    expect((await page.locator('.past tbody tr td:first-child').allTextContents()).sort()).toEqual([
      'lease 0.pdf',
      'lease 1.pdf',
    ]);
    await page.getByRole('button', { name: 'Name', exact: true }).click();
    await page.getByRole('button', { name: 'Name', exact: true }).click();
    expect(await page.locator('.past tbody tr').first().innerText()).toContain('lease 1.pdf');
    await page.getByRole('button', { name: 'Clear this list' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Clear this list' }).click();
    await page.locator('.past').waitFor({ state: 'detached' });
    await page.reload();
    await page.locator('.drop-zone').waitFor();
    expect(await page.locator('.past').count()).toBe(0);
    expect(asked).toHaveLength(2);

    // After a download, nothing is at stake.
    await choose(page, [textFile('saved.txt', 'saved before leaving')]);
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await waitForRows(page, 'sealed', 1);
    await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download proof of saved.txt' }).click(),
    ]);
    await page.reload();
    expect(asked).toHaveLength(2);
    opened.assertClean();
  });

  it('names are sent only if wanted, which is remembered', async () => {
    await using opened = await openPage(service.url);
    const { page } = opened;
    await page.getByRole('button', { name: /names not included$/ }).click();
    await page.getByLabel('Include file names').check();
    await page.reload();
    await page.getByRole('button', { name: /names included$/ }).waitFor();
    opened.assertClean();
  });
});

describe('for an organization', () => {
  it('names are included unless switched off, also in the details of a single document', async () => {
    const { id } = await createOrganization(service, 'Firm');
    const person = await createUser(service, id, 'notary');
    await using opened = await openPage(service.url, { as: person.email });
    const { page } = opened;
    await page.getByRole('button', { name: 'Fingerprint only · names included' }).waitFor();
    await choose(page, [textFile('Lease Mapo 2026.pdf', 'named')]);
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await waitForRows(page, 'sealed', 1);
    await page.getByRole('button', { name: 'Clear list' }).click();
    await choose(page, [textFile('Secret.pdf', 'nameless')]);
    await page.getByRole('button', { name: 'Add details' }).click();
    await page.getByLabel('Include file names').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await waitForRows(page, 'sealed', 1);
    const answer = await page.request.get(`${service.url}/v1/notarizations`);
    const { notarizations } = (await answer.json()) as {
      readonly notarizations: readonly { readonly details?: { readonly name?: string } }[];
    };
    expect(notarizations.map(({ details }) => details?.name).sort()).toEqual([
      'Lease Mapo 2026.pdf',
      undefined,
    ]);
    // The register has the proofs, so leaving asks nothing; the browser keeps no list of its own.
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    await page.reload();
    await page.getByRole('button', { name: 'Fingerprint only · names not included' }).waitFor();
    expect([asked.length, await page.locator('.past').count()]).toEqual([0, 0]);
    opened.assertClean();
  });
});
