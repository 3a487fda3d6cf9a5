import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createOrganization, createKey, createOperator, createUser, PASSWORD } from '../support/people.js';
import { checkViews, PHONE, sidewaysScroll } from './account-support.js';
import { openPage, useService } from './support.js';

const service = useService({
  policy: { anonymousSubmission: false },
  webhooks: { resolve: () => Promise.resolve([]) },
});

/** By selectors, because texts depend on the language. */
const visit = (page: Page, section: string) => page.locator(`.section-links a[href="#${section}"]`).click();

describe('every state of the account page is accessible and fits', () => {
  it('for visitors', async () => {
    const token = (await service.deps.access.invitations.setUpLink())?.token ?? '';
    await using opened = await openPage(service.url, PHONE);
    const { page } = opened;
    await page.locator('.empty-state').waitFor();
    await checkViews(page, PHONE);
    await page.goto(`${service.url}/account.html`);
    await page.locator('[data-form=sign-in] .is-primary').click();
    await page.locator('[aria-invalid=true]').first().waitFor();
    for (const width of [320, 768, 3840]) {
      await page.setViewportSize({ width, height: 800 });
      expect([width, await sidewaysScroll(page)]).toEqual([width, 0]);
    }
    await page.setViewportSize(PHONE.viewport);
    await checkViews(page, PHONE);
    await page.locator('[name=email]').fill('nobody@example.com');
    await page.locator('[name=password]').fill('not a password');
    await page.locator('.is-primary').click();
    await page.locator('[name=password][aria-invalid=true]').waitFor();
    await checkViews(page, PHONE);
    await page.goto(`${service.url}/account.html#setup=${token}`);
    await page.locator('[data-form=redeem] .is-primary').click();
    await page.locator('[name=new-password]').fill('short');
    await checkViews(page, PHONE);
    await page.goto(`${service.url}/account.html#invitation=nothing`);
    await page.locator('a.button').waitFor();
    await checkViews(page, PHONE);
  });

  it('for owners', async () => {
    const { id } = await createOrganization(service, '한빛 법률사무소 and its very long name '.repeat(3));
    const owner = await createUser(service, id, 'owner');
    await createKey(service, id, ['read'], {
      networks: ['192.0.2.0/24', '2001:db8::/32'],
      limits: { bytesPerDay: 5e9 },
    });
    const revoked = await createKey(service, id);
    await using opened = await openPage(`${service.url}/account.html`, { ...PHONE, as: owner.email });
    const { page } = opened;
    await page.locator('.entries .entry').first().waitFor();
    await page.locator('details summary').click();
    await checkViews(page, PHONE);
    await visit(page, 'users');
    await page.locator('[data-add]').click();
    await checkViews(page, PHONE);
    await page
      .locator('[data-form=add-user] [name=name]')
      .fill('A-very-long-name-without-any-space'.repeat(4));
    await page
      .locator('[data-form=add-user] [name=email]')
      .fill(`${'long'.repeat(7)}-${id}@${'long'.repeat(15)}.example`);
    await page.locator('[data-form=add-user] .is-primary').click();
    await page.locator('.is-once').waitFor();
    await page.locator('.entry').nth(1).waitFor();
    await checkViews(page, PHONE);
    await page.locator('.entry-actions .button').nth(1).click();
    await page.locator('dialog[open]').waitFor();
    await checkViews(page, PHONE);
    await page.keyboard.press('Escape');
    await visit(page, 'keys');
    await page.locator('.entry').first().waitFor();
    await page.locator('.entry', { hasText: revoked.id }).locator('button').click();
    await checkViews(page, PHONE);
    await page.locator('dialog .is-danger').click();
    await page.locator('details summary').click();
    await checkViews(page, PHONE);
    await page.locator('[data-add]').click();
    await page.locator('.more summary').click();
    await checkViews(page, PHONE);
    await page.locator('[data-form=key] [name=name]').fill('key');
    await page.locator('[data-form=key] .is-primary').click();
    await page.locator('.is-once').waitFor();
    await checkViews(page, PHONE);
    await visit(page, 'webhooks');
    await page.locator('[data-add]').click();
    await page
      .locator('[data-form=webhook] [name=name]')
      .fill('한빛 문서 보관소 and its very long name '.repeat(3));
    await page.locator('[data-form=webhook] [name=url]').fill('https://10.0.0.1/');
    await page.locator('[data-form=webhook] .is-primary').click();
    await page.locator('[name=url][aria-invalid=true]').waitFor();
    await checkViews(page, PHONE);
    await page.locator('[data-form=webhook] [name=url]').fill(`https://archive.example/${'long'.repeat(50)}`);
    await page.locator('[data-form=webhook] .is-primary').click();
    await page.locator('.is-once').waitFor();
    // No such name: the test is an attempt that failed. Then it is disabled.
    await page.locator('.entry-actions .button').first().click();
    await page.locator('.entry-facts li').nth(1).waitFor();
    await page.locator('.entry-actions .button').nth(3).click();
    await page.locator('.entry .tag.is-bad').waitFor();
    await checkViews(page, PHONE);
    await page.locator('.entry-actions .button').nth(1).click();
    await page.locator('.event').waitFor();
    await checkViews(page, PHONE);
    await page.locator('main .panel .form-actions .button').first().click();
    await page.locator('[data-form=replay]').waitFor();
    await checkViews(page, PHONE);
    await visit(page, 'log');
    await page.locator('.event').first().waitFor();
    await checkViews(page, PHONE);
    await page.locator('[name=to]').fill('2020-01-01');
    await page.locator('[data-form=log-filter] .is-primary').click();
    await page.locator('.is-empty').waitFor();
    await checkViews(page, PHONE);
    await page.goto(service.url);
    await page.locator('.behalf').waitFor();
    await checkViews(page, PHONE);
    opened.assertClean({ mayFailToLoad: true });
  });

  it('for administrators', async () => {
    const operator = await createOperator(service);
    await using opened = await openPage(`${service.url}/account.html`, { ...PHONE, as: operator.email });
    const { page } = opened;
    await page.locator('.identity').waitFor();
    await checkViews(page, PHONE);
    await visit(page, 'organizations');
    await page.locator('[data-add]').click();
    await page.locator('[data-form=organization] [name=name]').fill('New');
    await page.locator('[data-form=organization] [name=owned]').uncheck();
    await checkViews(page, PHONE);
    await page.locator('[data-form=organization] .is-primary').click();
    await page.locator('[data-form=owner]').waitFor();
    await checkViews(page, PHONE);
    await page.locator('[data-form=owner] [name=name]').fill('Owner');
    await page.locator('[data-form=owner] [name=email]').fill(`${operator.personId}@example.com`);
    await page.locator('[data-form=owner] .is-primary').click();
    await page.locator('.is-once').waitFor();
    await checkViews(page, PHONE);
    await page.locator('.entry-actions .button').nth(1).click();
    await checkViews(page, PHONE);
    await page.keyboard.press('Escape');
    await page.goto(service.url);
    await page.locator('.empty-state').waitFor();
    await checkViews(page, PHONE);
    opened.assertClean();
  });
});

