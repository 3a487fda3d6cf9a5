import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { LOCAL } from '../../src/auth/index.js';
import { parseWitnesses } from '../../src/proof/index.js';
import { LOG_KEY } from '../support/parts.js';
import { bearer, createOrganization, createOperator, createUser, HERE } from '../support/people.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';
import { startWitness } from '../support/witness.js';
import { expectAccessible, checkViews, focusedText, PHONE } from './account-support.js';
import { digest, names, notarizeAs, openRegister, rows } from './register-support.js';
import { builtPages, openPage, startRelay, useService, tryNow } from './support.js';

const service = useService({ sealing: false });

const LONG = {
  name: `${'a-very-long-name-without-any-space'.repeat(4)}.pdf`,
  title: '아주 긴 제목이 붙은 문서 '.repeat(12),
  reference: 'R'.repeat(200),
  note: 'one line\n'.repeat(6),
  tags: ['긴-태그'.repeat(12), 'short'],
};

describe('every state of the register is accessible and fits', () => {
  it('from an empty register to published details', async () => {
    const { id } = await createOrganization(service, '한빛 법률사무소 and its very long name '.repeat(2));
    const owner = await createUser(service, id, 'owner');
    await using stranger = await openPage(`${service.url}/register.html`, PHONE);
    await stranger.page.locator('.empty-state').waitFor();
    await checkViews(stranger.page, PHONE);

    await using opened = await openRegister(service.url, owner.email, PHONE);
    const { page } = opened;
    await page.locator('.empty-state a[href="./"]').waitFor();
    await checkViews(page, PHONE);
    const documents = [
      { sha256: digest('long'), details: LONG },
      ...['a', 'b'].map((text) => ({ sha256: digest(text) })),
    ];
    await notarizeAs(service, owner.accessToken, documents, '');
    await page.reload();
    await names(page, 3);
    expect(await page.locator('.seal-status.is-pending').count()).toBe(3);
    await page.locator('.filters summary').click();
    await page.locator('[name=digest]').fill('x');
    await page.locator('[name=apply]').click();
    await page.locator('[aria-invalid=true]').waitFor();
    await checkViews(page, PHONE);
    await page.locator('[name=digest]').fill('');
    await rows(page).last().locator('.entry-name a').click();
    await page.locator('#visibility').waitFor();
    await checkViews(page, PHONE);
    await page.locator('#visibility').click();
    await page.locator('dialog[open]').waitFor();
    await checkViews(page, PHONE);
    await page.locator('dialog .is-danger').click();
    await page.locator('.tag').first().waitFor();
    await page.goBack();
    await page.getByRole('checkbox').nth(1).check();
    await page.locator('.selection').waitFor();
    await checkViews(page, PHONE);
    await page.locator('.list-tools > .button').click();
    await page.locator('.export-said.done').waitFor();
    await checkViews(page, PHONE);
    await page.goto(`${service.url}/register.html#q=nothing&tag=none`);
    await page.locator('.empty-state button').waitFor();
    await checkViews(page, PHONE);
    opened.assertClean();
  });
});

