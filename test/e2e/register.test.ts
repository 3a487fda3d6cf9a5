import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOrganization, createKey, createUser, PASSWORD, type Someone } from '../support/people.js';
import { readZipBytes } from '../support/zip.js';
import { fillSignIn, focusedText, sidewaysScroll } from './account-support.js';
import { digest, names, notarizeAs, openRegister, parseCsv, rows, search } from './register-support.js';
import { bytesOf, openPage, useService } from './support.js';

const service = useService();
let owner: Someone;
let notary: Someone;
let auditor: Someone;

const DETAILED = {
  sha256: digest('lease'),
  size: 482_133,
  details: {
    name: '임대차계약서_서초동.pdf',
    title: '서초동 사무실 임대차 계약',
    author: '박서연',
    reference: 'HB-2026-118',
    note: '2부 작성.\n"원본"은 3층 금고에 보관.',
    tags: ['계약', '서초동'],
  },
};
const FORMULA = { sha256: digest('formula'), details: { name: '=cmd|calc.csv', tags: ['계약'] } };
/** Besides those two; more than two pages. */
const UNNAMED = 103;

beforeAll(async () => {
  const { id } = await createOrganization(service, '한빛 법률사무소');
  owner = await createUser(service, id, 'owner');
  notary = await createUser(service, id, 'notary');
  auditor = await createUser(service, id, 'auditor');
  const machine = await createKey(service, id);
  const unnamed = Array.from({ length: UNNAMED }, (_, i) => ({ sha256: digest(`unnamed ${i}`) }));
  await notarizeAs(service, machine.secret, unnamed);
  await notarizeAs(service, owner.accessToken, [FORMULA, DETAILED]);
});

const count = (page: Page, text: string) => page.locator('.summary', { hasText: text }).waitFor();

/** Drops files with these contents on the page. */
async function drop(page: Page, contents: readonly string[]): Promise<void> {
  const data = await page.evaluateHandle((contents) => {
    const transfer = new DataTransfer();
    for (const text of contents) transfer.items.add(new File([text], `${text}.txt`));
    return transfer;
  }, contents);
  await page.dispatchEvent('main', 'drop', { dataTransfer: data });
}

