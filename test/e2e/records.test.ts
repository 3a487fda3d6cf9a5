import { createHash } from 'node:crypto';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { createOrganization } from '../support/people.js';
import { until } from '../support/until.js';
import { expectAccessible, sidewaysScroll, VIEWS } from './account-support.js';
import {
  beginRecord,
  checkOffline,
  checkOnCommandLine,
  makeKey,
  openRecords as openRecordsOf,
  signStep,
} from './record-pages.js';
import {
  bytesOf,
  give,
  type GivenFile,
  type OpenPage,
  statement,
  tabTo,
  textFile,
  useService,
} from './support.js';

const service = useService();

/** The Records page of a new organization. */
async function openRecords(name: string, options: BrowserContextOptions): Promise<OpenPage> {
  const { id } = await createOrganization(service, name);
  return openRecordsOf(service, id, options);
}

const status = (page: Page, name: string) => page.locator(`strong[data-status=${name}]`);

const idOf = (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1)).get('id') ?? '';

/** The history, as soon as a published checkpoint covers the last event, with Tab and Enter alone. */
async function historyOf(page: Page, button: string): Promise<Buffer> {
  const sequences = await page
    .locator('.timeline-event')
    .evaluateAll((all) => all.map((each) => Number(each.getAttribute('value'))));
  const last = Math.max(...sequences);
  await until('the history to be published', async () => {
    const answer = await page.request.get(
      `http://localhost:${service.port}/v1/records/${idOf(page)}/history`,
    );
    if (!answer.ok()) return false;
    const { record, records } = (await answer.json()) as HistoryJson;
    return (records[record]?.events.length ?? 0) > last;
  });
  const saved = page.waitForEvent('download');
  await tabTo(page, button);
  await page.keyboard.press('Enter');
  return bytesOf(await saved);
}

interface HistoryJson {
  readonly record: string;
  readonly records: Readonly<Record<string, { readonly events: readonly unknown[] }>>;
}

/** With the keyboard alone, by the names that a screen reader says. */
const keyboard = (page: Page) => ({
  async fill(label: string, text: string) {
    await tabToLabel(page, label);
    // As the clipboard does.
    await page.keyboard.insertText(text);
  },
  async press(name: string) {
    await tabTo(page, name);
    await page.keyboard.press('Enter');
  },
  async pick(label: string, move: 'ArrowUp' | 'ArrowDown') {
    await tabToLabel(page, label);
    await page.keyboard.press(move);
  },
  async file(name: string, file: GivenFile) {
    const chooser = page.waitForEvent('filechooser');
    await this.press(name);
    await (await chooser).setFiles(file);
  },
});

/** Presses Tab until the input of that label has the focus. */
async function tabToLabel(page: Page, label: string): Promise<void> {
  const input = await page.getByLabel(label, { exact: true }).elementHandle();
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (await input.evaluate((each) => each === document.activeElement)) return;
  }
  throw new Error(`the keyboard does not reach ${label}`);
}

