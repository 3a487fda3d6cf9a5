import type { Membership, Person } from '../../store/index.js';
import type { Client } from '../client.js';
import type { Credentials } from './credentials.js';
import { normaliseEmail } from '../people/email.js';
import { AccessError } from '../errors.js';
import { eventOf } from '../events.js';
import type { AccessParts } from '../parts.js';
import { ANONYMOUS_PRINCIPAL, type UserPrincipal } from '../principal.js';
import type { Sessions, SignedIn } from './sessions.js';

export interface SignInInput {
  readonly email: string;
  readonly password: string;
  /** On whose behalf; by default that of the only account one is in. */
  readonly account?: string | undefined;
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
    const accountId = theOnly(memberships)?.account.id ?? null;
    await this.#credentials.check({ email, person, accountId, during: 'sign_in' }, input.password, client);
    if (person === null) throw new Error('a password was found to be nobody’s');
    return this.#enter(person, memberships, input.account ?? null, client);
  }

  /** For those who have proved otherwise who they are. */
  async enter(person: Person, accountId: string | null, client: Client): Promise<SignedIn> {
    return this.#enter(person, await this.#sessions.openMemberships(person.id), accountId, client);
  }

  async changePassword(principal: UserPrincipal, input: PasswordChange, client: Client): Promise<SignedIn> {
    const { store, clock } = this.#parts;
    const person = principal.sessionId === null ? null : await store.person(principal.personId);
    if (person === null) throw new AccessError('forbidden', 'this password is kept where you signed in');
    const accountId = principal.account?.id ?? null;
    await this.#credentials.check(
      { email: person.email, person, accountId, during: 'password_change' },
      input.current,
      client,
    );
    const passwordHash = await this.#credentials.hash(input.next);
    const event = eventOf(principal, client, clock(), 'password_set');
    const changed = await store.updatePerson(person.id, { passwordHash }, event);
    if (changed === null || changed === 'last_operator')
      throw new AccessError('invalid_token', 'the person is gone');
    const memberships = await this.#sessions.openMemberships(person.id);
    const stays = memberships.some(({ account }) => account.id === accountId);
    return this.#enter(changed, memberships, stays ? accountId : null, client);
  }

  /** @throws {AccessError} account_not_found: also for one that is not one's own */
  async chooseAccount(principal: UserPrincipal, accountId: string, client: Client): Promise<UserPrincipal> {
    const { sessionId, personId } = principal;
    // Who has signed in elsewhere acts for whom it was said there.
    if (sessionId === null && principal.account?.id === accountId) return principal;
    const memberships = sessionId === null ? [] : await this.#sessions.openMemberships(personId);
    const { account, role } = find(memberships, accountId);
    const chosen = { ...principal, account, role };
    const { store, clock } = this.#parts;
    if (sessionId !== null) await store.chooseAccount(sessionId, accountId);
    await store.appendEvent(eventOf(chosen, client, clock(), 'account_chosen'));
    return chosen;
  }

  async #enter(
    person: Person,
    memberships: readonly Membership[],
    accountId: string | null,
    client: Client,
  ): Promise<SignedIn> {
    if (memberships.length === 0 && !person.operator) {
      const event = eventOf(ANONYMOUS_PRINCIPAL, client, this.#parts.clock(), 'sign_in_failed', {
        detail: { reason: 'no_account' },
      });
      await this.#parts.store.appendEvent({ ...event, personId: person.id });
      throw new AccessError('forbidden', 'you belong to no account that is open; ask who invited you');
    }
    // Of several, none is taken for granted: what is notarized for the wrong one stays so.
    const membership = accountId === null ? theOnly(memberships) : find(memberships, accountId);
    return this.#sessions.open(person, membership, client);
  }
}

function theOnly(memberships: readonly Membership[]): Membership | null {
  return memberships.length === 1 ? (memberships[0] ?? null) : null;
}

function find(memberships: readonly Membership[], accountId: string): Membership {
  const found = memberships.find(({ account }) => account.id === accountId);
  if (found === undefined) throw new AccessError('account_not_found', 'you belong to no such account');
  return found;
}
