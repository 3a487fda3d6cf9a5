// The contract of the store for people and access. Times are milliseconds since the Unix epoch. Callers make
// the ids. Secrets are passed as SHA-256, 32 bytes.

export const ROLES = ['owner', 'notary', 'auditor'] as const;
export type Role = (typeof ROLES)[number];
export const SCOPES = ['notarize', 'read'] as const;
export type Scope = (typeof SCOPES)[number];

/** null: unlimited. */
export interface Limits {
  readonly requestsPerMinute: number | null;
  readonly digestsPerDay: number | null;
  readonly bytesPerDay: number | null;
}

export interface Organization {
  readonly id: string;
  /** Short form of the id, for tables with many rows. */
  readonly number: number;
  readonly name: string;
  readonly createdAt: number;
  /** null: not disabled. Nobody acts for a disabled organization. */
  readonly disabledAt: number | null;
  readonly limits: Limits;
}

export interface Person {
  readonly id: string;
  /** Normalised, unique. */
  readonly email: string;
  readonly name: string;
  /** PHC string of argon2id; null: invited, and has not set a password yet. */
  readonly passwordHash: string | null;
  readonly operator: boolean;
  readonly createdAt: number;
  readonly disabledAt: number | null;
}

/** A person's role in an organization. */
export interface OrganizationUser {
  readonly organizationId: string;
  readonly person: Person;
  readonly role: Role;
  readonly createdAt: number;
  /** null: invited. A person acts for the organization only after accepting its invitation. */
  readonly acceptedAt: number | null;
}

/** An organization as one of its users sees it. */
export interface Membership {
  readonly organization: Organization;
  readonly role: Role;
}

export interface Session {
  readonly id: string;
  readonly personId: string;
  /** The organization that the session acts for; null: none. */
  readonly organizationId: string | null;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  readonly endedAt: number | null;
  /** Client address and User-Agent of the sign-in, by which the person recognises the session. */
  readonly address: string;
  readonly agent: string;
}

export interface ApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly secretHash: Uint8Array;
  readonly scopes: readonly Scope[];
  /** CIDR; empty: any address. */
  readonly networks: readonly string[];
  readonly createdAt: number;
  /** Person id, or 'cli'. */
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** To the minute. */
  readonly lastUsedAt: number | null;
  readonly limits: Limits;
}

