import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import { formatVerifierKey, notarizationId, parseProof, PROOF_FORMAT } from '../../src/proof/index.js';
import { startService } from '../support/service.js';
import { expectAccessible, checkViews, PHONE } from './account-support.js';
import {
  builtPages,
  bytesOf,
  calls,
  failedSteps,
  give,
  openPage,
  POLLING,
  statement,
  textFile,
  trustOwn,
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

const document = (text: string) => textFile('paper.txt', text);
const proofFile = (text: string) => textFile('paper.txt.ingam.json', text);
const verifyPage = (at = service) => `${at.url}/verify.html`;

describe('a document with its proof', () => {
  it('verifies without the document or its digest being sent, dropped together or one by one, and not if anything of it was changed', async () => {
    const proof = await notarized('agreed');
    await using opened = await openPage(verifyPage());
    const { page, requests } = opened;
    const startOver = page.getByRole('button', { name: 'Start over' });
    await give(page, proofFile(proof));
    expect(await statement(page)).toBe('holds_alone');
    await give(page, document('agreed'));
    // Nobody but the service says when: never an unqualified green.
    await page.locator('[data-statement=alone][data-tone=doubt]').waitFor();
    expect(
      await page
        .locator('.answers .answer')
        .evaluateAll((all) => all.map((one) => one.getAttribute('data-mark'))),
    ).toEqual(['yes', 'yes', 'doubt']);
    expect(await failedSteps(page)).toEqual([]);
    expect(await page.locator('.step').count()).toBe(10);
    expect(new Set(calls(requests))).toEqual(new Set(['GET /v1/chain', 'GET /v1/session']));

    // Together, in any order, anywhere on the page.
    await startOver.click();
    await page.locator('.result').waitFor({ state: 'detached' });
    const data = await page.evaluateHandle(
      ([proof, text]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([proof], 'renamed.json'));
        transfer.items.add(new File([text], 'paper.txt'));
        return transfer;
      },
      [proof, 'agreed'] as const,
    );
    await page.locator('h1').dispatchEvent('drop', { dataTransfer: data });
    expect(await statement(page)).toBe('alone');

    // The failed step is shown.
    const changed = JSON.parse(proof) as { log: { checkpoint: string } };
    // The last character of the signature that carries bits of it.
    changed.log.checkpoint = changed.log.checkpoint.replace(
      /(.)(.=*\n)$/,
      (_, a: string, b: string) => (a === 'A' ? 'B' : 'A') + b,
    );
    await startOver.click();
    await give(page, document('agreed!'), proofFile(proof));
    await page.locator('[data-statement=other_document]').waitFor();
    expect(await page.locator('.result h2').textContent()).toBe('Not verified');
    expect(await failedSteps(page)).toEqual(['document: document_digest_mismatch']);
    await startOver.click();
    await give(page, document('agreed'), proofFile(JSON.stringify(changed)));
    await page.locator('[data-statement=invalid]').waitFor();
    expect(await failedSteps(page)).toEqual(['log_signature: bad_log_signature']);
    await startOver.click();
    await give(page, document('agreed'), proofFile(proof.slice(0, -200)));
    await page.locator('[data-statement=unreadable]').waitFor();
    opened.assertClean();
  });
});

describe('a receipt', () => {
  const kept = (pending: string) => textFile('kept.ingam.json', pending);

  it('leads from the pending proof to the final one, which shows that the promise was kept, until it is removed', async () => {
    await using slow = await startService({ publicDir: builtPages(), sealing: false });
    const pending = await notarized('promised', slow, '');
    await using opened = await openPage(verifyPage(slow));
    const { page } = opened;
    await give(page, document('promised'), kept(pending));
    expect(await statement(page)).toBe('pending');
    expect(await failedSteps(page)).toEqual([]);
    await page.getByText('From your file').waitFor();
    slow.startSealing();
    await page.locator('[data-statement=alone]').waitFor();
    await page.getByText('Your pending proof has become a final one.').waitFor();
    await page.getByText('The promise was kept').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download proof' }).click(),
    ]);
    const proof = await bytesOf(download);
    expect(parseProof(proof).format).toBe(PROOF_FORMAT);

    // Both proofs at once.
    await page.getByRole('button', { name: 'Start over' }).click();
    await give(page, kept(pending), proofFile(proof.toString()), document('promised'));
    await page.locator('[data-statement=alone]').waitFor();
    await page.locator('.promise').first().getByText('The promise was kept').waitFor();
    await page.getByRole('button', { name: 'Remove kept.ingam.json' }).click();
    await page.locator('.promise').waitFor({ state: 'detached' });
    expect(await page.locator('.chosen-file').count()).toBe(2);
    opened.assertClean();
  });
});

