import type { AccountUser, Role } from '../../store/index.js';
import { assertMay, assertMayIn, noAccount } from '../authority.js';
import type { Client } from '../client.js';
import { normaliseEmail } from './email.js';
import { AccessError } from '../errors.js';
import { eventOf } from '../events.js';
import type { InvitationLink, Invitations } from './invitations.js';
import type { AccessParts } from '../parts.js';
import { may } from '../permissions.js';
import { accountOf, type Actor } from '../principal.js';
import { isId, newId } from '../secrets.js';
import { parseName } from '../values.js';

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

export interface AddedUser {
  readonly user: AccountUser;
  /** null: they take part at once. */
  readonly invitation: InvitationLink | null;
}

/** People in accounts. An account's owners see to them; an operator only until it has an owner. */
export class Users {
  readonly #parts: AccessParts;
  readonly #invitations: Invitations;

  constructor(parts: AccessParts, invitations: Invitations) {
    this.#parts = parts;
    this.#invitations = invitations;
  }

  async list(by: Actor, accountId: string): Promise<AccountUser[]> {
    return (await this.#staff(by, accountId)).map(asSeenInside);
  }

  /**
   * Whoever is added takes part once they have come with the invitation: an address alone does not show who sits behind it. Only the
   * machine itself adds people who have a password without asking them.
   * @throws {AccessError} user_exists
   */
  async add(by: Actor, accountId: string, input: NewUser, client: Client): Promise<AddedUser> {
    await this.#staff(by, accountId);
    if (!mayChooseRole(by, accountId) && input.role !== 'owner') {
      throw new AccessError(
        'forbidden',
        'an operator gives an account its first owner, who adds everybody else',
      );
    }
    const { store, clock } = this.#parts;
    const createdAt = clock();
    const { person } = await store.obtainPerson({
      id: newId('psn'),
      email: normaliseEmail(input.email),
      name: parseName(input.name),
      passwordHash: null,
      operator: false,
      createdAt,
    });
    const acceptedAt = by.kind === 'local' && person.passwordHash !== null ? createdAt : null;
    const place = { accountId, role: input.role, createdAt, acceptedAt };
    const detail = { person: person.id, email: person.email, role: input.role };
    const event = eventOf(by, client, createdAt, 'user_added', { accountId, detail });
    if ((await store.addUser({ ...place, personId: person.id }, event)) === 'present') {
      throw new AccessError('user_exists', 'this person is in the account, or invited into it, already');
    }
    const invitation =
      acceptedAt === null ? await this.#invitations.make(by, person.id, accountId, client) : null;
    return { user: asSeenInside({ ...place, person }), invitation };
  }

  /** @throws {AccessError} user_not_found, last_owner */
  async setRole(by: Actor, accountId: string, personId: string, role: Role, client: Client): Promise<void> {
    assertMayIn(by, accountId, 'users');
    await this.#find(by, accountId, personId);
    const { store, clock } = this.#parts;
    const detail = { person: personId, role };
    const event = eventOf(by, client, clock(), 'role_changed', { accountId, detail });
    const outcome = await store.changeRole({ accountId, personId, role }, event);
    if (outcome === 'absent') throw noUser();
    if (outcome === 'last_owner') throw lastOwner();
  }

  /** @throws {AccessError} user_not_found, last_owner */
  async remove(by: Actor, accountId: string, personId: string, client: Client): Promise<void> {
    const user = await this.#find(by, accountId, personId);
    const { store, clock } = this.#parts;
    const detail = { person: personId, email: user.person.email };
    const event = eventOf(by, client, clock(), 'user_removed', { accountId, detail });
    const outcome = await store.removeUser({ accountId, personId }, event);
    if (outcome === 'absent') throw noUser();
    if (outcome === 'last_owner') throw lastOwner();
  }

  /**
   * A new link for somebody who has not come yet, or who has forgotten the password; earlier ones are void.
   * @throws {AccessError} user_not_found; forbidden for people whose password opens more than this account
   */
  async inviteAgain(by: Actor, accountId: string, personId: string, client: Client): Promise<InvitationLink> {
    const { person, acceptedAt } = await this.#find(by, accountId, personId);
    if (acceptedAt === null) return this.#invitations.make(by, personId, accountId, client);
    if (by.kind === 'local') return this.#invitations.make(by, personId, null, client);
    const memberships = await this.#parts.store.memberships(personId);
    if (person.operator || memberships.length > 1) {
      throw new AccessError('forbidden', 'this person’s password is not this account’s alone to set');
    }
    return this.#invitations.make(by, personId, accountId, client);
  }

  async #find(by: Actor, accountId: string, personId: string): Promise<AccountUser> {
    const user = (await this.#staff(by, accountId)).find(({ person }) => person.id === personId);
    if (user === undefined) throw noUser();
    return user;
  }

  /**
   * The account's users, for those who may see to them.
   * @throws {AccessError} unauthenticated, forbidden, account_not_found; owner_exists to an operator
   */
  async #staff(by: Actor, accountId: string): Promise<readonly AccountUser[]> {
    if (!mayChooseRole(by, accountId)) {
      if (by.kind === 'user' && may(by, 'users') && !may(by, 'accounts')) throw noAccount();
      assertMay(by, 'accounts');
    }
    const { store } = this.#parts;
    if (!isId('acct', accountId) || (await store.account(accountId)) === null) throw noAccount();
    const users = await store.users(accountId);
    const staffed = users.some(({ role, acceptedAt }) => role === 'owner' && acceptedAt !== null);
    if (staffed && !mayChooseRole(by, accountId)) {
      throw new AccessError('owner_exists', 'this account has an owner, who sees to its users');
    }
    return users;
  }
}

function mayChooseRole(by: Actor, accountId: string): boolean {
  return by.kind === 'local' || (may(by, 'users') && accountOf(by)?.id === accountId);
}

/** What somebody is called elsewhere is not told to an account that they have not joined. */
function asSeenInside(user: AccountUser): AccountUser {
  const { person, acceptedAt } = user;
  return acceptedAt === null && person.passwordHash !== null
    ? { ...user, person: { ...person, name: person.email, operator: false } }
    : user;
}

function noUser(): AccessError {
  return new AccessError('user_not_found', 'there is no such user in the account');
}

function lastOwner(): AccessError {
  return new AccessError('last_owner', 'an account keeps at least one owner');
}
