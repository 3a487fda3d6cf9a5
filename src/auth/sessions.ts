import { createHmac } from 'node:crypto';
import { deriveKey } from '../crypto/secrets.js';
import {
  type AccessStore,
  type Membership,
  type NewAccessEvent,
  type Organization,
  type Person,
  PROVIDER_PREFIX,
  type ProviderIdentity,
  type Session,
  type SessionFacts,
} from '../store/index.js';
import { eventOf } from './access-log.js';
import { batched } from './api-keys.js';
import { AccessError, type AccessParts, type Client, type Tokens } from './context.js';
import { type Passwords, wrongCredentials } from './passwords.js';
import { ANONYMOUS_PRINCIPAL, isOfProvider, type Principal, type UserPrincipal } from './policy.js';
import type { AccessClaims, AccessTokens } from './tokens.js';
import {
  hashSecret,
  isId,
  isSecret,
  networkOf,
  newId,
  newSecret,
  normaliseEmail,
  sameBytes,
} from './values.js';

/** From the sign-in on, however often it is refreshed. */
const SESSION_LIFETIME_MS = 30 * 86_400_000;
/** How long a used refresh token is accepted again. */
const REFRESH_GRACE_MS = 30_000;
const MAX_AGENT_LENGTH = 256;

export interface SignedIn {
  readonly tokens: Tokens;
  readonly principal: UserPrincipal;
}

export interface SignInInput {
  readonly email: string;
  readonly password: string;
  /** Which organization to act for; by default the person's only one. */
  readonly organization?: string | undefined;
  /** `Tokens.deviceToken` of earlier sign-ins. */
  readonly deviceTokens?: readonly string[] | undefined;
}

export interface PasswordChange {
  readonly current: string;
  readonly next: string;
}

/** Sessions: opened by a sign-in, kept alive by refresh tokens, named by access tokens. */
export class Sessions {
  readonly #parts: AccessParts;
  readonly #passwords: Passwords;
  readonly #tokens: AccessTokens;
  readonly #csrfKey: Uint8Array;
  readonly #refreshKey: Uint8Array;
  readonly #issuer: string | null;
  readonly #facts: (id: string) => Promise<SessionFacts | null>;

  /** @param issuer whose sessions count; null: those of no identity provider do */
  constructor(
    parts: AccessParts,
    passwords: Passwords,
    tokens: AccessTokens,
    secret: Uint8Array,
    issuer: string | null,
  ) {
    this.#parts = parts;
    this.#issuer = issuer;
    this.#passwords = passwords;
    this.#tokens = tokens;
    this.#csrfKey = deriveKey(secret, 'ingam access v1: csrf tokens');
    this.#refreshKey = deriveKey(secret, 'ingam access v1: refresh tokens');
    this.#facts = batched((ids) => parts.store.sessionFacts(ids));
  }