it('begins a contract, signs it with a passkey and a key file, and gives a history that is verified without it', async () => {
  await using opened = await openRecords('Lessors', VIEWS[0]?.[1] ?? {});
  const { page } = opened;
  await page.getByText('This browser does not know a key of yours yet.').waitFor();
  await expectAccessible(page);
  let file = Buffer.alloc(0);
  const bob = await makeKey(page, 'bob', 'file', (text) => (file = Buffer.from(text)));
  const alice = await makeKey(page, 'alice', 'passkey');

  await beginRecord(page, 'contract', textFile('lease.pdf', 'the lease'));
  await page.getByLabel('Title', { exact: true }).fill('Lease of the car');
  for (const [i, [name, key]] of [['Lessor', alice] as const, ['Lessee', bob] as const].entries()) {
    const party = page.getByRole('group', { name: `Party ${i + 1}` });
    await party.getByLabel('Name').fill(name);
    await party.getByLabel('Key').fill(key);
    await party.getByLabel('Order').fill(String(i + 1));
  }
  await page.getByRole('button', { name: 'Add a condition' }).click();
  await page.getByLabel('What must be so').selectOption('after');
  await page.getByLabel('Day, in your time zone').fill('2020-01-01');
  await page.getByText(/^In words: only if it is .*2020.* or later\.$/).waitFor();
  await expectAccessible(page);
  await signStep(page, () => expectAccessible(page));
  await page.getByRole('heading', { name: 'Lease of the car' }).waitFor();
  await status(page, 'open').waitFor();
  await page.locator('.timeline-event[data-mark=applied]').waitFor();
  await page.getByRole('img', { name: /^Contract\. Possible states: Open, .* Now: Open\.$/ }).waitFor();
  await expectAccessible(page);

  await page.getByRole('link', { name: 'All records' }).click();
  await page.getByRole('link', { name: 'Sign the contract: Lease of the car' }).click();
  await page.locator('input[type=file]').setInputFiles(textFile('lease.pdf', 'the lease, changed'));
  await page.getByText('No: this is another file.').waitFor();
  await page.locator('input[type=file]').setInputFiles(textFile('lease.pdf', 'the lease'));
  await page.getByText('Yes: this is exactly the file').waitFor();
  await signStep(page);
  await page.locator('.timeline-event[data-type="contract.sign"][data-mark=applied]').waitFor();
  await page.getByRole('link', { name: 'Sign the contract' }).click();
  await signStep(page, async () => {
    await page
      .locator('.panel input[type=file]')
      .setInputFiles({ name: 'bob.key', mimeType: 'text/plain', buffer: file });
    await page.getByText('signs here').waitFor();
  });
  await status(page, 'executed').waitFor();
  await page.locator('.timeline-event[data-type="contract.executed"][data-mark=automatic]').waitFor();
  await expectAccessible(page);

  const history = await historyOf(page, 'Download the history');
  await checkOnCommandLine(service, history);
  const types = await checkOffline(page, page.locator('.record-checks a[download]'), history);
  expect(types).toHaveLength(await page.locator('.timeline-event').count());
  await page.goto(`http://localhost:${service.port}/verify.html`);
  await give(page, { name: 'lease.ingam-history.json', mimeType: 'application/json', buffer: history });
  expect(await statement(page)).toBe('history_alone');
  await page.locator('.timeline-event[data-type="contract.executed"]').waitFor();
  opened.assertClean({ mayFailToLoad: true, makesRecordKeys: true });
});

it('keeps the versions of a document, in Korean on a phone', async () => {
  await using opened = await openRecords('출판사', VIEWS[1]?.[1] ?? {});
  const { page } = opened;
  // Six links do not fit beside each other here: the last two are behind a button.
  await page.getByRole('button', { name: '더 보기' }).click();
  await page.getByRole('link', { name: '블록 탐색' }).waitFor();
  expect(await sidewaysScroll(page)).toBe(0);
  await page.keyboard.press('Escape');
  await makeKey(page, '편집부', 'passkey');
  await expectAccessible(page);
  await beginRecord(page, 'document', textFile('원고.txt', 'first'));
  await page.locator('[name=title]').fill('원고');
  await expectAccessible(page);
  await signStep(page);
  await status(page, 'current').waitFor();
  await page.getByRole('link', { name: '새 버전 추가' }).waitFor();
  const second = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(['second'], '원고 2.txt'));
    return data;
  });
  await page.locator('h1').dispatchEvent('drop', { dataTransfer: second });
  await page.getByText('원고 2.txt', { exact: true }).waitFor();
  await signStep(page);
  await page.locator('.timeline-event[data-type="document.version"][data-mark=applied]').waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: '전체 기록' }).click();
  await page.getByLabel('기록 검색').fill('원고');
  await page.keyboard.press('Enter');
  await page.locator('.records-table').getByRole('link', { name: '원고' }).waitFor();
  await expectAccessible(page);
  opened.assertClean({ mayFailToLoad: true, makesRecordKeys: true });
});

