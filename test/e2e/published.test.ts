import { expect, it } from 'vitest';
import { createOrganization } from '../support/people.js';
import { until } from '../support/until.js';
import { expectAccessible, sidewaysScroll, VIEWS } from './account-support.js';
import { beginRecord, checkOffline, makeKey, openRecords, signStep } from './record-pages.js';
import { bytesOf, openPage, tabTo, textFile, useService } from './support.js';

const service = useService();

it('publishes an item, which somebody without an account reads on a phone in Korean and verifies, until it is withdrawn', async () => {
  const { id } = await createOrganization(service, 'Watchmakers');
  const [desktop, phone] = [VIEWS[0]?.[1] ?? {}, VIEWS[1]?.[1] ?? {}];
  await using owned = await openRecords(service, id, desktop);
  const { page } = owned;
  await makeKey(page, 'watchmaker', 'passkey');
  await beginRecord(page, 'item', textFile('front.jpg', 'the front of the watch'));
  await page.getByLabel('Title', { exact: true }).fill('Pocket watch');
  await page.getByLabel('Serial number').fill('W-1911');
  await signStep(page);
  await page.locator('.timeline-event[data-mark=applied]').waitFor();
  const record = new URLSearchParams(new URL(page.url()).hash.slice(1)).get('id') ?? '';

  await page.getByLabel('Serial number', { exact: true }).uncheck();
  await page.getByLabel('The history file, so that anybody can check the record offline').check();
  await expectAccessible(page);
  await tabTo(page, 'Sign and publish');
  await page.keyboard.press('Enter');
  const link = page.getByLabel('Link', { exact: true });
  await link.waitFor();
  await page.getByRole('img', { name: 'QR code of the link' }).waitFor();
  await expectAccessible(page);
  const address = await link.inputValue();
  expect(new URL(address).pathname).toBe(`/r/${record}`);

  // The history is there when a published checkpoint covers it.
  const file = `${service.url}/v1/records/${record}/publication/history`;
  await until('the history to be published', async () => (await fetch(file)).ok);
  await using opened = await openPage(address, phone);
  const anybody = opened.page;
  await anybody.getByRole('heading', { level: 1, name: 'Pocket watch' }).waitFor();
  expect(await anybody.title()).toContain('Pocket watch');
  expect(await sidewaysScroll(anybody)).toBe(0);
  await expectAccessible(anybody);
  const text = await anybody.locator('main').innerText();
  expect(text).toContain('front.jpg');
  expect(text).not.toContain('watchmaker');
  expect(await anybody.locator('section', { hasText: '내용' }).first().innerText()).not.toContain('W-1911');
  const saving = anybody.waitForEvent('download');
  await tabTo(anybody, '이력 파일 받기');
  await anybody.keyboard.press('Enter');
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe(`${record.slice(0, 16)}.ingam-history.json`);
  const verifier = anybody.locator('.record-checks a[download]');
  expect(await checkOffline(anybody, verifier, await bytesOf(saved))).toEqual(['item.register']);

  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
  await link.waitFor({ state: 'detached' });
  await anybody.reload();
  await anybody.getByRole('heading', { name: '공개되지 않은 기록입니다' }).waitFor();
  await expectAccessible(anybody);
  owned.assertClean({ mayFailToLoad: true, makesRecordKeys: true });
  opened.assertClean({ mayFailToLoad: true });
});
