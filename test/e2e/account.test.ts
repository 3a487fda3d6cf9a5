import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { LOCAL } from '../../src/auth/index.js';
import { createOrganization, createOperator, createUser, HERE, PASSWORD } from '../support/people.js';
import { startService } from '../support/service.js';
import {
  fillSignIn,
  focusedText,
  NEW_PASSWORD,
  notarize,
  openAccountOf,
  register,
  typeNewPassword,
  violations,
} from './account-support.js';
import { digest, notarizeAs } from './register-support.js';
import {
  beginSession,
  builtPages,
  calls,
  give,
  openPage,
  statement,
  tabTo,
  textFile,
  useService,
} from './support.js';

const service = useService({ policy: { anonymousSubmission: false } });

const account = () => `${service.url}/account.html`;
const openAccount = (hash = '') => openPage(`${account()}${hash}`);

/** The invitation link that the page shows. */
async function linkShown(page: Page): Promise<string> {
  return page.getByLabel('Invitation link', { exact: true }).inputValue();
}

describe('setting up an organization', () => {
  const fresh = useService({ policy: { anonymousSubmission: false } });

  it('asks for the password of an address that is known when somebody sets up the service with it', async () => {
    const { id } = await createOrganization(fresh, 'Known');
    const { email } = await createUser(fresh, id, 'owner');
    const token = (await fresh.deps.access.invitations.setUpLink())?.token ?? '';
    await using opened = await openPage(`${fresh.url}/account.html#setup=${token}`);
    const { page } = opened;
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Your name').fill('Whoever');
    await typeNewPassword(page);
    await page.getByLabel('Organization name').fill('Whatever');
    await page.getByRole('button', { name: 'Set up', exact: true }).click();
    await page.getByText('This address already has a password here.').waitFor();
    opened.assertClean({ mayFailToLoad: true });
  });

  it('takes one form and the keyboard alone, from the link to the first file in the register', async () => {
    const token = (await fresh.deps.access.invitations.setUpLink())?.token ?? '';
    await using opened = await openPage(`${fresh.url}/account.html#setup=${token}`);
    const { page } = opened;
    const { keyboard } = page;
    await page.getByRole('heading', { name: 'Set up this service' }).waitFor();
    expect(page.url()).toBe(`${fresh.url}/account.html`);
    // The page was loaded again, and the terminal with the link is out of sight.
    await page.reload();
    await page.getByRole('heading', { name: 'Set up this service' }).waitFor();
    expect(await page.locator('main input:not([type=checkbox])').count()).toBe(5);
    await tabTo(page, 'Skip to content');
    await keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    // A mistake first: the focus goes to the field, and nothing that was typed is lost.
    await keyboard.press('Tab');
    await keyboard.type('kim');
    await keyboard.press('Tab');
    await keyboard.type('Kim Minji');
    await keyboard.press('Enter');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('name') ?? '');
    await expect.poll(focused).toBe('email');
    await keyboard.type('@firm.example');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.type(NEW_PASSWORD);
    await keyboard.press('Tab');
    await keyboard.type(NEW_PASSWORD);
    // Past the choice to show the password.
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.type('한빛 법률사무소');
    await keyboard.press('Tab');
    expect(await page.getByLabel('I will notarize for it').isChecked()).toBe(true);
    await keyboard.press('Space');
    expect(await page.getByLabel('Organization name').count()).toBe(0);
    await keyboard.press('Space');
    expect(await page.getByLabel('Organization name').inputValue()).toBe('한빛 법률사무소');
    await tabTo(page, 'Set up');
    await keyboard.press('Enter');
    await page.getByText('Welcome. Drop your first file.').waitFor();
    await page.getByText('Notarizing for 한빛 법률사무소.').waitFor();
    await notarize(page, 'the very first');
    expect(await register(page)).toEqual([digest('the very first')]);
    await page.getByRole('link', { name: 'Register', exact: true }).click();
    await page.getByRole('link', { name: 'the very first.txt' }).waitFor();
    // The link is used up and forgotten.
    await page.goto(`${fresh.url}/account.html`);
    await page.getByText('한빛 법률사무소. Your role: Owner.').waitFor();
    opened.assertClean();
  });

  it('keeps administrators apart who notarize nothing, until they create an organization', async () => {
    const token = (await service.deps.access.invitations.setUpLink())?.token ?? '';
    await using operator = await openAccount(`#setup=${token}`);
    const { page } = operator;
    await page.getByRole('heading', { name: 'Set up this service' }).waitFor();
    // The secret is neither in the address bar nor in the history.
    expect(page.url()).toBe(account());
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
    await page.getByLabel('E-mail address').fill('Kim@Firm.example ');
    await page.getByLabel('Your name').fill('Kim Minji');
    await typeNewPassword(page);
    await page.getByLabel('I will notarize for it').uncheck();
    expect(await page.getByLabel('Organization name').count()).toBe(0);
    await page.getByRole('button', { name: 'Set up', exact: true }).click();
    await page.getByRole('heading', { name: 'Kim Minji' }).waitFor();
    await page.getByText('kim@firm.example', { exact: true }).waitFor();

    await page.getByRole('link', { name: 'Organizations' }).click();
    await page.getByText('No organizations yet.').waitFor();
    await page.getByRole('button', { name: 'Create organization' }).click();
    await page.getByLabel('Name', { exact: true }).fill('한빛 법률사무소');
    await page.getByLabel('I will notarize for it').uncheck();
    await page.getByRole('button', { name: 'Create organization' }).click();
    await page.getByRole('heading', { name: 'First owner of 한빛 법률사무소' }).waitFor();
    await page.getByLabel('Name', { exact: true }).fill('이준');
    await page.getByLabel('E-mail address').fill('lee@hanbit.example');
    await page.getByRole('button', { name: 'Create invitation link' }).click();
    const link = await linkShown(page);
    expect(link.startsWith(`${account()}#invitation=`)).toBe(true);
    operator.assertClean();

    await using owner = await openPage(link);
    await owner.page.getByRole('heading', { name: 'Join 한빛 법률사무소' }).waitFor();
    expect(owner.page.url()).toBe(account());
    expect(await owner.page.getByLabel('Name').inputValue()).toBe('이준');
    await typeNewPassword(owner.page);
    await owner.page.getByRole('button', { name: 'Accept invitation' }).click();
    await owner.page.getByText('한빛 법률사무소. Your role: Owner.').waitFor();
    await owner.page.getByRole('link', { name: 'Notarize' }).click();
    await owner.page.getByText('Notarizing for 한빛 법률사무소.').waitFor();
    await notarize(owner.page, 'the first contract');
    expect(await register(owner.page)).toEqual([digest('the first contract')]);
    owner.assertClean();

    // The administrator has no access to what organizations keep.
    await page.getByRole('link', { name: 'Notarize' }).click();
    await page.getByRole('heading', { name: 'You’re not acting for an organization' }).waitFor();
    expect((await page.request.get(`${service.url}/v1/notarizations`)).status()).toBe(403);
    await page.getByRole('link', { name: 'Create an organization' }).click();
    await page.getByRole('button', { name: 'Create organization' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Their own');
    await page.getByRole('button', { name: 'Create organization' }).click();
    await page.getByText('Organization Their own created.').waitFor({ state: 'attached' });
    await page.locator('.entry', { hasText: 'Their own' }).waitFor();
    await page.getByRole('link', { name: 'Notarize' }).click();
    await page.getByText('Notarizing for Their own.').waitFor();
  });

  it('rejects used and unknown links alike', async () => {
    for (const hash of ['#setup=nothing', `#invitation=${'A'.repeat(43)}`]) {
      await using opened = await openAccount(hash);
      await opened.page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
      expect(opened.page.url()).toBe(account());
      await opened.page.getByRole('link', { name: 'Go to sign-in' }).click();
      await opened.page.getByRole('heading', { name: 'Sign in' }).waitFor();
      opened.assertClean({ mayFailToLoad: true });
    }
  });

  it('lets a signed-in user join a second organization without the password', async () => {
    const [first, second] = [
      await createOrganization(service, 'First'),
      await createOrganization(service, 'Second'),
    ];
    const person = await createUser(service, first.id, 'notary');
    const input = { email: person.email, name: 'Whoever', role: 'notary' } as const;
    const { invitation } = await service.deps.access.users.add(LOCAL, second.id, input, HERE);
    await using opened = await openAccountOf(service.url, person.email);
    const { page } = opened;
    await page.goto('about:blank');
    await page.goto(`${account()}#invitation=${invitation?.token ?? ''}`);
    await page.getByText('You’re signed in as the person this invitation is for.').waitFor();
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.getByLabel('Second').waitFor();
    expect(await page.getByLabel('Second').isChecked()).toBe(true);
    opened.assertClean();
  });

  it('lets a person whose address somebody else signed up with set a new password, and shows what it opens', async () => {
    const [taken, own] = [
      await createOrganization(service, 'Somebody else’s'),
      await createOrganization(service, 'Their own'),
    ];
    const { email } = await createUser(service, taken.id, 'notary');
    const owner = await createUser(service, own.id, 'owner');
    const input = { email, name: 'Whoever', role: 'notary' } as const;
    const by = await service.deps.access.authenticate({ kind: 'bearer', token: owner.accessToken }, HERE);
    const asked = await service.deps.access.users.add(by, own.id, input, HERE);
    await using opened = await openAccount(`#invitation=${asked.invitation?.token ?? ''}`);
    await opened.page.getByText('somebody else signed up with your address').waitFor();
    expect(await opened.page.getByRole('button', { name: 'I don’t have this password' }).count()).toBe(0);
    opened.assertClean();

    const made = await service.deps.access.users.inviteAgain(LOCAL, own.id, asked.user.person.id, HERE);
    await using replacing = await openAccount(`#invitation=${made.token}`);
    const { page } = replacing;
    await page.getByRole('button', { name: 'I don’t have this password' }).click();
    await page.getByText('With the new password you also act for:').waitFor();
    await page.getByRole('listitem').getByText('Somebody else’s').waitFor();
    await typeNewPassword(page);
    await page.getByRole('button', { name: 'Accept' }).click();
    expect(await page.getByLabel('Their own').isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Leave Somebody else’s' }).click();
    await page.getByRole('button', { name: 'Leave organization' }).click();
    await page.getByText('Their own. Your role: Notary.').waitFor();
    replacing.assertClean();
  });

  it('lets a user join a second organization with the same password', async () => {
    const [first, second] = [
      await createOrganization(service, 'First'),
      await createOrganization(service, 'Second'),
    ];
    const person = await createUser(service, first.id, 'notary');
    const owner = await createUser(service, second.id, 'owner');
    await using opened = await openAccountOf(service.url, owner.email);
    const { page } = opened;
    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByRole('button', { name: 'Add user' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Whoever');
    await page.getByLabel('E-mail address').fill(person.email);
    await page.getByRole('button', { name: 'Add and create' }).click();
    const link = await linkShown(page);

    await using invited = await openPage(link);
    await invited.page.getByRole('heading', { name: 'Join Second' }).waitFor();
    await invited.page.getByLabel('Password', { exact: true }).fill('not this one');
    await invited.page.getByRole('button', { name: 'Accept' }).click();
    await invited.page.getByText('Wrong e-mail address or password.').waitFor();
    await invited.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await invited.page.getByRole('button', { name: 'Accept' }).click();
    expect(await invited.page.getByLabel('Second').isChecked()).toBe(true);
    // For the other organization, after switching to it.
    await invited.page.getByLabel('First').check();
    await invited.page.getByRole('button', { name: 'Switch to this organization' }).click();
    await invited.page.getByText('Switched to First.').waitFor({ state: 'attached' });
    await invited.page.goto(service.url);
    await invited.page.getByText('Notarizing for First.').waitFor();
    await notarize(invited.page, 'for the first');
    expect(await register(invited.page)).toEqual([digest('for the first')]);
    invited.assertClean({ mayFailToLoad: true });
  });
});

describe('a new password', () => {
  it('is checked for its length alone, and must be confirmed', async () => {
    const { id } = await createOrganization(service);
    const person = await createUser(service, id, 'auditor');
    await using opened = await openAccountOf(service.url, person.email);
    const { page } = opened;
    await page.locator('summary', { hasText: 'Change password' }).click();
    const first = page.getByLabel('New password', { exact: true });
    await first.fill('shortish');
    await page.getByText('4 more characters needed.').waitFor();
    await page.getByRole('button', { name: 'Change password' }).click();
    // All errors are shown at once, and the first field has the focus.
    await page.getByText('This field is required.').first().waitFor();
    expect(await page.locator('[aria-invalid=true]').count()).toBe(3);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('password');
    await first.fill('aaaaaaaaaaaa');
    await page.getByText('Long enough.').waitFor();
    await page.getByLabel('Confirm password').fill('aaaaaaaaaaab');
    await first.focus();
    await page.getByText('The passwords don’t match.').waitFor();
    await page.getByLabel('Show password').check();
    expect(await first.getAttribute('type')).toBe('text');

    await page.getByLabel('Current password').fill('not the present one');
    await typeNewPassword(page);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('This is not your current password.').waitFor();
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Password changed.').first().waitFor();
    opened.assertClean({ mayFailToLoad: true });

    await using again = await openAccount();
    await fillSignIn(again.page, person.email, PASSWORD);
    await again.page.getByText('Wrong e-mail address or password.').waitFor();
    await fillSignIn(again.page, person.email, NEW_PASSWORD);
    await again.page.getByText('Your role: Auditor.').waitFor();
    // The notarize page tells auditors that they cannot notarize.
    await again.page.goto(service.url);
    await again.page.getByRole('heading', { name: 'You’re an auditor in Organization' }).waitFor();
  });
});

describe('signing in', () => {
  it('responds alike to a wrong password and an unknown user, then blocks further attempts for a while', async () => {
    const { id } = await createOrganization(service);
    const person = await createUser(service, id, 'notary');
    await using opened = await openAccount();
    const { page } = opened;
    const answered = () =>
      page.waitForResponse(
        (response) => response.request().method() === 'POST' && response.url().endsWith('/v1/session'),
      );
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('name'));
    for (const email of [person.email, 'nobody@example.com']) {
      const [response] = await Promise.all([answered(), fillSignIn(page, email, 'wrong and long enough')]);
      expect(response.status()).toBe(401);
      await page.locator('.field-state').getByText('Wrong e-mail address or password.').waitFor();
      await expect.poll(focused).toBe('password');
    }
    const button = page.getByRole('button', { name: 'Sign in' });
    const blocked = page.getByText('Too many failed attempts.').first();
    while (!(await blocked.isVisible())) {
      const [response] = await Promise.all([answered(), button.click()]);
      if (response.status() === 429) await blocked.waitFor();
    }
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await page.getByText('You can try again now.').waitFor();
    expect(await button.getAttribute('aria-disabled')).toBe('false');
  });

  it('leads back to the page that required it', async () => {
    const { id } = await createOrganization(service, 'Back & forth');
    const person = await createUser(service, id, 'notary');
    await using opened = await openPage(service.url);
    const { page } = opened;
    await page.getByRole('heading', { name: 'Sign in to notarize' }).waitFor();
    // Nothing can be dropped where it would be rejected.
    expect(await page.locator('input[type=file]').count()).toBe(0);
    expect(await page.context().cookies()).toEqual([]);
    await page.locator('.empty-state').getByRole('link', { name: 'Sign in' }).click();
    await fillSignIn(page, person.email, PASSWORD);
    await page.getByText('Notarizing for Back & forth.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    const cookies = await page.context().cookies();
    expect(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]).sort()).toEqual([
      ['ingam-access', true, 'Strict'],
      ['ingam-csrf', false, 'Strict'],
      ['ingam-device', true, 'Strict'],
      ['ingam-refresh', true, 'Strict'],
    ]);
    await page.getByRole('button', { name: 'Account: ' }).click();
    await page.getByRole('link', { name: 'Account', exact: true }).click();
    await page.waitForURL(/account\.html/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await focusedText(page)).toBe('Sign in');
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual(['ingam-device']);
    opened.assertClean();
  });

  it('can be left from the header, which takes one row', async () => {
    const { id } = await createOrganization(service, 'A long name for an organization');
    const person = await createUser(service, id, 'owner');
    await using opened = await openAccountOf(service.url, person.email);
    const { page } = opened;
    const menu = page.getByRole('button', { name: 'Account: ' });
    for (const language of ['English', '한국어']) {
      await page.getByRole('button', { name: language }).click();
      const tops = await page
        .locator('.site-header-inner > *')
        .evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().bottom)));
      expect(Math.max(...tops) - Math.min(...tops)).toBeLessThan(20);
    }
    await page.getByRole('button', { name: 'English' }).click();
    await page.goto(service.url);
    await menu.click();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('.account-link').waitFor();
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual(['ingam-device']);
    opened.assertClean();
  });
});

