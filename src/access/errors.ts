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
  | 'account_not_found'
  | 'user_not_found'
  | 'key_not_found'
  /** The person is in the account, or invited into it, already. */
  | 'user_exists'
  /** The change would leave an account without an owner. */
  | 'last_owner'
  | 'last_operator'
  /** An account that has an owner is staffed by its owners. */
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
