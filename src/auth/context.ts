import type { Background } from '../background/index.js';
import type { AccessStore, RateLimits, Role, StoreLog } from '../store/index.js';

/** What callers without an account may do. */
export interface AccessPolicy {
  /** Whether anonymous callers may notarize. */
  readonly anonymousSubmission: boolean;
  /** Whether verification needs an organization, which then sees only its own notarizations. */
  readonly privateVerification: boolean;
}

/** Settings about access. */
export interface AccessConfig extends AccessPolicy {
  /** The address that people use; null: where the service listens. */
  readonly publicUrl: URL | null;
  /** The number of trusted proxies in front of the service, or their addresses. */
  readonly trustProxy: number | readonly string[];
  /** Created at start if there is no operator. */
  readonly operator: { readonly email: string; readonly password: string } | null;
  readonly oidc: OidcConfig | null;
}

/** The company's own OpenID Connect provider. */
export interface OidcConfig {
  readonly issuer: string;
  /**
   * Where the person's groups or roles are: the name of a claim, or names separated by dots (`roles`,
   * `realm_access.roles`); or a list of names, which may contain dots.
   */
  readonly roleClaim: string | readonly string[];
  /** The role in an organization that each value of the claim stands for. */
  readonly roles: readonly OidcRole[];
  /** Its access tokens that the API accepts; null: none. */
  readonly tokens: OidcTokens | null;
  /** How its people sign in on the page; null: they do not. */
  readonly signIn: OidcSignIn | null;
}

export interface OidcTokens {
  readonly audience: string;
  readonly jwksUrl: URL;
  /** Whether tokens must say that they are access tokens (`typ: at+jwt`, RFC 9068). */
  readonly accessTokensOnly: boolean;
}

export interface OidcSignIn {
  readonly clientId: string;
  /** null: a public client; PKCE alone protects the code. */
  readonly clientSecret: string | null;
  /** Separated by spaces. */
  readonly scopes: string;
  /** What people call the provider. */
  readonly name: string;
  /** INGAM_PUBLIC_URL, with a slash at its end. */
  readonly publicUrl: URL;
  readonly sessionMinutes: number;
}

export interface OidcRole {
  readonly claimValue: string;
  readonly role: Role;
  readonly organizationId: string;
}

/** Where a request came from. */
export interface Client {
  /** As `foldAddress` writes it: IPv4 in dotted form, never IPv4-mapped IPv6. */
  readonly address: string;
  /** User-Agent; may be empty. */
  readonly agent: string;
}

export type Credential =
  /** An access token, an API key, or a token of the external issuer. */
  | { readonly kind: 'bearer'; readonly token: string }
  /** An access token of ours. */
  | { readonly kind: 'cookie'; readonly token: string };

/** The tokens of a session. Times are milliseconds. */
export interface Tokens {
  readonly accessToken: string;
  readonly accessExpiresAt: number;
  /** Works once, and returns its successor. */
  readonly refreshToken: string;
  readonly refreshExpiresAt: number;
  /** The same for the whole session. */
  readonly csrfToken: string;
  /**
   * Gives no access. Sent along with a later sign-in, it keeps failures elsewhere from delaying that sign-in.
   */
  readonly deviceToken: string;
}

/** What all parts of Access share. */
export interface AccessParts {
  readonly store: AccessStore;
  readonly rateLimits: RateLimits;
  readonly logger: StoreLog;
  readonly background: Background;
  /** Milliseconds since the Unix epoch. */
  readonly clock: () => number;
  /** Called when an e-mail waits; null: no e-mails are sent. */
  readonly onMail: (() => void) | null;
}

export interface AccessOptions {
  readonly store: AccessStore;
  readonly rateLimits: RateLimits;
  /** 32 bytes, the same for all instances: `ServiceKeys.access`. */
  readonly secret: Uint8Array;
  /** The log's origin: tokens of one service are not accepted by another. */
  readonly origin: string;
  readonly policy: AccessPolicy;
  readonly oidc: OidcConfig | null;
  /** Created if there is no operator. */
  readonly operator?: AccessConfig['operator'];
  readonly logger: StoreLog;
  /** Counts and logs failures of work that no request waits for; by default they are only logged. */
  readonly background?: Background;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
  /** Called when an e-mail waits; absent or null: no e-mails are sent. */
  readonly onMail?: (() => void) | null;
}

/**
 * Why access was denied. Callers decide by code; the message is for people and reveals nothing confidential.
 */
export type AccessErrorCode =
  /** A credential is required. */
  | 'unauthenticated'
  /** The e-mail address or the password is wrong; the answer does not say which. */
  | 'invalid_credentials'
  /** The passkey’s answer is not valid here. */
  | 'invalid_passkey'
  /** The password is right, but does not suffice: the person signs in with a passkey. */
  | 'passkey_needed'
  /** The organization requires a passkey, and the session is without one. */
  | 'passkey_required'
  /** At the address of this page there can be no passkeys. */
  | 'passkeys_unavailable'
  | 'passkey_not_found'
  /** The access token, refresh token or API key is invalid. */
  | 'invalid_token'
  /** The access token has expired: refresh, or sign in again. */
  | 'token_expired'
  | 'forbidden'
  /** The API key may not be used from this network. */
  | 'address_not_allowed'
  /** A request with cookies does not prove that a page of this service sent it. */
  | 'csrf'
  /** Too many failed attempts. */
  | 'sign_in_blocked'
  | 'limit_exceeded'
  | 'invalid_email'
  | 'invalid_password'
  | 'invalid_network'
  /** A name, a limit, a scope or a time is invalid; the message says which. */
  | 'invalid_value'
  | 'invalid_invitation'
  /** The link for a new password. */
  | 'invalid_reset_link'
  /** No e-mails are sent. */
  | 'no_mail_server'
  | 'organization_not_found'
  | 'user_not_found'
  | 'key_not_found'
  /** The person already belongs to the organization or has been invited. */
  | 'user_exists'
  /** The change would leave an organization without an owner. */
  | 'last_owner'
  | 'last_operator'
  /** The users of an organization with an owner are managed by its owners. */
  | 'owner_exists'
  /** Too many passwords are being checked. */
  | 'busy'
  /** The identity provider's keys cannot be loaded, so its tokens cannot be verified. */
  | 'issuer_unavailable';

export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly code: AccessErrorCode;
  /** null: waiting does not help. */
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
