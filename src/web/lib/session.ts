import { signal } from '@preact/signals';
import { jsonRequest, localProblem, readJson, ProblemError, request } from './request.js';

/** Who is signed in, according to GET /v1/session. */

export type Role = 'owner' | 'notary' | 'auditor';
export const ROLES: readonly Role[] = ['owner', 'notary', 'auditor'];

export interface OrganizationName {
  readonly id: string;
  readonly name: string;
}

export interface Membership {
  readonly organization: OrganizationName;
  readonly role: Role;
}

export interface User {
  readonly id: string;
  /** null: the identity provider does not state it. */
  readonly email: string | null;
  readonly name: string;
  readonly operator: boolean;
  /** The current organization; null: none. */
  readonly organization: OrganizationName | null;
  readonly role: Role | null;
  /** The organization of the session requires a passkey, which the session is without: it acts for none. */
  readonly lacksPasskey?: boolean;
}

export interface Session {
  /** null: nobody is signed in. */
  readonly user: User | null;
  readonly memberships: readonly Membership[];
  readonly policy: { readonly anonymousSubmission: boolean; readonly privateVerification: boolean };
  /** Whether organizations can have their documents kept here; absent: no. */
  readonly vault?: boolean;
  readonly signIn: {
    /** Whether there can be passkeys at this address. */
    readonly passkeys: boolean;
    /** Whether people who have forgotten their password get a link by e-mail. */
    readonly reset: boolean;
    /** The name of the identity provider at which people can sign in; null: none. */
    readonly provider: string | null;
  };
  /** When the access token expires, in milliseconds by this machine's clock; null: unknown. */
  readonly expiresAt: number | null;
}

/** Whether an identity provider has signed the user in, and decides what they may do. */
export function isOfProvider({ id }: User): boolean {
  return id.startsWith('oidc:');
}

/** Whether documents can be submitted now, and if not, why not. */
type SubmissionAccess = 'open' | 'on_behalf' | 'sign_in_first' | 'no_organization' | 'reads_only';

export function submissionAccess({ user, policy }: Session): SubmissionAccess {
  if (user === null) return policy.anonymousSubmission ? 'open' : 'sign_in_first';
  if (user.organization === null || user.role === null) return 'no_organization';
  return user.role === 'auditor' ? 'reads_only' : 'on_behalf';
}

/** Whether both are the same person, acting for the same organization with the same rights. */
function sameVisitor(a: Session | null, b: Session | null): boolean {
  const key = (session: Session | null) =>
    session === null ? null : JSON.stringify([session.user, session.memberships, session.policy]);
  return key(a) === key(b);
}

/**
 * A token this close to its expiry is refreshed before it is used, because the request takes time to arrive.
 */
const MARGIN_MS = 60_000;
/** Problem codes for which a new access token can help. */
const STALE: readonly string[] = ['token_expired', 'invalid_token', 'unauthenticated'];

/** What the keeper needs from the service and the browser. */
export interface SessionEnvironment {
  /** Asks the service who is signed in. */
  fetchSession(): Promise<Session>;
  /** Exchanges the refresh cookie for new cookies. */
  refresh(csrfToken: string): Promise<void>;
  /** The readable cookie. It exists while there is a session and differs for every session. */
  csrfToken(): string | null;
  forgetCsrfToken(): void;
  /** Runs `work` while no other tab of this browser runs its own. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  now(): number;
}

/**
 * Knows who is signed in and keeps the access token fresh. The tokens are in cookies that scripts cannot
 * read. A refresh token may be used once (a second use looks like theft and ends the session), so only one of
 * several tabs may use it.
 */
export class SessionKeeper {
  readonly #visitor = signal<Session | null>(null);
  /** With the times of its token, which change without the visitor. */
  #current: Session | null = null;
  readonly #place: SessionEnvironment;
  /** The readable cookie when `current` was loaded. */
  #token: string | null = null;
  #looking: Promise<Session> | null = null;
  #renewing: Promise<Session> | null = null;

  constructor(place: SessionEnvironment) {
    this.#place = place;
  }

  /** null: not loaded yet. A view that reads this is rendered again when the visitor changes. */
  get current(): Session | null {
    return this.#visitor.value === null ? null : this.#current;
  }

  /** Whether somebody is signed in; before that is loaded, whether the cookies suggest it. */
  get seemsSignedIn(): boolean {
    return this.current === null ? this.#place.csrfToken() !== null : this.current.user !== null;
  }

  /** Loads the session. Concurrent calls share one request. Rejects as requests do. */
  load(): Promise<Session> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Loads the session again, after a change to it. */
  async reload(): Promise<Session> {
    await this.#looking?.catch(() => undefined);
    return this.load();
  }

