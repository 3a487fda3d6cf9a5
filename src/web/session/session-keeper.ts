import { ownProblem, RefusedError } from '../resources.js';
import { sameVisitor, type Session } from './session.js';

/** A token this close to its end is replaced before it is used: the request must still arrive with it. */
const MARGIN_MS = 60_000;
/** What a refused request says when a new access token could help. */
const STALE: readonly string[] = ['token_expired', 'invalid_token', 'unauthenticated'];

/** What the keeper needs of the service and of the browser. */
export interface SessionPlace {
  /** Who the cookies say that one is. */
  ask(): Promise<Session>;
  /** Trades the refresh cookie for new cookies. */
  refresh(csrfToken: string): Promise<void>;
  /** The readable cookie: it is there while there is a session, and another for every session. */
  csrfToken(): string | null;
  forgetCsrfToken(): void;
  /** Runs `work` while no other tab of this browser runs any. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  now(): number;
}

/**
 * Keeps the page's knowledge of who is signed in, and their access token fresh. The tokens themselves are in cookies that no
 * script can read. A refresh token may be used once (a second use looks like theft and ends the session), so that of several tabs
 * only one may use it.
 */
export class SessionKeeper {
  /** null: not known yet. */
  current: Session | null = null;
  readonly #place: SessionPlace;
  readonly #listeners = new Set<() => void>();
  /** The readable cookie at the time of `current`. */
  #token: string | null = null;
  #looking: Promise<Session> | null = null;
  #renewing: Promise<Session> | null = null;

  constructor(place: SessionPlace) {
    this.#place = place;
  }

  /** Whether somebody is signed in; until that is known, whether the cookies look like it. */
  get seemsSignedIn(): boolean {
    return this.current === null ? this.#place.csrfToken() !== null : this.current.user !== null;
  }

  /** Called after every look that found somebody or something else than before. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Asks the service who is here; those who ask at one time share an answer. Rejects as requests do. */
  look(): Promise<Session> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Asks anew, after something was done that changes who is here. */
  async lookAgain(): Promise<Session> {
    await this.#looking?.catch(() => undefined);
    return this.look();
  }

  /**
   * Makes a request as whoever is signed in: with a fresh token, and once more when the service has found it stale.
   * @param unsafe whether it changes anything; then it is not made when somebody else has signed in, or out, since the page last showed who it is
   * @param attempt makes the request with these headers
   * @throws RefusedError also for a session that has ended, `unauthenticated`, and for one that is another, `session_changed`
   */
  async run<T>(
    unsafe: boolean,
    attempt: (headers: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T> {
    await this.#prepare(unsafe);
    try {
      return await attempt(this.headers());
    } catch (error) {
      const stale = error instanceof RefusedError && STALE.includes(error.problem.code);
      if (!stale || this.#place.csrfToken() === null) throw error;
      await this.#renew();
      return attempt(this.headers());
    }
  }

  /** What shows the service that this page sent the request, and not another site. */
  headers(): Readonly<Record<string, string>> {
    const token = this.#place.csrfToken();
    return token === null ? {} : { 'X-CSRF-Token': token };
  }

  async #look(): Promise<Session> {
    const session = await this.#place.ask();
    // The access token lives for minutes, the readable cookie as long as the refresh token.
    if (session.user !== null || this.#place.csrfToken() === null) return this.#set(session);
    return this.#renew().catch((error: unknown) => {
      if (error instanceof RefusedError && error.problem.code === 'unauthenticated') {
        return this.current ?? this.#set(session);
      }
      throw error;
    });
  }

  async #prepare(unsafe: boolean): Promise<void> {
    const token = this.#place.csrfToken();
    if (this.current === null) {
      if (unsafe || token !== null) await this.look();
    } else if (token !== this.#token) {
      // Another tab signed out, or in: nothing is sent in the name of somebody whom the page does not show.
      await this.lookAgain();
      if (unsafe) throw ownProblem('session_changed');
    }
    if (this.#left(this.current) < MARGIN_MS) await this.#renew();
  }

  #renew(): Promise<Session> {
    this.#renewing ??= this.#place
      .alone(() => this.#refresh())
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }

  async #refresh(): Promise<Session> {
    const held = await this.#place.ask();
    // Another tab was faster.
    if (held.user !== null && this.#left(held) > MARGIN_MS) return this.#set(held);
    const token = this.#place.csrfToken();
    try {
      if (token === null) throw ownProblem('unauthenticated');
      await this.#place.refresh(token);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.passing || error.problem.status >= 500) throw error;
      this.#place.forgetCsrfToken();
      this.#set(await this.#place.ask());
      throw ownProblem('unauthenticated');
    }
    return this.#set(await this.#place.ask());
  }

  /** How long the access token is good, in milliseconds. */
  #left(session: Session | null): number {
    return session?.expiresAt == null ? Infinity : session.expiresAt - this.#place.now();
  }

  #set(session: Session): Session {
    const changed = !sameVisitor(this.current, session);
    this.current = session;
    this.#token = this.#place.csrfToken();
    if (changed) for (const listener of this.#listeners) listener();
    return session;
  }
}
