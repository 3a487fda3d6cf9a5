import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { parseHistory, parsePolicy } from '../../src/proof/index.js';
import { verifyHistory } from '../../src/proof/records/history.js';
import { createOrganization, createUser } from '../support/people.js';
import { until } from '../support/until.js';
import { expectAccessible, VIEWS } from './account-support.js';
import { bytesOf, give, openPage, type OpenPage, statement, textFile, useService } from './support.js';

const service = useService();

/** A device in the browser that has passkeys, and whose user is always there. */
async function addDevice(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  });
}

/** The Records page of a new organization. By selectors, because texts depend on the language. */
async function openRecords(name: string, options: BrowserContextOptions): Promise<OpenPage> {
  const { id } = await createOrganization(service, name);
  const { email } = await createUser(service, id, 'owner');
  const address = `http://localhost:${service.port}/records.html`;
  const opened = await openPage(address, { ...options, as: email });
  const { page } = opened;
  await addDevice(page);
  await page.locator('.record-actions').waitFor();
  return opened;
}

/** Makes a key, and returns its text. @param way how it is kept */
async function makeKey(page: Page, name: string, way: 'passkey' | 'file', onFile?: (text: Buffer) => void) {
  await page.goto(`http://localhost:${service.port}/records.html#view=keys`);
  await page.locator('[name=key-name]').fill(name);
  await page
    .locator('input[name=way]')
    .nth(way === 'passkey' ? 0 : 1)
    .check();
  const saved = way === 'file' ? page.waitForEvent('download') : null;
  await page.locator('[data-form=make-key] .is-primary').click();
  const own = page.locator('.own-keys li', { hasText: `${name}+` });
  await own.waitFor();
  if (saved !== null) onFile?.(await bytesOf(await saved));
  return own.locator('input').inputValue();
}

/** Goes on to the last step, and signs. */
async function sign(page: Page, before?: () => Promise<unknown>): Promise<void> {
  await page.locator('[data-form=event] button[type=submit]').click();
  await page.locator('.signing-keys').waitFor();
  await before?.();
  await page.locator('.panel .is-primary').click();
  await page.locator('.timeline').waitFor();
}

const status = (page: Page, name: string) => page.locator(`strong[data-status=${name}]`);

/** The history, as soon as a published checkpoint covers it. */
async function historyOf(page: Page): Promise<Buffer> {
  const id = new URLSearchParams(new URL(page.url()).hash.slice(1)).get('id') ?? '';
  await until('the history to be published', async () => {
    const answer = await page.request.get(`http://localhost:${service.port}/v1/records/${id}/history`);
    return answer.ok();
  });
  const saved = page.waitForEvent('download');
  await page.locator('.panel .button.is-primary').click();
  return bytesOf(await saved);
}

it('begins a contract, signs it with a passkey and a key file, and gives a history that is verified without it', async () => {
  await using opened = await openRecords('Lessors', VIEWS[0]?.[1] ?? {});
  const { page } = opened;
  await page.getByText('This browser does not know a key of yours yet.').waitFor();
  await expectAccessible(page);
  let file = Buffer.alloc(0);
  const bob = await makeKey(page, 'bob', 'file', (text) => (file = Buffer.from(text)));
  const alice = await makeKey(page, 'alice', 'passkey');
  await expectAccessible(page);

  await page.goto(`http://localhost:${service.port}/records.html#new=contract`);
  await page.locator('input[type=file]').first().setInputFiles(textFile('lease.pdf', 'the lease'));
  await page.getByText('lease.pdf', { exact: true }).waitFor();
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
  await sign(page, () => expectAccessible(page));
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
  await sign(page);
  await page.locator('.timeline-event[data-type="contract.sign"][data-mark=applied]').waitFor();
  await page.getByRole('link', { name: 'Sign the contract' }).click();
  await sign(page, async () => {
    await page
      .locator('.panel input[type=file]')
      .setInputFiles({ name: 'bob.key', mimeType: 'text/plain', buffer: file });
    await page.getByText('signs here').waitFor();
  });
  await status(page, 'executed').waitFor();
  await page.locator('.timeline-event[data-type="contract.executed"][data-mark=automatic]').waitFor();
  await expectAccessible(page);

  const history = await historyOf(page);
  const { policy } = (await (await fetch(`${service.url}/v1/chain`)).json()) as { policy: string };
  const { verdict, state } = verifyHistory({
    history: parseHistory(new Uint8Array(history)),
    policy: parsePolicy(policy),
  });
  expect([verdict, state?.status]).toEqual(['verified', 'executed']);
  await page.goto(`http://localhost:${service.port}/verify.html`);
  await give(page, { name: 'lease.ingam-history.json', mimeType: 'application/json', buffer: history });
  expect(await statement(page)).not.toBeNull();
  await page.locator('.timeline-event[data-type="contract.executed"]').waitFor();
  opened.assertClean({ mayFailToLoad: true, makesRecordKeys: true });
});

it('keeps the versions of a document, in Korean on a phone', async () => {
  await using opened = await openRecords('출판사', VIEWS[1]?.[1] ?? {});
  const { page } = opened;
  await makeKey(page, '편집부', 'passkey');
  await expectAccessible(page);
  await page.goto(`http://localhost:${service.port}/records.html#new=document`);
  await page.locator('input[type=file]').first().setInputFiles(textFile('원고.txt', 'first'));
  await page.getByText('원고.txt', { exact: true }).waitFor();
  await page.locator('[name=title]').fill('원고');
  await expectAccessible(page);
  await sign(page);
  await status(page, 'current').waitFor();
  await page.getByRole('link', { name: '새 버전 추가' }).click();
  await page.locator('input[type=file]').first().setInputFiles(textFile('원고 2.txt', 'second'));
  await page.getByText('원고 2.txt', { exact: true }).waitFor();
  await sign(page, () => expectAccessible(page));
  await page.locator('.timeline-event[data-type="document.version"][data-mark=applied]').waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: '전체 기록' }).click();
  await page.getByLabel('기록 검색').fill('원고');
  await page.keyboard.press('Enter');
  await page.locator('.records-table').getByRole('link', { name: '원고' }).waitFor();
  await expectAccessible(page);
  opened.assertClean({ mayFailToLoad: true, makesRecordKeys: true });
});