it('claims a work, licenses it and contests it, in Korean on a phone', async () => {
  const view = VIEWS[1]?.[1] ?? {};
  await using opened = await openRecords('작가와 표절자', view);
  const { page } = opened;
  const author = await makeKey(page, '작가', 'passkey');
  const rival = await makeKey(page, '경쟁자', 'passkey');
  const claim = async (title: string, holder: string) => {
    await beginRecord(page, 'work', textFile(`${title}.txt`, title));
    await page.getByLabel('제목', { exact: true }).fill(title);
    await page.getByLabel('저작물의 종류(예: 소설, 사진)').fill('시');
    const someone = page.getByRole('group', { name: '저작자 1' });
    await someone.getByLabel('이름', { exact: true }).fill('김소월');
    await someone.getByLabel('역할').fill('글');
    await page.getByLabel('근거').fill('직접 창작함');
    await page.getByLabel('내 키', { exact: true }).selectOption(holder);
    await signStep(page);
    await status(page, 'claimed').waitFor();
    return idOf(page);
  };
  const other = await claim('진달래', rival);
  const work = await claim('진달래꽃', author);
  await expectAccessible(page);

  await page.getByRole('link', { name: '이용 허락', exact: true }).click();
  await page.getByLabel('이름', { exact: true }).fill('매문사');
  await page.getByLabel('조건', { exact: true }).fill('초판 출판');
  await page.getByLabel('독점').check();
  await signStep(page);
  await page.getByText('매문사: 독점').waitFor();

  await page.getByRole('link', { name: '이의 제기' }).click();
  await page.getByLabel('내 저작물 기록의 ID').fill(other);
  await page.getByLabel('내 키', { exact: true }).selectOption(rival);
  await page.getByLabel('사유').fill('내가 먼저 썼습니다.');
  await signStep(page, () => expectAccessible(page));
  await status(page, 'contested').waitFor();
  await page.getByText('“내가 먼저 썼습니다.”').waitFor();
  expect(idOf(page)).toBe(work);
  await expectAccessible(page);
  await checkOnCommandLine(service, await historyOf(page, '이력 파일 받기'));
  opened.assertClean({ mayFailToLoad: true, makesRecordKeys: true });
});

it('sells an item on the condition that a receipt is notarized, with the keyboard alone', async () => {
  const view = VIEWS[0]?.[1] ?? {};
  await using opened = await openRecords('Watchmakers', view);
  const { page } = opened;
  const keys = keyboard(page);
  await makeKey(page, 'buyer', 'passkey');
  const buyer = await page.locator('.own-keys input').first().inputValue();
  await makeKey(page, 'seller', 'passkey');
  const receipt = createHash('sha256').update('paid').digest('hex');

  await page.goto(`http://localhost:${service.port}/records.html#new=item`);
  await keys.file('Add files', textFile('front.jpg', 'the front of the watch'));
  await page.getByText('front.jpg', { exact: true }).waitFor();
  await keys.fill('Title', 'Pocket watch');
  await keys.fill('Serial number', 'W-1911');
  await keys.press('Continue to signing');
  await page.locator('.signing-keys').waitFor();
  await keys.press('Sign and submit');
  await status(page, 'held').waitFor();

  await keys.press('Offer the item to someone');
  await keys.fill('Public key of the receiver', buyer);
  await keys.press('Add a condition');
  await keys.pick('What must be so', 'ArrowUp');
  await keys.fill('Fingerprint of the document (SHA-256)', receipt);
  await page.getByText(/^In words: only if the document .* is notarized\.$/).waitFor();
  await expectAccessible(page);
  await keys.press('Continue to signing');
  await page.locator('.signing-keys').waitFor();
  await keys.press('Sign and submit');
  await status(page, 'offered').waitFor();

  await keys.press('All records');
  await page.getByRole('link', { name: 'Accept the item: Pocket watch' }).waitFor();
  await keys.press('Accept the item: Pocket watch');
  await keys.press('Continue to signing');
  await page.locator('.signing-keys').waitFor();
  await keys.press('Sign and submit');
  await status(page, 'promised').waitFor();
  await page.locator('.timeline-event[data-type="item.accept"][data-mark=applied]').waitFor();

  const paid = await fetch(`${service.url}/v1/notarizations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ documents: [{ sha256: receipt }] }),
  });
  expect(paid.status).toBe(201);
  await page.locator('.timeline-event[data-type="item.transferred"][data-mark=automatic]').waitFor();
  await status(page, 'held').waitFor();
  await page
    .locator('dd', { hasText: /^buyer\+[0-9a-f]{8} \(yours\)/ })
    .first()
    .waitFor();
  await checkOnCommandLine(service, await historyOf(page, 'Download the history'));
  opened.assertClean({ mayFailToLoad: true, makesRecordKeys: true });
});
