import * as client from 'openid-client';
import { readLimited } from '../background/bodies.js';
import { IDENTITY_PROVIDER_MS, timeLimit } from '../background/time-limits.js';
import type { OidcConfig, OidcSignIn } from './context.js';
import { partOf } from './oidc.js';
import { IdentityClaims, valuesAt } from './provider-identity.js';
import { ProviderError, type ProviderProblem } from './provider-error.js';
import { isLoopback } from './values.js';

/** What the provider says of itself is read again after this long. */
const MAX_AGE_MS = 60 * 60_000;
const MIN_INTERVAL_MS = 5000;
const MAX_BYTES = 1 << 20;

/** The values that tie an answer to one sign-in. */
export interface SignInValues {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/**
 * What is said to the provider: authorization code flow with PKCE, by openid-client. A module of its own, which is
 * loaded when somebody signs in there: it takes a tenth of a second that most processes can do without.
 */
export class OpenIdClient {
  readonly #config: OidcConfig;
  readonly #signIn: OidcSignIn;
  readonly #redirectUrl: URL;
  /** `until` is by performance.now(). */
  #discovered: { readonly found: Promise<client.Configuration>; until: number } | null = null;

  constructor(config: OidcConfig, signIn: OidcSignIn, redirectUrl: URL) {
    this.#config = config;
    this.#signIn = signIn;
    this.#redirectUrl = redirectUrl;
  }

  /** @throws {ProviderError} unavailable, invalid */
  async authorizationAddress({ state, nonce, codeVerifier }: SignInValues): Promise<URL> {
    return client.buildAuthorizationUrl(await this.#configuration(), {
      redirect_uri: this.#redirectUrl.href,
      scope: this.#signIn.scopes,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    });
  }

  /**
   * Of the ID token; and of the userinfo endpoint, if the ID token names no roles.
   * @param answer the redirect address, with the query that the provider has added
   * @throws {ProviderError} refused, unavailable, invalid
   */
  async claimsOf(answer: URL, values: SignInValues): Promise<IdentityClaims> {
    try {
      return await this.#exchange(answer, values);
    } catch (cause) {
      throw new ProviderError(problemOf(cause), { cause });
    }
  }

  /** null: the provider has no page to sign out. @throws {ProviderError} unavailable, invalid */
  async signOutAddress(back: URL): Promise<URL | null> {
    const configuration = await this.#configuration();
    if (configuration.serverMetadata().end_session_endpoint === undefined) return null;
    return client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: back.href });
  }

  async #exchange(answer: URL, { state, nonce, codeVerifier }: SignInValues): Promise<IdentityClaims> {
    const configuration = await this.#configuration();
    const tokens = await client.authorizationCodeGrant(configuration, answer, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: codeVerifier,
      idTokenExpected: true,
    });
    const idToken = tokens.claims();
    // Different programs read different ones of claims that are there twice.
    if (idToken === undefined || partOf(tokens.id_token ?? '', 1) === null) {
      throw new Error('the ID token has a claim twice, or cannot be read');
    }
    const claims = IdentityClaims.parse(idToken);
    const hasRoles = valuesAt(claims, this.#config.roleClaim).length > 0;
    if (hasRoles || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    const userInfo = await client.fetchUserInfo(configuration, tokens.access_token, claims.sub);
    return IdentityClaims.parse({ ...userInfo, ...idToken });
  }

  /** @throws {ProviderError} unavailable, invalid */
  #configuration(): Promise<client.Configuration> {
    const known = this.#discovered;
    if (known !== null && performance.now() < known.until) return known.found;
    const found = this.#discover();
    const discovered = { found, until: Infinity };
    const keepFor = (milliseconds: number) => () => {
      discovered.until = performance.now() + milliseconds;
    };
    // A provider that fails is not asked for every request.
    found.then(keepFor(MAX_AGE_MS), keepFor(MIN_INTERVAL_MS));
    this.#discovered = discovered;
    return found;
  }

  async #discover(): Promise<client.Configuration> {
    const { clientId, clientSecret } = this.#signIn;
    const issuer = new URL(this.#config.issuer);
    try {
      return await client.discovery(issuer, clientId, {}, authentication(clientSecret), {
        [client.customFetch]: fetchLimited,
        execute: [client.enableNonRepudiationChecks, ...(isOnThisMachine(issuer) ? [allowHttp] : [])],
      });
    } catch (cause) {
      throw new ProviderError(problemOf(cause), { cause });
    }
  }
}

/** Only there a provider needs no TLS: the configuration rejects others. */
function isOnThisMachine({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && isLoopback(hostname);
}

// oxlint-disable-next-line typescript/no-deprecated -- deprecated only to be noticed
const allowHttp = client.allowInsecureRequests;

/** By the header, as RFC 6749 §2.3.1 wants it, unless the provider takes secrets in the body only. */
function authentication(secret: string | null): client.ClientAuth {
  if (secret === null) return client.None();
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    (methods.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

class UnreachableError extends Error {}

const fetchLimited: client.CustomFetch = async (url, options) => {
  try {
    const response = await fetch(url, { ...options, signal: timeLimit(IDENTITY_PROVIDER_MS) } as RequestInit);
    const body = await readLimited(response.body, MAX_BYTES);
    const { status, headers } = response;
    if (status >= 500 || status === 429) throw new Error(`it answered ${status}`);
    return new Response(body.length === 0 ? null : Buffer.from(body), { status, headers });
  } catch (cause) {
    throw new UnreachableError(`the identity provider cannot be reached at ${new URL(url).origin}`, {
      cause,
    });
  }
};

function problemOf(error: unknown): ProviderProblem {
  if (error instanceof ProviderError) return error.problem;
  if (error instanceof client.AuthorizationResponseError) return 'refused';
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof UnreachableError) return 'unavailable';
  }
  return 'invalid';
}
