import type { Organization, OrganizationUser, Limits, Person, Role } from '../store/index.js';
import { AccessError, type AccessParts, type Client } from './context.js';
import { eventOf } from './access-log.js';
import type { InvitationLink, Invitations } from './invitations.js';
import {
  organizationOf,
  type Actor,
  assertMay,
  assertMayIn,
  isOfProvider,
  type Local,
  may,
  noOrganization,
  type UserPrincipal,
} from './policy.js';
import { creationEvents, newOrganization } from './new-organization.js';
import { isId, type LimitsInput, newId, normaliseEmail, parseLimits, parseName } from './values.js';

/** An e-mail address that the caller has not proved, and what to do if somebody has signed up with it. */
interface Trust {
  /**
   * Only on the machine itself: whoever has signed up with the address is known to be the person who is meant.
   * It needs no invitation then.
   */
  readonly trustExisting?: boolean | undefined;
}

export interface ChangedOperator {
  readonly person: Person;
  /** null: the person is an operator now, or is none. */
  readonly invitation: InvitationLink | null;
}

/** People, independently of their organizations. */
export class People {
  readonly #parts: AccessParts;
  readonly #invitations: Invitations;

  constructor(parts: AccessParts, invitations: Invitations) {
    this.#parts = parts;
    this.#invitations = invitations;
  }

  /** By e-mail. */
  async operators(by: Actor): Promise<Person[]> {
    assertMay(by, 'organizations');
    return this.#parts.store.operators();
  }

  /** People who have been invited to become operators, by e-mail. */
  async invitedOperators(by: Actor): Promise<Person[]> {
    assertMay(by, 'organizations');
    return this.#parts.store.invitedOperators(this.#parts.clock());
  }

  /**
   * Invites a person to become an operator. Does nothing for one who is.
   * @param who person id or e-mail address
   * @throws {AccessError} user_not_found, invalid_email
   */
  async addOperator(by: Actor, who: string, client: Client, trust: Trust = {}): Promise<ChangedOperator> {
    assertMay(by, 'organizations');
    const person = await (isId('psn', who) ? this.#find(who) : this.#findOrCreate(who));
    if (person.operator) return { person, invitation: null };
    if (by.kind === 'local' && trust.trustExisting === true && person.passwordHash !== null) {
      return { person: await this.#changeOperator(by, person, true, client), invitation: null };
    }
    return { person, invitation: await this.#invitations.make(by, person, { operator: true }, client) };
  }

  /**
   * Also voids an invitation to become one.
   * @throws {AccessError} user_not_found, last_operator, invalid_email
   */
  async removeOperator(by: Actor, who: string, client: Client): Promise<Person> {
    assertMay(by, 'organizations');
    return this.#changeOperator(by, await this.#find(who), false, client);
  }

  #changeOperator(by: Actor, person: Person, operator: boolean, client: Client): Promise<Person> {
    return this.#update(by, person, { operator }, 'operator_changed', { operator }, client);
  }

  /** Ends the sessions of a disabled person, who cannot sign in. */
  async setDisabled(by: Actor, who: string, disabled: boolean, client: Client): Promise<Person> {
    assertMay(by, 'organizations');
    const change = { disabledAt: disabled ? this.#parts.clock() : null };
    const kind = disabled ? 'person_disabled' : 'person_enabled';
    return this.#update(by, await this.#find(who), change, kind, {}, client);
  }

  /** A link that sets a new password for anybody: only from the machine itself. */
  async resetPassword(by: Local, who: string, client: Client): Promise<InvitationLink> {
    return this.#invitations.make(by, await this.#find(who), {}, client);
  }

  async #update(
    by: Actor,
    person: Person,
    change: { readonly operator?: boolean; readonly disabledAt?: number | null },
    kind: 'operator_changed' | 'person_disabled' | 'person_enabled',
    detail: { readonly operator?: boolean },
    client: Client,
  ): Promise<Person> {
    const event = eventOf(by, client, this.#parts.clock(), kind, {
      organizationId: null,
      detail: { person: person.id, email: person.email, ...detail },
    });
    const changed = await this.#parts.store.updatePerson(person.id, change, event);
    if (changed === 'last_operator') {
      throw new AccessError('last_operator', 'the service needs at least one operator');
    }
    if (changed === null) throw noPerson();
    return changed;
  }

  async #find(who: string): Promise<Person> {
    const { store } = this.#parts;
    const person = await (isId('psn', who) ? store.person(who) : store.personByEmail(normaliseEmail(who)));
    if (person === null) throw noPerson();
    return person;
  }

