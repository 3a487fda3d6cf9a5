// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { session } from '../../src/web/lib/session.js';
import { messages } from '../../src/web/messages/account.js';
import { Webhooks } from '../../src/web/pages/account/webhooks.js';
import { until } from '../support/until.js';
import { button, changes, fireEvent, press, screen, show, type } from './view.js';

const HOOK = {
  ...{ id: 'whk_1', name: 'Archive', url: 'https://archive.example/hook', types: ['notarization.sealed'] },
  ...{ status: 'enabled', disabledBecause: null, disabledAt: null, nextAttemptAt: null, failedAttempts: 0 },
  ...{ publicKey: 'whpk_x', formerSecretUntil: null, createdAt: '2026-11-29T06:04:11.000Z' },
};
const ATTEMPT = {
  ...{ message: 'msg_1', type: 'webhook.test', attempt: 1, at: '2026-11-29T06:04:11.000Z', ms: 1234 },
};

let hooks: object[];
const sent: [method: string, path: string, body: unknown][] = [];
let answers: Record<string, { status?: number; body: object }>;

beforeEach(() => {
  hooks = [HOOK];
  sent.length = 0;
  answers = {};
  const office = { id: 'org_1', name: 'Office' };
  vi.spyOn(session, 'current', 'get').mockReturnValue({
    user: {
      ...{ id: 'psn_me', email: 'me@example.com', name: 'Me', operator: false },
      ...{ organization: office, role: 'owner' },
    },
    memberships: [{ organization: office, role: 'owner' }],
    policy: { anonymousSubmission: false, privateVerification: false },
    signIn: { passkeys: true, reset: false, provider: null },
    expiresAt: null,
  });
  vi.stubGlobal('fetch', (input: unknown, { method = 'GET', body }: RequestInit = {}) => {
    const path = new URL(String(input), 'http://localhost/').pathname;
    if (method === 'GET' && path === '/v1/webhooks')
      return Promise.resolve(Response.json({ webhooks: hooks }));
    if (method !== 'GET') sent.push([method, path, typeof body === 'string' ? JSON.parse(body) : null]);
    const { status = 200, body: answer } = answers[`${method} ${path}`] ?? { status: 204, body: {} };
    return Promise.resolve(
      status === 204 ? new Response(null, { status }) : Response.json(answer, { status }),
    );
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const t = () => messages().webhooks;

it('adds a webhook, and shows its secret until that is closed', async () => {
  hooks = [];
  answers['POST /v1/webhooks'] = { status: 201, body: { webhook: HOOK, secret: 'whsec_abc' } };
  const place = await show(<Webhooks />);
  await screen.findByText(t().none);
  await press(t().create);
  await type(messages().name, 'Archive');
  await type(t().url, 'https://archive.example/hook');
  await changes(() => fireEvent.click(screen.getByLabelText(t().typeNames['record.event'])));
  hooks = [HOOK];
  await press(t().create);
  await screen.findByText(t().secretHeading('Archive'));
  expect(sent).toEqual([
    [
      'POST',
      '/v1/webhooks',
      {
        ...{ name: 'Archive', url: 'https://archive.example/hook' },
        types: ['notarization.sealed', 'record.event'],
      },
    ],
  ]);
  expect(place.querySelector('input')?.value).toBe('whsec_abc');
  await press('Done');
  expect(place.innerHTML).not.toContain('whsec_abc');
});

it('says at the field why an address is not allowed', async () => {
  answers['POST /v1/webhooks'] = {
    status: 400,
    body: {
      ...{ type: '', title: '', status: 400, code: 'invalid_webhook_url', detail: '', requestId: 'r' },
    },
  };
  await show(<Webhooks />);
  await screen.findByText('Archive');
  await press(t().create);
  await type(messages().name, 'x');
  await type(t().url, 'https://10.0.0.1/');
  await press(t().create);
  await screen.findByText(t().problems.invalid_webhook_url);
  expect(screen.getByLabelText(t().url).getAttribute('aria-invalid')).toBe('true');
});

it('sends a test and says how it ended, lists what was sent, and says why a webhook is disabled', async () => {
  hooks = [
    { ...HOOK, status: 'retrying', nextAttemptAt: '2026-11-29T08:00:00.000Z' },
    { ...HOOK, id: 'whk_2', name: 'Old', status: 'disabled', disabledBecause: 'failed' },
  ];
  const refused = { ...ATTEMPT, status: 500, outcome: 'status' };
  answers['POST /v1/webhooks/whk_1/test'] = { body: refused };
  answers['GET /v1/webhooks/whk_1/attempts'] = { body: { attempts: [refused], next: null } };
  const place = await show(<Webhooks />);
  await screen.findByText(t().because.failed);
  expect(place.textContent).toContain(t().states.retrying);
  await press(t().testNamed('Archive'));
  await screen.findByText(t().notTested('Archive', t().refusedWith(500)));
  await press(t().attemptsOf('Archive'));
  await screen.findByText(t().attemptFacts.milliseconds('1,234'));
  expect(place.querySelector('.event.is-alarming')?.textContent).toContain(t().refusedWith(500));
  await press(t().enableNamed('Old'));
  expect(sent.at(-1)).toEqual(['PATCH', '/v1/webhooks/whk_2', { enabled: true }]);
});

it('asks before a secret is replaced, and before a webhook is deleted', async () => {
  answers['POST /v1/webhooks/whk_1/secret'] = { body: { webhook: HOOK, secret: 'whsec_new' } };
  const place = await show(<Webhooks />);
  await screen.findByText('Archive');
  await press(t().rotateNamed('Archive'));
  expect(sent).toEqual([]);
  await press(t().rotateYes);
  await screen.findByText(t().rotatedExplained);
  expect(place.querySelector('input')?.value).toBe('whsec_new');
  await until('the question to be gone', () => screen.queryByText(t().rotateExplained) === null);
  await press('Done');
  await press(t().removeNamed('Archive'));
  hooks = [];
  await press(t().removeYes);
  await screen.findByText(t().none);
  expect(sent.map(([method, path]) => `${method} ${path}`)).toEqual([
    'POST /v1/webhooks/whk_1/secret',
    'DELETE /v1/webhooks/whk_1',
  ]);
  expect(button(t().create)).toBeTruthy();
});

it('shows older attempts, and sends everything again since a day that has come', async () => {
  const attempt = (ms: number) => ({
    ...ATTEMPT,
    ms,
    message: `msg_${ms}`,
    status: 204,
    outcome: 'delivered',
  });
  const attempts = 'GET /v1/webhooks/whk_1/attempts';
  answers[attempts] = { body: { attempts: [attempt(1)], next: '7' } };
  answers['POST /v1/webhooks/whk_1/replay'] = { body: HOOK };
  const place = await show(<Webhooks />);
  await screen.findByText('Archive');
  await press(t().attemptsOf('Archive'));
  await screen.findByText(t().attemptFacts.milliseconds('1'));
  answers[attempts] = { body: { attempts: [attempt(2)], next: null } };
  await press('Show older');
  await until('both to be shown', () => place.querySelectorAll('.event').length, 2);
  expect(screen.queryByText('Show older')).toBeNull();
  await press(t().replay);
  await press(t().replay);
  expect(screen.getByLabelText(t().replaySince).getAttribute('aria-invalid')).toBe('true');
  await type(t().replaySince, '2999-01-01');
  await press(t().replay);
  await screen.findByText(t().replayTooLate);
  await type(t().replaySince, '2026-11-01');
  await press(t().replay);
  await until('the form to be gone', () => place.querySelector('form') === null);
  const time = new Date('2026-11-01T00:00').toISOString();
  expect(sent).toEqual([['POST', '/v1/webhooks/whk_1/replay', { from: { time } }]]);
});
