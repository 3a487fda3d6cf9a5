// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { changes, fireEvent, press, screen, show, type } from './view.js';

interface Sent {
  readonly call: string;
  readonly body: unknown;
}

const sent: Sent[] = [];
let reset = true;
let signedIn = false;
let answers: Readonly<Record<string, () => Response>>;

const problem = (status: number, code: string) => () =>
  Response.json({ code, detail: code, status }, { status });
const done = (status: number) => () => new Response(null, { status });

const SOMEBODY = {
  ...{ kind: 'user', id: 'psn_a', email: 'kim@firm.example', name: 'Kim', operator: false, role: 'notary' },
  organization: { id: 'org_a', name: 'Harbour' },
};

function answer(input: unknown, init: RequestInit = {}): Response {
  const { pathname, search } = new URL(String(input), 'http://localhost/');
  const call = `${init.method ?? 'GET'} ${pathname}${search}`;
  const { body } = init;
  const form = body instanceof URLSearchParams ? body.toString() : null;
  sent.push({ call, body: typeof body === 'string' ? JSON.parse(body) : form });
  const own = answers[call];
  if (own !== undefined) return own();
  if (pathname === '/v1/session/others') return Response.json({ sessions: [] });
  if (pathname === '/v1/passkeys') return Response.json({ passkeys: [], needed: false, rpId: null });
  return Response.json({
    principal: signedIn ? SOMEBODY : { kind: 'anonymous' },
    memberships: signedIn ? [{ organization: SOMEBODY.organization, role: 'notary' }] : [],
    policy: { anonymousSubmission: true, privateVerification: false },
    signIn: { passkeys: false, reset, provider: null },
  });
}

async function load(fragment: string, heading: string): Promise<void> {
  vi.resetModules();
  history.replaceState(null, '', `/account.html${fragment}`);
  const { AccountPage } = await import('../../src/web/pages/account/account-page.js');
  await show(<AccountPage />);
  await screen.findByRole('heading', { name: heading });
}

const sentTo = (path: string) => sent.filter(({ call }) => call.includes(path));

beforeEach(() => {
  reset = true;
  signedIn = false;
  answers = {};
  vi.stubGlobal('fetch', (input: unknown, init?: RequestInit) => Promise.resolve(answer(input, init)));
});
afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
  sent.length = 0;
});

it('offers a link for a new password where e-mails are sent', async () => {
  await load('', 'Sign in');
  expect(screen.getByRole('link', { name: 'Forgot your password?' }).getAttribute('href')).toBe('#forgot');
});

it('says who gives a link where none are sent', async () => {
  reset = false;
  await load('', 'Sign in');
  expect(screen.queryByRole('link', { name: 'Forgot your password?' })).toBeNull();
  screen.getByText(/An owner of your organization or the operator of this service can send you a new link/);
});

it('asks for a link, and does not say whether the address is known', async () => {
  answers = { 'POST /v1/password-resets': done(202) };
  await load('#forgot', 'Forgot your password?');
  await type('E-mail address', 'kim@firm.example');
  await press('Send link');
  await screen.findByRole('heading', { name: 'Look into your mailbox' });
  await vi.waitFor(() => {
    expect(document.activeElement?.textContent).toBe('Look into your mailbox');
  });
  expect(document.querySelector('.lead')?.textContent).toMatch(/^If kim@firm\.example has an account/);
  expect(sentTo('password-resets')[0]?.body).toEqual({ email: 'kim@firm.example', language: 'en' });
});

it('sets a new password with the link, which is not in the address any more', async () => {
  answers = { 'POST /v1/password-resets/redeem': done(204) };
  await load('#reset=SECRET', 'Set a new password');
  expect(location.href).not.toContain('SECRET');
  await type('New password', 'correct horse battery');
  await type('Confirm password', 'correct horse battery');
  await press('Set password');
  await screen.findByRole('heading', { name: 'Password set' });
  expect(sentTo('redeem')[0]?.body).toEqual({ token: 'SECRET', password: 'correct horse battery' });
  await changes(() => fireEvent.click(screen.getByRole('link', { name: 'Go to sign-in' })));
  await screen.findByRole('heading', { name: 'Sign in' });
});

it('leads from a link that was used to a new one', async () => {
  answers = { 'POST /v1/password-resets/redeem': problem(400, 'invalid_reset_link') };
  await load('#reset=USED', 'Set a new password');
  await type('New password', 'correct horse battery');
  await type('Confirm password', 'correct horse battery');
  await press('Set password');
  await screen.findByRole('heading', { name: 'This link no longer works' });
  expect(screen.getByRole('link', { name: 'Ask for a new link' }).getAttribute('href')).toBe('#forgot');
});

it('ends e-mails only when somebody says so', async () => {
  answers = { 'POST /unsubscribe?token=dig_a.b': done(204) };
  await load('#unsubscribe=dig_a.b', 'Stop these e-mails?');
  expect(sentTo('unsubscribe')).toEqual([]);
  await press('Stop e-mails');
  await screen.findByRole('heading', { name: 'E-mails stopped' });
  expect(sentTo('unsubscribe').map(({ body }) => body)).toEqual(['List-Unsubscribe=One-Click']);
});

it('lets somebody choose how often they are told what is new', async () => {
  signedIn = true;
  answers = {
    'GET /v1/session/digest': () => Response.json({ every: 'off' }),
    'PUT /v1/session/digest': () => Response.json({ every: 'daily' }),
  };
  await load('', 'E-mails about what is new');
  const never = await screen.findByRole('radio', { name: 'Never' });
  expect((never as HTMLInputElement).checked).toBe(true);
  await changes(() => fireEvent.click(screen.getByRole('radio', { name: /^Every day/ })));
  await press('Save');
  await vi.waitFor(() => {
    expect(sentTo('digest').at(-1)).toEqual({
      ...{ call: 'PUT /v1/session/digest', body: { every: 'daily', language: 'en' } },
    });
  });
  await screen.findByText('Saved.', { selector: '.done' });
});