  #findOrCreate(email: string): Promise<Person> {
    return findOrCreatePerson(this.#parts, normaliseEmail(email));
  }
}

/**
 * The person with this address, unchanged; or a new one, who has no password yet and is called by the
 * address: how one organization calls them is not for another to see.
 */
async function findOrCreatePerson({ store, clock }: AccessParts, email: string): Promise<Person> {
  const { person } = await store.findOrCreatePerson({
    id: newId('psn'),
    email,
    name: email,
    passwordHash: null,
    operator: false,
    createdAt: clock(),
  });
  return person;
}

function noPerson(): AccessError {
  return new AccessError('user_not_found', 'there is no such person');
}

export interface NewOrganization {
  readonly name: string;
  readonly limits?: LimitsInput | undefined;
  /** The operator who creates it is its first owner. */
  readonly owned?: boolean | undefined;
}

export interface OrganizationChange {
  readonly name?: string | undefined;
  readonly limits?: LimitsInput | undefined;
  readonly disabled?: boolean | undefined;
}

export interface OrganizationPage {
  /** The last id of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Organizations: operators create, limit and disable them. */
export class Organizations {
  readonly #parts: AccessParts;

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /** @throws {AccessError} unauthenticated, forbidden: also to own it without an account here; invalid_value */
  async create(by: Actor, input: NewOrganization, client: Client): Promise<Organization> {
    assertMay(by, 'organizations');
    const { store, clock } = this.#parts;
    const owner = input.owned === true ? await this.#ownerBy(by) : null;
    const organization = newOrganization(input, clock());
    const events = creationEvents(by, client, organization, owner);
    return store.createOrganization(organization, owner?.id ?? null, events);
  }

  async #ownerBy(by: Actor): Promise<Person> {
    const person =
      by.kind === 'user' && by.sessionId !== null ? await this.#parts.store.person(by.personId) : null;
    if (person !== null) return person;
    throw new AccessError('forbidden', 'only a person who has signed in here can own an organization');
  }

  /** By id, ascending. */
  async list(by: Actor, { after, limit }: OrganizationPage): Promise<Organization[]> {
    assertMay(by, 'organizations');
    // A cursor that is not an id starts from the beginning.
    const start = after !== undefined && isId('org', after) ? { after } : {};
    return this.#parts.store.organizations({ ...start, limit });
  }

  /**
   * @throws {AccessError} organization_not_found: also for an organization that the actor does not belong to
   */
  async get(by: Actor, id: string): Promise<Organization> {
    const mayReadAny = by.kind === 'local' || may(by, 'organizations');
    if (!mayReadAny && organizationOf(by)?.id !== id) throw noOrganization();
    const organization = isId('org', id) ? await this.#parts.store.organization(id) : null;
    if (organization === null) throw noOrganization();
    return organization;
  }

  /** Nobody can act for a disabled organization, on any instance. Its notarizations stay. */
  async update(by: Actor, id: string, change: OrganizationChange, client: Client): Promise<Organization> {
    assertMay(by, 'organizations');
    const { name, limits, disabled } = change;
    const now = this.#parts.clock();
    const changed: { name?: string; limits?: Partial<Limits>; disabledAt?: number | null } = {
      ...(name === undefined ? {} : { name: parseName(name) }),
      ...(limits === undefined ? {} : { limits: parseLimits(limits) }),
      ...(disabled === undefined ? {} : { disabledAt: disabled ? now : null }),
    };
    const kind =
      disabled === undefined
        ? 'organization_changed'
        : disabled
          ? 'organization_disabled'
          : 'organization_enabled';
    const detail = { ...(changed.name === undefined ? {} : { name: changed.name }), ...changed.limits };
    const event = eventOf(by, client, now, kind, { organizationId: id, detail });
    const organization = isId('org', id)
      ? await this.#parts.store.updateOrganization(id, changed, event)
      : null;
    if (organization === null) throw noOrganization();
    return organization;
  }

