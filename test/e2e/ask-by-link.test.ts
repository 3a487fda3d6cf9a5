import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { createOrganization } from '../support/people.js';
import { until } from '../support/until.js';
import { expectAccessible, VIEWS } from './account-support.js';
import { beginRecord, checkOnCommandLine, makeKey, openRecords, signStep } from './record-pages.js';
import { addDevice, bytesOf, openPage, type OpenPage, tabTo, textFile, useService } from './support.js';

/** What is asked by link on the Records page, and answered by people without an account. */

const DESKTOP = VIEWS[0]?.[1] ?? {};
const PHONE: BrowserContextOptions = { ...VIEWS[1]?.[1], viewport: { width: 390, height: 800 } };
const CLEAN = { mayFailToLoad: true, makesRecordKeys: true };
const IN_A_MONTH = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);

const service = useService();
let organization: string;
beforeAll(async () => {
  organization = (await createOrganization(service, '한빛 Gallery')).id;
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).waitFor();
const asks = (page: Page) => page.goto(`http://localhost:${service.port}/records.html#view=asks`);

/** Fills whom to ask, and makes the link. */
async function makeLink(page: Page, name: string): Promise<string> {
  const form = page.locator('[data-form=ask]');
  await form.locator('[name=name]').last().fill(name);
  await form.locator('[name=until]').fill(IN_A_MONTH);
  await form.locator('button[type=submit]').click();
  const made = page.locator('[role=status] input');
  await made.waitFor();
  return made.inputValue();
}

/** The browser of somebody who opens the link. */
async function opened(address: string, options: BrowserContextOptions): Promise<OpenPage> {
  const other = await openPage(address, options);
  await addDevice(other.page);
  await other.page.locator('[name=key-name]').waitFor();
  return other;
}

/** Registers an item, or claims a work, with the key that the page made last. */
async function begin(page: Page, kind: 'item' | 'work', title: string): Promise<void> {
  await beginRecord(page, kind, textFile('front.jpg', title));
  await page.locator('[name=title]').fill(title);
  if (kind === 'item') await page.locator('[name=serial]').fill('W-1911');
  else await fillClaim(page);
  await signStep(page);
  await page.locator('.timeline-event[data-mark=applied]').waitFor();
}

async function fillClaim(page: Page): Promise<void> {
  await page.locator('[name=kind]').fill('poem');
  await page.locator('.record-rows [name=name]').fill('Kim Sowol');
  await page.locator('.record-rows [name=role]').fill('words');
  await page.locator('[name=basis]').fill('I wrote it.');
}

/** Saves the history that the link gives, as soon as it shows this event, and verifies it without the service. */
async function checkHistory(page: Page, token: string, save: string, type: string): Promise<void> {
  await until(`the history to show ${type}`, async () => {
    const answer = await page.request.post(`http://localhost:${service.port}/v1/signing/history`, {
      data: { token },
    });
    return answer.ok() && (await answer.text()).includes(type);
  });
  const saving = page.waitForEvent('download');
  await tabTo(page, save);
  await page.keyboard.press('Enter');
  expect(await checkOnCommandLine(service, await bytesOf(await saving))).toContain(type);
}

const tokenIn = (address: string) => address.slice(-43);

it('sells an item by link to somebody without an account', async () => {
  await using owner = await openRecords(service, organization, DESKTOP);
  const { page } = owner;
  await makeKey(page, 'gallery', 'passkey');
  await begin(page, 'item', 'Pocket watch');
  await link(page, 'Take an item or a work').click();
  await heading(page, 'Ask someone');
  // The item is there already, by its name.
  await page
    .locator('[name=own-record] option:checked', { hasText: 'Pocket watch' })
    .waitFor({ state: 'attached' });
  await expectAccessible(page);
  const address = await makeLink(page, 'Kim Minji');
  await expectAccessible(page);

  await using kim = await opened(address, DESKTOP);
  await heading(kim.page, '한빛 Gallery wants to transfer “Pocket watch” to you');
  await kim.page.getByText('W-1911').waitFor();
  await button(kim.page, 'Make a passkey').click();
  await kim.page.getByText(/^Now 한빛 Gallery offers it to this key/).waitFor();

  await asks(page);
  await page.reload();
  await link(page, 'Open it, and offer it to this key').click();
  await link(page, 'Offer the item to someone').click();
  expect(await page.locator('[name=given-key] option').nth(1).textContent()).toMatch(/^Kim Minji \(/);
  await page.locator('[name=given-key]').selectOption({ index: 1 });
  await signStep(page);
  await page.locator('strong[data-status=offered]').waitFor();
  await heading(page, 'Keys given by link');
  await page
    .locator('.record-list li', {
      hasText: /^Kim Minji: .*, a passkey, given .* by whoever opened the link$/,
    })
    .waitFor();
  await expectAccessible(page);

  await kim.page.reload();
  await kim.page.getByText(/^When you have accepted, your key is the holder’s key/).waitFor();
  await expectAccessible(kim.page);
  await button(kim.page, 'Accept').click();
  await heading(kim.page, 'You have accepted');
  await expectAccessible(kim.page);
  await page.locator('.timeline-event[data-type="item.accept"]').waitFor();
  await checkHistory(kim.page, tokenIn(address), 'Save the history file', 'item.accept');

  for (const each of [owner, kim]) each.assertClean(CLEAN);
});

it('grants a licence by link to somebody who has the keyboard alone', async () => {
  await using owner = await openRecords(service, organization, DESKTOP);
  const { page } = owner;
  await makeKey(page, 'poet', 'passkey');
  await begin(page, 'work', 'Azaleas');
  await link(page, 'Take a licence of a work').click();
  await heading(page, 'Ask someone');
  const address = await makeLink(page, 'Publisher');

  await using lee = await opened(address, DESKTOP);
  await heading(lee.page, '한빛 Gallery wants to grant you a licence of “Azaleas”');
  await tabTo(lee.page, 'Make a passkey');
  await lee.page.keyboard.press('Enter');
  await lee.page.getByText(/^Now 한빛 Gallery grants the licence to this key/).waitFor();
  await expectAccessible(lee.page);

  await asks(page);
  await page.reload();
  await link(page, 'Grant the licence to this key').click();
  await page.locator('.field-row [name=name]').fill('Publisher');
  await page.locator('[name=given-key]').selectOption({ index: 1 });
  await page.locator('[name=terms]').fill('The first edition.');
  await signStep(page);

  await lee.page.reload();
  await heading(lee.page, 'The licence names your key');
  await lee.page.getByText('The first edition.').waitFor();
  await expectAccessible(lee.page);
  await checkHistory(lee.page, tokenIn(address), 'Save the history file', 'work.license');
  for (const each of [owner, lee]) each.assertClean(CLEAN);
});

it('has an author sign the claim of their work by link, in Korean on a phone', async () => {
  await using owner = await openRecords(service, organization, PHONE);
  const { page } = owner;
  await asks(page);
  await page.locator('[name=ask-kind]').selectOption('claim');
  await page
    .locator('[data-form=ask] input[type=file]')
    .first()
    .setInputFiles(textFile('시.txt', '진달래꽃'));
  await page.getByText('시.txt', { exact: true }).waitFor();
  await page.locator('[name=title]').fill('진달래꽃');
  await fillClaim(page);
  await expectAccessible(page);
  const address = await makeLink(page, '김소월');

  await using author = await opened(address, PHONE);
  await heading(author.page, '한빛 Gallery에서 ‘진달래꽃’의 저작물 등록을 요청했습니다');
  await expectAccessible(author.page);
  await button(author.page, '패스키 만들기').click();
  await author.page.getByText(/^서명하면 내 키로 이 저작물을 등록했다는 사실이/).waitFor();
  await button(author.page, '등록에 서명하기').click();
  await heading(author.page, '저작물을 등록했습니다');
  await expectAccessible(author.page);
  await checkHistory(author.page, tokenIn(address), '이력 파일 저장', 'work.claim');
  await page.reload();
  const made = page.locator('.own-keys li', { hasText: '김소월: 진달래꽃' });
  await made.locator('strong[data-status=signed]').waitFor();
  for (const each of [owner, author]) each.assertClean(CLEAN);
});

it('asks for the signature of a contract on the page, from the link to the signature', async () => {
  await using owner = await openRecords(service, organization, DESKTOP);
  const { page } = owner;
  await makeKey(page, 'lessor', 'passkey');
  await asks(page);
  await page
    .locator('[data-form=ask] input[type=file]')
    .first()
    .setInputFiles(textFile('lease.txt', 'The lease.'));
  await page.getByText('lease.txt', { exact: true }).waitFor();
  await page.locator('[data-form=ask] [name=title]').fill('Car lease');
  const address = await makeLink(page, 'Park');
  await using park = await opened(address, DESKTOP);
  await button(park.page, 'Make a passkey').click();
  await park.page.getByText(/^You gave your key/).waitFor();

  await beginRecord(page, 'contract', textFile('lease.txt', 'The lease.'));
  await page.locator('[name=title]').fill('Car lease');
  await page.getByRole('group', { name: 'Parties' }).waitFor();
  for (const [i, name] of ['Park', 'Lessor'].entries()) {
    const party = page.getByRole('group', { name: `Party ${i + 1}` });
    await party.locator('[name=name]').fill(name);
    if (i === 0) await party.locator('[name=given-key]').selectOption({ index: 1 });
    else await party.locator('[name=key]').fill(await ownKey(page));
  }
  await signStep(page);
  await asks(page);
  await button(page, 'Ask for the signature').click();
  await page.locator('.own-keys strong[data-status=to_sign]').waitFor();
  await park.page.reload();
  await park.page.getByLabel(/I know the document with this fingerprint/).check();
  await button(park.page, 'Sign').click();
  await heading(park.page, 'You have signed');

  await page.reload();
  await page.locator('.own-keys strong[data-status=signed]').first().waitFor();
  await expectAccessible(page);
  for (const each of [owner, park]) each.assertClean(CLEAN);
});

/** The key that the page made last, in whole. */
function ownKey(page: Page): Promise<string> {
  return page.locator('[name=holder]').inputValue();
}
