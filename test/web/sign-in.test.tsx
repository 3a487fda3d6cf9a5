// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { press, screen, show, type } from './view.js';

interface Sent {
  readonly path: string;
  readonly body: unknown;
}

const sent: Sent[] = [];
let signIn: object;
let answers: Readonly<Record<string, () => Response>>;

const problem = (status: number, code: string) => () =>
  Response.json({ code, detail: code, status }, { status });

function answer(input: unknown, init: RequestInit = {}): Response {
  const path = new URL(String(input), 'http://localhost/').pathname;
  const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : null;
  sent.push({ path, body });
  const own = answers[`${init.method ?? 'GET'} ${path}`];
  if (own !== undefined) return own();
  return Response.json({
    principal: { kind: 'anonymous' },
    memberships: [],
    policy: { anonymousSubmission: true, privateVerification: false },
    signIn,
  });
}

async function load(fragment = ''): Promise<void> {
  vi.resetModules();
  history.replaceState(null, '', `/account.html${fragment}`);
  const { AccountPage } = await import('../../src/web/pages/account/account-page.js');
  await show(<AccountPage />);
  await screen.findByRole('heading', { name: 'Sign in' });
}

const get = vi.fn<(options: CredentialRequestOptions) => Promise<Credential | null>>();
beforeEach(() => {
  signIn = { passkeys: true, reset: false, provider: null };
  answers = {
    'POST /v1/session/passkey/challenge': () => Response.json({ challenge: 'AQID', rpId: 'localhost' }),
  };
  get.mockReset();
  vi.stubGlobal('fetch', (input: unknown, init?: RequestInit) => Promise.resolve(answer(input, init)));
  vi.stubGlobal('PublicKeyCredential', vi.fn());
  Object.defineProperty(navigator, 'credentials', { value: { get }, configurable: true });
});
afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(navigator, 'credentials');
  sessionStorage.clear();
  sent.length = 0;
});

const bytes = (...values: number[]) => new Uint8Array(values).buffer;
const ANSWER = {
  rawId: bytes(255, 254, 253),
  response: {
    ...{ clientDataJSON: bytes(1), authenticatorData: bytes(2), signature: bytes(3), userHandle: bytes(4) },
  },
} as unknown as Credential;

it('sends what the browser makes of a challenge', async () => {
  get.mockResolvedValue(ANSWER);
  await load();
  await press('Sign in with a passkey');
  await vi.waitFor(() => {
    expect(sent.some(({ path }) => path === '/v1/session/passkey')).toBe(true);
  });
  const { publicKey } = get.mock.calls[0]?.[0] ?? expect.fail('the browser was not asked');
  expect(publicKey).toMatchObject({ rpId: 'localhost', userVerification: 'required' });
  expect([...new Uint8Array(publicKey?.challenge as ArrayBuffer)]).toEqual([1, 2, 3]);
  expect(publicKey).not.toHaveProperty('allowCredentials');
  expect(sent.find(({ path }) => path === '/v1/session/passkey')?.body).toEqual({
    passkey: {
      ...{ id: '__79', clientData: 'AQ', authenticatorData: 'Ag', signature: 'Aw', userHandle: 'BA' },
    },
    cookies: true,
  });
});

it.each([
  ['NotAllowedError', 'No passkey was used.'],
  ['SecurityError', 'The browser could not use a passkey here.'],
])('says what to do after the browser’s %s', async (name, sentence) => {
  get.mockRejectedValue(new DOMException('x', name));
  await load();
  await press('Sign in with a passkey');
  await screen.findByText(sentence, { exact: false });
});

it('asks for the passkey after the password of an account that needs one', async () => {
  answers = { ...answers, 'POST /v1/session': problem(401, 'passkey_needed') };
  get.mockResolvedValue(ANSWER);
  await load();
  await type('E-mail address', 'kim@firm.example');
  await type('Password', 'correct horse battery');
  await press('Sign in');
  await screen.findByText('Your password is right. This account also needs a passkey.');
  await vi.waitFor(() => {
    expect(document.activeElement?.textContent).toBe('Sign in');
  });
  expect(get).not.toHaveBeenCalled();
  await press('Continue with a passkey');
  await vi.waitFor(() => {
    expect(sent.some(({ path }) => path === '/v1/session/passkey')).toBe(true);
  });
});

it('offers no passkey where there can be none', async () => {
  signIn = { passkeys: false, reset: false, provider: null };
  await load();
  expect(screen.queryByRole('button', { name: 'Sign in with a passkey' })).toBeNull();
});
