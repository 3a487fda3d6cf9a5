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

export interface Account {
  readonly id: string;
  /** Stands for the account in rows that are many. */
  readonly number: number;
  readonly name: string;
  readonly createdAt: number;
  /** null: not disabled. Nobody acts on behalf of a disabled account. */
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

/** A person in an account. */
export interface AccountUser {
  readonly accountId: string;
  readonly person: Person;
  readonly role: Role;
  readonly createdAt: number;
  /** null: invited; acts for the account only after having come with its invitation. */
  readonly acceptedAt: number | null;
}

/** An account as one of its users sees it. */
export interface Membership {
  readonly account: Account;
  readonly role: Role;
}

export interface Session {
  readonly id: string;
  readonly personId: string;
  /** On whose behalf this session acts; null: on nobody's. */
  readonly accountId: string | null;
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
  readonly accountId: string;
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
  /** Into which account, on whose owners' word; null: on the word of the machine or of an operator. */
  readonly accountId: string | null;
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
  'account_chosen',
  'session_ended',
  'refresh_token_reused',
  'password_set',
  'invitation_made',
  'invitation_accepted',
  'account_created',
  'account_changed',
  'account_disabled',
  'account_enabled',
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
  readonly accountId: string | null;
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