describe('a change of language', () => {
  it('keeps what was typed, chosen and expanded', async () => {
    const { id } = await createOrganization(service);
    const owner = await createUser(service, id, 'owner');
    await using opened = await openPage(`${service.url}/account.html`, { locale: 'ko-KR' });
    const { page } = opened;
    await page.getByLabel('이메일 주소').fill(owner.email);
    await page.getByRole('button', { name: 'English' }).click();
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(owner.email);
    await page.getByRole('button', { name: '한국어' }).click();
    await page.getByLabel('비밀번호', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('.identity').waitFor();
    await visit(page, 'keys');
    await page.getByRole('button', { name: '키 만들기' }).click();
    await page.getByLabel('이름').fill('아직 만드는 중');
    await page.getByLabel('열람').check();
    await page.getByLabel('만료').selectOption('90일 뒤');
    await page.locator('.more summary').click();
    await page.getByRole('button', { name: 'English' }).click();
    expect(await page.getByLabel('Name').inputValue()).toBe('아직 만드는 중');
    expect(await page.getByLabel('Read').isChecked()).toBe(true);
    expect(await page.getByLabel('Expires').inputValue()).toBe('quarter');
    expect(await page.getByLabel('Allowed networks').isVisible()).toBe(true);
    // A secret that is shown once stays when the language changes.
    await page.getByRole('button', { name: 'Create key' }).click();
    const secret = await page.getByLabel('API key', { exact: true }).inputValue();
    await page.getByRole('button', { name: '한국어' }).click();
    expect(await page.getByLabel('API 키', { exact: true }).inputValue()).toBe(secret);
    // No English sentence is left.
    expect(await page.locator('main').innerText()).not.toMatch(/[a-z]{4,} [a-z]{3,}/i);
    opened.assertClean();
  });
});
