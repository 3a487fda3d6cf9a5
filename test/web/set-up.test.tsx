// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fireEvent, press, screen, show, type } from './view.js';

interface Sent {
  readonly path: string;
  readonly body: unknown;
}

const sent: Sent[] = [];
const NOBODY = {
  principal: { kind: 'anonymous' },
  memberships: [],
  policy: { anonymousSubmission: true, privateVerification: false },
};
const SET_UP = {
  ...{ email: null, name: null, firstOperator: true, operator: true },
  ...{ organization: null, password: 'new', memberships: [] },
};

/** Answers as a service without an administrator does. */
function answer(input: unknown, init: RequestInit = {}): Response {
  const path = new URL(String(input), 'http://localhost/').pathname;
  const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : null;
  sent.push({ path, body });
  if (path === '/v1/session') return Response.json(NOBODY);
  if (path === '/v1/invitations/inspect') return Response.json(SET_UP);
  return Response.json({});
}

/** The page as the browser loads it at this address. */
async function load(address: string): Promise<void> {
  vi.resetModules();
  history.replaceState(null, '', address);
  const { AccountPage } = await import('../../src/web/pages/account/account-page.js');
  await show(<AccountPage />);
}

beforeEach(() => {
  vi.stubGlobal('fetch', (input: unknown, init?: RequestInit) => Promise.resolve(answer(input, init)));
});
afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
  sent.length = 0;
});

const PASSWORD = 'correct horse battery';

it('keeps the secret of the link over a reload, and out of the address', async () => {
  await load('/account.html#setup=s3cret');
  await screen.findByRole('heading', { name: 'Set up this service' });
  expect(location.hash).toBe('');
  await load('/account.html');
  await screen.findByRole('heading', { name: 'Set up this service' });
  const inspected = sent.filter(({ path }) => path === '/v1/invitations/inspect');
  expect(inspected.map(({ body }) => body)).toEqual([{ token: 's3cret' }, { token: 's3cret' }]);
});

it('sends person and organization in one request, and forgets the link', async () => {
  await load('/account.html#setup=s3cret');
  await screen.findByRole('heading', { name: 'Set up this service' });
  await press('Set up');
  expect(screen.getAllByText('This field is required.')).toHaveLength(5);
  await type('E-mail address', 'kim@firm.example');
  await type('Your name', 'Kim Minji');
  await type('New password', PASSWORD);
  await type('Confirm password', PASSWORD);
  await type('Organization name', '한빛');
  await press('Set up');
  await vi.waitFor(() => {
    expect(sessionStorage).toHaveLength(0);
  });
  expect(sent.find(({ path }) => path === '/v1/invitations/redeem')?.body).toEqual({
    ...{ token: 's3cret', email: 'kim@firm.example', name: 'Kim Minji', password: PASSWORD },
    ...{ organization: '한빛', cookies: true },
  });
});

it('makes no organization for those who only run the service', async () => {
  await load('/account.html#setup=s3cret');
  fireEvent.click(await screen.findByLabelText('I will notarize for it'));
  await vi.waitFor(() => {
    expect(screen.queryByLabelText('Organization name')).toBeNull();
  });
  await type('E-mail address', 'kim@firm.example');
  await type('Your name', 'Kim Minji');
  await type('New password', PASSWORD);
  await type('Confirm password', PASSWORD);
  await press('Set up');
  await vi.waitFor(() => {
    expect(sent.some(({ path }) => path === '/v1/invitations/redeem')).toBe(true);
  });
  expect(sent.find(({ path }) => path === '/v1/invitations/redeem')?.body).not.toHaveProperty('organization');
});
