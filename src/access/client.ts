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
  /** Belongs to the session: the same for as long as it lives. */
  readonly csrfToken: string;
}

export interface AccessLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
