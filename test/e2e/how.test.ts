import { createHash } from 'node:crypto';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { HEADER_LENGTH } from '../../src/proof/index.js';
import { checkViews, DESKTOP, focusedText, sidewaysScroll } from './account-support.js';
import { plainText } from './explorer-support.js';
import { calls, openPage, startRelay, useService } from './support.js';

const service = useService();

const open = (options: BrowserContextOptions = {}) => openPage(`${service.url}/how.html`, options);
const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const shownHash = async (page: Page, part: string) =>
  (await page.locator(`.${part}-panel .big-hash`).innerText()).replaceAll(/\s/g, '');
const outcome = (page: Page, part: string) => page.locator(`.${part}-panel .outcome`);

async function mine(page: Page): Promise<void> {
  await page.locator('.block-panel .mine .button').click();
  await page.locator('.block-panel .outcome.is-good').waitFor();
}

describe('the page lets readers try out', () => {
  it('a hash of whatever is typed, a proof step by step, a tree, and mining that does not block the page', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.getByLabel('Type something').fill('abc');
    expect(await shownHash(page, 'hash')).toBe(sha256('abc'));
    await page.getByLabel('Type something').fill('abd 인감');
    expect(await shownHash(page, 'hash')).toBe(sha256('abd 인감'));
    const changed = (await outcome(page, 'hash').innerText()).split(' ')[0];
    expect(await page.locator('.bit.is-changed').count()).toBe(Number(changed));
    expect(await page.locator('.bit').count()).toBe(256);
    await page.locator('[role=status]', { hasText: 'bits changed' }).waitFor({ state: 'attached' });

    // A proof of a document, and of a changed one.
    const next = page.getByRole('button', { name: 'Next step' });
    await page.getByRole('radio', { name: 'Document 2' }).check();
    expect(await page.locator('.proof-panel .is-given').count()).toBe(2);
    for (let step = 1; step <= 3; step++) {
      await next.click();
      expect(await page.locator('.proof-panel .fold > li').count()).toBe(step);
      expect(await page.locator('.proof-panel .node.is-path').count()).toBe(step);
    }
    await page.getByText('This is the root in the block’s header').first().waitFor();
    // The focus moves to the next possible action.
    expect(await focusedText(page)).toBe('Start over');
    await page.getByLabel('Change one letter first').check();
    for (let step = 1; step <= 3; step++) await next.click();
    await page.getByText('This is not the root in the block’s header').first().waitFor();
    await page.getByRole('button', { name: 'Start over' }).click();
    expect(await page.locator('.proof-panel .fold > li').count()).toBe(0);

    // A tree with a changed leaf, and a block whose hash starts with the required zero bits.
    await page.getByText('All seven hashes are unchanged.').waitFor();
    await page.getByLabel('Document 3', { exact: true }).first().fill('Invoice 4712');
    await page.getByText('3 of the 7 hashes changed').first().waitFor();
    expect(await page.locator('.tree-panel .node.is-changed').count()).toBe(3);
    await page.getByRole('button', { name: 'Reset' }).click();
    expect(await page.locator('.tree-panel .node.is-changed').count()).toBe(0);
    await page.getByLabel('Difficulty').fill('10');
    await page.getByText('10 zero bits: about 1,024 tries').waitFor();
    await mine(page);
    const header = (await page.locator('.block-panel .values code').innerText()).replaceAll(/\s/g, '');
    const hash = sha256(Buffer.from(header, 'hex'));
    expect(header).toHaveLength(2 * HEADER_LENGTH);
    expect(await shownHash(page, 'block')).toBe(hash);
    expect(parseInt(hash.slice(0, 3), 16)).toBeLessThan(4);
    // A changed document changes the root, so the block is no longer valid.
    await page.getByLabel('Document 1', { exact: true }).first().fill('The lease of 2 March');
    await page.getByText('The block is no longer valid').waitFor();
    await mine(page);

    // Mining can be stopped. It may finish by luck before.
    await page.getByLabel('Difficulty').fill('20');
    for (let tried = 0; tried < 5; tried++) {
      await page.locator('.block-panel .mine .button').click();
      await page.getByLabel('Type something').fill(`typed while mining ${tried}`);
      expect(await shownHash(page, 'hash')).toBe(sha256(`typed while mining ${tried}`));
      const stop = page.getByRole('button', { name: 'Stop' });
      if ((await stop.count()) > 0) break;
    }
    await page.locator('.block-panel .mine .button').click();
    await page.getByRole('button', { name: 'Mine the block' }).waitFor();
    // Nothing is sent.
    expect(calls(opened.requests).every((call) => call.startsWith('GET '))).toBe(true);
    opened.assertClean();
  });
});

