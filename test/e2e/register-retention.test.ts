import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createOrganization, createUser } from '../support/people.js';
import { DESKTOP, checkViews, focusedText } from './account-support.js';
import { digest, names, notarizeAs, openRegister, rows } from './register-support.js';
import { bytesOf, useService } from './support.js';

const service = useService();

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const select = (page: Page, row: number) => rows(page).nth(row).getByRole('checkbox').check();

describe('tags, legal holds and erasure', () => {
  it('are done for selected documents and on a document’s page, by two owners', async () => {
    const { id } = await createOrganization(service);
    const [first, second] = [await createUser(service, id, 'owner'), await createUser(service, id, 'owner')];
    await notarizeAs(service, first.accessToken, [
      { sha256: digest(`lease ${id}`), details: { name: 'lease.pdf', reference: 'HB-7' } },
      { sha256: digest(`memo ${id}`), details: { name: 'memo.pdf' } },
      { sha256: digest(`note ${id}`), details: { name: 'note.pdf' } },
    ]);
    await using opened = await openRegister(service.url, first.email, DESKTOP);
    const { page } = opened;
    expect(await names(page, 3)).toEqual(['note.pdf', 'memo.pdf', 'lease.pdf']);

    // Tags, with the keyboard.
    await select(page, 1);
    await select(page, 2);
    await button(page, 'Tags…').focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-form=tags] [name=tags]').waitFor();
    await checkViews(page, DESKTOP);
    await page.locator('[data-form=tags] [name=tags]').focus();
    await page.keyboard.type('서초동, board');
    await page.keyboard.press('Enter');
    await rows(page).nth(1).getByRole('link', { name: 'board' }).waitFor();
    expect(await focusedText(page)).toBe('Tags…');
    await rows(page).nth(1).getByRole('link', { name: 'board' }).click();
    expect(await names(page, 2)).toEqual(['memo.pdf', 'lease.pdf']);
    await checkViews(page, DESKTOP);
    await page.locator('.chip:not(.is-offer)').click();
    await names(page, 3);

    // A hold on these two, which are not erased with the third.
    await button(page, 'Legal hold…').click();
    await page.locator('[data-form=hold] [name=reason]').fill('case 2026/7');
    await checkViews(page, DESKTOP);
    await page.locator('[data-form=hold] [type=submit]').click();
    await rows(page).locator('.entry-name .tag').nth(1).waitFor();
    await select(page, 0);
    await button(page, 'Erase…').click();
    expect(await page.locator('dialog [role=note] li').allTextContents()).toEqual(
      expect.arrayContaining(['memo.pdf', 'lease.pdf']),
    );
    const confirmation = page.locator('[data-form=erase] [name=confirmation]');
    await confirmation.fill('3');
    await page.keyboard.press('Enter');
    await page.locator('dialog [aria-invalid=true]').waitFor();
    await checkViews(page, DESKTOP);
    await confirmation.fill('');
    await page.keyboard.type((await rows(page).nth(0).getAttribute('data-key'))?.split('-')[0] ?? '');
    await page.keyboard.press('Enter');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      button(page, 'Save certificate').click(),
    ]);
    expect((await bytesOf(file)).toString()).toMatch(/^ingam\/erasure\/v1\n/);
    await checkViews(page, DESKTOP);
    await page.keyboard.press('Escape');
    // The certificate of the erasure is in the register as well.
    expect(await names(page, 3)).toEqual([file.suggestedFilename(), 'memo.pdf', 'lease.pdf']);

    // Lifted by two.
    await page.getByRole('link', { name: 'Legal holds', exact: true }).click();
    await page.getByText('case 2026/7').waitFor();
    await checkViews(page, DESKTOP);
    await button(page, 'Request lifting…').click();
    await page.locator('[data-form=lift] [name=reason]').fill('settled');
    await checkViews(page, DESKTOP);
    await page.locator('[data-form=lift] [type=submit]').click();
    await page.getByText('settled').waitFor();
    expect(await button(page, 'Approve lifting').count()).toBe(0);
    await using other = await openRegister(service.url, second.email, { ...DESKTOP, hash: '#view=holds' });
    await button(other.page, 'Approve lifting').click();
    await checkViews(other.page, DESKTOP);
    await other.page.locator('dialog .is-danger').click();
    await other.page.locator('.panel.is-empty').waitFor();

    // Erased on its page.
    await other.page.goto(`${service.url}/register.html#q=lease`);
    await names(other.page, 1);
    await rows(other.page).first().locator('.entry-name a').click();
    await other.page.locator('.history').getByText('Legal hold lifted by you').waitFor();
    await checkViews(other.page, DESKTOP);
    await button(other.page, 'Erase…').click();
    await other.page.locator('[data-form=erase] [name=confirmation]').fill('HB-7');
    await other.page.keyboard.press('Enter');
    await button(other.page, 'Save certificate').waitFor();
    await other.page.keyboard.press('Escape');
    await other.page.getByRole('heading', { level: 1, name: 'Erased document' }).waitFor();
    await other.page.locator('.history').getByText('Erased by you').waitFor();
    await checkViews(other.page, DESKTOP);
    await other.page.reload();
    await other.page.getByRole('heading', { level: 1, name: 'Erased document' }).waitFor();
    opened.assertClean();
    other.assertClean({ mayFailToLoad: true });
  });
});
