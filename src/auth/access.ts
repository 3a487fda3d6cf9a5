import type {
  AccessEvent,
  Organization,
  OrganizationUser,
  ApiKey,
  EventFilter,
  Membership,
  NewAccessEvent,
  Person,
  Role,
  Session,
} from '../store/index.js';
import { readEvents, eventOf } from './events.js';
import { AccessTokens, SigningKeys } from './tokens.js';
import {
  Organizations,
  type OrganizationChange,
  type OrganizationPage,
  type NewOrganization,
  People,
  type ChangedOperator,
  Users,
  type AddedUser,
  type NewUser,
} from './people.js';
import { ApiKeys, type CreatedKey, type NewKey } from './api-keys.js';
import { authenticate, type Credentialed } from './authentication.js';
import {
  assertMay,
  type Actor,
  type Local,
  type Principal,
  type UserPrincipal,
  type AccessPolicy,
} from './policy.js';
import type { Client, Credential, AccessOptions, AccessParts } from './context.js';
import { Credentials, SignIn, type PasswordChange, type SignInInput } from './sign-in.js';
import { Invitations, type InvitationFacts, type InvitationLink, type Redemption } from './invitations.js';
import { PrincipalLimits, type Documents, type LimitState } from './limits.js';
import { ExternalIssuer } from './oidc.js';
import { Sessions, type SignedIn } from './sessions.js';

/** How long sessions that are over are kept. */
const SESSION_REST_MS = 86_400_000;

/**
 * Who may do what: organizations, people, sessions, keys, limits and the log of all that. Rejects with AccessErrors, whose codes are the
 * answers, and with StoreErrors when the database has none. Decisions are taken on what is committed; what is remembered of a key
 * decides nothing that the accepting statement does not confirm.
 */
export class Access {
  readonly policy: AccessPolicy;
  readonly #parts: AccessParts;
  readonly #options: AccessOptions;
  readonly #signingKeys: SigningKeys;
  readonly #sessions: Sessions;
  readonly #signIn: SignIn;
  readonly #invitations: Invitations;
  readonly #organizations: Organizations;
  readonly #users: Users;
  readonly #people: People;
  readonly #apiKeys: ApiKeys;
  readonly #limits: PrincipalLimits;
  readonly #credentialed: Credentialed;

  constructor(options: AccessOptions) {
    const { store, rateLimits, secret, origin, policy, oidc, logger, clock = Date.now } = options;
    const parts: AccessParts = { store, rateLimits, logger, clock };
    const credentials = new Credentials(parts);
    this.policy = policy;
    this.#parts = parts;
    this.#options = options;
    this.#signingKeys = new SigningKeys(store, secret, clock, logger);
    const tokens = new AccessTokens(this.#signingKeys, origin, clock);
    this.#sessions = new Sessions(parts, tokens, secret);
    this.#signIn = new SignIn(parts, credentials, this.#sessions);
    this.#invitations = new Invitations(parts, credentials, this.#signIn);
    this.#organizations = new Organizations(parts);
    this.#users = new Users(parts, this.#invitations);
    this.#people = new People(parts, this.#invitations);
    this.#apiKeys = new ApiKeys(parts);
    this.#limits = new PrincipalLimits(parts);
    this.#credentialed = {
      apiKeys: this.#apiKeys,
      tokens,
      sessions: this.#sessions,
      externalIssuer: oidc === null ? null : new ExternalIssuer(oidc, parts),
    };
  }

  /** Sees to a signing key, and to the configured operator. */
  async start(): Promise<void> {
    await this.#signingKeys.current();
    const { operator = null } = this.#options;
    if (operator !== null) await this.seedOperator(operator);
  }

  /** Writes what is left to write. The store is the caller's to close, after this. */
  async close(): Promise<void> {
    await this.#apiKeys.close();
  }

  /** Housekeeping: removes sessions and limits that are long over. */
  async tidy(): Promise<void> {
    const now = this.#parts.clock();
    await this.#parts.store.expireSessions(now - SESSION_REST_MS);
    await this.#parts.rateLimits.expire(now);
  }