describe('the list', () => {
  it('is shown newest first, page by page, and keeps its position on return', async () => {
    await using opened = await openRegister(service.url, owner.email);
    const { page } = opened;
    const first = await names(page, 50);
    expect(first.slice(0, 3)).toEqual([
      '임대차계약서_서초동.pdf',
      '=cmd|calc.csv',
      `${digest(`unnamed ${UNNAMED - 1}`).slice(0, 16)}…`,
    ]);
    await count(page, `${UNNAMED + 2} documents`);
    await page.locator('.register time', { hasText: 'GMT+9' }).first().waitFor();
    const [newest, third] = [rows(page).nth(0), rows(page).nth(2)];
    await newest.getByText('You', { exact: true }).waitFor();
    await third.getByText('API key “key”').waitFor();
    await newest.getByRole('link', { name: /Sealed in block \d+/ }).waitFor();

    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('51 to 100 of 105').waitFor();
    await expect
      .poll(async () => (await names(page, 50))[0])
      .toBe(`${digest(`unnamed ${UNNAMED - 49}`).slice(0, 16)}…`);
    expect(await focusedText(page)).toBe('Next');
    await page.getByLabel('Page', { exact: true }).fill('3');
    await page.keyboard.press('Enter');
    await names(page, 5);
    expect(new URL(page.url()).hash).toBe('#page=3');
    await page.reload();
    await names(page, 5);

    await rows(page).last().locator('.entry-name a').click();
    await page.getByRole('heading', { level: 1, name: digest('unnamed 0').slice(0, 16) }).waitFor();
    await page.getByText('Unknown (fingerprint only)').waitFor();
    expect(await page.evaluate(() => window.scrollY)).toBe(0);
    await page.goBack();
    await names(page, 5);
    expect(await focusedText(page)).toBe(`${digest('unnamed 0').slice(0, 16)}…`);

    await page.getByLabel('Rows per page').selectOption('200');
    await names(page, UNNAMED + 2);
    const last = rows(page).last().locator('.entry-name a');
    await last.click();
    await page.getByText('Unknown (fingerprint only)').waitFor();
    await page.goBack();
    await names(page, UNNAMED + 2);
    expect(await focusedText(page)).toBe(await last.textContent());
    expect(await page.evaluate(() => window.scrollY)).toBeGreaterThan(1000);
    for (const width of [320, 768, 3840]) {
      await page.setViewportSize({ width, height: 800 });
      expect([width, await sidewaysScroll(page)]).toEqual([width, 0]);
    }
    opened.assertClean();
  });

  it('is sorted by the headings, with the columns that were chosen', async () => {
    await using opened = await openRegister(service.url, owner.email);
    const { page } = opened;
    await names(page, 50);
    await page.getByRole('button', { name: 'Document', exact: true }).click();
    await page.locator('th[aria-sort=ascending]', { hasText: 'Document' }).waitFor();
    const firstTwo = async () => (await names(page, 50)).slice(0, 2);
    await expect.poll(firstTwo).toEqual(['=cmd|calc.csv', '임대차계약서_서초동.pdf']);
    await page.getByRole('button', { name: 'Document', exact: true }).click();
    await page.locator('th[aria-sort=descending]', { hasText: 'Document' }).waitFor();
    await expect.poll(firstTwo).toEqual(['임대차계약서_서초동.pdf', '=cmd|calc.csv']);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByLabel('Reference', { exact: true }).check();
    await page.getByRole('checkbox', { name: 'Submitted by' }).uncheck();
    await page.keyboard.press('Escape');
    await rows(page).first().getByText('HB-2026-118').waitFor();
    await page.reload();
    await names(page, 50);
    await rows(page).first().getByText('HB-2026-118').waitFor();
    expect(await page.locator('td[data-column=submitter]').count()).toBe(0);
    opened.assertClean();
  });

  it('gives proofs and certificates, a table and public details of what is selected', async () => {
    await using opened = await openRegister(service.url, notary.email, { hash: '#tag=%EA%B3%84%EC%95%BD' });
    const { page } = opened;
    await names(page, 2);
    // Owners alone see the names of colleagues.
    expect(await page.locator('.register td[data-column=submitter]').allTextContents()).toEqual([
      'A colleague',
      'A colleague',
    ]);
    await page.getByLabel('Select all rows on this page').check();
    await page.getByText('2 selected').waitFor();
    const save = async (button: string) => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: button }).click(),
      ]);
      return bytesOf(file);
    };
    await page.getByRole('button', { name: 'Download' }).click();
    const zip = await save('Proofs and certificates (.zip)');
    for (const name of [DETAILED.details.name, '=cmd_calc.csv']) {
      for (const ending of ['.ingam.json', '.certificate.pdf']) {
        expect([name, zip.includes(`${name}${ending}`)]).toEqual([name, true]);
      }
    }
    await page.getByText('4 files downloaded in one zip.').waitFor();
    const [head = [], ...lines] = parseCsv((await save('Export (CSV)')).toString().slice(1));
    expect(lines.map((line) => line[head.indexOf('name')])).toEqual([
      DETAILED.details.name,
      "'=cmd|calc.csv",
    ]);

    await page.getByRole('button', { name: 'Publish details' }).click();
    await page.getByText('This publishes the details of 2 documents.').waitFor();
    await page.locator('dialog').getByRole('button', { name: 'Publish', exact: true }).click();
    await rows(page).nth(1).getByText('Published', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Make details private' }).click();
    await rows(page).getByText('Published', { exact: true }).first().waitFor({ state: 'detached' });

    // What is selected stays so on other pages, and all that matches can be selected.
    await page.goto(`${service.url}/register.html#`);
    await names(page, 50);
    await page.getByLabel('Select all rows on this page').check();
    await page.getByRole('button', { name: 'Select all 105' }).click();
    await page.getByText('105 selected').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('51 to 100 of 105').waitFor();
    expect(await page.getByLabel('Select all rows on this page').isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Select none' }).click();
    expect(await page.locator('.selection').count()).toBe(0);
    opened.assertClean();
  });

  it('gives all certificates of a year and a tag with four clicks', async () => {
    await using opened = await openRegister(service.url, auditor.email, { hash: '#tag=%EA%B3%84%EC%95%BD' });
    const { page } = opened;
    await names(page, 2);
    await page.getByRole('link', { name: 'This year' }).click();
    await page.getByRole('link', { name: /^Remove filter: Accepted from \d{4}-01-01$/ }).waitFor();
    await names(page, 2);
    await page.getByLabel('Select all rows on this page').click();
    await page.getByRole('button', { name: 'Download' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Certificates (.zip)', exact: true }).click(),
    ]);
    const files = [...readZipBytes(await bytesOf(file)).keys()];
    expect(files.sort()).toEqual([
      '=cmd_calc.csv.certificate.pdf',
      `${DETAILED.details.name}.certificate.pdf`,
    ]);
    opened.assertClean();
  });

  it('finds a dropped file, a fingerprint and an ID', async () => {
    await using opened = await openRegister(service.url, notary.email);
    const { page } = opened;
    await names(page, 50);
    await drop(page, ['formula']);
    expect(await names(page, 1)).toEqual(['=cmd|calc.csv']);
    await drop(page, ['formula', 'lease']);
    await page.getByText('Drop one file at a time to find it.').waitFor();
    await drop(page, ['never notarized']);
    await page.getByText('Your organization has not notarized this file here.').waitFor();
    await page.getByRole('button', { name: 'Clear search' }).first().click();
    await names(page, 50);
    await search(page, DETAILED.sha256.toUpperCase());
    expect(await names(page, 1)).toEqual([DETAILED.details.name]);
    const id = await rows(page).first().getAttribute('data-key');
    await search(page, id ?? '');
    await page.getByRole('heading', { level: 1, name: DETAILED.details.name }).waitFor();
    opened.assertClean();
  });

  it('links to the explorer', async () => {
    await using opened = await openRegister(service.url, owner.email, { hash: '#q=formula+cmd' });
    const { page } = opened;
    await page.getByText('No results').first().waitFor();
    await search(page, 'cmd');
    await names(page, 1);
    await page.getByRole('link', { name: /Sealed in block/ }).click();
    await page.waitForURL(/explorer\.html#block=\d+&entry=1$/);
    await page.getByRole('link', { name: 'Register', exact: true }).click();
    await names(page, 50);
    opened.assertClean();
  });
});

