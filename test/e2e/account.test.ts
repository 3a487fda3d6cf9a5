import { createHash } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedChromium } from '../support/chromium.js';
import { createOrganization, createOperator, createUser, PASSWORD } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import {
  fillSignIn,
  focusedText,
  NEW_PASSWORD,
  notarize,
  register,
  signIn,
  typeNewPassword,
} from './account-support.js';
import { builtPages, calls, openPage, statement, textFile } from './support.js';

let browser: Browser;
let service: TestService;

beforeAll(async () => {
  browser = await sharedChromium();
  service = await startService({ publicDir: builtPages(), policy: { anonymousSubmission: false } });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const organization = () => `${service.url}/account.html`;
const openOrganization = (hash = '') => openPage(browser, `${organization()}${hash}`);

/** Follows a link that was shown, as whoever it was sent to: in a browser of their own. */
async function linkShown(page: Page): Promise<string> {
  return page.getByLabel('Invitation link', { exact: true }).inputValue();
}

describe('from nothing to a company that notarizes', () => {
  it('takes two links: the operator’s and the owner’s', async () => {
    const token = (await service.deps.access.invitations.firstOperatorToken()) ?? '';
    await using operator = await openOrganization(`#setup=${token}`);
    const { page } = operator;
    await page.getByRole('heading', { name: 'Set up this service' }).waitFor();
    // The secret is out of the address bar, and out of what "back" leads to.
    expect(page.url()).toBe(organization());
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
    await page.getByLabel('E-mail address').fill('Kim@Firm.example ');
    await page.getByLabel('Name').fill('Kim Minji');
    await typeNewPassword(page);
    await page.getByRole('button', { name: 'Become the operator' }).click();
    await page.getByRole('heading', { name: 'Kim Minji' }).waitFor();
    await page.getByText('kim@firm.example', { exact: true }).waitFor();

    await page.getByRole('link', { name: 'Organizations' }).click();
    await page.getByText('There is no organization yet.').waitFor();
    await page.getByRole('button', { name: 'Create an organization' }).click();
    await page.getByLabel('Name', { exact: true }).fill('한빛 법률사무소');
    await page.getByRole('button', { name: 'Create the organization' }).click();
    await page.getByRole('heading', { name: 'First owner of 한빛 법률사무소' }).waitFor();
    await page.getByLabel('Name', { exact: true }).fill('이준');
    await page.getByLabel('E-mail address').fill('lee@hanbit.example');
    await page.getByRole('button', { name: 'Make an invitation link' }).click();
    const link = await linkShown(page);
    expect(link.startsWith(`${organization()}#invitation=`)).toBe(true);
    operator.assertClean();

    await using owner = await openPage(browser, link);
    await owner.page.getByRole('heading', { name: 'Join 한빛 법률사무소' }).waitFor();
    expect(owner.page.url()).toBe(organization());
    expect(await owner.page.getByLabel('Name').inputValue()).toBe('이준');
    await typeNewPassword(owner.page);
    await owner.page.getByRole('button', { name: 'Accept the invitation' }).click();
    await owner.page.getByText('You act for 한빛 법률사무소. Your role there: Owner.').waitFor();
    await owner.page.getByRole('link', { name: 'Notarize' }).click();
    await owner.page.getByText('You notarize on behalf of 한빛 법률사무소.').waitFor();
    await notarize(owner.page, 'the first contract');
    expect(await register(owner.page)).toEqual([digest('the first contract')]);
    owner.assertClean();

    // The operator runs the service and has no part in what organizations keep.
    await page.getByRole('link', { name: 'Notarize' }).click();
    await page.getByRole('heading', { name: 'You act for no organization' }).waitFor();
    expect((await page.request.get(`${service.url}/v1/notarizations`)).status()).toBe(403);
  });

  it('refuses a link that was used, and one that never was, alike', async () => {
    for (const hash of ['#setup=nothing', `#invitation=${'A'.repeat(43)}`]) {
      await using opened = await openOrganization(hash);
      await opened.page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
      expect(opened.page.url()).toBe(organization());
      await opened.page.getByRole('link', { name: 'Go to sign-in' }).click();
      await opened.page.getByRole('heading', { name: 'Sign in' }).waitFor();
      opened.assertClean({ mayFailToLoad: true });
    }
  });

  it('joins a second organization with the password that one has', async () => {
    const [first, second] = [
      await createOrganization(service, 'First'),
      await createOrganization(service, 'Second'),
    ];
    const person = await createUser(service, first.id, 'notary');
    const owner = await createUser(service, second.id, 'owner');
    await using opened = await openOrganization();
    const { page } = opened;
    await signIn(page, service.url, owner.email);
    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByRole('button', { name: 'Add a user' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Whoever');
    await page.getByLabel('E-mail address').fill(person.email);
    await page.getByRole('button', { name: 'Add and make' }).click();
    const link = await linkShown(page);

    await using invited = await openPage(browser, link);
    await invited.page.getByRole('heading', { name: 'Join Second' }).waitFor();
    await invited.page.getByLabel('Password', { exact: true }).fill('not this one');
    await invited.page.getByRole('button', { name: 'Accept' }).click();
    await invited.page.getByText('The e-mail address or the password is not right.').waitFor();
    await invited.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await invited.page.getByRole('button', { name: 'Accept' }).click();
    expect(await invited.page.getByLabel('Second').isChecked()).toBe(true);
    // On the other's behalf, after choosing it.
    await invited.page.getByLabel('First').check();
    await invited.page.getByRole('button', { name: 'Act for this organization' }).click();
    await invited.page.getByText('You now act for First.').waitFor({ state: 'attached' });
    await invited.page.goto(service.url);
    await invited.page.getByText('You notarize on behalf of First.').waitFor();
    await notarize(invited.page, 'for the first');
    expect(await register(invited.page)).toEqual([digest('for the first')]);
    invited.assertClean({ mayFailToLoad: true });
  });
});

describe('a new password', () => {
  it('is judged by its length alone, and typed twice', async () => {
    const { id } = await createOrganization(service);
    const person = await createUser(service, id, 'auditor');
    await using opened = await openOrganization();
    const { page } = opened;
    await signIn(page, service.url, person.email);
    await page.locator('summary', { hasText: 'Change the password' }).click();
    const first = page.getByLabel('New password', { exact: true });
    await first.fill('shortish');
    await page.getByText('4 characters are missing.').waitFor();
    await page.getByRole('button', { name: 'Change the password' }).click();
    // All that is wrong is said at once, and the first of it has the focus.
    await page.getByText('Fill this in.').first().waitFor();
    expect(await page.locator('[aria-invalid=true]').count()).toBe(3);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('password');
    await first.fill('aaaaaaaaaaaa');
    await page.getByText('Long enough.').waitFor();
    await page.getByLabel('New password, once more').fill('aaaaaaaaaaab');
    await first.focus();
    await page.getByText('The two passwords are not the same.').waitFor();
    await page.getByLabel('Show what I type').check();
    expect(await first.getAttribute('type')).toBe('text');

    await page.getByLabel('Present password').fill('not the present one');
    await typeNewPassword(page);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('This is not your present password.').waitFor();
    await page.getByLabel('Present password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('The password is changed.').first().waitFor();
    opened.assertClean({ mayFailToLoad: true });

    await using again = await openOrganization();
    await fillSignIn(again.page, person.email, PASSWORD);
    await again.page.getByText('The e-mail address or the password is not right.').waitFor();
    await fillSignIn(again.page, person.email, NEW_PASSWORD);
    await again.page.getByText('Your role there: Auditor.').waitFor();
    // Whoever only reads is told so where documents are notarized.
    await again.page.goto(service.url);
    await again.page.getByRole('heading', { name: 'Your role in Organization is auditor' }).waitFor();
  });
});

describe('signing in', () => {
  it('answers alike for a wrong password and for nobody, then makes one wait', async () => {
    const { id } = await createOrganization(service);
    const person = await createUser(service, id, 'notary');
    const answers: string[] = [];
    for (const email of [person.email, 'nobody@example.com']) {
      await using opened = await openOrganization();
      const { page } = opened;
      await fillSignIn(page, email, 'wrong and long enough');
      const problem = page.locator('.field-state:not(:empty)');
      await problem.waitFor();
      answers.push((await problem.textContent()) ?? '');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('password');
      const button = page.getByRole('button', { name: 'Sign in' });
      const blocked = page.getByText('You can try again in').first();
      while (!(await blocked.isVisible())) {
        const [response] = await Promise.all([page.waitForResponse(/\/v1\/session$/), button.click()]);
        if (response.status() === 429) await blocked.waitFor();
      }
      expect(await button.getAttribute('aria-disabled')).toBe('true');
      await page.getByText('You can try again now.').waitFor();
      expect(await button.getAttribute('aria-disabled')).toBe('false');
    }
    expect(answers[0]).toBe('The e-mail address or the password is not right.');
    expect(answers[1]).toBe(answers[0]);
  });

  it('leads back to where it was asked for, and out again', async () => {
    const { id } = await createOrganization(service, 'Back & forth');
    const person = await createUser(service, id, 'notary');
    await using opened = await openPage(browser, service.url);
    const { page } = opened;
    await page.getByRole('heading', { name: 'Sign in to notarize' }).waitFor();
    // Nothing can be dropped where it would be refused at the end.
    expect(await page.locator('input[type=file]').count()).toBe(0);
    expect(await page.context().cookies()).toEqual([]);
    await page.locator('.barred').getByRole('link', { name: 'Sign in' }).click();
    await fillSignIn(page, person.email, PASSWORD);
    await page.getByText('You notarize on behalf of Back & forth.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    const cookies = await page.context().cookies();
    expect(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]).sort()).toEqual([
      ['ingam-access', true, 'Strict'],
      ['ingam-csrf', false, 'Strict'],
      ['ingam-device', true, 'Strict'],
      ['ingam-refresh', true, 'Strict'],
    ]);
    await page.getByRole('link', { name: 'Your organization' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await focusedText(page)).toBe('Sign in');
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual(['ingam-device']);
    opened.assertClean();
  });

  it('takes the keyboard alone', async () => {
    const { id } = await createOrganization(service);
    const person = await createUser(service, id, 'notary');
    await using opened = await openOrganization();
    const { page } = opened;
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('E-mail address').focus();
    await page.keyboard.type(person.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Your organization' }).waitFor();
    // Whoever reads by ear hears that it worked, and is where it goes on.
    await page.getByText('Signed in as Somebody.').waitFor({ state: 'attached' });
    expect(await focusedText(page)).toBe('You');
    opened.assertClean();
  });
});

describe('one’s own sessions', () => {
  it('are listed, and those elsewhere can be ended, one or all', async () => {
    const { id } = await createOrganization(service);
    const person = await createUser(service, id, 'notary');
    await using opened = await openOrganization();
    await using elsewhere = await openOrganization();
    await signIn(elsewhere.page, service.url, person.email);
    const { page } = opened;
    await signIn(page, service.url, person.email);
    const entries = page.locator('.entries .entry');
    await entries.nth(2).waitFor();
    expect(await entries.first().textContent()).toContain('This one');
    // Of the three one is of a program: it was made by the test itself.
    await page.getByRole('button', { name: /^End test, signed in/ }).click();
    await page.getByText('The session has ended.').waitFor({ state: 'attached' });
    expect(await entries.count()).toBe(2);
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.getByText('You are signed in nowhere else.').waitFor();
    opened.assertClean();
    await elsewhere.page.reload();
    await elsewhere.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect((await elsewhere.page.context().cookies()).map(({ name }) => name)).toEqual(['ingam-device']);
  });
});

describe('without cookies', () => {
  it('verifies and looks around; nothing is kept before sign-in', async () => {
    await using opened = await openPage(browser, `${service.url}/verify.html`);
    const { page, requests } = opened;
    await page.locator('.chain-status:not(:empty)').waitFor();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    expect(calls(requests)).not.toContain('POST /v1/session/refresh');
    expect(await page.context().cookies()).toEqual([]);
    opened.assertClean();
  });
});

describe('where verification is private', () => {
  it('strangers are told to sign in, and people find what is their organization’s', async () => {
    await using closed = await startService({
      publicDir: builtPages(),
      policy: { anonymousSubmission: false, privateVerification: true },
    });
    const { id } = await createOrganization(closed, 'Closed');
    const notary = await createUser(closed, id, 'notary');
    await using opened = await openPage(browser, closed.url);
    const { page } = opened;
    await page.getByText('This service notarizes and verifies for people it knows.').waitFor();
    await page.goto(`${closed.url}/verify.html`);
    const give = () =>
      page.locator('#document-slot input').setInputFiles(textFile('paper.txt', 'kept close'));
    await give();
    expect(await statement(page)).toBe('refused');
    await page.getByText('You are not signed in, or your sign-in has ended.').waitFor();
    await signIn(page, closed.url, notary.email);
    await page.goto(closed.url);
    await notarize(page, 'kept close');
    await page.goto(`${closed.url}/verify.html`);
    await give();
    expect(await statement(page)).toBe('verified');
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('an operator', () => {
  it('sees all of the service’s log and none of an organization’s sections', async () => {
    const operator = await createOperator(service);
    await using opened = await openOrganization();
    const { page } = opened;
    await signIn(page, service.url, operator.email);
    const links = await page.locator('.section-links a').allTextContents();
    expect(links).toEqual(['You', 'Access log', 'Organizations']);
    // What one has no right to is not led to by its address either.
    await page.goto(`${organization()}#keys`);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    opened.assertClean();
  });
});
