import { effect } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { localProblem, ProblemError, UnreachableError } from '../../src/web/lib/request.js';
import {
  SessionKeeper,
  type SessionEnvironment,
  submissionAccess,
  type Session,
  type User,
} from '../../src/web/lib/session.js';

const MINUTE = 60_000;
const LIFE = 15 * MINUTE;
const ORGANIZATION = { id: 'org_1', name: 'One' };
const PERSON: User = {
  id: 'psn_1',
  email: 'a@example.com',
  name: 'A',
  operator: false,
  organization: ORGANIZATION,
  role: 'notary',
};

/** A service with one session, and the cookies of one browser; several keepers are its tabs. */
class Browser {
  now = 0;
  token: string | null = null;
  accessEnds = 0;
  user: User | null = null;
  offline = false;
  /** Refresh tokens that may be used: using one makes the next. */
  refreshes = 0;
  revoked = false;
  readonly calls: string[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  signIn(user = PERSON, token = 'csrf-1'): void {
    this.user = user;
    this.token = token;
    this.accessEnds = this.now + LIFE;
  }

  tab(): SessionKeeper {
    return new SessionKeeper(this.#place());
  }

  /** What a call of the API answers to these headers. */
  answer(headers: Readonly<Record<string, string>>): Promise<string> {
    this.calls.push('call');
    if (this.offline) return Promise.reject(new UnreachableError());
    if (headers['X-CSRF-Token'] === undefined) return Promise.resolve('nobody');
    return this.now < this.accessEnds && !this.revoked
      ? Promise.resolve(this.user?.id ?? 'nobody')
      : Promise.reject(refused(401, 'token_expired'));
  }

  #place(): SessionEnvironment {
    return {
      fetchSession: () => {
        this.calls.push('ask');
        if (this.offline) return Promise.reject(new UnreachableError());
        const known =
          this.user !== null && this.token !== null && this.now < this.accessEnds && !this.revoked;
        return Promise.resolve(session(known ? this.user : null, known ? this.accessEnds : null));
      },
      refresh: () => {
        this.calls.push('refresh');
        this.refreshes += 1;
        if (this.offline) return Promise.reject(new UnreachableError());
        if (this.revoked) return Promise.reject(refused(401, 'invalid_token'));
        this.accessEnds = this.now + LIFE;
        return Promise.resolve();
      },
      csrfToken: () => this.token,
      forgetCsrfToken: () => {
        this.token = null;
      },
      exclusively: async (work) => {
        const before = this.#turn;
        const own = before.then(work, work);
        this.#turn = own.catch(() => undefined);
        return own;
      },
      now: () => this.now,
    };
  }
}

function session(user: User | null, expiresAt: number | null): Session {
  return {
    user,
    memberships:
      user?.organization == null ? [] : [{ organization: user.organization, role: user.role ?? 'notary' }],
    policy: { anonymousSubmission: true, privateVerification: false },
    signIn: { passkeys: false, reset: false, provider: null },
    expiresAt,
  };
}

function refused(status: number, code: string): ProblemError {
  return new ProblemError({ ...localProblem(code).problem, status });
}

const code = (rejected: Promise<unknown>) =>
  rejected.then(
    () => 'resolved',
    (error: unknown) => (error instanceof ProblemError ? error.problem.code : String(error)),
  );

describe('a visitor without cookies', () => {
  it('can read without a session check, and the session is checked once before submitting', async () => {
    const browser = new Browser();
    const tab = browser.tab();
    expect(await tab.run(false, (headers) => browser.answer(headers))).toBe('nobody');
    expect(browser.calls).toEqual(['call']);
    await tab.run(true, (headers) => browser.answer(headers));
    await tab.run(true, (headers) => browser.answer(headers));
    expect(browser.calls).toEqual(['call', 'ask', 'call', 'call']);
  });
});

describe('an access token', () => {
  it('is refreshed when the page opens after its expiry', async () => {
    const browser = new Browser();
    browser.signIn();
    browser.now += LIFE + 1;
    const found = await browser.tab().load();
    expect(found.user?.id).toBe(PERSON.id);
    expect(browser.refreshes).toBe(1);
  });

  it('is refreshed shortly before its expiry and not earlier', async () => {
    const browser = new Browser();
    browser.signIn();
    const tab = browser.tab();
    await tab.load();
    browser.now += LIFE - 2 * MINUTE;
    await tab.run(true, (headers) => browser.answer(headers));
    expect(browser.refreshes).toBe(0);
    browser.now += MINUTE + 1;
    expect(await tab.run(true, (headers) => browser.answer(headers))).toBe(PERSON.id);
    expect(browser.refreshes).toBe(1);
  });

  it('is refreshed once when the service rejects it, and the request is repeated', async () => {
    const browser = new Browser();
    browser.signIn();
    const tab = browser.tab();
    await tab.load();
    // The page believes that it is good for long.
    browser.accessEnds = browser.now;
    expect(await tab.run(true, (headers) => browser.answer(headers))).toBe(PERSON.id);
    expect(browser.calls.filter((call) => call === 'call')).toHaveLength(2);
    expect(browser.refreshes).toBe(1);
  });

  it('is refreshed by only one of many tabs and requests', async () => {
    const browser = new Browser();
    browser.signIn();
    const tabs = Array.from({ length: 5 }, () => browser.tab());
    for (const tab of tabs) await tab.load();
    browser.now += LIFE + 1;
    const answers = tabs.flatMap((tab) =>
      [1, 2, 3].map(() => tab.run(true, (headers) => browser.answer(headers))),
    );
    expect(new Set(await Promise.all(answers))).toEqual(new Set([PERSON.id]));
    expect(browser.refreshes).toBe(1);
  });

  it('is not refreshed while the service is unavailable', async () => {
    const browser = new Browser();
    browser.signIn();
    const tab = browser.tab();
    await tab.load();
    browser.offline = true;
    browser.now += LIFE + 1;
    expect(await code(tab.run(true, (headers) => browser.answer(headers)))).toContain('UnreachableError');
    expect([tab.current?.user?.id, browser.token, browser.refreshes]).toEqual([PERSON.id, 'csrf-1', 0]);
    browser.offline = false;
    expect(await tab.run(true, (headers) => browser.answer(headers))).toBe(PERSON.id);
  });
});

describe('an ended session', () => {
  it('is reported, and nothing is submitted anonymously', async () => {
    const browser = new Browser();
    browser.signIn();
    const tab = browser.tab();
    await tab.load();
    const seen: (string | undefined)[] = [];
    effect(() => {
      seen.push(tab.current?.user?.id);
    });
    browser.revoked = true;
    expect(await code(tab.run(true, (headers) => browser.answer(headers)))).toBe('unauthenticated');
    expect(seen).toEqual(['psn_1', undefined]);
    expect(browser.token).toBeNull();
    // By now the page says that nobody is signed in.
    expect(await tab.run(true, (headers) => browser.answer(headers))).toBe('nobody');
  });

  it('is removed when the page opens, without an error', async () => {
    const browser = new Browser();
    browser.signIn();
    browser.revoked = true;
    const found = await browser.tab().load();
    expect([found.user, browser.token]).toEqual([null, null]);
  });
});

describe('another tab', () => {
  it.each([
    ['signs out', (browser: Browser) => ([browser.user, browser.token] = [null, null])],
    [
      'signs in as somebody else',
      (browser: Browser) => {
        browser.signIn({ ...PERSON, id: 'psn_2' }, 'csrf-2');
      },
    ],
  ])('%s: what this page shows no longer holds, so nothing is submitted', async (_, change) => {
    const browser = new Browser();
    browser.signIn();
    const tab = browser.tab();
    await tab.load();
    change(browser);
    const calls = browser.calls.length;
    expect(await code(tab.run(true, (headers) => browser.answer(headers)))).toBe('session_changed');
    expect(browser.calls.slice(calls)).not.toContain('call');
    expect(tab.current?.user?.id).toBe(browser.user?.id);
    // Reads continue for the current user.
    await tab.run(false, (headers) => browser.answer(headers));
  });
});

describe('what depends on the session', () => {
  it('is run again for every change and only for changes', async () => {
    const browser = new Browser();
    const tab = browser.tab();
    const seen: (string | undefined)[] = [];
    effect(() => {
      seen.push(tab.current?.user?.organization?.name);
    });
    await tab.load();
    await tab.load();
    browser.signIn();
    await tab.reload();
    await tab.reload();
    browser.user = { ...PERSON, organization: { id: 'org_2', name: 'Two' } };
    await tab.reload();
    expect(seen).toEqual([undefined, undefined, 'One', 'Two']);
  });

  it('asks the service once for simultaneous checks', async () => {
    const browser = new Browser();
    browser.signIn();
    const tab = browser.tab();
    await Promise.all([tab.load(), tab.load(), tab.load()]);
    expect(browser.calls).toEqual(['ask']);
  });
});

describe('who may submit', () => {
  const of = (user: User | null, anonymousSubmission: boolean) =>
    submissionAccess({ ...session(user, null), policy: { anonymousSubmission, privateVerification: false } });

  it.each([
    ['open', null, true],
    ['sign_in_first', null, false],
    ['on_behalf', PERSON, false],
    ['on_behalf', { ...PERSON, role: 'owner' }, true],
    ['reads_only', { ...PERSON, role: 'auditor' }, true],
    ['no_organization', { ...PERSON, organization: null, role: null }, true],
  ] as const)('%s', (standing, user, anonymous) => {
    expect(of(user, anonymous)).toBe(standing);
  });
});