  /**
   * Whether people act for the organization only in a session with a passkey. Those who have none yet can sign in with
   * the password to add one. Programs with API keys and people of the identity provider are not concerned.
   * @throws {AccessError} organization_not_found, forbidden; passkey_required: only whoever is signed in with a
   * passkey can require them, so that nobody locks themselves out
   */
  async requirePasskeys(by: Actor, id: string, required: boolean, client: Client): Promise<Organization> {
    assertMayIn(by, id, 'users');
    const person = by.kind === 'user' && by.sessionId !== null && !isOfProvider(by) ? by : null;
    if (by.kind !== 'local' && person === null) {
      throw new AccessError('forbidden', 'only an owner who has signed in here can change this');
    }
    if (required && person?.withPasskey === false) throw noPasskeyYet();
    const event = eventOf(by, client, this.#parts.clock(), 'organization_changed', {
      organizationId: id,
      detail: { requiresPasskey: required },
    });
    const requirement = { organizationId: id, required, by: person?.personId ?? null };
    const organization = isId('org', id) ? await this.#parts.store.requirePasskeys(requirement, event) : null;
    if (organization === 'no_passkey') throw noPasskeyYet();
    if (organization === null) throw noOrganization();
    return organization;
  }
}

function noPasskeyYet(): AccessError {
  return new AccessError(
    'passkey_required',
    'first add a passkey to your own account, or sign in with it: otherwise you would lock yourself out',
  );
}

export interface NewUser extends Trust {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** Of the e-mail; null: not known. */
  readonly language?: 'en' | 'ko' | null | undefined;
}

export interface AddedUser {
  readonly user: OrganizationUser;
  /** null: the person is active at once. */
  readonly invitation: InvitationLink | null;
}

/** The users of organizations. Owners manage them; an operator only until there is an owner. */
export class Users {
  readonly #parts: AccessParts;
  readonly #invitations: Invitations;

  constructor(parts: AccessParts, invitations: Invitations) {
    this.#parts = parts;
    this.#invitations = invitations;
  }