describe('the page', () => {
  it('needs no service once it is loaded', async () => {
    await using relay = await startRelay(service.port);
    await using opened = await openPage(`${relay.url}/how.html`);
    const { page } = opened;
    await page.locator('.chain-status:not(:empty)').waitFor();
    await relay.disconnect();
    await mine(page);
    await page.getByRole('button', { name: 'Next step' }).click();
    expect(await page.locator('.proof-panel .fold > li').count()).toBe(1);
  });

  it('works with the keyboard alone', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.getByLabel('Difficulty').focus();
    for (let presses = 0; presses < 6; presses++) await page.keyboard.press('ArrowLeft');
    await page.getByText('6 zero bits: about 64 tries').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.block-panel .outcome.is-good').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await page.getByLabel('Change one letter first').isChecked()).toBe(true);
    await page.keyboard.press('Tab');
    for (let step = 1; step <= 3; step++) await page.keyboard.press('Enter');
    await page.getByText('This is not the root in the block’s header').first().waitFor();
    expect(await page.getByRole('radio', { name: 'Document 4' }).isChecked()).toBe(true);
    opened.assertClean();
  });

  it('is available in Korean, and keeps progress when the language changes', async () => {
    await using opened = await open({ locale: 'ko-KR' });
    const { page } = opened;
    await page.locator('.block-panel .mine .button').click();
    await page
      .getByText(/번 만에 찾았습니다/)
      .first()
      .waitFor();
    const hash = await shownHash(page, 'block');
    for (let step = 1; step <= 3; step++) await page.getByRole('button', { name: '다음 단계' }).click();
    expect(await plainText(page)).not.toMatch(/[a-z]{4,} [a-z]{3,}/i);
    await page.getByRole('button', { name: 'English' }).click();
    await page.locator('h1', { hasText: 'How it works' }).waitFor();
    expect(await page.locator('.proof-panel .fold > li').count()).toBe(3);
    // The samples depend on the language, so the tree is another and its block is not mined yet.
    expect(await shownHash(page, 'block')).not.toBe(hash);
    expect(await plainText(page)).not.toMatch(/\p{Script=Hangul}/u);
    opened.assertClean();
  });

  it('is accessible and fits in every state', async () => {
    await using opened = await open(DESKTOP);
    const { page } = opened;
    await checkViews(page, DESKTOP);
    await page.locator('#hash-text').fill('something else');
    await page.locator('#document-2').fill('something else');
    await mine(page);
    const next = page.locator('.proof-panel .is-primary');
    for (let step = 1; step <= 3; step++) await next.click();
    await checkViews(page, DESKTOP);
    for (const width of [320, 768, 3840]) {
      await page.setViewportSize({ width, height: 800 });
      expect([width, await sidewaysScroll(page)]).toEqual([width, 0]);
    }
    await page.setViewportSize(DESKTOP.viewport);
    await page.locator('#document-1').fill('another');
    await checkViews(page, DESKTOP);
    await page.locator('.proof-panel [type=checkbox]').check();
    for (let step = 1; step <= 3; step++) await next.click();
    await checkViews(page, DESKTOP);
  });
});