describe('a document alone', () => {
  it('is looked up by its digest and its proof checked, or can be notarized at once if it is not found', async () => {
    const proof = await notarized('looked up');
    await notarized('looked up');
    await using opened = await openPage(verifyPage());
    const { page } = opened;
    await give(page, document('looked up'));
    expect(await statement(page)).toBe('alone');
    await page.getByText('This document was notarized 2 times').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download proof' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('paper.txt.ingam.json');
    expect(JSON.parse((await bytesOf(download)).toString())).toMatchObject({
      entry: (JSON.parse(proof) as { entry: string }).entry,
    });
    await page.getByRole('button', { name: 'Check this one, accepted' }).click();
    await page.locator('.others li:last-child .tag').waitFor({ state: 'attached' });
    expect(await statement(page)).toBe('alone');
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.locator('.result').waitFor({ state: 'detached' });
    await give(page, document('never seen'));
    expect(await statement(page)).toBe('unknown');
    await page.getByRole('button', { name: 'Notarize it now' }).click();
    await page.waitForURL(`${service.url}/`);
    await page.getByText('paper.txt').first().waitFor();
    await page.reload();
    await page.locator('h1').waitFor();
    expect(await page.getByText('paper.txt').count()).toBe(0);
    opened.assertClean();
  });
});

describe('a fingerprint or a link', () => {
  it('can be pasted, by the keyboard alone, and the document added', async () => {
    const proof = await notarized('pasted');
    const { entry, position } = idParts(proof);
    await using opened = await openPage(verifyPage());
    const { page } = opened;
    const field = page.getByLabel('Or paste a fingerprint or a link to a proof');
    await field.fill('ab');
    await field.press('Enter');
    await page.getByText('This is neither a SHA-256 fingerprint').waitFor();
    await field.fill('https://elsewhere.example/p/1-0123456789abcdef');
    await field.press('Enter');
    await page.getByText('This link leads to another service.').waitFor();
    await field.fill(Buffer.from(parseProof(proof).document.sha256).toString('hex').toUpperCase());
    await field.press('Enter');
    await page.locator('[data-statement=alone]').waitFor();
    await page.locator('.answers').getByText('Exactly this fingerprint.').waitFor();
    await page.getByRole('button', { name: 'Start over' }).click();
    await field.fill(`${service.url}/p/${notarizationId(position, entry.salt)}`);
    await field.press('Enter');
    await page.locator('[data-statement=holds_alone]').waitFor();
    opened.assertClean();
  });

  it('shows a proof by its address, and checks a document against that proof alone', async () => {
    const proof = await notarized('addressed');
    const { entry, position } = idParts(proof);
    const path = `/p/${notarizationId(position, entry.salt)}`;
    const digest = Buffer.from(parseProof(proof).document.sha256).toString('hex');
    await using opened = await openPage(`${service.url}${path}#sha256=${digest}`);
    const { page, requests } = opened;
    expect(await statement(page)).toBe('alone');
    expect(await page.getByLabel('Link to this proof', { exact: true }).inputValue()).toBe(
      `${service.url}${path}#sha256=${digest}`,
    );
    await give(page, document('another document'));
    await page.locator('[data-statement=other_document]').waitFor();
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.goto(`${service.url}${path}`);
    await page.locator('[data-statement=holds_alone]').waitFor();
    await give(page, document('addressed'));
    await page.locator('[data-statement=alone]').waitFor();
    await page.locator('.answers').getByText('Exactly this file.').waitFor();
    // The service gives the proof by its id, and never learns of the document.
    expect(calls(requests).filter((call) => call.includes('/v1/verify/'))).toEqual([]);
    // Without an id, it looks for the fingerprint.
    await page.goto(`${verifyPage()}#sha256=${digest}`);
    await page.locator('[data-statement=alone]').waitFor();
    opened.assertClean();
  });
});

/** What an id is made of. */
function idParts(text: string) {
  const proof = parseProof(text);
  if (proof.format !== PROOF_FORMAT || !('block' in proof)) throw new Error('not sealed');
  return { entry: proof.entry, position: proof.block.header.firstPosition + proof.block.index };
}