export interface Invitation {
  /** null: the first to use it becomes the first operator. */
  readonly personId: string | null;
  /** null: made by an operator or on the server itself, for no organization. */
  readonly organizationId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface SigningKey {
  /** The `kid` of tokens. */
  readonly id: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** Encrypted by the caller. */
  readonly privateKey: Uint8Array;
  readonly createdAt: number;
  readonly retiredAt: number | null;
}

export const EVENT_KINDS = [
  'operator_created',
  'sign_in',
  'sign_in_failed',
  'sign_in_blocked',
  'sign_out',
  'organization_chosen',
  'session_ended',
  'refresh_token_reused',
  'password_set',
  'invitation_made',
  'invitation_accepted',
  'organization_created',
  'organization_changed',
  'organization_disabled',
  'organization_enabled',
  'user_added',
  'user_removed',
  'role_changed',
  'operator_changed',
  'person_disabled',
  'person_enabled',
  'key_created',
  'key_revoked',
  'signing_key_rotated',
  'limit_hit',
  'details_published',
  'details_withdrawn',
  'details_read_by_operator',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface NewAccessEvent {
  readonly at: number;
  readonly kind: EventKind;
  readonly organizationId: string | null;
  /** Who did it; null: unknown. */
  readonly personId: string | null;
  readonly keyId: string | null;
  /** Of the client; null: on the server itself. */
  readonly address: string | null;
  /** Never a secret, never the content of details. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AccessEvent extends NewAccessEvent {
  /** Grows with time. */
  readonly id: number;
}

/** Everything that decides about one request with a session, as of one moment. */
export interface SessionFacts {
  readonly session: Session;
  readonly person: Person;
  /**
   * The session's organization and the person's accepted role in it. null: the session acts for no
   * organization, the person is no longer in it, or it is disabled.
   */
  readonly membership: Membership | null;
}

/** Everything that decides about one request with an API key, as of one moment. */
export interface KeyFacts {
  readonly key: ApiKey;
  readonly organization: Organization;
}

export interface EventFilter {
  /** Left out: of every organization and of none. */
  readonly organizationId?: string;
  readonly personId?: string;
  readonly kinds?: readonly EventKind[];
  /** Inclusive. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
  /** Id of the last event of the previous page: only events after it in the order of `events`. */
  readonly before?: number;
  /** 1 to 10,000. */
  readonly limit: number;
}

/**
 * Organizations, people, sessions, keys and the access log in PostgreSQL. Every change takes its event, and
 * both are committed together. Methods reject with StoreErrors as those of `Store` do: `unavailable`,
 * `refused`, and writes also with `outcome_unknown`, after which they can be repeated unless stated
 * otherwise. Reads see the committed state, never a cache: what is revoked is revoked on every instance.
 */
export interface AccessStore {
  createOrganization(
    organization: {
      readonly id: string;
      readonly name: string;
      readonly createdAt: number;
      readonly limits: Limits;
    },
    event: NewAccessEvent,
  ): Promise<Organization>;
  organization(id: string): Promise<Organization | null>;
  /** In the order of ids; `after` is the last id of the previous page. */
  organizations(page: { readonly after?: string; readonly limit: number }): Promise<Organization[]>;
  /** null: there is no such organization. */
  updateOrganization(
    id: string,
    change: {
      readonly name?: string;
      readonly limits?: Partial<Limits>;
      readonly disabledAt?: number | null;
    },
    event: NewAccessEvent,
  ): Promise<Organization | null>;

  person(id: string): Promise<Person | null>;
  personByEmail(email: string): Promise<Person | null>;
  hasOperator(): Promise<boolean>;
  /** All operators, by e-mail address. */
  operators(): Promise<Person[]>;
  /**
   * The person with this e-mail address: an existing one, unchanged, or a new one. Concurrent callers get the
   * same person.
   */
  findOrCreatePerson(
    person: Omit<Person, 'disabledAt'>,
  ): Promise<{ readonly person: Person; readonly created: boolean }>;
  /**
   * null: there is no such person. A new password ends all sessions of the person in the same transaction,
   * and so does disabling the person. 'last_operator': refused, nobody could manage the service any more.
   */
  updatePerson(
    id: string,
    change: {
      readonly name?: string;
      readonly passwordHash?: string;
      readonly operator?: boolean;
      readonly disabledAt?: number | null;
    },
    event: NewAccessEvent,
  ): Promise<Person | 'last_operator' | null>;

  /** Users of an organization, by e-mail address. */
  users(organizationId: string): Promise<OrganizationUser[]>;
  /** Memberships that the person has accepted, oldest first; of disabled organizations too. */
  memberships(personId: string): Promise<Membership[]>;
  /** 'present': the person is a user of the organization, or invited, already; nothing changed. */
  addUser(
    user: {
      readonly organizationId: string;
      readonly personId: string;
      readonly role: Role;
      readonly createdAt: number;
      readonly acceptedAt: number | null;
    },
    event: NewAccessEvent,
  ): Promise<'added' | 'present'>;
  /** 'last_owner': refused, the organization would have no owner who has accepted. */
  changeRole(
    user: { readonly organizationId: string; readonly personId: string; readonly role: Role },
    event: NewAccessEvent,
  ): Promise<'changed' | 'unchanged' | 'absent' | 'last_owner'>;
  /**
   * Also deletes the person's invitations into this organization, and makes the person's sessions that act
   * for it act for none. 'last_owner': refused, as by `changeRole`.
   */
  removeUser(
    user: { readonly organizationId: string; readonly personId: string },
    event: NewAccessEvent,
  ): Promise<'removed' | 'absent' | 'last_owner'>;

  /**
   * Replaces every other invitation of the same person into the same organization; null counts as a value of
   * its own.
   */
  replaceInvitation(
    invitation: Invitation & { readonly secretHash: Uint8Array },
    event: NewAccessEvent | null,
  ): Promise<void>;
  /** null: there is none, it has expired, or it cannot be used any more. */
  invitation(secretHash: Uint8Array, now: number): Promise<Invitation | null>;
  /**
   * Uses up an invitation; of two concurrent callers one succeeds. In one transaction: the person gets the
   * new password, if any, which ends all their sessions and deletes their invitations into no organization;
   * and the membership in the invitation's organization is accepted. An invitation for the first operator
   * makes `operator` an operator, a new or an existing person; other invitations ignore `operator`.
   *
   * null, and nothing was changed: the invitation is not valid (see `invitation`); the person's password is
   * no longer `previousPasswordHash`; or the invitation of an organization would set the password of an
   * operator or of a person who has accepted another organization, whose owners would get into that one.
   */
  redeemInvitation(
    redemption: {
      readonly secretHash: Uint8Array;
      readonly now: number;
      /** Ignored for the first operator. */
      readonly previousPasswordHash: string | null;
      /** null: the person keeps their password, which the caller has checked. */
      readonly passwordHash: string | null;
      readonly name: string | null;
      readonly operator: { readonly id: string; readonly email: string } | null;
    },
    event: (person: Person) => NewAccessEvent,
  ): Promise<Person | null>;

  /**
   * false, and nothing was written: the person is disabled, or no longer has this password. A change of the
   * password after the caller has checked it ends only the sessions that exist by then, so it is compared
   * here once more.
   * @param passwordHash the hash that the password was checked against; left out: no password was checked
   */
  createSession(
    session: Omit<Session, 'endedAt'>,
    refreshHash: Uint8Array,
    event: NewAccessEvent,
    passwordHash?: string,
  ): Promise<boolean>;
  /** One query for all. In the order of the ids; null where there is no such session. */
  sessionFacts(ids: readonly string[]): Promise<(SessionFacts | null)[]>;
  /**
   * Exchanges a refresh token for its successor. The caller derives the successor from the token, so that within
   * `graceMs` after the exchange the same call succeeds again: its first answer may have been lost, and two tabs
   * may refresh at once. 'reused': it was exchanged longer ago; the session was ended in the same transaction, with
   * `reusedEvent`. 'unknown': there is no such token, or its session has ended or expired.
   */
  rotateRefreshToken(rotation: {
    readonly oldHash: Uint8Array;
    readonly newHash: Uint8Array;
    readonly now: number;
    readonly graceMs: number;
    readonly reusedEvent: (session: Session) => NewAccessEvent;
  }): Promise<
    { readonly outcome: 'rotated'; readonly session: Session } | { readonly outcome: 'reused' | 'unknown' }
  >;
  /** Sets the organization that the session acts for. */
  chooseOrganization(sessionId: string, organizationId: string | null): Promise<void>;
  /** Client addresses of the person's sign-ins, as far as their sessions, ended ones included, are kept. */
  signInAddresses(personId: string): Promise<string[]>;
  /** Live sessions of a person, latest first. */
  sessions(personId: string, now: number): Promise<Session[]>;
  /** Whether this call ended it. */
  endSession(id: string, now: number, event: NewAccessEvent): Promise<boolean>;
  /** Deletes sessions that ended or expired before this time. Returns how many. */
  expireSessions(before: number): Promise<number>;

  /** Newest first, retired ones too. */
  signingKeys(): Promise<SigningKey[]>;
  /**
   * Adds a key and retires the others, provided that the newest active key is still `replaces` (null: there
   * is none), and deletes the keys that were retired before `removeRetiredBefore`. false: another caller was
   * faster, nothing was written.
   */
  rotateSigningKey(
    key: SigningKey,
    options: {
      readonly replaces: string | null;
      readonly removeRetiredBefore: number;
      readonly event: NewAccessEvent;
    },
  ): Promise<boolean>;

  createKey(key: Omit<ApiKey, 'revokedAt' | 'lastUsedAt'>, event: NewAccessEvent): Promise<void>;
  /** Newest first, revoked ones too. */
  keys(organizationId: string): Promise<ApiKey[]>;
  /** One query for all. In the order of the ids; null where there is no such key. */
  keyFacts(ids: readonly string[]): Promise<(KeyFacts | null)[]>;
  /** false: the organization has no such key, or it was revoked before. */
  revokeKey(
    key: { readonly organizationId: string; readonly id: string },
    now: number,
    event: NewAccessEvent,
  ): Promise<boolean>;
  /** Sets `lastUsedAt`, to the minute. */
  recordKeyUse(ids: readonly string[], now: number): Promise<void>;

  appendEvent(event: NewAccessEvent): Promise<void>;
  /**
   * Latest first: by time, then by id.
   * @throws {RangeError} the limit is out of range
   */
  events(filter: EventFilter): Promise<AccessEvent[]>;
}

export interface LimitRule {
  /** Tokens per window. */
  readonly limit: number;
  readonly windowSeconds: number;
}

export interface TokenRequest {
  readonly key: string;
  readonly tokens: number;
  readonly rule: LimitRule;
}

export interface Consumption {
  readonly granted: boolean;
  /** Tokens left in the window. */
  readonly remaining: number;
  /** Until the window ends; 0: none has begun. */
  readonly resetSeconds: number;
  /** End of the window by the server's clock, in milliseconds: names the window for `refund`. */
  readonly windowEndsAt: number;
}

/** Tokens to give back to the window that they were consumed from. */
export interface Refund {
  readonly key: string;
  readonly tokens: number;
  /** `Consumption.windowEndsAt`. */
  readonly windowEndsAt: number;
}

export interface ThrottleRule {
  /** Failures without a delay. */
  readonly free: number;
  /** Delay after the first failure beyond those; each further failure doubles it. */
  readonly firstDelaySeconds: number;
  readonly maxDelaySeconds: number;
  /** After the last failure. */
  readonly forgetAfterSeconds: number;
}

/**
 * Limits that are exact over all instances of the service: they are stored in the database and follow its
 * clock. Windows are fixed; one begins with the first consumption after the end of the previous one. Rejects
 * with StoreErrors.
 */
export interface RateLimits {
  /** Consumes `tokens`, or none when fewer are left. Concurrent requests share one statement. */
  consume(key: string, tokens: number, rule: LimitRule): Promise<Consumption>;
  /**
   * Consumes from several limits (each key once): from all of them, or from none. In the order given; when
   * nothing was consumed, `granted` is false exactly for the limits that had too few tokens left.
   */
  consumeAll(requests: readonly TokenRequest[]): Promise<Consumption[]>;
  /**
   * Gives tokens back (each key once). Those of a window that has ended meanwhile are not given to the next
   * one.
   */
  refund(refunds: readonly Refund[]): Promise<void>;
  /** Tokens left. Consumes none. */
  remaining(key: string, rule: LimitRule): Promise<number>;
  /** Counts a failure, and returns how long the next attempt is blocked. */
  recordFailure(key: string, rule: ThrottleRule): Promise<{ readonly blockedSeconds: number }>;
  /** How long the next attempt is blocked, by the longest delay of these keys, in seconds; 0: not blocked. */
  blockedFor(keys: readonly string[]): Promise<number>;
  clearFailures(key: string): Promise<void>;
  /**
   * Deletes windows and failures that have expired at `now`, in milliseconds. Returns how many. Changes no
   * result.
   */
  expire(now: number): Promise<number>;
}
