// People, organizations, keys and the access log as stored. Times are milliseconds since the Unix epoch.

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
  /** People act for it only in a session with a passkey, or of the identity provider. */
  readonly requiresPasskey: boolean;
}

export interface Person {
  readonly id: string;
  /** Normalised, unique. */
  readonly email: string;
  readonly name: string;
  /** PHC string of argon2id; null: invited, and has not set a password yet. */
  readonly passwordHash: string | null;
  /** The password alone does not sign in. */
  readonly needsPasskey: boolean;
  readonly operator: boolean;
  readonly createdAt: number;
  readonly disabledAt: number | null;
}

/** A person's role in an organization. */
export interface OrganizationUser {
  readonly organizationId: string;
  readonly person: Person;
  readonly role: Role;
  /** What those who invited the person call them. */
  readonly invitedName: string;
  readonly createdAt: number;
  /** null: invited. A person acts for the organization only after accepting its invitation. */
  readonly acceptedAt: number | null;
}

/** An organization as one of its users sees it. */
export interface Membership {
  readonly organization: Organization;
  readonly role: Role;
}

/** What ids of people of an identity provider begin with: the provider's name for them follows. */
export const PROVIDER_PREFIX = 'oidc:';

/** What the company's identity provider said of somebody when they signed in. */
export interface ProviderIdentity {
  readonly issuer: string;
  /** The issuer's name for them. */
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
}

export interface Session {
  readonly id: string;
  /** `oidc:<subject>` for people of an identity provider. */
  readonly personId: string;
  /** null: a person of this service. */
  readonly provider: ProviderIdentity | null;
  /** The organization that the session acts for; null: none. */
  readonly organizationId: string | null;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  readonly endedAt: number | null;
  /** The person used a passkey to sign in, or has added one in this session. */
  readonly withPasskey: boolean;
  /** Client address and User-Agent of the sign-in, by which the person recognises the session. */
  readonly address: string;
  /** The network of the address, by which a later sign-in is recognised. */
  readonly network: string;
  readonly agent: string;
}

/** A link for a new password that somebody asked for. */
export interface PasswordReset {
  readonly id: string;
  /** Normalised; perhaps of nobody. */
  readonly email: string;
  /** Of the e-mail; null: not known. */
  readonly language: 'en' | 'ko' | null;
  readonly secretHash: Uint8Array;
  readonly askedAt: number;
  readonly expiresAt: number;
}

/** A passkey with which a person signs in. */
export interface Passkey {
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  /** The host name that it works for. */
  readonly rpId: string;
  /** How the authenticator calls it. */
  readonly credentialId: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** Of its signatures; 0: it does not count. */
  readonly counter: number;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

/** A challenge that was answered. It works once. */
export interface SpentChallenge {
  readonly hash: Uint8Array;
  readonly expiresAt: number;
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
  /** The organization that the person joins; null: none. */
  readonly organizationId: string | null;
  /** The person becomes an operator. */
  readonly operator: boolean;
  /** Made on the server itself: it can replace any password of the person. */
  readonly setsPassword: boolean;
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
  'passkey_added',
  'passkey_renamed',
  'passkey_removed',
  'passkey_need_changed',
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
  'tags_changed',
  'event_body_erased',
  'record_published',
  'record_withdrawn',
  'notarization_erased',
  'signing_requested',
  'signing_opened',
  'signing_key_given',
  'signing_record_named',
  'signing_reminded',
  'signing_answered',
  'signing_delegated',
  'signing_withdrawn',
  'signing_erased',
  'webhook_created',
  'webhook_changed',
  'webhook_removed',
  'webhook_secret_rotated',
  'webhook_replayed',
  'webhook_disabled',
  'hold_placed',
  'hold_lift_requested',
  'hold_lift_withdrawn',
  'hold_lifted',
  'proof_downloaded',
  'certificate_downloaded',
  'document_downloaded',
  'register_exported',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** What an event tells beside its kind. The account page has a word for each. */
export const EVENT_FACTS = [
  ...(['person', 'email', 'role', 'name', 'session', 'passkey', 'needed', 'requiresPasskey'] as const),
  ...(['firstOperator', 'operator', 'scopes', 'networks', 'during', 'reason'] as const),
  ...(['limit', 'of', 'most', 'windowSeconds', 'requestsPerMinute', 'digestsPerDay', 'bytesPerDay'] as const),
  ...(['notarizations', 'position', 'conditions', 'route', 'count', 'hold', 'record', 'sequence'] as const),
  ...(['signedAt', 'shows', 'request', 'answer', 'to', 'key', 'new_link'] as const),
  ...(['webhook', 'host', 'types', 'enabled', 'because'] as const),
];
export type EventFact = (typeof EVENT_FACTS)[number];

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
  readonly detail: Readonly<Partial<Record<EventFact, string | number | boolean | null>>>;
}

export interface AccessEvent extends NewAccessEvent {
  /** Grows with time. */
  readonly id: number;
}