describe('many files', () => {
  const files = async () => {
    const texts = Array.from({ length: 10 }, (_, i) => `contract ${i}`);
    const answer = await fetch(`${service.url}/v1/notarizations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        documents: texts.map((text) => ({ sha256: createHash('sha256').update(text).digest('hex') })),
      }),
    });
    expect(answer.status).toBe(201);
    await notarized('the last of them');
    const proof = await notarized('contract with a proof');
    return [
      ...texts.map((text, i) => textFile(`contract-${i}.pdf`, text)),
      textFile('new.pdf', 'never notarized'),
      textFile('changed.pdf', 'contract with a proof!'),
      textFile('changed.pdf.ingam.json', proof),
    ];
  };

  it('get a verdict each, in a table that can be saved, printed and looked into', async () => {
    await using opened = await openPage(verifyPage(), { viewport: { width: 390, height: 844 } });
    const { page } = opened;
    await give(page, ...(await files()));
    await page.getByText('12 results: 10 verified, 10 of them by the service alone').first().waitFor();
    expect(await page.locator('[data-verdict=alone]').count()).toBe(10);
    expect(await page.locator('[data-verdict=unknown]').count()).toBe(1);
    expect(await page.locator('[data-verdict=other_document]').count()).toBe(1);
    await expectAccessible(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download report (CSV)' }).click(),
    ]);
    const lines = (await bytesOf(download)).toString().trim().split('\r\n');
    expect(lines).toHaveLength(13);
    expect(lines.find((line) => line.startsWith('new.pdf,'))).toContain(',Not found,unknown,');
    expect(lines.find((line) => line.startsWith('contract-7.pdf,'))).toContain('test.example/log');
    await page.getByRole('button', { name: 'Show changed.pdf' }).press('Enter');
    await page.locator('.result[data-statement=other_document]').waitFor();
    await page.waitForFunction(
      () => globalThis.document.activeElement?.id === 'statement',
      undefined,
      POLLING,
    );
    await page.emulateMedia({ media: 'print' });
    await page.getByText('Verification report').waitFor();
    expect(await page.locator('.report-digest').first().isVisible()).toBe(true);
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
    await give(page, document('offline'));
    expect(await statement(page)).toBe('away');
    await give(page, proofFile(proof));
    await page.locator('[data-statement=no_key]').waitFor();
    await trustOwn(page, service.verifierKey);
    await page.locator('[data-statement=alone]').waitFor();
    // A policy says itself that nobody needs to confirm the time.
    await trustOwn(page, `log ${service.verifierKey}\nquorum none`);
    await page.locator('[data-statement=verified]').waitFor();
    await page.getByText('your policy requires none').waitFor();
    await trustOwn(page, `#retired-log ${service.verifierKey} 1000\nquorum none`);
    await page.locator('#trust-state').getByText('for a chain of at most 1,000 blocks').waitFor();
    await page.locator('.facts').getByText('for a chain of at most 1,000 blocks').waitFor();
    await page.locator('[data-statement=verified]').waitFor();
    opened.assertClean({ mayFailToLoad: true });
  });

  it('rejects proofs signed by another key, is remembered, and changes nothing before it can be read', async () => {
    const others = formatVerifierKey(generateKey('other.example/log').key);
    const proof = await notarized('whose');
    await using opened = await openPage(verifyPage());
    const { page } = opened;
    await give(page, document('whose'), proofFile(proof));
    expect(await statement(page)).toBe('alone');
    await trustOwn(page, '');
    await page.locator('.answer.is-unsettled [data-statement=alone]').waitFor();
    await page.getByText('No key of your own yet').first().waitFor();
    await trustOwn(page, 'not a key');
    await page.getByText('This is neither a key nor a policy.').waitFor();
    expect(await statement(page)).toBe('alone');
    await trustOwn(page, others);
    await page.locator('[data-statement=untrusted]').waitFor();
    expect(await page.locator('.is-unsettled').count()).toBe(0);
    expect(await failedSteps(page)).toEqual(['log_signature: untrusted_log']);
    await page.reload();
    expect(await page.getByLabel('Public key or trust policy').inputValue()).toBe(others);
    opened.assertClean();
  });
});

describe('the page', () => {
  it('is accessible and fits in every state', async () => {
    await using opened = await openPage(`${service.url}/verify.html`, PHONE);
    const { page } = opened;
    const check = () => checkViews(page, PHONE);
    await check();
    await trustOwn(page, 'neither');
    await check();
    await page.locator('.trust-choice input').first().check();
    await give(page, textFile('paper.txt', 'never seen in any state'));
    expect(await statement(page)).toBe('unknown');
    await check();
    await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: 'seen in some state',
    });
    await page.reload();
    await give(page, textFile('paper.txt', 'seen in some state'));
    await page.locator('[data-statement=alone]').waitFor();
    for (const summary of await page.locator('.result summary').all()) await summary.click();
    await check();
    await give(page, textFile('paper.ingam.json', '{}'));
    await page.locator('[data-statement=unreadable]').waitFor();
    await check();
    await give(
      page,
      textFile('other.txt', 'never seen in any state'),
      textFile('third.txt', 'seen in some state'),
    );
    await page.locator('.report').waitFor();
    await check();
  });
});
