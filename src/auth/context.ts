import type { AccessStore, RateLimits, Role } from '../store/index.js';
import type { AccessPolicy } from './policy.js';

/** What the operator decides about access, by environment (config.ts reads it with everything else). */
export interface AccessConfig {
  /** Whether strangers may notarize. */
  readonly anonymousSubmission: boolean;
  /** Whether verifying needs an organization, which then sees its own notarizations alone. */
  readonly privateVerification: boolean;
  /** Where people reach the service; null: where it listens. */
  readonly publicUrl: URL | null;
  /** How many proxies stand in front, or which addresses they have: whose word is taken for the client's address. */
  readonly trustProxy: number | readonly string[];
  /** Made at the start when there is no operator yet. */
  readonly operator: { readonly email: string; readonly password: string } | null;
  readonly oidc: OidcConfig | null;
}

/** Tokens of an external OpenID Connect issuer that are accepted as ours. */
export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: URL;
  /** Path of the claim that holds the person's groups or roles there: `roles`, `realm_access.roles`. */
  readonly roleClaim: string;
  /** Which value of that claim is which role in which organization. */
  readonly roles: readonly OidcRole[];
}

export interface OidcRole {
  readonly claimValue: string;
  readonly role: Role;
  readonly organizationId: string;
}

/** Where a call came from. */
export interface Client {
  /** As the server saw it (`foldAddress` makes it so): IPv4 dotted, never as IPv4-mapped IPv6. */
  readonly address: string;
  /** User-Agent; may be empty. */
  readonly agent: string;
}

export type Credential =
  /** An access token, an API key, or a token of the external issuer. */
  | { readonly kind: 'bearer'; readonly token: string }
  /** An access token of ours. */
  | { readonly kind: 'cookie'; readonly token: string };

/** What a sign-in gives. Times are milliseconds. */
export interface Tokens {
  readonly accessToken: string;
  readonly accessExpiresAt: number;
  /** Good once: the answer to it brings the next one. */
  readonly refreshToken: string;
  readonly refreshExpiresAt: number;
  /** The same for the whole session. */
  readonly csrfToken: string;
  /** Gives no access. Sent along with a later sign-in, it keeps failures elsewhere from delaying that sign-in. */
  readonly deviceToken: string;
}

export interface AccessLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What all of access rests on. */
export interface AccessParts {
  readonly store: AccessStore;
  readonly rateLimits: RateLimits;
  readonly logger: AccessLogger;
  /** Milliseconds since the Unix epoch. */
  readonly clock: () => number;
}

export interface AccessOptions {
  readonly store: AccessStore;
  readonly rateLimits: RateLimits;
  /** 32 bytes, the same for all instances: `ServiceKeys.access`. */
  readonly secret: Uint8Array;
  /** The log's: tokens of one service are good for no other. */
  readonly origin: string;
  readonly policy: AccessPolicy;
  readonly oidc: OidcConfig | null;
  /** Made when there is no operator yet. */
  readonly operator?: AccessConfig['operator'];
  readonly logger: AccessLogger;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
}

/** Why access was refused. Callers decide by code; the message is for people, and never tells what it must not. */
export type AccessErrorCode =
  /** There is no credential, and one is needed. */
  | 'unauthenticated'
  /** The address or the password is wrong: which one is not said. */
  | 'invalid_credentials'
  /** The access token, refresh token or API key is not, or no longer, good. */
  | 'invalid_token'
  /** The access token was good and is over: refresh, or sign in again. */
  | 'token_expired'
  | 'forbidden'
  /** The API key is not to be used from this network. */
  | 'address_not_allowed'
  /** A request with cookies came without proof that this service's own page sent it. */
  | 'csrf'
  /** Too many failed attempts. */
  | 'sign_in_blocked'
  | 'limit_exceeded'
  | 'invalid_email'
  | 'invalid_password'
  | 'invalid_network'
  /** A name, a limit, a scope or a time cannot be what it is meant to be; the message says which. */
  | 'invalid_value'
  | 'invalid_invitation'
  | 'organization_not_found'
  | 'user_not_found'
  | 'key_not_found'
  /** The person is in the organization, or invited into it, already. */
  | 'user_exists'
  /** The change would leave an organization without an owner. */
  | 'last_owner'
  | 'last_operator'
  /** An organization that has an owner is staffed by its owners. */
  | 'owner_exists'
  /** More passwords are being checked than the machine should check at once. */
  | 'busy'
  /** The identity provider's keys cannot be had at the moment, so its tokens cannot be checked. */
  | 'issuer_unavailable';

export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly code: AccessErrorCode;
  /** When trying again can help; null: not by waiting. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: AccessErrorCode,
    message: string,
    options: ErrorOptions & { readonly retryAfterSeconds?: number } = {},
  ) {
    super(message, options);
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}
