import type { AccessTokens } from './tokens.js';
import { API_KEY_PREFIX, type ApiKeys } from './api-keys.js';
import type { Client, Credential } from './context.js';
import type { ExternalIssuer } from './oidc.js';
import { ANONYMOUS_PRINCIPAL, type Principal } from './policy.js';
import type { Sessions } from './sessions.js';

export interface Credentialed {
  readonly apiKeys: ApiKeys;
  readonly tokens: AccessTokens;
  readonly sessions: Sessions;
  readonly externalIssuer: ExternalIssuer | null;
}

/**
 * Who stands behind a credential, as of now: what has been revoked a moment ago, on whichever instance, is refused.
 * @throws {AccessError} invalid_token, token_expired, address_not_allowed, issuer_unavailable
 */
export async function authenticate(
  { apiKeys, tokens, sessions, externalIssuer }: Credentialed,
  credential: Credential | null,
  client: Client,
): Promise<Principal> {
  if (credential === null) return ANONYMOUS_PRINCIPAL;
  const { kind, token } = credential;
  // A cookie holds what this service has put there; whatever else is in it was put there by somebody else.
  if (kind === 'bearer') {
    if (token.startsWith(API_KEY_PREFIX)) return apiKeys.principal(token, client);
    if (externalIssuer?.claims(token) === true) return externalIssuer.principal(token);
  }
  return sessions.principal(await tokens.check(token));
}
