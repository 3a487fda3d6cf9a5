import type { Membership, Person, RateLimits } from '../store/index.js';
import { AccessError, type AccessParts, type Client } from './context.js';
import { eventOf } from './events.js';
import { networkOf } from './networks.js';
import { assertPassword, hashPassword, isPassword, Turns } from './passwords.js';
import { normaliseEmail } from './people.js';
import { ANONYMOUS_PRINCIPAL, type UserPrincipal } from './policy.js';
import type { Sessions, SignedIn } from './sessions.js';
import { hashSecret } from './values.js';

export interface SignInInput {
  readonly email: string;
  readonly password: string;
  /** On whose behalf; by default that of the only organization one is in. */
  readonly organization?: string | undefined;
}

export interface PasswordChange {
  readonly current: string;
  readonly next: string;
}

/** Coming in with a password. */
export class SignIn {
  readonly #parts: AccessParts;
  readonly #credentials: Credentials;
  readonly #sessions: Sessions;

  constructor(parts: AccessParts, credentials: Credentials, sessions: Sessions) {
    this.#parts = parts;
    this.#credentials = credentials;
    this.#sessions = sessions;
  }

  async signIn(input: SignInInput, client: Client): Promise<SignedIn> {
    const email = normaliseEmail(input.email);
    const person = await this.#parts.store.personByEmail(email);
    // Asked for nobody, too: whether there is such a person must not be seen in what is done.
    const memberships = await this.#sessions.openMemberships(person?.id ?? '');
    const organizationId = theOnly(memberships)?.organization.id ?? null;
    await this.#credentials.check(
      { email, person, organizationId, during: 'sign_in' },
      input.password,
      client,
    );
    if (person === null) throw new Error('a password was found to be nobody’s');
    return this.#enter(person, memberships, input.organization ?? null, client);
  }

  /** For those who have proved otherwise who they are. */
  async enter(person: Person, organizationId: string | null, client: Client): Promise<SignedIn> {
    return this.#enter(person, await this.#sessions.openMemberships(person.id), organizationId, client);
  }

  async changePassword(principal: UserPrincipal, input: PasswordChange, client: Client): Promise<SignedIn> {
    const { store, clock } = this.#parts;
    const person = principal.sessionId === null ? null : await store.person(principal.personId);
    if (person === null) throw new AccessError('forbidden', 'this password is kept where you signed in');
    const organizationId = principal.organization?.id ?? null;
    await this.#credentials.check(
      { email: person.email, person, organizationId, during: 'password_change' },
      input.current,
      client,
    );
    const passwordHash = await this.#credentials.hash(input.next);
    const event = eventOf(principal, client, clock(), 'password_set');
    const changed = await store.updatePerson(person.id, { passwordHash }, event);
    if (changed === null || changed === 'last_operator')
      throw new AccessError('invalid_token', 'the person is gone');
    const memberships = await this.#sessions.openMemberships(person.id);
    const stays = memberships.some(({ organization }) => organization.id === organizationId);
    return this.#enter(changed, memberships, stays ? organizationId : null, client);
  }

  /** @throws {AccessError} organization_not_found: also for one that is not one's own */
  async chooseOrganization(
    principal: UserPrincipal,
    organizationId: string,
    client: Client,
  ): Promise<UserPrincipal> {
    const { sessionId, personId } = principal;
    // Who has signed in elsewhere acts for whom it was said there.
    if (sessionId === null && principal.organization?.id === organizationId) return principal;
    const memberships = sessionId === null ? [] : await this.#sessions.openMemberships(personId);
    const { organization, role } = find(memberships, organizationId);
    const chosen = { ...principal, organization, role };
    const { store, clock } = this.#parts;
    if (sessionId !== null) await store.chooseOrganization(sessionId, organizationId);
    await store.appendEvent(eventOf(chosen, client, clock(), 'organization_chosen'));
    return chosen;
  }

  async #enter(
    person: Person,
    memberships: readonly Membership[],
    organizationId: string | null,
    client: Client,
  ): Promise<SignedIn> {
    if (memberships.length === 0 && !person.operator) {
      const event = eventOf(ANONYMOUS_PRINCIPAL, client, this.#parts.clock(), 'sign_in_failed', {
        detail: { reason: 'no_organization' },
      });
      await this.#parts.store.appendEvent({ ...event, personId: person.id });
      throw new AccessError('forbidden', 'you belong to no organization that is open; ask who invited you');
    }
    // Of several, none is taken for granted: what is notarized for the wrong one stays so.
    const membership = organizationId === null ? theOnly(memberships) : find(memberships, organizationId);
    return this.#sessions.open(person, membership, client);
  }
}

function theOnly(memberships: readonly Membership[]): Membership | null {
  return memberships.length === 1 ? (memberships[0] ?? null) : null;
}

function find(memberships: readonly Membership[], organizationId: string): Membership {
  const found = memberships.find(({ organization }) => organization.id === organizationId);
  if (found === undefined)
    throw new AccessError('organization_not_found', 'you belong to no such organization');
  return found;
}

