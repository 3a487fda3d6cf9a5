import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sidewaysScroll } from './account-support.js';
import { choose, give, openPage, statement, tabTo, textFile, useService, waitForRows } from './support.js';

const service = useService();

const PUBLIC = join(import.meta.dirname, '../../dist/public');
const OFFLINE = 'verify-offline.html';
const PAGES = readdirSync(PUBLIC).filter((name) => name.endsWith('.html'));
/** The most bytes of JavaScript, gzipped, before the first view of a page. */
const MOST = 60_000;
/** Of pages that check signatures or make them, cryptography is the larger part; the account has the most sections. */
const LARGER: Readonly<Record<string, number>> = {
  'account.html': 64_000,
  'register.html': 70_000,
  'sign.html': 100_000,
  'verify.html': 114_000,
  'records.html': 148_000,
  [OFFLINE]: 200_000,
};

/** What a page loads before its first view; the offline page is one file. */
function scriptsOf(name: string): number {
  const html = readFileSync(join(PUBLIC, name));
  if (name === OFFLINE) return gzipSync(html).length;
  const files = [...html.toString().matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)].map(([, file = '']) => file);
  return [...new Set(files)].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(PUBLIC, file))).length,
    0,
  );
}

describe('the language', () => {
  it('follows the browser, can be switched, and is remembered on every page', async () => {
    await using opened = await openPage(service.url, { locale: 'ko-KR' });
    const { page } = opened;
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
    expect(await page.title()).toContain('문서 등록');
    await choose(page, textFile('계약서.txt', 'in Korean'));
    await page.getByRole('button', { name: '문서 1건 등록하기' }).click();
    await waitForRows(page, 'sealed', 1);
    await page.getByText(/블록 \d+번에 봉인됨/).waitFor();
    await page.getByRole('link', { name: '증명 확인', exact: true }).click();
    await give(page, textFile('계약서.txt', 'in Korean'));
    expect(await statement(page)).toBe('alone');
    expect(await page.locator('.result h2').textContent()).toBe('서비스의 보증만으로 확인되었습니다');
    await page
      .locator('.answers')
      .getByText(/2\d{3}\. \d+\. \d+\. \d\d:\d\d:\d\d/)
      .first()
      .waitFor();
    // No English word of the verifier's own sentences is left.
    await page.locator('.checks > summary').click();
    expect(await page.locator('.steps').innerText()).toContain('통과');
    expect(await page.locator('.steps').innerText()).not.toMatch(/[a-z]{4,} [a-z]{3,}/i);

    await page.getByRole('button', { name: 'English' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.locator('.result h2').textContent()).toBe('Verified, by the service alone');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('English');
    await page.goto(service.url);
    expect(await page.locator('h1').textContent()).toBe('Notarize a document');
    opened.assertClean();
  });

  it('keeps the list of documents when the language changes', async () => {
    await using opened = await openPage(service.url);
    const { page } = opened;
    await choose(page, [textFile('a', 'kept a'), textFile('b', 'kept b')]);
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await waitForRows(page, 'sealed', 2);
    await page.getByRole('button', { name: '한국어' }).click();
    await waitForRows(page, 'sealed', 2);
    await page.getByText('문서 2건이 모두 봉인되었습니다.').first().waitFor();
    opened.assertClean();
  });
});

describe('the colors', () => {
  it('follow the system until they are chosen, on every page, and paper is white', async () => {
    await using opened = await openPage(service.url, { colorScheme: 'dark' });
    const { page } = opened;
    const ground = () =>
      page.evaluate(() => {
        const [red = ''] = /\d+/.exec(getComputedStyle(document.body).backgroundColor) ?? [];
        return Number(red) > 200 ? 'light' : 'dark';
      });
    expect(await ground()).toBe('dark');
    await page.getByRole('button', { name: 'Light', exact: true }).click();
    expect(await ground()).toBe('light');
    await page.goto(`${service.url}/how.html`);
    await page.getByRole('button', { name: 'Light', exact: true, pressed: true }).waitFor();
    expect(await ground()).toBe('light');
    await page.getByRole('button', { name: 'Dark', exact: true }).click();
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(`${service.url}/there-is-no-such-page`);
    await page.locator('html[data-theme=dark]').waitFor();
    expect(await ground()).toBe('dark');
    await page.emulateMedia({ colorScheme: 'light', media: 'print' });
    expect(await ground()).toBe('light');
    await page.emulateMedia({ colorScheme: 'light', media: 'screen' });
    await page.getByRole('link', { name: 'Go to the start page' }).click();
    await page.getByRole('button', { name: 'System', exact: true }).click();
    expect(await ground()).toBe('light');
    expect(
      await page
        .locator('meta[name=theme-color]')
        .evaluateAll((all) => all.map((bar) => (bar as HTMLMetaElement).media)),
    ).toEqual(['(prefers-color-scheme: light)', '(prefers-color-scheme: dark)']);
  });
});

describe('with the keyboard alone, the page', () => {
  it('notarizes a document and downloads its proof', async () => {
    await using opened = await openPage(service.url);
    const { page } = opened;
    // Long before the key: the message that enables file dialogs could otherwise arrive after it.
    const dialog = page.waitForEvent('filechooser');
    await tabTo(page, 'Skip to content');
    await tabTo(page, 'Choose files');
    await page.keyboard.press('Enter');
    await (await dialog).setFiles([textFile('key.txt', 'by keyboard')]);
    await waitForRows(page, 'ready', 1);
    await tabTo(page, 'Notarize 1 document');
    await page.keyboard.press('Enter');
    await waitForRows(page, 'sealed', 1);
    await tabTo(page, 'Download proof of key.txt');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Space')]);
    expect(download.suggestedFilename()).toBe('key.txt.ingam.json');
    opened.assertClean();
  });

  it('shows which control has the focus', async () => {
    await using opened = await openPage(service.url);
    for (const name of ['Notarize', 'Verify', '한국어', 'Choose files', 'Choose a folder']) {
      await tabTo(opened.page, name);
      const outline = await opened.page.evaluate(() => {
        const style = getComputedStyle(document.activeElement ?? document.body);
        return [style.outlineStyle, parseFloat(style.outlineWidth) >= 2];
      });
      expect([name, ...outline]).toEqual([name, 'solid', true]);
    }
  });
});

describe('the layout', () => {
  it('fits into every width, in both languages', async () => {
    await using opened = await openPage(service.url);
    const { page } = opened;
    const expectToFit = async () => {
      for (const language of ['한국어', 'English']) {
        await page.getByRole('button', { name: language }).click();
        for (const width of [320, 360, 768, 3840]) {
          await page.setViewportSize({ width, height: 800 });
          expect([width, await sidewaysScroll(page)]).toEqual([width, 0]);
        }
      }
    };
    const file = textFile(`${'a-very-long-name-without-any-space'.repeat(4)}.pdf`, 'of a long name');
    await choose(page, file);
    await page.locator('.is-primary').click();
    await waitForRows(page, 'sealed', 1);
    await page.locator('.row summary').click();
    await expectToFit();
    await page.goto(`${service.url}/verify.html`);
    await give(page, file);
    expect(await statement(page)).toBe('alone');
    for (const summary of await page.locator('.result summary').all()) await summary.click();
    await expectToFit();
    opened.assertClean();
  });
});

describe('the files of the pages', () => {
  it('are small, have hashed names, and contain nothing inline', async () => {
    const scripts: number[] = [];
    await using opened = await openPage('about:blank');
    const { page } = opened;
    page.on('response', (response) => {
      if (!/\.js$/.test(new URL(response.url()).pathname)) return;
      expect(response.headers()['cache-control']).toContain('immutable');
      scripts.push(0);
      const at = scripts.length - 1;
      void response.body().then((body) => (scripts[at] = gzipSync(body).length));
    });
    await page.goto(service.url);
    await page.locator('.chain-status:not(:empty)').waitFor();
    await page.waitForLoadState('networkidle');
    expect(scripts.reduce((sum, length) => sum + length, 0)).toBeLessThan(MOST);
    expect(PAGES.length).toBeGreaterThan(10);
    const sizes = PAGES.map((name) => [name, scriptsOf(name)] as const);
    expect(sizes.filter(([name, size]) => size === 0 || size > (LARGER[name] ?? MOST))).toEqual([]);
    for (const name of PAGES.filter((each) => each !== OFFLINE)) {
      const address = { 'index.html': '', 'docs.html': 'docs' }[name] ?? name;
      const html = await (await fetch(`${service.url}/${address}`)).text();
      expect(html, name).toContain('<html');
      expect(html, name).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|https?:/);
    }
  });
});
