import { createHmac } from 'node:crypto';
import type {
  AccessEvent,
  Membership,
  NewAccessEvent,
  Person,
  Session,
  SessionFacts,
} from '../store/index.js';
import type { AccessClaims, AccessTokens } from './tokens.js';
import { batched } from './api-keys.js';
import { type Client, type Tokens, AccessError, type AccessParts } from './context.js';
import { eventOf } from './events.js';
import type { UserPrincipal } from './policy.js';
import { deriveKey, hashSecret, isId, isSecret, newId, newSecret, sameBytes } from './values.js';

/** From the sign-in: however often it is refreshed, after this one signs in again. */
const SESSION_LIFETIME_MS = 30 * 86_400_000;
const MAX_AGENT_LENGTH = 256;

export interface SignedIn {
  readonly tokens: Tokens;
  readonly principal: UserPrincipal;
}

/** Sessions: what a sign-in opens, refresh tokens keep alive, and access tokens name. */
export class Sessions {
  readonly #parts: AccessParts;
  readonly #tokens: AccessTokens;
  readonly #csrfKey: Uint8Array;
  readonly #facts: (id: string) => Promise<SessionFacts | null>;

  constructor(parts: AccessParts, tokens: AccessTokens, secret: Uint8Array) {
    this.#parts = parts;
    this.#tokens = tokens;
    this.#csrfKey = deriveKey(secret, 'ingam access v1: csrf tokens');
    this.#facts = batched((ids) => parts.store.sessionFacts(ids));
  }

  /** Always a session of its own with secrets of its own: none that existed before the sign-in goes on after it. */
  async open(
    person: Person,
    membership: Membership | null,
    client: Client,
    detail: AccessEvent['detail'] = {},
  ): Promise<SignedIn> {
    const { store, clock } = this.#parts;
    const now = clock();
    const session = {
      id: newId('ses'),
      personId: person.id,
      organizationId: membership?.organization.id ?? null,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + SESSION_LIFETIME_MS,
      address: client.address,
      agent: client.agent.slice(0, MAX_AGENT_LENGTH),
    };
    const principal = principalOf({ session: { ...session, endedAt: null }, person, membership });
    const refreshToken = newSecret();
    const created = await store.createSession(
      session,
      hashSecret(refreshToken),
      eventOf(principal, client, now, 'sign_in', { detail }),
      person.passwordHash ?? undefined,
    );
    // Changed since it was checked: a session that began with the old one would outlive it.
    if (!created) throw new AccessError('invalid_credentials', 'the e-mail address or the password is wrong');
    return { tokens: await this.#tokensOf(session, refreshToken), principal };
  }

  /** @throws {AccessError} invalid_token: also when the token had been used before, which ends the session for everybody */
  async refresh(refreshToken: string, client: Client): Promise<SignedIn> {
    if (!isSecret(refreshToken)) throw invalid();
    const { store, clock } = this.#parts;
    const next = newSecret();
    const rotation = await store.rotateRefreshToken({
      oldHash: hashSecret(refreshToken),
      newHash: hashSecret(next),
      now: clock(),
      reusedEvent: (session) => reuseOf(session, client, clock()),
    });
    if (rotation.outcome !== 'rotated') throw invalid();
    const { session } = rotation;
    const principal = await this.principal({ sessionId: session.id, personId: session.personId });
    return { tokens: await this.#tokensOf(session, next), principal };
  }

  /**
   * Who is behind an access token, as of now.
   * @throws {AccessError} invalid_token: the session is over, or the person has no business here any more
   */
  async principal({ sessionId, personId }: AccessClaims): Promise<UserPrincipal> {
    const facts = await this.#facts(sessionId);
    if (facts === null || facts.session.personId !== personId) throw invalid();
    const { session, person } = facts;
    if (session.endedAt !== null || session.expiresAt <= this.#parts.clock()) throw invalid();
    if (person.disabledAt !== null) throw invalid();
    const membership = facts.membership?.organization.disabledAt === null ? facts.membership : null;
    if (membership === null && !person.operator && (await this.openMemberships(personId)).length === 0) {
      throw invalid();
    }
    return principalOf({ session, person, membership });
  }

  /** What the person can act for. */
  async openMemberships(personId: string): Promise<Membership[]> {
    const all = await this.#parts.store.memberships(personId);
    return all.filter(({ organization }) => organization.disabledAt === null);
  }

  async list({ personId, sessionId }: UserPrincipal): Promise<Session[]> {
    return sessionId === null ? [] : this.#parts.store.sessions(personId, this.#parts.clock());
  }

  /** Answers whether this call ended it. */
  async end(
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

  isCsrfToken({ sessionId }: UserPrincipal, token: string): boolean {
    return sessionId !== null && sameBytes(Buffer.from(this.#csrfTokenOf(sessionId)), Buffer.from(token));
  }

  async #tokensOf(session: Omit<Session, 'endedAt'>, refreshToken: string): Promise<Tokens> {
    const access = await this.#tokens.issue({ sessionId: session.id, personId: session.personId });
    return {
      accessToken: access.token,
      accessExpiresAt: access.expiresAt,
      refreshToken,
      refreshExpiresAt: session.expiresAt,
      csrfToken: this.#csrfTokenOf(session.id),
    };
  }

  #csrfTokenOf(sessionId: string): string {
    return createHmac('sha256', this.#csrfKey).update(sessionId).digest('base64url');
  }
}

function principalOf({ session, person, membership }: SessionFacts): UserPrincipal {
  return {
    kind: 'user',
    personId: person.id,
    sessionId: session.id,
    email: person.email,
    name: person.name,
    organization: membership?.organization ?? null,
    role: membership?.role ?? null,
    operator: person.operator,
  };
}

function reuseOf(session: Session, client: Client, at: number): NewAccessEvent {
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
  return new AccessError('invalid_token', 'the session is over, or the token is not, or no longer, good');
}