  async list(by: Actor, organizationId: string): Promise<OrganizationUser[]> {
    return (await this.#manageable(by, organizationId)).map((user) => asSeenInside(by, user));
  }

  /**
   * The user becomes active by accepting the invitation: an e-mail address does not prove who it belongs to,
   * also if somebody has signed up with it.
   * @throws {AccessError} user_exists
   */
  async add(by: Actor, organizationId: string, input: NewUser, client: Client): Promise<AddedUser> {
    await this.#manageable(by, organizationId);
    if (!mayChooseRole(by, organizationId) && input.role !== 'owner') {
      throw new AccessError(
        'forbidden',
        'an operator can only add the first owner, who adds all other users',
      );
    }
    const { store, clock } = this.#parts;
    const createdAt = clock();
    const invitedName = parseName(input.name);
    const person = await findOrCreatePerson(this.#parts, normaliseEmail(input.email));
    const isTrusted = by.kind === 'local' && input.trustExisting === true && person.passwordHash !== null;
    const place = {
      ...{ organizationId, role: input.role, invitedName, createdAt },
      acceptedAt: isTrusted ? createdAt : null,
    };
    const detail = { person: person.id, email: person.email, role: input.role };
    const event = eventOf(by, client, createdAt, 'user_added', { organizationId, detail });
    if ((await store.addUser({ ...place, personId: person.id }, event)) === 'present') {
      throw new AccessError(
        'user_exists',
        'this person already belongs to the organization or has been invited',
      );
    }
    const invitation = isTrusted
      ? null
      : await this.#invitations.make(by, person, { organizationId, language: input.language }, client);
    return { user: asSeenInside(by, { ...place, person }), invitation };
  }

  /** @throws {AccessError} user_not_found, last_owner */
  async setRole(
    by: Actor,
    organizationId: string,
    personId: string,
    role: Role,
    client: Client,
  ): Promise<void> {
    assertMayIn(by, organizationId, 'users');
    await this.#find(by, organizationId, personId);
    const { store, clock } = this.#parts;
    const detail = { person: personId, role };
    const event = eventOf(by, client, clock(), 'role_changed', { organizationId, detail });
    const outcome = await store.changeRole({ organizationId, personId, role }, event);
    if (outcome === 'absent') throw noUser();
    if (outcome === 'last_owner') throw lastOwner();
  }

  /** @throws {AccessError} user_not_found, last_owner */
  async remove(by: Actor, organizationId: string, personId: string, client: Client): Promise<void> {
    const user = await this.#find(by, organizationId, personId);
    const { store, clock } = this.#parts;
    const detail = { person: personId, email: user.person.email };
    const event = eventOf(by, client, clock(), 'user_removed', { organizationId, detail });
    const outcome = await store.removeUser({ organizationId, personId }, event);
    if (outcome === 'absent') throw noUser();
    if (outcome === 'last_owner') throw lastOwner();
  }

  /**
   * The person leaves an organization, which may have been joined by somebody else with their address.
   * @throws {AccessError} organization_not_found: the person does not belong to it; last_owner; forbidden: the
   * identity provider decides
   */
  async leave(by: UserPrincipal, organizationId: string, client: Client): Promise<void> {
    const { personId, email } = by;
    if (isOfProvider(by)) {
      throw new AccessError('forbidden', 'your identity provider decides which organization you act for');
    }
    const { store, clock } = this.#parts;
    const memberships = await store.memberships(personId);
    const left = memberships.some(({ organization }) => organization.id === organizationId);
    const event = eventOf(by, client, clock(), 'user_removed', {
      organizationId,
      detail: { person: personId, email },
    });
    const outcome = left ? await store.removeUser({ organizationId, personId }, event) : 'absent';
    if (outcome === 'absent') {
      throw new AccessError('organization_not_found', 'you do not belong to this organization');
    }
    if (outcome === 'last_owner') throw lastOwner();
  }

  /**
   * A new link for a user who has not accepted the invitation or has forgotten the password. Voids earlier
   * links.
   * @throws {AccessError} user_not_found; forbidden for people whose password gives access to more than this
   * organization
   */
  async inviteAgain(
    by: Actor,
    organizationId: string,
    personId: string,
    client: Client,
    language: NewUser['language'] = null,
  ): Promise<InvitationLink> {
    const { person, acceptedAt } = await this.#find(by, organizationId, personId);
    if (acceptedAt !== null && by.kind === 'local') return this.#invitations.make(by, person, {}, client);
    if (acceptedAt !== null) {
      const memberships = await this.#parts.store.memberships(personId);
      if (person.operator || memberships.length > 1) {
        throw new AccessError(
          'forbidden',
          'this person’s password opens more than this organization, so only the administrator of the service’s machine can reset it: ingam user invite EMAIL',
        );
      }
    }
    return this.#invitations.make(by, person, { organizationId, language }, client);
  }

  async #find(by: Actor, organizationId: string, personId: string): Promise<OrganizationUser> {
    const user = (await this.#manageable(by, organizationId)).find(({ person }) => person.id === personId);
    if (user === undefined) throw noUser();
    return user;
  }

  /**
   * The organization's users, for those who may manage them.
   * @throws {AccessError} unauthenticated, forbidden, organization_not_found; owner_exists to an operator
   */
  async #manageable(by: Actor, organizationId: string): Promise<readonly OrganizationUser[]> {
    if (!mayChooseRole(by, organizationId)) {
      if (by.kind === 'user' && may(by, 'users') && !may(by, 'organizations')) throw noOrganization();
      assertMay(by, 'organizations');
    }
    const { store } = this.#parts;
    if (!isId('org', organizationId) || (await store.organization(organizationId)) === null)
      throw noOrganization();
    const users = await store.users(organizationId);
    const hasOwner = users.some(({ role, acceptedAt }) => role === 'owner' && acceptedAt !== null);
    if (hasOwner && !mayChooseRole(by, organizationId)) {
      throw new AccessError('owner_exists', 'this organization has an owner, who manages its users');
    }
    return users;
  }
}

function mayChooseRole(by: Actor, organizationId: string): boolean {
  return by.kind === 'local' || (may(by, 'users') && organizationOf(by)?.id === organizationId);
}

/**
 * An organization that a person has not joined sees of them only what it wrote itself, whether they are known
 * here or not.
 */
function asSeenInside(by: Actor, user: OrganizationUser): OrganizationUser {
  const { person, invitedName, acceptedAt } = user;
  if (acceptedAt !== null) return user;
  const shown = { ...person, name: invitedName };
  if (by.kind === 'local') return { ...user, person: shown };
  const unknown = { operator: false, passwordHash: null, needsPasskey: false, disabledAt: null };
  return { ...user, person: { ...shown, ...unknown } };
}

function noUser(): AccessError {
  return new AccessError('user_not_found', 'there is no such user in this organization');
}

function lastOwner(): AccessError {
  return new AccessError('last_owner', 'an organization needs at least one owner');
}