describe('the search', () => {
  it('finds by words, tag, digest, day and status, and is kept in the address', async () => {
    const address = `${service.url}/register.html#q=%EC%84%9C%EC%B4%88`;
    await using opened = await openPage(address);
    const { page } = opened;
    await page.locator('.empty-state').getByRole('link', { name: 'Sign in' }).click();
    await fillSignIn(page, owner.email, PASSWORD);
    await page.waitForURL(address);
    expect(await names(page, 1)).toEqual(['임대차계약서_서초동.pdf']);
    expect(await page.locator('[name=words]').inputValue()).toBe('서초');
    await page.reload();
    await names(page, 1);
    await page.getByRole('button', { name: 'Clear search' }).click();
    await names(page, 50);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('words');

    await page.getByText('Filters', { exact: true }).click();
    const value = digest('unnamed 7').slice(0, 12);
    await page.getByLabel('Fingerprint starts with', { exact: true }).fill('not hex');
    await page.keyboard.press('Enter');
    await page.getByText('Enter at least the first 8 characters, 0–9 and a–f.').waitFor();
    await page
      .getByLabel('Fingerprint starts with', { exact: true })
      .fill(`${value.slice(0, 8)} ${value.slice(8)}`.toUpperCase());
    await page.getByRole('button', { name: 'Apply filters' }).click();
    await names(page, 1);
    expect(new URL(page.url()).hash).toBe(`#digest=${value}`);
    expect(await focusedText(page)).toBe('Apply filters');
    await page.getByText('Filters (1)').waitFor();

    await page.getByLabel('Fingerprint starts with', { exact: true }).fill('');
    await page.getByLabel('Tag', { exact: true }).fill('계약');
    await page.getByLabel('Status', { exact: true }).selectOption('Sealed');
    await page.getByRole('button', { name: 'Apply filters' }).click();
    await names(page, 2);
    await page.getByLabel('Accepted from', { exact: true }).fill('2027-01-02');
    await page.getByLabel('Accepted until', { exact: true }).fill('2027-01-01');
    await page.getByRole('button', { name: 'Apply filters' }).click();
    await page.getByText('This is before the first day.').waitFor();
    await page.getByLabel('Accepted from', { exact: true }).fill('2020-01-01');
    await page.getByLabel('Accepted until', { exact: true }).fill('2020-01-02');
    await page.getByRole('button', { name: 'Apply filters' }).click();
    await page.getByRole('heading', { name: 'No results' }).waitFor();
    await page.locator('[role=status]', { hasText: 'No results' }).waitFor({ state: 'attached' });

    await page.goBack();
    await names(page, 2);
    expect(await page.getByLabel('Accepted from', { exact: true }).inputValue()).toBe('');
    expect(await page.getByLabel('Tag', { exact: true }).inputValue()).toBe('계약');
    await page.goForward();
    await page.locator('.empty-state').getByRole('button', { name: 'Clear search' }).click();
    await names(page, 50);
    expect(new URL(page.url()).hash).toBe('');
    opened.assertClean();
  });
});