describe('a user’s sessions', () => {
  it('are listed, and the others can be ended, one or all', async () => {
    const { id } = await createOrganization(service);
    const person = await createUser(service, id, 'notary');
    await using elsewhere = await openAccountOf(service.url, person.email);
    await using opened = await openAccountOf(service.url, person.email);
    const { page } = opened;
    const entries = page.locator('.entries .entry');
    await entries.nth(2).waitFor();
    expect(await entries.first().textContent()).toContain('This session');
    // One of the three was created by the test itself.
    await page.getByRole('button', { name: /^End session: test, signed in/ }).click();
    await page.getByText('Session ended.').waitFor({ state: 'attached' });
    expect(await entries.count()).toBe(2);
    await page.getByRole('button', { name: 'End all other sessions' }).click();
    await page.getByText('You’re not signed in anywhere else.').waitFor();
    opened.assertClean();
    await elsewhere.page.reload();
    await elsewhere.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect((await elsewhere.page.context().cookies()).map(({ name }) => name)).toEqual(['ingam-device']);
  });
});

describe('a visitor without cookies', () => {
  it('gets no cookies before signing in', async () => {
    await using opened = await openPage(`${service.url}/verify.html`);
    const { page, requests } = opened;
    await page.locator('.chain-status:not(:empty)').waitFor();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    expect(calls(requests)).not.toContain('POST /v1/session/refresh');
    expect(await page.context().cookies()).toEqual([]);
    opened.assertClean();
  });
});