  authenticate(credential: Credential | null, client: Client): Promise<Principal> {
    return authenticate(this.#credentialed, credential, client);
  }

  /** As far as it is remembered, and good: only for who then submits `asOf`. null: it is not. */
  remembered(credential: Credential, client: Client): Principal | null {
    return this.#apiKeys.remembered(credential.token, client);
  }

  // Sessions

  signIn(input: SignInInput, client: Client): Promise<SignedIn> {
    return this.#signIn.signIn(input, client);
  }

  refresh(refreshToken: string, client: Client): Promise<SignedIn> {
    return this.#sessions.refresh(refreshToken, client);
  }

  /** Does nothing for those who have signed in elsewhere. */
  async signOut(principal: UserPrincipal, client: Client): Promise<void> {
    const { sessionId } = principal;
    if (sessionId !== null) await this.#sessions.end(principal, sessionId, 'sign_out', client);
  }

  /** One's own live ones, latest first. */
  sessions(principal: UserPrincipal): Promise<Session[]> {
    return this.#sessions.list(principal);
  }

  /** false: it is not a live one of one's own. */
  endSession(principal: UserPrincipal, sessionId: string, client: Client): Promise<boolean> {
    return this.#sessions.end(principal, sessionId, 'session_ended', client);
  }

  /** What one can act for. */
  async memberships(principal: UserPrincipal): Promise<Membership[]> {
    const { sessionId, organization, role, personId } = principal;
    if (sessionId !== null) return this.#sessions.openMemberships(personId);
    return organization === null || role === null ? [] : [{ organization, role }];
  }

  /** The session acts for that organization from now on. */
  chooseOrganization(
    principal: UserPrincipal,
    organizationId: string,
    client: Client,
  ): Promise<UserPrincipal> {
    return this.#signIn.chooseOrganization(principal, organizationId, client);
  }

  /** All other sessions end. */
  changePassword(principal: UserPrincipal, input: PasswordChange, client: Client): Promise<SignedIn> {
    return this.#signIn.changePassword(principal, input, client);
  }

  isCsrfToken(principal: Principal, token: string): boolean {
    return principal.kind === 'user' && this.#sessions.isCsrfToken(principal, token);
  }

  // Invitations

  invitation(token: string): Promise<InvitationFacts> {
    return this.#invitations.inspect(token);
  }

  redeem(token: string, input: Redemption, client: Client): Promise<SignedIn> {
    return this.#invitations.redeem(token, input, client);
  }

  /** For whoever reads the terminal to become the first operator with, within a day. null: there is an operator. */
  async firstStartToken(): Promise<string | null> {
    return (await this.#invitations.forFirstOperator())?.token ?? null;
  }

  /** For set-ups without anybody at hand to open a link. Does nothing when there is an operator. */
  seedOperator(operator: { readonly email: string; readonly password: string }): Promise<void> {
    return this.#invitations.seedOperator(operator);
  }

  // Organizations

  createOrganization(by: Actor, input: NewOrganization, client: Client): Promise<Organization> {
    return this.#organizations.create(by, input, client);
  }

  organizations(by: Actor, page: OrganizationPage): Promise<Organization[]> {
    return this.#organizations.list(by, page);
  }

  organization(by: Actor, id: string): Promise<Organization> {
    return this.#organizations.get(by, id);
  }

  updateOrganization(
    by: Actor,
    id: string,
    change: OrganizationChange,
    client: Client,
  ): Promise<Organization> {
    return this.#organizations.update(by, id, change, client);
  }

  // People

  users(by: Actor, organizationId: string): Promise<OrganizationUser[]> {
    return this.#users.list(by, organizationId);
  }

  addUser(by: Actor, organizationId: string, input: NewUser, client: Client): Promise<AddedUser> {
    return this.#users.add(by, organizationId, input, client);
  }

  setRole(by: Actor, organizationId: string, personId: string, role: Role, client: Client): Promise<void> {
    return this.#users.setRole(by, organizationId, personId, role, client);
  }

  removeUser(by: Actor, organizationId: string, personId: string, client: Client): Promise<void> {
    return this.#users.remove(by, organizationId, personId, client);
  }

  inviteAgain(by: Actor, organizationId: string, personId: string, client: Client): Promise<InvitationLink> {
    return this.#users.inviteAgain(by, organizationId, personId, client);
  }

  operators(by: Actor): Promise<Person[]> {
    return this.#people.operators(by);
  }

  /** @param who person id or e-mail address, which may be a new one */
  setOperator(by: Actor, who: string, on: boolean, client: Client): Promise<ChangedOperator> {
    return this.#people.setOperator(by, who, on, client);
  }

  /** @param who person id or e-mail address */
  setPersonDisabled(by: Actor, who: string, disabled: boolean, client: Client): Promise<Person> {
    return this.#people.setDisabled(by, who, disabled, client);
  }

  /** @param who person id or e-mail address */
  resetPassword(by: Local, who: string, client: Client): Promise<InvitationLink> {
    return this.#people.resetPassword(by, who, client);
  }

  // Keys

  createKey(by: Actor, organizationId: string, input: NewKey, client: Client): Promise<CreatedKey> {
    return this.#apiKeys.create(by, organizationId, input, client);
  }

  keys(by: Actor, organizationId: string): Promise<ApiKey[]> {
    return this.#apiKeys.list(by, organizationId);
  }

  revokeKey(by: Actor, organizationId: string, keyId: string, client: Client): Promise<void> {
    return this.#apiKeys.revoke(by, organizationId, keyId, client);
  }

  /** Nobody is signed out by it. */
  async rotateSigningKey(by: Actor, client: Client): Promise<void> {
    assertMay(by, 'organizations');
    await this.#signingKeys.rotate((at) =>
      eventOf(by, client, at, 'signing_key_rotated', { organizationId: null }),
    );
  }

  // The access log

  events(by: Actor, filter: EventFilter): Promise<AccessEvent[]> {
    return readEvents(this.#parts, by, filter);
  }

  record(event: NewAccessEvent): Promise<void> {
    return this.#parts.store.appendEvent(event);
  }

  // Limits

  /** @throws {LimitError} */
  takeRequest(principal: Principal, client: Client): Promise<LimitState[]> {
    return this.#limits.takeRequest(principal, client);
  }

  /** @throws {LimitError} */
  takeDocuments(principal: Principal, documents: Documents, client: Client): Promise<LimitState[]> {
    return this.#limits.takeDocuments(principal, documents, client);
  }

  /** null: no limit. To stop an upload that could not be taken in. */
  bytesLeft(principal: Principal): Promise<number | null> {
    return this.#limits.bytesLeft(principal);
  }
}