/** Each takes 19 MiB and one of the four threads that Node keeps for such work: half of them stay for everything else. */
const AT_ONCE = 2;
const MAX_WAITING = 64;

/** As whom somebody tries to come in. */
export interface Claimed {
  /** Normalised. */
  readonly email: string;
  /** null: there is nobody of that address. */
  readonly person: Person | null;
  /** Whose owners may read of it; null: nobody's. */
  readonly organizationId: string | null;
  readonly during: 'sign_in' | 'password_change' | 'invitation';
}

/** Checks and makes passwords, a few at a time. */
export class Credentials {
  readonly #parts: AccessParts;
  readonly #throttle: SignInThrottle;
  readonly #turns = new Turns(AT_ONCE, MAX_WAITING);

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#throttle = new SignInThrottle(parts.rateLimits);
  }

  /**
   * Resolves when the password is that person's. The same work, statement by statement, for people who are not there.
   * @throws {AccessError} invalid_credentials, sign_in_blocked, busy
   */
  async check(claimed: Claimed, password: string, client: Client): Promise<void> {
    const { email, person } = claimed;
    await this.#assertOpen(claimed, client);
    await this.#turns.take(async () => {
      // Once more: those who were waiting meanwhile have failed meanwhile.
      await this.#assertOpen(claimed, client);
      const hash = person?.disabledAt === null ? person.passwordHash : null;
      if (await isPassword(hash, password)) {
        await this.#throttle.succeeded(email);
        return;
      }
      await this.#throttle.failed(email, client);
      await this.#record('sign_in_failed', claimed, client);
      throw new AccessError('invalid_credentials', 'the e-mail address or the password is wrong');
    });
  }

  /**
   * What is to be kept of a new password.
   * @throws {AccessError} invalid_password, busy
   */
  async hash(password: string): Promise<string> {
    assertPassword(password);
    return this.#turns.take(() => hashPassword(password));
  }

  async #assertOpen(claimed: Claimed, client: Client): Promise<void> {
    try {
      await this.#throttle.assertOpen(claimed.email, client);
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      if (await this.#throttle.isNews(claimed.email, client, error.retryAfterSeconds ?? 1)) {
        await this.#record('sign_in_blocked', claimed, client);
      }
      throw error;
    }
  }

  /** The address that was typed is not written down: people type passwords there. */
  async #record(
    kind: 'sign_in_failed' | 'sign_in_blocked',
    { person, organizationId, during }: Claimed,
    client: Client,
  ): Promise<void> {
    await this.#parts.store.appendEvent({
      at: this.#parts.clock(),
      kind,
      organizationId,
      personId: person?.id ?? null,
      keyId: null,
      address: client.address,
      detail: { during },
    });
  }
}

const DAY_SECONDS = 86_400;
const GROWTH = { firstDelaySeconds: 2, maxDelaySeconds: 900, forgetAfterSeconds: DAY_SECONDS } as const;
const PER_ADDRESS = { free: 5, ...GROWTH } as const;
/** An office shares one network. */
const PER_NETWORK = { free: 20, ...GROWTH } as const;

/**
 * Failures cost waiting: 2, 4, 8 … seconds up to 15 minutes, counted for the e-mail address, be it anybody's or nobody's, and for the
 * network they come from, over all instances. Nobody is locked out for good, so nobody can lock others out for good.
 */
export class SignInThrottle {
  readonly #limits: RateLimits;

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** @throws {AccessError} sign_in_blocked, with the time to wait */
  async assertOpen(email: string, client: Client): Promise<void> {
    const seconds = await this.#limits.blockedFor([addressKey(email), networkKey(client)]);
    if (seconds > 0) {
      throw new AccessError(
        'sign_in_blocked',
        `too many failed attempts; the next one is possible in ${seconds} s`,
        {
          retryAfterSeconds: seconds,
        },
      );
    }
  }

  async failed(email: string, client: Client): Promise<void> {
    await this.#limits.fail(addressKey(email), PER_ADDRESS);
    await this.#limits.fail(networkKey(client), PER_NETWORK);
  }

  /** Of the network nothing is forgotten: else one good organization would open it to guessing at others. */
  async succeeded(email: string): Promise<void> {
    await this.#limits.forget(addressKey(email));
  }

  /** Whether this is the first time that somebody is sent away in this wait: that is worth an event, the rest is noise. */
  async isNews(email: string, client: Client, seconds: number): Promise<boolean> {
    const key = `sign-in:told:${addressKey(email)}:${networkKey(client)}`;
    return (await this.#limits.take(key, 1, { limit: 1, windowSeconds: Math.max(1, seconds) })).taken;
  }
}

/** A hash: what is typed for an address is nobody's business, and can be long. */
function addressKey(email: string): string {
  return `sign-in:address:${Buffer.from(hashSecret(email)).toString('base64url')}`;
}

function networkKey(client: Client): string {
  return `sign-in:network:${networkOf(client.address)}`;
}