describe('where verification is private', () => {
  it('visitors must sign in, and users find what their organization notarized', async () => {
    await using closed = await startService({
      publicDir: builtPages(),
      policy: { anonymousSubmission: false, privateVerification: true },
    });
    const { id } = await createOrganization(closed, 'Closed');
    const notary = await createUser(closed, id, 'notary');
    await using opened = await openPage(closed.url);
    const { page } = opened;
    await page.getByText('Only registered users can notarize and verify here.').waitFor();
    await page.goto(`${closed.url}/verify.html`);
    await give(page, textFile('paper.txt', 'kept close'));
    expect(await statement(page)).toBe('refused');
    await page.getByText('You are not signed in, or your session has ended.').waitFor();
    await beginSession(page, closed.url, notary.email);
    await notarizeAs(closed, notary.accessToken, [{ sha256: digest('kept close') }]);
    await page.reload();
    await give(page, textFile('paper.txt', 'kept close'));
    expect(await statement(page)).toBe('alone');
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('an administrator', () => {
  it('sees the log of the service but no sections of an organization', async () => {
    const operator = await createOperator(service);
    await using opened = await openAccountOf(service.url, operator.email);
    const { page } = opened;
    const links = await page.locator('.section-links a').allTextContents();
    expect(links).toEqual(['Profile', 'Access log', 'Organizations']);
    // Sections without permission cannot be opened by address either.
    await page.goto(`${account()}#keys`);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    opened.assertClean();
  });
});
