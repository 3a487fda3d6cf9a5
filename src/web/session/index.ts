import { jsonRequest, readJson, request } from '../request.js';
import type { Membership, Session, User } from './session.js';
import { SessionKeeper } from './session-keeper.js';

export * from './session.js';

/** With the prefix where the service is served over TLS. */
const CSRF_COOKIES: readonly string[] = ['__Host-ingam-csrf', 'ingam-csrf'];
const LOCK = 'ingam-session';
/** Without locks (plain HTTP from another machine has none) tabs that wake up together at least do not act together. */
const SPREAD_MS = 1500;

interface Answer {
  readonly principal: ({ readonly kind: 'user' } & User) | { readonly kind: 'anonymous' | 'key' };
  readonly memberships: readonly Membership[];
  readonly policy: Session['policy'];
  /** RFC 3339. */
  readonly accessExpiresAt?: string | null;
}

async function ask(): Promise<Session> {
  const response = await request('v1/session', {});
  const { principal, memberships, policy, accessExpiresAt } = (await readJson(response)) as Answer;
  const here = Date.now();
  const there = Date.parse(response.headers.get('Date') ?? '');
  const skew = Number.isNaN(there) ? 0 : here - there;
  return {
    user: principal.kind === 'user' ? userOf(principal) : null,
    memberships,
    policy,
    expiresAt: accessExpiresAt == null ? null : Date.parse(accessExpiresAt) + skew,
  };
}

function userOf({ id, email, name, operator, organization, role }: User): User {
  return { id, email, name, operator, organization, role };
}

function csrfCookie(): { readonly name: string; readonly value: string } | null {
  for (const pair of document.cookie.split('; ')) {
    const end = pair.indexOf('=');
    const [name, value] = [pair.slice(0, end), pair.slice(end + 1)];
    if (CSRF_COOKIES.includes(name) && value !== '') return { name, value };
  }
  return null;
}

async function alone<T>(work: () => Promise<T>): Promise<T> {
  if ('locks' in navigator) return navigator.locks.request(LOCK, work);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * SPREAD_MS));
  return work();
}

export const session = new SessionKeeper({
  ask,
  async refresh(csrfToken) {
    await request('v1/session/refresh', {
      ...jsonRequest('POST', { cookies: true }),
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrfToken },
    });
  },
  csrfToken: () => csrfCookie()?.value ?? null,
  forgetCsrfToken() {
    const cookie = csrfCookie();
    if (cookie === null) return;
    const secure = cookie.name.startsWith('__Host-') ? '; Secure' : '';
    document.cookie = `${cookie.name}=; Path=/; Max-Age=0; SameSite=Strict${secure}`;
  },
  alone,
  now: () => Date.now(),
});

let others: BroadcastChannel | null = null;

/** From now on the page notices what other tabs of this browser do: at once, or at the latest when it is looked at again. */
export function followOtherTabs(): void {
  const look = () => {
    session.lookAgain().catch(() => undefined);
  };
  others = new BroadcastChannel(LOCK);
  others.addEventListener('message', look);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && session.current !== null) look();
  });
}

/** After signing in or out, or acting for another organization: this page and all others of this browser look again. */
export async function sessionChanged(): Promise<Session> {
  const found = await session.lookAgain();
  others?.postMessage('changed');
  return found;
}

/** From now on whoever is signed in acts for this organization of theirs, in every tab. */
export async function chooseOrganization(organization: string): Promise<Session> {
  await sessionRequest('v1/session', jsonRequest('PATCH', { organization }));
  return sessionChanged();
}

/** A request as whoever is signed in. @throws as SessionKeeper.run */
export function sessionRequest(path: string, init: RequestInit): Promise<Response> {
  const unsafe = init.method !== undefined && init.method !== 'GET';
  return session.run(unsafe, (headers) => request(path, withHeaders(init, unsafe ? headers : {})));
}

function withHeaders(init: RequestInit, headers: Readonly<Record<string, string>>): RequestInit {
  return { ...init, headers: { ...(init.headers as Record<string, string> | undefined), ...headers } };
}
