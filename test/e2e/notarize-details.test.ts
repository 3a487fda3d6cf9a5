import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { checkViews, PHONE } from './account-support.js';
import { choose, chooseSent, openPage, textFile, useService, waitForRows } from './support.js';

const service = useService();

async function detailsOf(text: string) {
  const sha256 = new Uint8Array(createHash('sha256').update(text).digest());
  return (await service.deps.notarizations.byDigest(sha256, 5)).notarizations.map(({ details }) => details);
}

const save = async (page: Page) => {
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
};

describe('details', () => {
  it('are entered for all documents and for one, and sealed with them', async () => {
    await using opened = await openPage(service.url);
    const { page } = opened;
    await choose(page, [textFile('계약서.pdf', 'detailed one'), textFile('b.pdf', 'detailed two')]);
    await page.getByRole('button', { name: 'Add details', exact: true }).click();
    await page.getByLabel('Title').fill('Sale of the house');
    await page.getByLabel('Tags').fill('2026, 계약');
    await page.getByLabel('Include file names').check();
    await save(page);
    await page.getByRole('button', { name: 'Add details to b.pdf' }).click();
    await page.getByLabel('Title').fill('Annex');
    await page.getByLabel('Note').fill('line one\nline two\u202e');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Contains an invisible or bidirectional control character.').waitFor();
    await page.getByLabel('Note').fill('line one\nline two');
    await save(page);
    await page.locator('.row', { hasText: 'b.pdf' }).locator('summary').click();
    await page.locator('.row', { hasText: 'b.pdf' }).getByText('Annex').waitFor();
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await waitForRows(page, 'sealed', 2);
    const tags = ['2026', '계약'];
    expect(await detailsOf('detailed one')).toEqual([
      { name: '계약서.pdf', title: 'Sale of the house', tags },
    ]);
    expect(await detailsOf('detailed two')).toEqual([
      { name: 'b.pdf', title: 'Annex', note: 'line one\nline two', tags },
    ]);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download certificate of 계약서.pdf' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('계약서.pdf.certificate.pdf');

    await page.getByRole('button', { name: 'Clear list' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Clear list' }).click();
    await chooseSent(page, 'Upload the file');
    await choose(page, [textFile('c.pdf', 'detailed three'), textFile('d.pdf', 'detailed four')]);
    await page.getByRole('button', { name: 'Edit details', exact: true }).click();
    await page.getByLabel('Title').fill('');
    await page.getByLabel('Reference').fill('R-7');
    await save(page);
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await waitForRows(page, 'sealed', 2);
    expect(await detailsOf('detailed four')).toEqual([{ name: 'd.pdf', reference: 'R-7', tags }]);
    opened.assertClean();
  });
});

describe('every state of the page', () => {
  it('is accessible and fits the screen', async () => {
    await using opened = await openPage(service.url, PHONE);
    const { page } = opened;
    const check = () => checkViews(page, PHONE);
    const first = page.locator('.list-actions .is-primary');
    const name = `${'a-long-name-without-any-space-'.repeat(4)}.pdf`;
    await page.locator('.drop-zone').waitFor();
    await check();
    await choose(page, [textFile(name, 'state one'), textFile('b.pdf', 'state two')]);
    await waitForRows(page, 'ready', 2);
    await page.locator('.settings > button').click();
    await check();
    await page.keyboard.press('Escape');
    await page.locator('.list-actions .button').nth(1).click();
    await page.locator('dialog').waitFor();
    await check();
    // Nothing typed is lost without a question.
    await page.locator('dialog input').first().fill('typed');
    await page.keyboard.press('Escape');
    await page.locator('dialog .discard').waitFor();
    await check();
    await page.locator('dialog .discard .is-danger').click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await first.click();
    await waitForRows(page, 'sealed', 2);
    for (const summary of await page.locator('.row summary').all()) await summary.click();
    await check();

    // With so many, the list has filters.
    const again = Array.from({ length: 17 }, (_, i) => textFile(`${i}.txt`, `state ${i === 0 ? 'two' : i}`));
    await choose(page, [textFile(name, 'state one'), ...again]);
    await waitForRows(page, 'known', 2);
    await check();
    // A response that the page does not expect.
    await page.route('**/v1/notarizations', (route) => route.fulfill({ status: 400, body: '{}' }));
    await first.click();
    await waitForRows(page, 'failed', 16);
    await check();
    await page.locator('select[name=view]').selectOption('sealed');
    await waitForRows(page, 'failed', 0);
    await Promise.all([page.waitForEvent('download'), page.locator('.list-actions .is-primary').click()]);
    await page.locator('.proofs-message').waitFor();
    await check();
    await page.locator('.list-actions .button').last().click();
    await page.locator('.row').first().waitFor({ state: 'detached' });
    await page.locator('.past').waitFor();
    await check();
    opened.assertClean({ mayFailToLoad: true });
  });
});
