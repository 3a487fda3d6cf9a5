import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseHistory, parsePolicy } from '../../src/proof/index.js';
import { verifyHistory } from '../../src/proof/records/history.js';
import { createKey, createOrganization } from '../support/people.js';
import { SigningRequest } from '../../src/http/schemas/signing.js';
import { digestOf, newHolder } from '../support/records.js';
import { ask, policyOf, propose, send } from '../support/signing.js';
import { until } from '../support/until.js';
import { expectAccessible, VIEWS } from './account-support.js';
import { addDevice, openPage, tabTo, useService } from './support.js';

const service = useService();
const DOCUMENT = 'The lease.';
const lessor = newHolder('lessor.example');
let key: string;
beforeAll(async () => {
  key = (await createKey(service, (await createOrganization(service, 'Leasing')).id)).secret;
});

const WORDS = {
  'en-GB': {
    makePasskey: 'Make a passkey',
    given: /You gave your key/,
    choose: 'Choose file',
    same: 'lease.txt is the document that you are asked to sign.',
    different: /is another document/,
    sign: 'Sign',
    signed: 'You have signed',
    history: 'Save the history file',
  },
  'ko-KR': {
    makePasskey: '패스키 만들기',
    given: /키를 등록했습니다/,
    choose: '파일 선택',
    same: 'lease.txt: 서명을 요청받은 문서가 맞습니다.',
    different: /다른 문서입니다/,
    sign: '서명하기',
    signed: '서명했습니다',
    history: '이력 파일 저장',
  },
} as const;

const file = (content: string) => ({
  name: 'lease.txt',
  mimeType: 'text/plain',
  buffer: Buffer.from(content),
});

describe.each(VIEWS)('signing by link (%s)', (_, view) => {
  const t = WORDS[view.locale as keyof typeof WORDS];

  it('makes a passkey, compares the document, signs, and saves a history that verifies, with the keyboard', async () => {
    const document = { sha256: digestOf(DOCUMENT), name: 'lease.txt' };
    const { id, token } = await ask(service, key, 'Kim Minji', { document });
    await using opened = await openPage(`http://localhost:${service.port}/sign.html#token=${token}`, view);
    const { page } = opened;
    await addDevice(page);
    await page.getByRole('button', { name: t.makePasskey }).waitFor();
    expect(page.url()).not.toContain(token);
    await expectAccessible(page);
    await tabTo(page, t.makePasskey);
    await page.keyboard.press('Enter');
    await page.getByText(t.given).waitFor();
    const { body } = await send(service, 'GET', `/v1/signing-requests/${id}`, undefined, key);
    const parties = [
      { name: 'Kim', key: SigningRequest.parse(body).key ?? expect.fail('no key was given'), order: 1 },
    ];
    const record = await propose(service, key, lessor, parties, { document: { sha256: document.sha256 } });
    await send(service, 'POST', `/v1/signing-requests/${id}/contract`, { record }, key);

    await page.reload();
    const input = page.locator('input[type=file]').first();
    await page.getByRole('button', { name: t.choose }).waitFor();
    await input.setInputFiles(file('Another lease.'));
    await page.getByText(t.different).waitFor();
    const sign = page.getByRole('button', { name: t.sign, exact: true });
    expect(await sign.getAttribute('aria-disabled')).toBe('true');
    await input.setInputFiles(file(DOCUMENT));
    await page.getByText(t.same).waitFor();
    await expectAccessible(page);
    await tabTo(page, t.sign);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: t.signed }).waitFor();
    await until('a block to hold the signature', async () => {
      const res = await fetch(`${service.url}/v1/signing/history`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });
      return res.status === 200 && (await res.text()).includes('contract.sign');
    });
    const saving = page.waitForEvent('download');
    await tabTo(page, t.history);
    await page.keyboard.press('Enter');
    const history = parseHistory(await readFile(await (await saving).path()));
    const policy = parsePolicy(await policyOf(service));
    expect(verifyHistory({ history, policy })).toMatchObject({
      verdict: 'verified',
      state: { status: 'executed', parties: [{ answer: 'signed' }] },
    });
    opened.assertClean({ makesRecordKeys: true });
  });
});
