import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeHeader, inclusionPathLength, parseProof, toHex } from '../../src/proof/index.js';
import { startService } from '../support/service.js';
import { checkViews, DESKTOP, sidewaysScroll, violations } from './account-support.js';
import { headerOf, plainText, sealBlock, sealFirstBlock, sha256Hex } from './explorer-support.js';
import { builtPages, openPage, startRelay, useService } from './support.js';

const service = useService({ sealing: false });
const SIZES = [6000, 1, 7, 300];

beforeAll(async () => {
  await sealFirstBlock(service, SIZES[0] ?? 0);
  for (const size of SIZES.slice(1)) await sealBlock(service, size);
});

const open = (fragment = '', options: BrowserContextOptions = {}, at = service.url) =>
  openPage(`${at}/explorer.html${fragment}`, options);
const find = async (page: Page, what: string) => {
  await page.getByLabel('Find a block or a notarization').fill(what);
  await page.getByRole('button', { name: 'Find', exact: true }).click();
};
const lead = (page: Page, fragment: string) => page.evaluate((hash) => (location.hash = hash), fragment);
const pathOf = (page: Page, entry: number) =>
  page
    .getByText(`The path of entry ${entry.toLocaleString('en')} leads to the root`)
    .first()
    .waitFor();
const heading = (page: Page) => page.locator('h1').textContent();
const checksPassed = (page: Page) => page.locator('.checks .step[data-outcome=passed]');
const tipOf = async () => (await service.deps.log.state()).tip?.height ?? -1;

describe('the chain', () => {
  it('is summarized in one sentence, with its links, charts and blocks, and grows without moving the focus', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.locator('.blocks tbody tr').first().waitFor();
    const tip = await tipOf();
    expect(await page.locator('.chain-sentence').textContent()).toContain(
      `The chain has ${tip + 1} blocks with 6,308 notarizations`,
    );
    const rows = await page.locator('.blocks tbody tr').allInnerTexts();
    expect(rows).toHaveLength(4);
    expect(rows.at(-1)).toContain('6,000');
    for (const [i, row] of rows.entries()) {
      expect(row).toContain(sha256Hex(await headerOf(service, tip - i)).slice(0, 12));
    }
    // Exactly the leading zeros of a hash are marked.
    for (const hash of await page.locator('.blocks .hash').all()) {
      const zeros =
        (await hash.locator('.zeros').count()) === 0 ? '' : await hash.locator('.zeros').innerText();
      expect(/^0*/.exec(await hash.innerText())?.[0]).toBe(zeros);
    }
    expect(await page.locator('.block-box').count()).toBe(4);
    expect(await page.locator('.chain-link.is-broken').count()).toBe(0);
    expect(await page.locator('.bar').count()).toBe(4);
    expect(await page.locator('.dot').count()).toBe(3);
    await page.getByText('Show as table').click();
    expect(await page.locator('details .data tbody tr').count()).toBe(4);

    await page.locator('.blocks tbody a').first().focus();
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    await sealBlock(service, 2);
    const next = tip + 1;
    await page.locator(`.blocks tr.is-new[data-key="${next}"]`).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(focused);
    await page
      .locator('[role=status]', { hasText: `Block ${next} was sealed.` })
      .waitFor({ state: 'attached' });
    expect(await page.locator('.block-box').last().getAttribute('href')).toBe(`#block=${next}`);
    await page.locator('.chain-status', { hasText: `${next + 1} blocks` }).waitFor();
    opened.assertClean();
  });

  it('says when it has no blocks, shows the first one automatically, and then page by page', async () => {
    await using growing = await startService({ publicDir: builtPages(), sealIntervalMs: 10 });
    await using opened = await open('', {}, growing.url);
    const { page } = opened;
    await page.getByText('No blocks yet.').waitFor();
    expect(await violations(page)).toEqual([]);
    await sealBlock(growing, 1);
    await page.locator('.blocks tr[data-key="0"]').waitFor();
    await page.getByText('The chain has 1 block with 1 notarization').waitFor();

    // The page is in the address. Nobody looks while the chain grows.
    await page.goto('about:blank');
    for (let i = 1; i < 23; i++) await sealBlock(growing, 1);
    await page.goto(`${growing.url}/explorer.html`);
    const heights = async () =>
      page
        .locator('.blocks tbody tr')
        .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-key'))));
    await page.getByRole('link', { name: 'Older blocks' }).click();
    await page.locator('.blocks tr[data-key="0"]').waitFor();
    expect(await heights()).toEqual([2, 1, 0]);
    expect(new URL(page.url()).hash).toBe('#before=3');
    expect(await page.getByRole('link', { name: 'Older blocks' }).count()).toBe(0);
    await page.goBack();
    await page.locator('.blocks tr[data-key="22"]').waitFor();
    expect(await heights()).toEqual(Array.from({ length: 20 }, (_, i) => 22 - i));
    await page.goForward();
    await page.getByRole('link', { name: 'Newer blocks' }).click();
    await page.locator('.blocks tr[data-key="22"]').waitFor();
    // The focus is at the beginning of the list.
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Blocks');
    await find(page, 'x');
    await page.getByText('Enter a block number, a notarization ID').waitFor();
    await find(page, '17');
    await page.getByRole('heading', { name: 'Block 17', exact: true }).waitFor();
    opened.assertClean();
  });
});

