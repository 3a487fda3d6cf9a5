/** Everything that decides on one request with a session, as of one moment. */
export interface SessionFacts {
  readonly session: Session;
  readonly person: Person;
  /**
   * The session's organization and the person's accepted role in it; null: it acts on nobody's behalf, or no longer may: the person is
   * not in the organization any more, or the organization is disabled.
   */
  readonly membership: Membership | null;
}

/** Everything that decides on one request with an API key. */
export interface KeyFacts {
  readonly key: ApiKey;
  readonly organization: Organization;
}

export interface EventFilter {
  /** undefined: of all organizations and of none. */
  readonly organizationId?: string;
  readonly personId?: string;
  readonly kinds?: readonly EventKind[];
  /** Milliseconds, inclusive. */
  readonly from?: number;
  /** Milliseconds, exclusive. */
  readonly to?: number;
  /** Id of the last event of the page before: only what comes after it. */
  readonly before?: number;
  /** 1 to 10,000. */
  readonly limit: number;
}

/**
 * Organizations, people, sessions, keys and the access log in PostgreSQL. Every change takes the event that tells of it and is
 * committed together with it. Rejects with StoreErrors as `Store` does: `unavailable`, `refused`, `outcome_unknown` (safe to repeat
 * unless said otherwise). Reads see the committed state of the moment, never a cache: what is revoked is
 * revoked on every instance.
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
  /** By id, ascending; `after` is the last id of the page before. */
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
  /** All operators, by e-mail. */
  operators(): Promise<Person[]>;
  /**
   * The person with this e-mail address: the one that exists, unchanged, or a new one. Two callers at one moment get the same.
   */
  obtainPerson(
    person: Omit<Person, 'disabledAt'>,
  ): Promise<{ readonly person: Person; readonly created: boolean }>;
  /** null: there is no such person. A new password or being disabled ends all sessions of the person in the same transaction. */
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

  /** Users of an organization, by e-mail. */
  users(organizationId: string): Promise<OrganizationUser[]>;
  /** What the person has accepted, oldest first; disabled organizations too. */
  memberships(personId: string): Promise<Membership[]>;
  /** 'present': the person was in the organization, or invited into it, already; nothing changed. */
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
  /** 'last_owner': refused, an organization never loses so the only owner who has accepted. */
  changeRole(
    user: { readonly organizationId: string; readonly personId: string; readonly role: Role },
    event: NewAccessEvent,
  ): Promise<'changed' | 'unchanged' | 'absent' | 'last_owner'>;
  /**
   * Sessions of the person that act for this organization act for nobody from then on, and invitations into it are void. 'last_owner':
   * refused as above.
   */
  removeUser(
    user: { readonly organizationId: string; readonly personId: string },
    event: NewAccessEvent,
  ): Promise<'removed' | 'absent' | 'last_owner'>;

  /** Replaces every other invitation of that person into that organization (with null: into none; or to be the first operator). */
  putInvitation(
    invitation: Invitation & { readonly secretHash: Uint8Array },
    event: NewAccessEvent | null,
  ): Promise<void>;
  /** One that is still good. */
  invitation(secretHash: Uint8Array, now: number): Promise<Invitation | null>;
  /**
   * Uses up an invitation; of two callers at one moment one wins. In one transaction: the person gets the new password, if any, which
   * ends all their sessions and voids their invitations into no organization; the person's place in the invitation's organization is accepted. An
   * invitation for the first operator makes `operator`, with that e-mail address, a person who may exist already; `operator`
   * is ignored for others.
   *
   * null, and nothing happens: the invitation is not or no longer good; the person's password is not `previousPasswordHash` any more; there
   * is an operator already; or an organization's invitation would set the password of somebody who is an operator or has accepted
   * another organization: one organization's owners must not come into another's so.
   */
  redeemInvitation(
    redemption: {
      readonly secretHash: Uint8Array;
      readonly now: number;
      /** Ignored for the first operator. */
      readonly previousPasswordHash: string | null;
      /** null: the person keeps the one they have (and have proved to the caller). */
      readonly passwordHash: string | null;
      readonly name: string | null;
      readonly operator: { readonly id: string; readonly email: string } | null;
    },
    event: (person: Person) => NewAccessEvent,
  ): Promise<Person | null>;

  /**
   * false, and nothing happens: the person is disabled, or has not that password any more. Between the check of a password and this
   * it may have been changed, and that ends only the sessions there are.
   * @param passwordHash what the password was checked against; left out: it was not
   */
  createSession(
    session: Omit<Session, 'endedAt'>,
    refreshHash: Uint8Array,
    event: NewAccessEvent,
    passwordHash?: string,
  ): Promise<boolean>;
  /** Batches are one query. In the order of the ids; null where there is none. */
  sessionFacts(ids: readonly string[]): Promise<(SessionFacts | null)[]>;
  /**
   * Trades a refresh token for the next one. 'reused': it had been traded before; the session has been ended in the same transaction,
   * together with `reusedEvent`. 'unknown' also for sessions that have ended or expired. After outcome_unknown it is
   * not safe to repeat: the token may have been traded.
   */
  rotateRefreshToken(rotation: {
    readonly oldHash: Uint8Array;
    readonly newHash: Uint8Array;
    readonly now: number;
    readonly reusedEvent: (session: Session) => NewAccessEvent;
  }): Promise<
    { readonly outcome: 'rotated'; readonly session: Session } | { readonly outcome: 'reused' | 'unknown' }
  >;
  /** Sets on whose behalf the session acts. */
  chooseOrganization(sessionId: string, organizationId: string | null): Promise<void>;
  /** Live sessions of a person, latest first. */
  sessions(personId: string, now: number): Promise<Session[]>;
  /** Answers whether this call ended it. */
  endSession(id: string, now: number, event: NewAccessEvent): Promise<boolean>;
  /** Removes sessions that ended or expired before; answers how many. */
  expireSessions(before: number): Promise<number>;

  /** All keys that are not gone, newest first. */
  signingKeys(): Promise<SigningKey[]>;
  /**
   * Adds a key when the newest that signs is still `replaces` (null: when none signs), retires that one, and removes those retired
   * before `removeRetiredBefore`. false: somebody else was faster.
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
  /** Batches are one query. In the order of the ids; null where there is none. */
  keyFacts(ids: readonly string[]): Promise<(KeyFacts | null)[]>;
  /** false: there is no such key in the organization, or it had been revoked. */
  revokeKey(
    key: { readonly organizationId: string; readonly id: string },
    now: number,
    event: NewAccessEvent,
  ): Promise<boolean>;
  /** Best effort, to the minute: never rejects. */
  markKeysUsed(ids: readonly string[], now: number): Promise<void>;

  appendEvent(event: NewAccessEvent): Promise<void>;
  /** Latest first: by time, and by id where that is the same. */
  events(filter: EventFilter): Promise<AccessEvent[]>;
}