  /**
   * Makes a request with a fresh token, and a second time if the service rejects the token as stale.
   * @param unsafe whether it changes anything; such a request is not made after somebody has signed in or out
   * in another tab
   * @param attempt makes the request with these headers
   * @throws ProblemError also `unauthenticated` if the session has ended, and `session_changed` if it is
   * another one
   */
  async run<T>(
    unsafe: boolean,
    attempt: (headers: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T> {
    await this.#prepare(unsafe);
    try {
      return await attempt(this.headers());
    } catch (error) {
      const stale = error instanceof ProblemError && STALE.includes(error.problem.code);
      if (!stale || this.#place.csrfToken() === null) throw error;
      await this.#renew();
      return attempt(this.headers());
    }
  }

  /** The header that proves to the service that this page sent the request, and not another site. */
  headers(): Readonly<Record<string, string>> {
    const token = this.#place.csrfToken();
    return token === null ? {} : { 'X-CSRF-Token': token };
  }

  async #look(): Promise<Session> {
    const session = await this.#place.fetchSession();
    // The access token lives for minutes, the readable cookie as long as the refresh token.
    if (session.user !== null || this.#place.csrfToken() === null) return this.#set(session);
    return this.#renew().catch((error: unknown) => {
      if (error instanceof ProblemError && error.problem.code === 'unauthenticated') {
        return this.current ?? this.#set(session);
      }
      throw error;
    });
  }

  async #prepare(unsafe: boolean): Promise<void> {
    const token = this.#place.csrfToken();
    if (this.current === null) {
      if (unsafe || token !== null) await this.load();
    } else if (token !== this.#token) {
      // Somebody signed in or out in another tab. Nothing is sent for a user whom the page does not show.
      await this.reload();
      if (unsafe) throw localProblem('session_changed');
    }
    if (this.#lifetimeLeft(this.current) < MARGIN_MS) await this.#renew();
  }

  #renew(): Promise<Session> {
    this.#renewing ??= this.#place
      .exclusively(() => this.#refresh())
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }

  async #refresh(): Promise<Session> {
    const current = await this.#place.fetchSession();
    // Another tab has already refreshed it.
    if (current.user !== null && this.#lifetimeLeft(current) > MARGIN_MS) return this.#set(current);
    const token = this.#place.csrfToken();
    try {
      if (token === null) throw localProblem('unauthenticated');
      await this.#place.refresh(token);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.temporary || error.problem.status >= 500) throw error;
      this.#place.forgetCsrfToken();
      this.#set(await this.#place.fetchSession());
      throw localProblem('unauthenticated');
    }
    return this.#set(await this.#place.fetchSession());
  }

  /** Remaining lifetime of the access token in milliseconds. */
  #lifetimeLeft(session: Session | null): number {
    return session?.expiresAt == null ? Infinity : session.expiresAt - this.#place.now();
  }

  #set(session: Session): Session {
    const changed = !sameVisitor(this.#current, session);
    this.#current = session;
    this.#token = this.#place.csrfToken();
    if (changed) this.#visitor.value = session;
    return session;
  }
}

/** With a prefix if the service is served over TLS: the second one below a path. */
const CSRF_COOKIES: readonly string[] = ['__Host-ingam-csrf', '__Secure-ingam-csrf', 'ingam-csrf'];
const LOCK = 'ingam-session';
/** Plain HTTP from another machine has no locks. A random delay keeps tabs that wake up together apart. */
const SPREAD_MS = 1500;

interface Answer {
  readonly principal: ({ readonly kind: 'user' } & User) | { readonly kind: 'anonymous' | 'key' };
  readonly memberships: readonly Membership[];
  readonly policy: Session['policy'];
  readonly vault?: boolean;
  readonly signIn?: Session['signIn'];
  /** RFC 3339. */
  readonly accessExpiresAt?: string | null;
}

async function ask(): Promise<Session> {
  const response = await request('v1/session', {});
  const { principal, memberships, policy, vault, signIn, accessExpiresAt } = (await readJson(
    response,
  )) as Answer;
  const here = Date.now();
  const there = Date.parse(response.headers.get('Date') ?? '');
  const skew = Number.isNaN(there) ? 0 : here - there;
  return {
    user: principal.kind === 'user' ? userOf(principal) : null,
    memberships,
    policy,
    vault: vault === true,
    signIn: {
      passkeys: signIn?.passkeys === true,
      reset: signIn?.reset === true,
      provider: signIn?.provider ?? null,
    },
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
  fetchSession: ask,
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
    const secure = cookie.name.startsWith('__') ? '; Secure' : '';
    const path = cookie.name.startsWith('__Host-') ? '/' : new URL('.', location.href).pathname;
    document.cookie = `${cookie.name}=; Path=${path}; Max-Age=0; SameSite=Strict${secure}`;
  },
  exclusively: alone,
  now: () => Date.now(),
});

let others: BroadcastChannel | null = null;

/** Follows sign-in and sign-out in other tabs: at once, or at the latest when this page becomes visible. */
export function followOtherTabs(): void {
  const look = () => {
    session.reload().catch(() => undefined);
  };
  others = new BroadcastChannel(LOCK);
  others.addEventListener('message', look);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && session.current !== null) look();
  });
}

/** Reloads the session here and in all other tabs, after signing in or out or switching organizations. */
export async function sessionChanged(): Promise<Session> {
  const found = await session.reload();
  others?.postMessage('changed');
  return found;
}

/** Switches the current organization, in every tab. */
export async function chooseOrganization(organization: string): Promise<Session> {
  await sessionRequest('v1/session', jsonRequest('PATCH', { organization }));
  return sessionChanged();
}

/** A request as the signed-in user. @throws as SessionKeeper.run */
export function sessionRequest(path: string, init: RequestInit): Promise<Response> {
  const unsafe = init.method !== undefined && init.method !== 'GET';
  return session.run(unsafe, (headers) => request(path, withHeaders(init, unsafe ? headers : {})));
}

function withHeaders(init: RequestInit, headers: Readonly<Record<string, string>>): RequestInit {
  return { ...init, headers: { ...(init.headers as Record<string, string> | undefined), ...headers } };
}