describe('a block', () => {
  it('shows its header byte by byte, and links to its neighbors and entries, with working addresses and history', async () => {
    await using opened = await open('#block=2');
    const { page } = opened;
    await page.locator('.fields').waitFor();
    const bytes = await headerOf(service, 2);
    const shown = await page.locator('.field-bytes').allInnerTexts();
    expect(shown.join('').replaceAll(/\s/g, '')).toBe(bytes.toString('hex'));
    expect((await page.locator('.big-hash').innerText()).replaceAll(/\s/g, '')).toBe(sha256Hex(bytes));
    await checksPassed(page).nth(2).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the 134 bytes' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('block-2.bin');

    await page.getByRole('link', { name: '← Block 1' }).click();
    await page.getByRole('link', { name: 'Block 2 →' }).click();
    await page.locator('h1', { hasText: 'Block 2' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await page.locator('.tree-panel .node a').nth(4).click();
    await page.waitForURL('**/explorer.html#block=2&entry=5');
    await page.locator('.path-state.is-good').waitFor();
    await page.getByRole('link', { name: 'Next entry' }).click();
    await page.waitForURL('**#block=2&entry=6');
    await expect.poll(() => page.getByLabel('Entry in this block').inputValue()).toBe('6');
    await page.goBack();
    await pathOf(page, 5);
    await page.goBack();
    await page.goBack();
    await page.locator('h1', { hasText: 'Block 1' }).waitFor();
    await page.goForward();
    await page.locator('h1', { hasText: 'Block 2' }).waitFor();
    await page.getByRole('link', { name: '← Block 1' }).click();
    await page.getByRole('link', { name: 'Block 0 6,000 entries' }).click();
    await page.getByRole('link', { name: 'All blocks' }).click();
    await page.locator('.blocks').waitFor();
    opened.assertClean();
  });

  it('that does not exist yet appears once it is sealed', async () => {
    const next = (await tipOf()) + 1;
    await using opened = await open(`#block=${next}`);
    const { page } = opened;
    await page.getByText(`Block ${next} does not exist yet`).waitFor();
    expect(await violations(page)).toEqual([]);
    await sealBlock(service, 3);
    await page.locator('.fields').waitFor();
    expect(await heading(page)).toBe(`Block ${next}`);
    opened.assertClean({ mayFailToLoad: true });
  });

  it('that does not follow the previous one is shown with a broken link', async () => {
    await using opened = await openPage('about:blank');
    const { page } = opened;
    await page.route('**/v1/blocks?*', async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { blocks: { header: string }[] };
      const last = answer.blocks[0];
      if (last !== undefined) {
        const header = Buffer.from(last.header, 'base64');
        header.writeUInt8(header.readUInt8(10) ^ 1, 10);
        last.header = header.toString('base64');
      }
      await route.fulfill({ response, json: answer });
    });
    await page.goto(`${service.url}/explorer.html`);
    await page.locator('.broken-links .problem').waitFor();
    await page.locator('.chain-link.is-broken').waitFor();
    expect(await page.locator('.chain-link.is-broken').count()).toBe(1);
    expect(await violations(page)).toEqual([]);
  });
});

describe('the picture of a tree', () => {
  it('highlights the path of an entry, of 7 entries as of 6000, and shows the path of the proof', async () => {
    await using opened = await open();
    const { page } = opened;
    for (const [size, entry] of [
      [7, 6],
      [6000, 3457],
    ] as const) {
      await expectPath(page, size, entry);
    }
    const sealed = await sealBlock(service, 11);
    const { id, block } = sealed[4] ?? { id: '', block: { height: 0, index: 0 } };
    const proof = parseProof(await (await fetch(`${service.url}/v1/notarizations/${id}/proof`)).text());
    await lead(page, `#block=${block.height}&entry=${block.index + 1}`);
    await page.locator('h1', { hasText: `Block ${block.height}` }).waitFor();
    await pathOf(page, block.index + 1);
    await page.locator('.path-details summary').click();
    if (!('block' in proof)) throw new Error('the proof is pending');
    const given = page.locator('.fold li:not(:first-child) .values > div:first-child code');
    expect(await given.allInnerTexts()).toEqual(proof.block.path.map(toHex));
    opened.assertClean();
  });

  /** In a picture that does not grow with the block. */
  async function expectPath(page: Page, size: number, entry: number): Promise<void> {
    const height = SIZES.indexOf(size);
    const root = toHex(decodeHeader(new Uint8Array(await headerOf(service, height))).merkleRoot);
    await lead(page, `#block=${height}`);
    const rootIsIn = (boxes: Locator) =>
      expect
        .poll(async () => {
          const shown = (await boxes.count()) === 0 ? '' : await boxes.first().innerHTML();
          return shown !== '' && root.startsWith(shown);
        })
        .toBe(true);
    const digits = page.locator('.tree-panel .node .digits');
    await rootIsIn(digits);
    expect(await digits.count()).toBeLessThan(32);
    await page.getByLabel('Entry in this block').fill(String(entry));
    await page.getByRole('button', { name: 'Show path' }).click();
    await pathOf(page, entry);
    const steps = inclusionPathLength(entry - 1, size);
    const lit = page.locator('.node.is-path .digits');
    await rootIsIn(lit);
    expect(await lit.count()).toBe(steps + 1);
    expect(await page.locator('.picture .node.is-given').count()).toBe(steps);
    await checksPassed(page).nth(2).waitFor();
    await page.getByLabel('Entry in this block').fill(String(size + 1));
    await page.getByRole('button', { name: 'Show path' }).click();
    await page.getByText('Enter a number from 1 to').waitFor();
  }
});

describe('the search', () => {
  it('leads from a fingerprint, an id or a link to the entry, or to the page that verifies', async () => {
    const [, sealed] = await sealBlock(service, 3);
    const { id, sha256, block } = sealed ?? { id: '', sha256: '', block: { height: 0, index: 0 } };
    await using opened = await open();
    const { page } = opened;
    for (const what of [sha256.toUpperCase(), id, `${service.url}/p/${id}#sha256=${sha256}`]) {
      await find(page, what);
      await page.waitForURL(`**/explorer.html#block=${block.height}&entry=${block.index + 1}`);
      await page.locator('.path-state.is-good').waitFor();
      await page.getByRole('link', { name: 'All blocks' }).click();
    }
    await find(page, 'ab'.repeat(32));
    await page
      .getByText('This service has not notarized a document with this fingerprint.')
      .first()
      .waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Verify the document' }).click();
    await page.locator('[data-statement=unknown]').waitFor();
    opened.assertClean();
  });
});

describe('while the service is unreachable', () => {
  it('keeps the page, and updates it when the service is back', async () => {
    await using relay = await startRelay(service.port);
    await using opened = await open('', {}, relay.url);
    const { page } = opened;
    await page.getByText('Live: new blocks appear automatically.').waitFor();
    const rows = await page.locator('.blocks tbody tr').count();
    await relay.disconnect();
    await page.getByText('Offline. This is the chain as of').waitFor();
    expect(await page.locator('.blocks tbody tr').count()).toBe(rows);
    expect(await violations(page)).toEqual([]);
    // Requested while the service is unreachable: it is loaded later.
    await lead(page, '#block=3&entry=9');
    await sealBlock(service, 4);
    await relay.reconnect();
    await page.locator('.path-state.is-good').waitFor();
    await page.getByRole('link', { name: 'All blocks' }).click();
    await page.locator(`.blocks tr[data-key="${await tipOf()}"]`).waitFor();
    await page.getByText('Live: new blocks appear automatically.').waitFor();
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('the explorer', () => {
  it('works with the keyboard alone, and shows the focus', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.locator('.blocks').waitFor();
    const tabTo = async (wanted: string) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        const found = await page.evaluate(() => {
          const { activeElement } = document;
          return activeElement?.getAttribute('href') ?? activeElement?.textContent ?? '';
        });
        if (found === wanted) return;
      }
      throw new Error(`the keyboard does not reach ${wanted}`);
    };
    await tabTo('#block=2');
    await page.keyboard.press('Enter');
    await page.locator('.fields').waitFor();
    await tabTo('#block=2&entry=3');
    // The focus is drawn by the box itself.
    const stroke = await page.evaluate(() => {
      const box = document.activeElement?.querySelector('.box:not(.is-behind)');
      return box == null ? 0 : parseFloat(getComputedStyle(box).strokeWidth);
    });
    expect(stroke).toBeGreaterThanOrEqual(2);
    await page.keyboard.press('Enter');
    await pathOf(page, 3);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe('#block=2&entry=3');
    opened.assertClean();
  });

  it('is available in Korean, and keeps the place when the language changes', async () => {
    await using opened = await open('#block=2&entry=5', { locale: 'ko-KR' });
    const { page } = opened;
    await page.getByText('5번째 항목의 경로가 루트에 이릅니다.').first().waitFor();
    await checksPassed(page).nth(2).waitFor();
    await page.locator('.path-details summary').click();
    expect(await page.title()).toContain('블록 2번');
    expect(await plainText(page)).not.toMatch(/[a-z]{4,} [a-z]{3,}/i);
    await page.getByRole('button', { name: 'English' }).click();
    await pathOf(page, 5);
    await page.goto(`${service.url}/explorer.html#`);
    await page.getByRole('button', { name: '한국어' }).click();
    await page.getByText('실시간: 새 블록이 자동으로 나타납니다.').waitFor();
    expect(await plainText(page)).not.toMatch(/[a-z]{4,} [a-z]{3,}/i);
    opened.assertClean();
  });

  it('is accessible and fits into every width, in both languages', async () => {
    await using opened = await open('', DESKTOP);
    const { page } = opened;
    await page.locator('.blocks tbody tr').first().waitFor();
    for (const fragment of ['', '#block=0&entry=3000', '#block=1&entry=1', '#block=2']) {
      if (fragment !== '') {
        await lead(page, fragment);
        await checksPassed(page).nth(2).waitFor();
        if (fragment.includes('entry')) await page.locator('.path-state.is-good').waitFor();
        for (const summary of await page.locator('main summary').all()) await summary.click();
      }
      await checkViews(page, DESKTOP);
      for (const width of [320, 768, 3840]) {
        await page.setViewportSize({ width, height: 800 });
        expect([width, await sidewaysScroll(page)]).toEqual([width, 0]);
      }
      await page.setViewportSize(DESKTOP.viewport);
    }
    opened.assertClean();
  });
});
