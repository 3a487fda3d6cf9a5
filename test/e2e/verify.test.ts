import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import {
  formatVerifierKey,
  notarizationId,
  parseProof,
  type PendingProof,
  PROOF_FORMAT,
} from '../../src/proof/index.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';
import {
  builtPages,
  calls,
  failedSteps,
  type GivenFile,
  openPage,
  statement,
  textFile,
  useService,
} from './support.js';

const service = useService();

/** Notarizes through the service's own interface. @returns the text of the proof */
async function notarized(text: string, at = service, wait = '?wait=sealed'): Promise<string> {
  const answer = await fetch(`${at.url}/v1/notarizations${wait}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: text,
  });
  const { notarizations } = (await answer.json()) as { notarizations: { links: { proof: string } }[] };
  return (await fetch(`${at.url}${notarizations[0]?.links.proof ?? ''}`)).text();
}

async function give(page: Page, given: { document?: GivenFile; proof?: GivenFile }): Promise<void> {
  if (given.document !== undefined) await page.locator('#document-input input').setInputFiles(given.document);
  if (given.proof !== undefined) await page.locator('#proof-input input').setInputFiles(given.proof);
}

const document = (text: string) => textFile('paper.txt', text);
const proofFile = (text: string) => textFile('paper.txt.ingam.json', text);
const verifyPage = (at = service) => `${at.url}/verify.html`;

describe('a document with its proof', () => {
  it('verifies without the document or its digest being sent', async () => {
    const proof = await notarized('agreed');
    await using opened = await openPage(verifyPage());
    const { page, requests } = opened;
    await give(page, { proof: proofFile(proof) });
    expect(await statement(page)).toBe('holds');
    await give(page, { document: document('agreed') });
    await page.locator('[data-statement=verified]').waitFor();
    expect(await failedSteps(page)).toEqual([]);
    expect(await page.locator('.step').count()).toBe(10);
    expect(new Set(calls(requests))).toEqual(new Set(['GET /v1/chain', 'GET /v1/session']));
    opened.assertClean();
  });

  it('can be dropped together, in any order, anywhere on the page', async () => {
    const proof = await notarized('dropped');
    await using opened = await openPage(verifyPage());
    const { page } = opened;
    const data = await page.evaluateHandle(
      ([proof, text]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([proof], 'renamed.json'));
        transfer.items.add(new File([text], 'paper.txt'));
        return transfer;
      },
      [proof, 'dropped'] as const,
    );
    await page.locator('h1').dispatchEvent('drop', { dataTransfer: data });
    expect(await statement(page)).toBe('verified');
    opened.assertClean();
  });

  it('is not verified if one byte differs, and shows the failed step', async () => {
    const proof = await notarized('unchanged');
    await using opened = await openPage(verifyPage());
    await give(opened.page, { document: document('unchanged!'), proof: proofFile(proof) });
    await opened.page.locator('[data-statement=other_document]').waitFor();
    expect(await opened.page.locator('h2').first().textContent()).toBe('Not verified');
    expect(await failedSteps(opened.page)).toEqual(['document: document_digest_mismatch']);
    opened.assertClean();
  });

  it('is not verified if the proof was changed', async () => {
    const changed = JSON.parse(await notarized('to be changed')) as { log: { checkpoint: string } };
    const { checkpoint } = changed.log;
    // The last character of the signature that carries bits of it.
    changed.log.checkpoint = checkpoint.replace(
      /(.)(.=*\n)$/,
      (_, a: string, b: string) => (a === 'A' ? 'B' : 'A') + b,
    );
    await using opened = await openPage(verifyPage());
    await give(opened.page, {
      document: document('to be changed'),
      proof: proofFile(JSON.stringify(changed)),
    });
    await opened.page.locator('[data-statement=invalid]').waitFor();
    expect(await failedSteps(opened.page)).toEqual(['log_signature: bad_log_signature']);
    opened.assertClean();
  });

  it('is not verified if the proof is truncated', async () => {
    const proof = await notarized('cut');
    await using opened = await openPage(verifyPage());
    await give(opened.page, { document: document('cut'), proof: proofFile(proof.slice(0, -200)) });
    expect(await statement(opened.page)).toBe('unreadable');
    opened.assertClean();
  });
});

describe('a proof with a receipt that was kept', () => {
  /** The pending proof, and the proof that takes its place. */
  async function sealedAfter(promiseMs: number): Promise<{ pending: string; proof: string }> {
    await using slow = await startService({ sealing: false, maxLagMs: promiseMs });
    const pending = await notarized('promised', slow, '');
    const { receipt } = parseProof(pending) as PendingProof;
    if (promiseMs < 1000)
      await until(
        'the deadline to pass',
        () => Promise.resolve(Date.now()),
        (now) => now > receipt.deadline,
      );
    slow.startSealing();
    return { pending, proof: await proofOfSealed(slow, pending) };
  }

  async function proofOfSealed(at: TestService, pending: string): Promise<string> {
    const { position, entry } = parseProof(pending) as PendingProof;
    const address = `${at.url}/v1/notarizations/${notarizationId(position, entry.salt)}/proof`;
    return until(
      'the document to be sealed',
      async () => (await fetch(address)).text(),
      (text) => parseProof(text).format === PROOF_FORMAT,
    );
  }

  async function promiseShown(page: Page, pending: string, proof: string): Promise<string> {
    await page
      .locator('#proof-input input')
      .setInputFiles([textFile('kept.ingam.json', pending), textFile('paper.txt.ingam.json', proof)]);
    await give(page, { document: document('promised') });
    await page.locator('[data-statement=verified]').waitFor();
    return (await page.locator('.promise').first().textContent()) ?? '';
  }

  it('shows that the promise was kept, until the receipt is removed', async () => {
    const { pending, proof } = await sealedAfter(60_000);
    await using opened = await openPage(verifyPage());
    const { page } = opened;
    expect(await promiseShown(page, pending, proof)).toContain('The promise was kept');
    await page.getByRole('button', { name: 'Remove kept.ingam.json' }).click();
    await page.locator('.promise').waitFor({ state: 'detached' });
    expect(await page.locator('.chosen-file').count()).toBe(2);
    opened.assertClean();
  });

  it('shows that the seal came after the deadline', async () => {
    const { pending, proof } = await sealedAfter(1);
    await using opened = await openPage(verifyPage());
    expect(await promiseShown(opened.page, pending, proof)).toMatch(
      /^The promise was not kept: .* after the deadline of your receipt/,
    );
    opened.assertClean();
  });
});

describe('a document alone', () => {
  it('is looked up by its digest, and its proof is checked and can be downloaded', async () => {
    const proof = await notarized('looked up');
    await notarized('looked up');
    await using opened = await openPage(verifyPage());
    const { page } = opened;
    await give(page, { document: document('looked up') });
    expect(await statement(page)).toBe('verified');
    await page.getByText('This document was notarized 2 times').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download proof' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('paper.txt.ingam.json');
    const stream = await download.createReadStream();
    expect(JSON.parse((await stream.toArray()).join(''))).toMatchObject({
      entry: (JSON.parse(proof) as { entry: string }).entry,
    });
    await page.getByRole('button', { name: 'Check this one, accepted' }).click();
    await page.locator('.others .tag').waitFor({ state: 'attached' });
    expect(await statement(page)).toBe('verified');
    opened.assertClean();
  });

  it('may be unknown', async () => {
    await using opened = await openPage(verifyPage());
    await give(opened.page, { document: document('never seen') });
    expect(await statement(opened.page)).toBe('unknown');
    opened.assertClean();
  });

  it('may be pending, and verifies after sealing', async () => {
    await using slow = await startService({ publicDir: builtPages(), sealing: false });
    const pending = await notarized('waiting', slow, '');
    await using opened = await openPage(verifyPage(slow));
    const { page } = opened;
    await give(page, { document: document('waiting') });
    expect(await statement(page)).toBe('pending');
    expect(await failedSteps(page)).toEqual([]);
    await give(page, { proof: proofFile(pending) });
    await page.getByText('From your file').waitFor();
    expect(await statement(page)).toBe('pending');
    slow.startSealing();
    await notarized('another', slow);
    await page.getByRole('button', { name: 'Remove paper.txt.ingam.json' }).click();
    await page.locator('[data-statement=verified]').waitFor();
    opened.assertClean();
  });
});

describe('the trusted key', () => {
  it('makes verification possible without the service', async () => {
    const proof = await notarized('offline');
    await using opened = await openPage(verifyPage());
    const { page } = opened;
    await page.locator('.chain-status:not(:empty)').waitFor();
    await page.context().setOffline(true);
    await give(page, { document: document('offline') });
    expect(await statement(page)).toBe('away');
    await give(page, { proof: proofFile(proof) });
    await page.locator('[data-statement=no_key]').waitFor();
    await page.getByLabel('My own key or policy').check();
    await page.getByLabel('Public key or trust policy').fill(service.verifierKey);
    await page.locator('[data-statement=verified]').waitFor();
    await page.getByLabel('Public key or trust policy').fill(`log ${service.verifierKey}\nquorum none`);
    await page.locator('[data-statement=verified]').waitFor();
    const field = page.getByLabel('Public key or trust policy');
    await field.fill(`#retired-log ${service.verifierKey} 1000\nquorum none`);
    await page.locator('#trust-state').getByText('for a chain of at most 1,000 blocks').waitFor();
    await page.locator('.facts').getByText('for a chain of at most 1,000 blocks').waitFor();
    await page.locator('[data-statement=verified]').waitFor();
    opened.assertClean({ mayFailToLoad: true });
  });

  it('rejects proofs signed by another key, and is remembered', async () => {
    const others = formatVerifierKey(generateKey('other.example/log').key);
    const proof = await notarized('whose');
    await using opened = await openPage(verifyPage());
    const { page } = opened;
    await page.getByLabel('My own key or policy').check();
    await page.getByLabel('Public key or trust policy').fill('not a key');
    await page.getByText('This is neither a key nor a policy.').waitFor();
    await page.getByLabel('Public key or trust policy').fill(others);
    await give(page, { document: document('whose'), proof: proofFile(proof) });
    await page.locator('[data-statement=untrusted]').waitFor();
    expect(await failedSteps(page)).toEqual(['log_signature: untrusted_log']);
    await page.reload();
    expect(await page.getByLabel('Public key or trust policy').inputValue()).toBe(others);
    opened.assertClean();
  });
});
