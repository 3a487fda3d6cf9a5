import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SigningRequest } from '../../src/http/schemas/signing.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { digestOf } from '../support/records.js';
import { ask, send } from '../support/signing.js';
import { until } from '../support/until.js';
import { expectAccessible, sidewaysScroll, VIEWS } from './account-support.js';
import {
  beginRecord,
  checkOffline,
  checkOnCommandLine,
  makeKey,
  openRecords,
  signStep,
} from './record-pages.js';
import { addDevice, bytesOf, openPage, type OpenPage, tabTo, textFile, useService } from './support.js';

const CONTENT = 'The lease of the car.';
const LEASE = textFile('lease.txt', CONTENT);
const DESKTOP = VIEWS[0]?.[1] ?? {};
const PHONE: BrowserContextOptions = { ...VIEWS[1]?.[1], viewport: { width: 390, height: 800 } };

const folder = mkdtempSync(join(tmpdir(), 'ingam-signing-'));
const service = useService({
  vault: { place: { kind: 'folder', path: folder }, keys: '11'.repeat(32), quota: null },
});
let organization: string;
let key: string;
beforeAll(async () => {
  organization = (await createOrganization(service, '한빛 Leasing')).id;
  key = (await createKey(service, organization)).secret;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Somebody who was asked to sign, with their browser. */
interface Invited extends AsyncDisposable {
  readonly id: string;
  readonly token: string;
  readonly opened: OpenPage;
  readonly page: Page;
}

async function invite(name: string, options: BrowserContextOptions): Promise<Invited> {
  const document = { sha256: digestOf(CONTENT), name: 'lease.txt' };
  const message = 'As discussed on the phone.';
  const { id, token } = await ask(service, key, name, { document, message });
  const opened = await openPage(`http://localhost:${service.port}/sign.html#token=${token}`, options);
  await addDevice(opened.page);
  return { id, token, opened, page: opened.page, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

const shown = async ({ id }: Invited) =>
  SigningRequest.parse((await send(service, 'GET', `/v1/signing-requests/${id}`, undefined, key)).body);
const keyOf = async (invited: Invited) => (await shown(invited)).key ?? expect.fail('no key was given');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).waitFor();

/** Proposes the contract on the Records page, from the file that is dropped there, and asks for the signatures. */
async function propose(
  page: Page,
  parties: readonly (readonly [name: string, invited: Invited, order: number])[],
): Promise<string> {
  await beginRecord(page, 'contract', LEASE);
  await page.getByLabel('Title', { exact: true }).fill('Lease of the car');
  for (const [i, [name, invited, order]] of parties.entries()) {
    const party = page.getByRole('group', { name: `Party ${i + 1}` });
    if ((await party.count()) === 0) await button(page, 'Add: Party').click();
    await party.getByLabel('Name').fill(name);
    await party.locator('[name=key]').fill(await keyOf(invited));
    await party.getByLabel('Order').fill(String(order));
  }
  await signStep(page);
  const record = new URLSearchParams(new URL(page.url()).hash.slice(1)).get('id') ?? expect.fail();
  for (const [, { id }] of parties) {
    const { status } = await send(service, 'POST', `/v1/signing-requests/${id}/contract`, { record }, key);
    expect(status).toBe(200);
  }
  return record;
}

it('brings a contract from the dropped file to its execution: two sign beside each other, one declines and is replaced, one signs last', async () => {
  const form = new FormData();
  form.append('file', new Blob([CONTENT]), 'lease.txt');
  await fetch(`${service.url}/v1/notarizations?vault=keep`, {
    method: 'POST',
    headers: bearer(key),
    body: form,
  });
  await using owner = await openRecords(service, organization, DESKTOP);
  await makeKey(owner.page, 'lessor', 'passkey');

  // Kim has a keyboard, and gives a passkey.
  await using kim = await invite('Kim Minji', DESKTOP);
  await heading(kim.page, '한빛 Leasing asks you to sign “Car lease”');
  expect(kim.page.url()).not.toContain(kim.token);
  await kim.page.getByText('As discussed on the phone.').waitFor();
  await expectAccessible(kim.page);
  await tabTo(kim.page, 'Make a passkey');
  await kim.page.keyboard.press('Enter');
  await kim.page.getByText(/^You gave your key/).waitFor();
  await kim.page.getByText(/한빛 Leasing vouches that this was you/).waitFor();
  await expectAccessible(kim.page);

  // Park reads Korean, and gives a passkey as well.
  await using park = await invite('박서준', { ...DESKTOP, locale: 'ko-KR' });
  await heading(park.page, '한빛 Leasing에서 ‘Car lease’에 서명을 요청했습니다');
  await button(park.page, '패스키 만들기').click();
  await park.page.getByText(/키를 등록했습니다/).waitFor();

  // Lee makes a key file.
  await using lee = await invite('Lee Dohyun', DESKTOP);
  const [saved] = await Promise.all([
    lee.page.waitForEvent('download'),
    button(lee.page, 'Make a key file').click(),
  ]);
  const leeKey = { name: 'lee.key', mimeType: 'text/plain', buffer: await bytesOf(saved) };
  await lee.page.getByText(/^You gave your key/).waitFor();

  const first = await propose(owner.page, [
    ['Kim Minji', kim, 1],
    ['박서준', park, 1],
    ['Lee Dohyun', lee, 2],
  ]);

  // Park declines, with the keyboard: all had to sign, so this contract comes to nothing.
  await park.page.reload();
  await heading(park.page, /^한빛 Leasing에서 ‘Lease of the car’/);
  await park.page.getByText('당사자 박서준(본인): 아직 답하지 않음').waitFor();
  await expectAccessible(park.page);
  await tabTo(park.page, '거절…');
  await park.page.keyboard.press('Enter');
  await park.page.getByLabel(/사유/).fill('너무 비쌉니다.');
  await expectAccessible(park.page);
  await tabTo(park.page, '거절하기');
  await park.page.keyboard.press('Enter');
  await heading(park.page, '거절했습니다');
  await expectAccessible(park.page);
  await kim.page.reload();
  await heading(kim.page, 'There is nothing to sign');
  await expectAccessible(kim.page);
  await owner.page.locator('strong[data-status=declined]').waitFor();
  await owner.page
    .locator('.timeline-event[data-type="contract.decline"]')
    .getByText('너무 비쌉니다.')
    .waitFor({ state: 'attached' });

  // Choi takes Park's place, on a phone. The others keep their links and keys.
  await using choi = await invite('최유나', PHONE);
  await heading(choi.page, '한빛 Leasing에서 ‘Car lease’에 서명을 요청했습니다');
  await expectAccessible(choi.page);
  expect(await sidewaysScroll(choi.page)).toBe(0);
  await button(choi.page, '패스키 만들기').click();
  await choi.page.getByText(/키를 등록했습니다/).waitFor();
  const second = await propose(owner.page, [
    ['Kim Minji', kim, 1],
    ['최유나', choi, 1],
    ['Lee Dohyun', lee, 2],
  ]);
  expect(second).not.toBe(first);

  // Not yet Lee's turn.
  await lee.page.reload();
  await lee.page.getByText('Others sign before you.').waitFor();
  await lee.page.getByText('all 3').waitFor();

  // Kim: the wrong file, then the right one, all with the keyboard.
  await kim.page.reload();
  await heading(kim.page, '한빛 Leasing asks you to sign “Lease of the car”');
  await chooseByKeyboard(kim.page, 'Choose file', textFile('lease.txt', 'Another lease.'));
  await kim.page.getByText(/is another document/).waitFor();
  expect(await button(kim.page, 'Sign').getAttribute('aria-disabled')).toBe('true');
  await chooseByKeyboard(kim.page, 'Choose file', LEASE);
  await kim.page.getByText('lease.txt is the document that you are asked to sign.').waitFor();
  await expectAccessible(kim.page);
  await tabTo(kim.page, 'Sign');
  await kim.page.keyboard.press('Enter');
  await heading(kim.page, 'You have signed');
  await expectAccessible(kim.page);

  // Choi: a finger.
  await choi.page.reload();
  await choi.page.locator('input[type=file]').first().setInputFiles(LEASE);
  await choi.page.getByText('lease.txt: 서명을 요청받은 문서가 맞습니다.').waitFor();
  await expectAccessible(choi.page);
  expect(await sidewaysScroll(choi.page)).toBe(0);
  await button(choi.page, '서명하기').click();
  await heading(choi.page, '서명했습니다');

  // Lee: it is their turn, and the document comes from the vault.
  await button(lee.page, 'Look again').click();
  const [document] = await Promise.all([
    lee.page.waitForEvent('download'),
    button(lee.page, 'Download document').click(),
  ]);
  expect((await bytesOf(document)).toString()).toBe(CONTENT);
  await lee.page.getByLabel('Sign with your key file').setInputFiles(leeKey);
  await heading(lee.page, 'You have signed');
  await owner.page.locator('strong[data-status=executed]').waitFor();

  // The history that a party saves is checked by the command, and by the one file without a network.
  await until('the history to show the execution', async () => {
    const { status, body } = await send(service, 'POST', '/v1/signing/history', { token: kim.token });
    return status === 200 && JSON.stringify(body).includes('contract.executed');
  });
  const saving = kim.page.waitForEvent('download');
  await tabTo(kim.page, 'Save the history file');
  await kim.page.keyboard.press('Enter');
  const history = await bytesOf(await saving);
  expect(await checkOnCommandLine(service, history)).toContain('contract.executed');
  await using online = await openPage(`${service.url}/verify.html`);
  const offered = online.page.getByRole('link', { name: 'Download the offline verifier' });
  const types = await checkOffline(online.page, offered, history);
  expect(types.filter((type) => type === 'contract.sign')).toHaveLength(3);
  expect(types).toContain('contract.executed');
  for (const { opened } of [kim, park, choi, lee])
    opened.assertClean({ mayFailToLoad: true, makesRecordKeys: true });
});

/** Opens the dialog of this button with the keyboard, and chooses a file there. */
async function chooseByKeyboard(page: Page, name: string, file: ReturnType<typeof textFile>): Promise<void> {
  const dialog = page.waitForEvent('filechooser');
  await tabTo(page, name);
  await page.keyboard.press('Enter');
  await (await dialog).setFiles(file);
}