/** Times are milliseconds since the Unix epoch. Ids are made by the caller; hashes of secrets are SHA-256, 32 bytes. */

export const ROLES = ['owner', 'notary', 'auditor'] as const;
export type Role = (typeof ROLES)[number];
export const SCOPES = ['notarize', 'read'] as const;
export type Scope = (typeof SCOPES)[number];

/** null: without limit. */
export interface Limits {
  readonly requestsPerMinute: number | null;
  readonly digestsPerDay: number | null;
  readonly bytesPerDay: number | null;
}

export interface Organization {
  readonly id: string;
  /** Stands for the organization in rows that are many. */
  readonly number: number;
  readonly name: string;
  readonly createdAt: number;
  /** null: not disabled. Nobody acts on behalf of a disabled organization. */
  readonly disabledAt: number | null;
  readonly limits: Limits;
}

export interface Person {
  readonly id: string;
  /** Normalised, unique. */
  readonly email: string;
  readonly name: string;
  /** PHC string of argon2id; null: invited, and not yet come. */
  readonly passwordHash: string | null;
  readonly operator: boolean;
  readonly createdAt: number;
  readonly disabledAt: number | null;
}

/** A person in an organization. */
export interface OrganizationUser {
  readonly organizationId: string;
  readonly person: Person;
  readonly role: Role;
  readonly createdAt: number;
  /** null: invited; acts for the organization only after having come with its invitation. */
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
  /** On whose behalf this session acts; null: on nobody's. */
  readonly organizationId: string | null;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  readonly endedAt: number | null;
  /** Client address and User-Agent of the sign-in, for the person to recognise it by. */
  readonly address: string;
  readonly agent: string;
}

export interface ApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly secretHash: Uint8Array;
  readonly scopes: readonly Scope[];
  /** CIDR; empty: from anywhere. */
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
  /** null: whoever comes first with it becomes the first operator. */
  readonly personId: string | null;
  /** Into which organization, on whose owners' word; null: on the word of the machine or of an operator. */
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
  /** Who did it; null: nobody who is known. */
  readonly personId: string | null;
  readonly keyId: string | null;
  /** Of the client; null: on the machine itself. */
  readonly address: string | null;
  /** Never a secret, never the content of details. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AccessEvent extends NewAccessEvent {
  /** Grows with time. */
  readonly id: number;
}
