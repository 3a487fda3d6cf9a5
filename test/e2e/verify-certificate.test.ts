import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseProofOrCertificate } from '../../src/proof/index.js';
import { Pdf } from '../certificate/pdf-reader.js';
import { violations } from './account-support.js';
import { bytesOf, calls, failedSteps, type GivenFile, openPage, textFile, useService } from './support.js';

const LEASE = '%PDF-1.4\nthe lease, which is a PDF too\n';
const DETAILS = encodeURIComponent('lease.pdf');

const service = useService();
/** Address of the lease's notarization. */
let self: string;
let certificate: Buffer;
beforeAll(async () => {
  self = await notarized(Buffer.from(LEASE));
  certificate = Buffer.from(await (await fetch(`${self}/certificate.pdf?lang=ko`)).arrayBuffer());
});

/** @returns the address of the notarization */
async function notarized(body: Uint8Array<ArrayBuffer>): Promise<string> {
  const answer = await fetch(`${service.url}/v1/notarizations?wait=sealed&name=${DETAILS}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body,
  });
  const { notarizations } = (await answer.json()) as { notarizations: { links: { self: string } }[] };
  return service.url + (notarizations[0]?.links.self ?? '');
}

const pdf = (name: string, buffer: Buffer): GivenFile => ({ name, mimeType: 'application/pdf', buffer });
const lease = textFile('lease.pdf', LEASE);
const open = (options = {}) => openPage(`${service.url}/verify.html`, options);

/** Drops files onto the page. */
async function drop(page: Page, ...files: readonly GivenFile[]): Promise<void> {
  const given = files.map(({ name, buffer }) => [name, buffer.toString('base64')] as const);
  const data = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const [name, base64] of files)
      transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    return transfer;
  }, given);
  await page.locator('h1').dispatchEvent('drop', { dataTransfer: data });
}

const startOver = (page: Page) => page.getByRole('button', { name: 'Start over' }).click();
const waitForStatement = (page: Page, name: string) => page.locator(`[data-statement=${name}]`).waitFor();

describe('a certificate', () => {
  it('serves as the proof: alone, with its document, and with another one', async () => {
    await using opened = await open();
    const { page, requests } = opened;
    await drop(page, pdf('paper.pdf', certificate));
    await waitForStatement(page, 'holds_alone');
    await page.getByText('Its printed text was not checked').waitFor();
    expect(await violations(page)).toEqual([]);
    await drop(page, lease);
    await waitForStatement(page, 'alone');
    expect(await failedSteps(page)).toEqual([]);
    await startOver(page);
    await drop(page, textFile('lease.pdf', `${LEASE}!`), pdf('paper.pdf', certificate));
    await waitForStatement(page, 'other_document');
    expect(await failedSteps(page)).toEqual(['document: document_digest_mismatch']);
    // Not even a digest was sent.
    expect(new Set(calls(requests))).toEqual(new Set(['GET /v1/chain', 'GET /v1/session']));
    opened.assertClean();
  });

  it('is rejected if its proof was tampered with, also in Korean', async () => {
    await using opened = await open({
      locale: 'ko-KR',
      colorScheme: 'dark',
      viewport: { width: 375, height: 700 },
    });
    const { page } = opened;
    const forged = Buffer.from(certificate.toString('latin1').replace('lease.pdf', 'fakes.pdf'), 'latin1');
    await drop(page, pdf('paper.pdf', forged), lease);
    await waitForStatement(page, 'invalid');
    expect(await failedSteps(page)).toEqual(['disclosure: details_mismatch']);
    await page.getByText('인쇄된 내용은 확인하지 않았으며').waitFor();
    await page.getByRole('button', { name: '처음부터 다시' }).click();
    await drop(page, pdf('paper.pdf', certificate.subarray(0, 1000)));
    await waitForStatement(page, 'unreadable');
    await page.getByText('증명서가 아닌 PDF이거나, 손상되었거나').waitFor();
    expect(await violations(page)).toEqual([]);
    opened.assertClean();
  });

  it('that another program has re-saved is distinguished from other PDFs', async () => {
    await using opened = await open();
    const { page } = opened;
    const anew = Buffer.from(certificate.toString('latin1').replace('%PDF-1.7', '%PDF-1.6'), 'latin1');
    await drop(page, pdf('anew.pdf', anew));
    await waitForStatement(page, 'rewritten');
    expect(await violations(page)).toEqual([]);
    await startOver(page);
    await drop(page, textFile('unknown.pdf', '%PDF-1.7\nnever seen'));
    await waitForStatement(page, 'unknown');
    await startOver(page);
    await drop(page, textFile('no-proof.ingam.json', LEASE));
    await waitForStatement(page, 'unreadable');
    await page.getByText('This PDF is not a certificate').waitFor();
    opened.assertClean();
  });

  it('that was itself notarized is the document of its own proof', async () => {
    const address = await notarized(new Uint8Array(certificate));
    const own = textFile('paper.pdf.ingam.json', await (await fetch(`${address}/proof`)).text());
    await using opened = await open();
    const { page } = opened;
    await drop(page, pdf('paper.pdf', certificate));
    await waitForStatement(page, 'holds_alone');
    await drop(page, own);
    await waitForStatement(page, 'alone');
    expect(await page.locator('.chosen-file-name').allTextContents()).toEqual([
      'paper.pdf',
      'paper.pdf.ingam.json',
    ]);
    await page.getByRole('button', { name: 'Remove paper.pdf.ingam.json' }).click();
    await waitForStatement(page, 'holds_alone');
    opened.assertClean();
  });

  it('is offered after a lookup and for a proof of this service', async () => {
    await using opened = await open();
    const { page, requests } = opened;
    const button = page.getByRole('button', { name: 'Download certificate (PDF)' });
    const dialog = page.getByRole('dialog', { name: 'Certificate (PDF)' });
    const download = async (from = button) => {
      const [saved] = await Promise.all([page.waitForEvent('download'), from.click()]);
      const bytes = await bytesOf(saved);
      return [saved.suggestedFilename(), parseProofOrCertificate(bytes), bytes] as const;
    };
    const linesOf = (bytes: Uint8Array) =>
      new Pdf(bytes).pages.flatMap(({ pieces }) => pieces.map(({ text }) => text));
    await drop(page, lease);
    await waitForStatement(page, 'alone');
    // The name would leave the browser, so the page asks, once.
    await button.click();
    expect(await violations(page)).toEqual([]);
    await dialog.getByLabel('Korean and English on one sheet').check();
    const [name, lookedUp, printed] = await download(dialog.getByRole('button', { name: 'Download' }));
    expect(name).toBe('lease.pdf.certificate.pdf');
    for (const line of ['lease.pdf', '문서 등록 증명서', 'Certificate of notarization'])
      expect(linesOf(printed)).toContain(line);
    const sent = requests
      .map((request) => new URL(request.url()))
      .filter(({ pathname }) => pathname.endsWith('.pdf'));
    expect(sent.map(({ searchParams }) => searchParams.get('name'))).toEqual(['lease.pdf']);
    await page.getByRole('button', { name: 'Certificate options' }).click();
    await dialog.getByLabel('Print the file name: lease.pdf').uncheck();
    await dialog.getByLabel('English', { exact: true }).check();
    const [, , nameless] = await download(dialog.getByRole('button', { name: 'Download' }));
    expect(linesOf(nameless)).toContain('Name not disclosed');
    expect(linesOf(nameless)).not.toContain('문서 등록 증명서');
    const text = await (await fetch(`${self}/proof`)).text();
    await page.getByRole('button', { name: 'Remove lease.pdf' }).click();
    await drop(page, textFile('p.ingam.json', text));
    await waitForStatement(page, 'holds_alone');
    // Who has the document alone does not get the details; who has a proof with them gets them printed.
    const [, given] = await download();
    expect(given.details).toEqual({ name: 'lease.pdf' });
    const { details: _, ...rest } = given;
    expect(rest).toEqual(lookedUp);
    await startOver(page);
    await drop(page, pdf('paper.pdf', certificate));
    await page.getByText('Its printed text').waitFor();
    expect(await page.getByRole('button', { name: 'Download certificate (PDF)' }).count()).toBe(0);
    opened.assertClean();
  });
});