describe('the register', () => {
  it('updates the list and the page of a document when they are sealed and cosigned', async () => {
    await using member = await startWitness('w0', () => LOG_KEY.key);
    member.behaviour = (_, res) => res.writeHead(503).end();
    const members = parseWitnesses([member.line, 'quorum w0'].join('\n'));
    await using own = await startService({ publicDir: builtPages(), sealing: false, members });
    const { id } = await createOrganization(own);
    const notary = await createUser(own, id, 'notary');
    const texts = ['waits', 'waits too'];
    await notarizeAs(
      own,
      notary.accessToken,
      texts.map((text) => ({ sha256: digest(text) })),
      '',
    );
    await using opened = await openRegister(own.url, notary.email, { hash: '#status=accepted' });
    const { page } = opened;
    await names(page, 2);
    expect(await rows(page).getByText('Received, sealing…').count()).toBe(2);
    const second = await page.context().newPage();
    await second.goto(page.url());
    await names(second, 2);
    await rows(second).first().locator('.entry-name a').click();
    await second.getByText('Available once the document is sealed').waitFor();
    own.startSealing();
    await page.locator('[role=status]', { hasText: 'are sealed now' }).waitFor({ state: 'attached' });
    // They stay, although they no longer match the filter.
    expect(await rows(page).getByText('Sealed in block 0').count()).toBe(2);
    await second.getByRole('button', { name: 'Download proof' }).waitFor();
    await second.getByRole('link', { name: 'View entry 2 of block 0 in the explorer' }).waitFor();
    expect(await rows(page).getByText('Cosigned by 0 of 1 members so far, 1 needed').count()).toBe(2);
    member.behaviour = null;
    await rows(page).getByText('Cosigned by 1 of 1 members').nth(1).waitFor();
    await second.locator('.seal-status').getByText('Cosigned by 1 of 1 members').waitFor();
    const anchor = {
      type: 'rfc3161',
      source: 'seoul',
      token: new Uint8Array(1),
      validUntil: 1,
      crls: [],
    } as const;
    await own.store.addAnchor({ ...anchor, size: 1 }, Date.now());
    await until('the service to find anchored ones', async () => {
      const found = await fetch(`${own.url}/v1/notarizations?status=anchored`, {
        headers: bearer(notary.accessToken),
      });
      return (await found.text()).includes('"anchored"');
    });
    await page.goto(`${own.url}/register.html#status=anchored`);
    await rows(page).getByText('Anchored: its time is confirmed from outside').nth(1).waitFor();
    await second.reload();
    await second.locator('.history').getByText('Anchored: time confirmed by seoul').waitFor();
    expect(await second.locator('.history li p:first-child').allTextContents()).toEqual([
      'Anchored: time confirmed by seoul',
      'Cosigned by the members of the log',
      'Sealed in block 0',
      'Notarized by you',
    ]);
    opened.assertClean();
  });

  it('says when the service is unreachable, and continues when it is back', async () => {
    const { id } = await createOrganization(service);
    const notary = await createUser(service, id, 'notary');
    await notarizeAs(service, notary.accessToken, [{ sha256: digest('away') }], '');
    await using relay = await startRelay(service.port);
    await using opened = await openRegister(relay.url, notary.email);
    const { page } = opened;
    await names(page, 1);
    await relay.disconnect();
    await page.getByRole('button', { name: 'Export all (CSV)' }).click();
    await page.getByText('The export was interrupted.').first().waitFor();
    await page.locator('[name=words]').fill('away');
    await page.keyboard.press('Enter');
    await page.locator('.load-failed').getByText('The service cannot be reached.').waitFor();
    await expectAccessible(page);
    await relay.reconnect();
    await tryNow(page);
    await page.getByText('No results').first().waitFor();
    opened.assertClean({ mayFailToLoad: true });
  });

  it('follows the session and the current organization', async () => {
    const first = await createOrganization(service, 'First organization');
    const second = await createOrganization(service, 'Second organization');
    const person = await createUser(service, first.id, 'notary');
    await notarizeAs(service, person.accessToken, [{ sha256: digest('of the first') }], '');
    await using opened = await openRegister(service.url, person.email);
    const { page } = opened;
    await names(page, 1);
    const input = { email: person.email, name: 'x', role: 'auditor', trustExisting: true } as const;
    await service.deps.access.users.add(LOCAL, second.id, input, HERE);
    await page.reload();
    await page.locator('.account-menu > .button').click();
    await page.getByRole('button', { name: 'Second organization' }).click();
    await page.getByText('Everything Second organization has notarized.').waitFor();
    // The user is an auditor here: an empty register without a link to notarize.
    await page.getByText('Documents appear here as soon as your organization notarizes them.').waitFor();
    expect(await page.locator('.empty-state a').count()).toBe(0);
    await page.evaluate(async () => {
      const token = /ingam-csrf=([^;]+)/.exec(document.cookie)?.[1] ?? '';
      await fetch('v1/session', { method: 'DELETE', headers: { 'X-CSRF-Token': token } });
    });
    await page.goto(`${service.url}/register.html#q=anything`);
    await page.getByRole('heading', { name: 'Sign in to see the register' }).waitFor();
    expect(await page.getByRole('link', { name: 'Sign in', exact: true }).last().getAttribute('href')).toBe(
      './account.html#from=register&q=anything',
    );
    opened.assertClean({ mayFailToLoad: true });
  });

  it('tells administrators without an organization why there is no register', async () => {
    const operator = await createOperator(service);
    await using opened = await openPage(`${service.url}/account.html`);
    const { page } = opened;
    await page.locator('[name=email]').fill(operator.email);
    await page.locator('[name=password]').fill('correct horse battery');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Register', exact: true }).click();
    await page.getByRole('heading', { name: 'You’re not acting for an organization' }).waitFor();
    opened.assertClean();
  });
});

describe('with the keyboard alone, in Korean, the register', () => {
  it('can be searched, opened and left, and details can be published', async () => {
    const { id } = await createOrganization(service, '새벽');
    const notary = await createUser(service, id, 'notary');
    const details = { name: '계약서.pdf', tags: ['계약'] };
    await notarizeAs(service, notary.accessToken, [{ sha256: digest('by keyboard'), details }], '');
    await using opened = await openRegister(service.url, notary.email, { locale: 'ko-KR' });
    const { page } = opened;
    await names(page, 1);
    expect(await page.title()).toBe('등록 내역 · 인감 Ingam');
    await tabUntil(page, () => document.activeElement?.getAttribute('name') === 'words');
    await page.keyboard.type('계약');
    await page.keyboard.press('Enter');
    await page.locator('[role=status]', { hasText: '문서 1건' }).waitFor({ state: 'attached' });
    await tabUntil(page, () => document.activeElement?.textContent === '계약서.pdf');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: '계약서.pdf' }).waitFor();
    expect(await focusedText(page)).toBe('계약서.pdf');
    // No English sentence is left.
    expect(await page.locator('main').innerText()).not.toMatch(/[a-z]{4,} [a-z]{3,}/i);
    await tabUntil(page, () => document.activeElement?.textContent === '문서 정보 공개');
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByText('공개된 위의 문서 정보도 볼 수 있습니다.').waitFor();
    expect(await focusedText(page)).toBe('문서 정보 비공개로 전환');
    await tabUntil(page, () => document.activeElement?.textContent === '등록 내역으로 돌아가기');
    await page.keyboard.press('Enter');
    await rows(page).getByText('공개', { exact: true }).waitFor();
    expect(await focusedText(page)).toBe('계약서.pdf');
    // Typed text stays when the language changes.
    await page.locator('[name=words]').fill('아직 쓰는 중');
    await page.getByRole('button', { name: 'English' }).click();
    expect(await page.getByLabel('Search', { exact: true }).inputValue()).toBe('아직 쓰는 중');
    await rows(page).getByText('Published', { exact: true }).waitFor();
    opened.assertClean();
  });
});

async function tabUntil(page: Page, there: () => boolean): Promise<void> {
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(there)) return;
  }
  throw new Error(`not reached by Tab: ${String(there)}`);
}