  /**
   * @throws {AccessError} invalid_email, invalid_credentials, sign_in_blocked, busy, forbidden,
   * organization_not_found; passkey_needed: the password is right, and this person signs in with a passkey
   */
  async signIn(input: SignInInput, client: Client): Promise<SignedIn> {
    const email = normaliseEmail(input.email);
    const person = await this.#parts.store.personByEmail(email);
    // Read for an unknown person too, so that timing does not tell whether there is one.
    const memberships = await this.#activeMemberships(person?.id ?? '');
    const organizationId = onlyOne(memberships)?.organization.id ?? null;
    await this.#passwords.check(
      { email, person, organizationId, during: 'sign_in', deviceTokens: input.deviceTokens ?? [] },
      input.password,
      client,
    );
    if (person === null) throw new TypeError('a password matched no person');
    if (await needsPasskey(this.#parts.store, person, memberships)) throw passkeyNeeded();
    return this.#open(person, memberships, input.organization ?? null, false, client);
  }

  /**
   * For a person whose identity has been established otherwise.
   * @param withPasskey whether by a passkey
   * @param detail what the access log says of it
   */
  async open(
    person: Person,
    organizationId: string | null,
    withPasskey: boolean,
    client: Client,
    detail: NewAccessEvent['detail'] = {},
  ): Promise<SignedIn> {
    const memberships = await this.#activeMemberships(person.id);
    return this.#open(person, memberships, organizationId, withPasskey, client, detail);
  }

  /** Of somebody whom the identity provider has signed in, with that role in that organization. */
  async openFor(
    provider: ProviderIdentity,
    organization: Organization,
    lifetimeMs: number,
    client: Client,
  ): Promise<SignedIn> {
    const { store, clock } = this.#parts;
    const now = clock();
    const fresh = this.#newSession(organization, lifetimeMs, now, client);
    const personId = `${PROVIDER_PREFIX}${provider.subject}`;
    const session = { ...fresh, personId, provider, endedAt: null, withPasskey: false };
    const principal = providerPrincipal(session, provider, organization);
    const refreshToken = newSecret();
    const detail = { name: provider.name, email: provider.email };
    await store.createProviderSession(
      { ...fresh, provider, withPasskey: false },
      hashSecret(refreshToken),
      eventOf(principal, client, now, 'sign_in', { detail }),
    );
    return { tokens: await this.#tokensOf(session, refreshToken), principal };
  }

  /**
   * Ends all other sessions, and opens a new one.
   * @throws {AccessError} forbidden: the password is the identity provider's; otherwise as signing in;
   * invalid_password
   */
  async changePassword(principal: UserPrincipal, input: PasswordChange, client: Client): Promise<SignedIn> {
    const { store, clock } = this.#parts;
    const { sessionId, personId } = principal;
    const person = sessionId === null ? null : await store.person(personId);
    if (person === null || sessionId === null) {
      throw new AccessError('forbidden', 'your password is managed by your identity provider');
    }
    const organizationId = principal.organization?.id ?? null;
    await this.#passwords.check(
      {
        ...{ email: person.email, person, organizationId, during: 'password_change' },
        deviceTokens: [this.#passwords.deviceToken(sessionId, personId)],
      },
      input.current,
      client,
    );
    const passwordHash = await this.#passwords.hash(input.next, client);
    const event = eventOf(principal, client, clock(), 'password_set');
    const changed = await store.updatePerson(person.id, { passwordHash }, event);
    if (changed === null || changed === 'last_operator') throw invalid();
    const memberships = await this.#activeMemberships(person.id);
    const isMember = memberships.some(({ organization }) => organization.id === organizationId);
    return this.#open(changed, memberships, isMember ? organizationId : null, principal.withPasskey, client);
  }

  /**
   * Exchanges a refresh token for new tokens. Repeating it within the grace period returns the same refresh
   * token: the first answer may have been lost, and two tabs may refresh at once.
   * @throws {AccessError} invalid_token: also for a token that was used earlier, which ends the session
   */
  async refresh(refreshToken: string, client: Client): Promise<SignedIn> {
    if (!isSecret(refreshToken)) throw invalid();
    const { store, clock } = this.#parts;
    const next = this.#successorOf(refreshToken);
    const rotation = await store.rotateRefreshToken({
      oldHash: hashSecret(refreshToken),
      newHash: hashSecret(next),
      now: clock(),
      graceMs: REFRESH_GRACE_MS,
      reusedEvent: (session) => reuseEvent(session, client, clock()),
    });
    if (rotation.outcome !== 'rotated') throw invalid();
    const { session } = rotation;
    const principal = await this.principal({ sessionId: session.id, personId: session.personId });
    return { tokens: await this.#tokensOf(session, next), principal };
  }

  /**
   * Who an access token belongs to, by what is committed now.
   * @throws {AccessError} invalid_token: the session has ended, or the person may do nothing here any more
   */
  async principal({ sessionId, personId }: AccessClaims): Promise<UserPrincipal> {
    const facts = await this.#facts(sessionId);
    if (facts === null || facts.session.personId !== personId) throw invalid();
    const { session, person } = facts;
    if (session.endedAt !== null || session.expiresAt <= this.#parts.clock()) throw invalid();
    const membership = facts.membership?.organization.disabledAt === null ? facts.membership : null;
    const { provider } = session;
    if (provider !== null) {
      // The issuer may be another one by now, or none, or the organization disabled.
      if (provider.issuer !== this.#issuer || membership === null) throw invalid();
      return providerPrincipal(session, provider, membership.organization);
    }
    if (person === null || person.disabledAt !== null) throw invalid();
    if (membership === null && !person.operator && (await this.#activeMemberships(personId)).length === 0) {
      throw invalid();
    }
    return principalOf(session, person, membership);
  }

  /** The organizations that the person can act for. */
  async memberships(principal: UserPrincipal): Promise<Membership[]> {
    const { organization, role, personId } = principal;
    if (!isOfProvider(principal)) return this.#activeMemberships(personId);
    return organization === null || role === null ? [] : [{ organization, role }];
  }

  /**
   * The session acts for that organization from now on.
   * @throws {AccessError} organization_not_found: also for one that the person does not belong to
   */
  async chooseOrganization(
    principal: UserPrincipal,
    organizationId: string,
    client: Client,
  ): Promise<UserPrincipal> {
    const { sessionId, personId } = principal;
    // The identity provider decides which organization its people act for.
    if (isOfProvider(principal) && principal.organization?.id === organizationId) return principal;
    const memberships = isOfProvider(principal) ? [] : await this.#activeMemberships(personId);
    const { organization, role } = find(memberships, organizationId);
    if (organization.requiresPasskey && !principal.withPasskey) throw passkeyRequired();
    const chosen = { ...principal, organization, role, lacksPasskey: false };
    const { store, clock } = this.#parts;
    if (sessionId !== null) await store.chooseOrganization(sessionId, organizationId);
    await store.appendEvent(eventOf(chosen, client, clock(), 'organization_chosen'));
    return chosen;
  }

  /** The person's active sessions, latest first. */
  async list(principal: UserPrincipal): Promise<Session[]> {
    const { personId, sessionId } = principal;
    const { store, clock } = this.#parts;
    if (sessionId === null) return [];
    if (!isOfProvider(principal)) return store.sessions({ personId }, clock());
    const subject = personId.slice(PROVIDER_PREFIX.length);
    return this.#issuer === null ? [] : store.sessions({ issuer: this.#issuer, subject }, clock());
  }

  /** false: the person has no such active session. */
  end(principal: UserPrincipal, sessionId: string, client: Client): Promise<boolean> {
    return this.#end(principal, sessionId, 'session_ended', client);
  }

  /** Does nothing for tokens of an identity provider. */
  async signOut(principal: UserPrincipal, client: Client): Promise<void> {
    const { sessionId } = principal;
    if (sessionId !== null) await this.#end(principal, sessionId, 'sign_out', client);
  }

  isCsrfToken(principal: Principal, token: string): boolean {
    if (principal.kind !== 'user' || principal.sessionId === null) return false;
    return sameBytes(Buffer.from(this.#csrfTokenOf(principal.sessionId)), Buffer.from(token));
  }

  #activeMemberships(personId: string): Promise<Membership[]> {
    return activeMemberships(this.#parts.store, personId);
  }

  async #end(
    principal: UserPrincipal,
    sessionId: string,
    kind: 'sign_out' | 'session_ended',
    client: Client,
  ): Promise<boolean> {
    if (!isId('ses', sessionId)) return false;
    const own = await this.list(principal);
    if (!own.some(({ id }) => id === sessionId)) return false;
    const now = this.#parts.clock();
    return this.#parts.store.endSession(sessionId, now, eventOf(principal, client, now, kind));
  }

  async #open(
    person: Person,
    memberships: readonly Membership[],
    organizationId: string | null,
    withPasskey: boolean,
    client: Client,
    detail: NewAccessEvent['detail'] = {},
  ): Promise<SignedIn> {
    if (memberships.length === 0 && !person.operator) {
      const event = eventOf(ANONYMOUS_PRINCIPAL, client, this.#parts.clock(), 'sign_in_failed', {
        detail: { reason: 'no_organization' },
      });
      await this.#parts.store.appendEvent({ ...event, personId: person.id });
      throw new AccessError(
        'forbidden',
        'you are not in an active organization; ask the person who invited you',
      );
    }
    // With several organizations there is no default: a notarization stays with the organization it was made
    // for.
    const membership = organizationId === null ? onlyOne(memberships) : find(memberships, organizationId);
    return this.#create(person, membership, withPasskey, client, detail);
  }

  /** Always a new session with new secrets, so that no earlier one can be fixed on the person. */
  async #create(
    person: Person,
    membership: Membership | null,
    withPasskey: boolean,
    client: Client,
    detail: NewAccessEvent['detail'],
  ): Promise<SignedIn> {
    const { store, clock } = this.#parts;
    const now = clock();
    const session = {
      ...this.#newSession(membership?.organization ?? null, SESSION_LIFETIME_MS, now, client),
      ...{ personId: person.id, withPasskey },
    };
    const principal = principalOf(session, person, membership);
    const refreshToken = newSecret();
    const created = await store.createSession(
      session,
      hashSecret(refreshToken),
      eventOf(principal, client, now, 'sign_in', { detail }),
      person.passwordHash ?? undefined,
    );
    // The password was changed after it was checked: a session opened with the old one would outlive the
    // change.
    if (!created) throw wrongCredentials();
    return { tokens: await this.#tokensOf(session, refreshToken), principal };
  }

  #newSession(organization: Organization | null, lifetimeMs: number, now: number, client: Client) {
    return {
      id: newId('ses'),
      organizationId: organization?.id ?? null,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + lifetimeMs,
      address: client.address,
      network: networkOf(client.address),
      agent: client.agent.slice(0, MAX_AGENT_LENGTH),
    };
  }

  async #tokensOf(
    session: Pick<Session, 'id' | 'personId' | 'expiresAt'>,
    refreshToken: string,
  ): Promise<Tokens> {
    const access = await this.#tokens.issue({ sessionId: session.id, personId: session.personId });
    return {
      accessToken: access.token,
      accessExpiresAt: access.expiresAt,
      refreshToken,
      refreshExpiresAt: session.expiresAt,
      csrfToken: this.#csrfTokenOf(session.id),
      deviceToken: this.#passwords.deviceToken(session.id, session.personId),
    };
  }

  /** Derived, so that a repeated refresh finds it again although only its hash is stored. */
  #successorOf(refreshToken: string): string {
    return createHmac('sha256', this.#refreshKey).update(refreshToken).digest('base64url');
  }

  #csrfTokenOf(sessionId: string): string {
    return createHmac('sha256', this.#csrfKey).update(sessionId).digest('base64url');
  }
}

async function activeMemberships(
  store: Pick<AccessStore, 'memberships'>,
  personId: string,
): Promise<Membership[]> {
  const all = await store.memberships(personId);
  return all.filter(({ organization }) => organization.disabledAt === null);
}

/** The id of the person's only active organization; null: there are several, or none. */
export async function onlyMembership(
  store: Pick<AccessStore, 'memberships'>,
  personId: string,
): Promise<string | null> {
  return onlyOne(await activeMemberships(store, personId))?.organization.id ?? null;
}

/** Whether the password alone is not enough: the person has chosen so, or an organization of theirs requires it. */
export async function needsPasskey(
  store: Pick<AccessStore, 'passkeys'>,
  person: Person,
  memberships: readonly Membership[],
): Promise<boolean> {
  return person.needsPasskey || mustUsePasskey(store, person, memberships);
}

/**
 * Whether an organization of the person requires a passkey, and the person has one. Whoever has none yet signs in with
 * the password, can add one, and acts for the organization after that.
 */
export async function mustUsePasskey(
  store: Pick<AccessStore, 'passkeys'>,
  { id }: Person,
  memberships: readonly Membership[],
): Promise<boolean> {
  const isRequired = memberships.some(({ organization }) => organization.requiresPasskey);
  return isRequired && (await store.passkeys(id)).length > 0;
}

/** Of an organization that requires passkeys. */
export function passkeyRequired(): AccessError {
  return new AccessError(
    'passkey_required',
    'this organization requires a passkey: sign in with yours, or add one to your account',
  );
}

export function passkeyNeeded(): AccessError {
  return new AccessError('passkey_needed', 'this account needs a passkey: sign in with it');
}

function onlyOne(memberships: readonly Membership[]): Membership | null {
  return memberships.length === 1 ? (memberships[0] ?? null) : null;
}

function find(memberships: readonly Membership[], organizationId: string): Membership {
  const found = memberships.find(({ organization }) => organization.id === organizationId);
  if (found === undefined) {
    throw new AccessError('organization_not_found', 'you do not belong to this organization');
  }
  return found;
}

function principalOf(
  { id: sessionId, withPasskey }: Pick<Session, 'id' | 'withPasskey'>,
  person: Person,
  membership: Membership | null,
): UserPrincipal {
  const lacksPasskey = membership?.organization.requiresPasskey === true && !withPasskey;
  return {
    kind: 'user',
    personId: person.id,
    sessionId,
    email: person.email,
    name: person.name,
    organization: lacksPasskey ? null : (membership?.organization ?? null),
    role: lacksPasskey ? null : (membership?.role ?? null),
    operator: person.operator,
    withPasskey,
    lacksPasskey,
  };
}

function providerPrincipal(
  { id, personId }: Pick<Session, 'id' | 'personId'>,
  { email, name, role }: ProviderIdentity,
  organization: Organization,
): UserPrincipal {
  return {
    ...{ kind: 'user', personId, sessionId: id, email, name, organization, role, operator: false },
    ...{ withPasskey: true, lacksPasskey: false },
  };
}

function reuseEvent(session: Session, client: Client, at: number): NewAccessEvent {
  return {
    at,
    kind: 'refresh_token_reused',
    organizationId: session.organizationId,
    personId: session.personId,
    keyId: null,
    address: client.address,
    detail: { session: session.id },
  };
}

function invalid(): AccessError {
  return new AccessError('invalid_token', 'the session has ended, or the token is invalid');
}