describe('the page of a notarization', () => {
  it('shows all values, and downloads proof and certificate', async () => {
    await using opened = await openRegister(service.url, owner.email, { hash: '#q=HB-2026' });
    const { page } = opened;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('link', { name: DETAILED.details.name }).click();
    const main = page.locator('main');
    await main.getByText('482.1 kB').waitFor();
    const text = await main.innerText();
    for (const value of [
      ...Object.values(DETAILED.details).flat(),
      DETAILED.sha256.replace(/(.{8})(?=.)/g, '$1 '),
      'GMT+9',
    ]) {
      expect(text).toContain(value);
    }
    await page.reload();
    await main.getByText('482.1 kB').waitFor();
    expect(await page.title()).toBe(`${DETAILED.details.name} · Ingam`);
    await page.getByRole('button', { name: 'Copy: Fingerprint' }).click();
    await page.getByText('Copied.').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(DETAILED.sha256);

    const download = async (name: string) => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name, exact: true }).click(),
      ]);
      return { name: file.suggestedFilename(), bytes: await bytesOf(file) };
    };
    const proof = await download('Download proof');
    expect(proof.name).toBe('임대차계약서_서초동.pdf.ingam.json');
    expect(JSON.parse(proof.bytes.toString())).toMatchObject({ details: DETAILED.details });
    const bare = await download('Proof without details');
    expect(JSON.parse(bare.bytes.toString())).not.toHaveProperty('details');
    const certificate = await download('Download certificate (PDF)');
    expect(certificate.name).toBe('임대차계약서_서초동.pdf.certificate.pdf');
    expect(certificate.bytes.subarray(0, 5).toString()).toBe('%PDF-');

    // A tag links to all documents that have it.
    await page.getByRole('link', { name: '계약', exact: true }).click();
    await names(page, 2);
    await page.goBack();
    await page.getByRole('link', { name: 'Back to register' }).click();
    expect(await names(page, 1)).toEqual([DETAILED.details.name]);
    opened.assertClean();
  });

  it('publishes details and makes them private again', async () => {
    const seen = async () => {
      const response = await fetch(`${service.url}/v1/verify/${DETAILED.sha256}`);
      const { notarizations } = (await response.json()) as { notarizations: { details?: unknown }[] };
      return notarizations.map(({ details }) => details);
    };
    await using opened = await openRegister(service.url, notary.email, { hash: '#q=HB-2026' });
    const { page } = opened;
    await page.getByRole('link', { name: DETAILED.details.name }).click();
    await page.getByText('only people in your organization see them.').waitFor();
    expect(await seen()).toEqual([undefined]);
    await page.getByRole('button', { name: 'Publish details' }).click();
    expect(await focusedText(page)).toBe('Cancel');
    await page.keyboard.press('Escape');
    expect(await seen()).toEqual([undefined]);
    await page.getByRole('button', { name: 'Publish details' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByText('because they are published.').waitFor();
    await page.locator('[role=status]', { hasText: 'Details published.' }).waitFor({ state: 'attached' });
    expect(await seen()).toEqual([DETAILED.details]);
    expect(await focusedText(page)).toBe('Make details private');
    await page.goBack();
    await rows(page).first().getByText('Published', { exact: true }).waitFor();
    await page.goForward();
    await page.getByRole('button', { name: 'Make details private' }).click();
    await page.getByText('only people in your organization see them.').waitFor();
    expect(await seen()).toEqual([undefined]);
    opened.assertClean();
  });

  it('is read-only for auditors, and closed to others', async () => {
    await using opened = await openRegister(service.url, auditor.email, { hash: '#q=HB-2026' });
    const { page } = opened;
    await page.getByRole('link', { name: DETAILED.details.name }).click();
    await page.getByText('Only owners and notaries can change this.').waitFor();
    expect(await page.locator('#visibility').count()).toBe(0);
    await using stranger = await openPage(page.url());
    await stranger.page.getByRole('heading', { name: 'Sign in to see the register' }).waitFor();
    const [elsewhere] = await notarizeAs(
      service,
      (await createKey(service, (await createOrganization(service)).id)).secret,
      [{ sha256: digest('of another organization') }],
    );
    await page.goto(`${service.url}/register.html#id=${elsewhere ?? ''}`);
    await page.getByText('This notarization is not in the register').waitFor();
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('the export', () => {
  it('contains everything that matches, safe for spreadsheets', async () => {
    await using opened = await openRegister(service.url, auditor.email);
    const { page } = opened;
    await names(page, 50);
    const save = async (button: string) => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: button }).click(),
      ]);
      expect(file.suggestedFilename()).toMatch(/^ingam-register-\d{4}-\d\d-\d\d\.csv$/);
      return (await bytesOf(file)).toString();
    };
    const all = await save('Export all (CSV)');
    await page
      .getByText(/Saved ingam-register-.*\.csv with 105 rows\./)
      .first()
      .waitFor();
    expect(all.charCodeAt(0)).toBe(0xfeff);
    const [head = [], ...lines] = parseCsv(all.slice(1));
    expect(lines).toHaveLength(UNNAMED + 2);
    const cell = (line: readonly string[] | undefined, name: string) => line?.[head.indexOf(name)];
    const { details } = DETAILED;
    expect(['name', 'title', 'reference', 'note', 'tags'].map((name) => cell(lines[0], name))).toEqual([
      details.name,
      details.title,
      details.reference,
      details.note,
      '계약; 서초동',
    ]);
    expect(cell(lines[1], 'name')).toBe("'=cmd|calc.csv");
    expect(cell(lines.at(-1), 'sha256')).toBe(digest('unnamed 0'));

    await page.route('**/*format=csv*', () => undefined);
    await page.getByRole('button', { name: 'Export all (CSV)' }).click();
    await page.getByText('0 rows so far').waitFor();
    expect(await focusedText(page)).toBe('Cancel export');
    await page.keyboard.press('Enter');
    await page.getByText('Export cancelled. Nothing was saved.').first().waitFor();
    await page.unroute('**/*format=csv*');

    await search(page, '계약');
    await names(page, 2);
    expect(parseCsv((await save('Export results (CSV)')).slice(1))).toHaveLength(3);
    opened.assertClean();
  });
});
