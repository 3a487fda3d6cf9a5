// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { session, type User } from '../../src/web/lib/session.js';
import { PasskeyRequirement } from '../../src/web/pages/account/passkey-requirement.js';
import { You } from '../../src/web/pages/account/you.js';
import { messages } from '../../src/web/messages/account.js';
import { changes, fireEvent, press, screen, show } from './view.js';

const sent: unknown[] = [];
let required: boolean;
let refuses: boolean;

beforeEach(() => {
  [required, refuses] = [false, false];
  sent.length = 0;
  vi.stubGlobal('fetch', (input: unknown, { method = 'GET', body }: RequestInit = {}) => {
    const path = new URL(String(input), 'http://localhost/').pathname;
    if (path === '/v1/passkeys') return Promise.resolve(Response.json({ passkeys: [], needed: false }));
    if (path === '/v1/session/others') return Promise.resolve(Response.json({ sessions: [] }));
    if (method !== 'PUT') return Promise.resolve(Response.json({ id: 'org_1', requiresPasskey: required }));
    sent.push([path, typeof body === 'string' ? (JSON.parse(body) as unknown) : null]);
    if (refuses) {
      const problem = {
        type: '',
        title: '',
        status: 403,
        code: 'passkey_required',
        detail: '',
        requestId: 'r',
      };
      return Promise.resolve(Response.json(problem, { status: 403 }));
    }
    required = !required;
    return Promise.resolve(Response.json({ id: 'org_1', requiresPasskey: required }));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const OFFICE = { id: 'org_1', name: 'Office' };
const ME = { id: 'psn_me', email: 'me@example.com', name: 'Me', operator: false } as const;

function signIn(user: User): void {
  vi.spyOn(session, 'current', 'get').mockReturnValue({
    user,
    memberships: [{ organization: OFFICE, role: user.role ?? 'notary' }],
    policy: { anonymousSubmission: false, privateVerification: false },
    signIn: { passkeys: true, reset: false, provider: null },
    expiresAt: null,
  });
}

async function showRequirement(): Promise<HTMLElement> {
  signIn({ ...ME, organization: OFFICE, role: 'owner' });
  const place = await show(<PasskeyRequirement id="org_1" name="Office" />);
  await screen.findByRole('checkbox');
  return place;
}

const box = (place: HTMLElement) =>
  place.querySelector<HTMLInputElement>('input[name=required]') ?? expect.fail('no checkbox');

const tick = (place: HTMLElement) => changes(() => fireEvent.click(box(place)));

it('asks before passkeys are required of everyone, and before they no longer are', async () => {
  const t = messages().passkeys;
  const place = await showRequirement();
  expect(box(place).checked).toBe(false);
  await tick(place);
  expect(screen.getByText(t.requireHeading('Office'))).toBeTruthy();
  await press(t.require);
  expect(sent).toEqual([['/v1/organizations/org_1/passkeys', { required: true }]]);
  await vi.waitFor(() => {
    expect(box(place).checked).toBe(true);
  });
  await tick(place);
  await press(t.requireNot);
  await vi.waitFor(() => {
    expect(required).toBe(false);
    expect(box(place).checked).toBe(false);
  });
});

it('says what an owner must do first', async () => {
  refuses = true;
  const t = messages().passkeys;
  const place = await showRequirement();
  await tick(place);
  await press(t.require);
  expect(await screen.findByText(t.requireFirst)).toBeTruthy();
  expect(box(place).checked).toBe(false);
});

it('leads whoever is without one to the passkeys, instead of to their organizations', async () => {
  const user: User = {
    ...ME,
    ...{ organization: null, role: null, lacksPasskey: true },
  };
  signIn(user);
  const place = await show(<You memberships={[{ organization: OFFICE, role: 'notary' }]} user={user} />);
  expect(place.textContent).toContain(messages().passkeys.requiredExplained);
  expect(place.textContent).not.toContain(messages().you.organizationsHeading);
});
