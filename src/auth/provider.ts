import { createHmac } from 'node:crypto';
import * as client from 'openid-client';
import { readLimited } from '../background/bodies.js';
import { IDENTITY_PROVIDER_MS, timeLimit } from '../background/time-limits.js';
import { PROVIDER_PREFIX } from '../store/index.js';
import { type Attempt, type Attempts, PER_NETWORK, type Throttles } from './attempts.js';
import type { Challenges } from './challenges.js';
import { AccessError, type AccessParts, type Client, type OidcConfig, type OidcSignIn } from './context.js';
import { partOf } from './oidc.js';
import { IdentityClaims, membershipIn, nameIn, valuesAt } from './provider-identity.js';
import type { Sessions, SignedIn } from './sessions.js';
import { isLoopback, isSecret, networkOf, newSecret } from './values.js';

/** For people who look for their second factor. */
const SIGN_IN_MS = 15 * 60_000;
/** What the provider says of itself is read again after this long. */
const MAX_AGE_MS = 60 * 60_000;
const MIN_INTERVAL_MS = 5000;
const MAX_BYTES = 1 << 20;

/**
 * Why nobody is signed in. 'not_begun': not in this browser, or not in this quarter of an hour, or it was finished
 * before. 'refused': the provider says no, or the person has cancelled. 'invalid': the provider's answer is not one
 * to this sign-in. 'unavailable': the provider does not answer. 'no_role': none of the person's groups has a role.
 * 'blocked': too many failures in this network. 'no_sign_out': the provider offers no page to sign out.
 */
export type ProviderProblem =
  'not_begun' | 'refused' | 'invalid' | 'unavailable' | 'no_role' | 'blocked' | 'no_sign_out';

export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly problem: ProviderProblem;

  constructor(problem: ProviderProblem, options: ErrorOptions = {}) {
    super(`nobody was signed in at the identity provider: ${problem}`, options);
    this.problem = problem;
  }
}

interface ProviderParts {
  readonly attempts: Attempts;
  readonly challenges: Challenges;
  readonly sessions: Sessions;
}

/**
 * Signing in on the page at the company's OpenID Connect provider: authorization code flow with PKCE. What ties the
 * provider's answer to the browser is one random value in a cookie, from which state, nonce and code verifier are made.
 */
export class IdentityProvider {
  readonly name: string;
  readonly #config: OidcConfig;
  readonly #signIn: OidcSignIn;
  readonly #access: AccessParts;
  readonly #parts: ProviderParts;
  readonly #redirectUrl: URL;
  /** `until` is by performance.now(). */
  #discovered: { readonly found: Promise<client.Configuration>; until: number } | null = null;

  constructor(config: OidcConfig, signIn: OidcSignIn, access: AccessParts, parts: ProviderParts) {
    this.name = signIn.name;
    this.#config = config;
    this.#signIn = signIn;
    this.#access = access;
    this.#parts = parts;
    this.#redirectUrl = new URL('sign-in/callback', signIn.publicUrl);
  }

  /**
   * Where the browser goes, and what it keeps in a cookie until it is back.
   * @throws {ProviderError} unavailable, invalid
   */
  async begin(): Promise<{ readonly address: URL; readonly binding: string; readonly lifetimeMs: number }> {
    const configuration = await this.#configuration();
    const binding = newSecret();
    const address = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirectUrl.href,
      scope: this.#signIn.scopes,
      state: this.#parts.challenges.issue(purposeOf(binding), SIGN_IN_MS),
      nonce: nonceOf(binding),
      code_challenge: await client.calculatePKCECodeChallenge(verifierOf(binding)),
      code_challenge_method: 'S256',
    });
    return { address, binding, lifetimeMs: SIGN_IN_MS };
  }

  /**
   * @param query of the address to which the provider has sent the browser, with the question mark
   * @param binding the cookie; null: there is none, or several
   * @throws {ProviderError}, and StoreErrors
   */
  async finish(query: string, binding: string | null, from: Client): Promise<SignedIn> {
    const answer = new URL(this.#redirectUrl);
    answer.search = query;
    const [state = '', ...others] = answer.searchParams.getAll('state');
    const challenge =
      binding === null || !isSecret(binding) || others.length > 0
        ? null
        : this.#parts.challenges.read(purposeOf(binding), state);
    // Before anything else: whatever comes of it, this answer is the only one.
    if (challenge === null || binding === null || !(await this.#access.store.spendChallenge(challenge))) {
      throw new ProviderError('not_begun');
    }
    const throttles: Throttles = [{ key: `provider:network:${networkOf(from.address)}`, rule: PER_NETWORK }];
    const nobody: Attempt = { person: null, organizationId: null, during: 'sign_in' };
    await this.#assertAllowed(throttles, nobody, from);
    let claims;
    try {
      claims = await this.#claimsOf(answer, state, binding);
    } catch (error) {
      const problem = problemOf(error);
      this.#access.logger.warn({ err: error, problem }, 'the sign-in at the identity provider failed');
      if (problem === 'invalid') {
        await this.#parts.attempts.failed(throttles, nobody, from, { reason: 'provider_answer' });
      }
      throw new ProviderError(problem, { cause: error });
    }
    return this.#open(claims, throttles, from);
  }

  /** null: the provider has no page to sign out. @throws {ProviderError} unavailable, invalid */
  async signOutAddress(): Promise<URL | null> {
    const configuration = await this.#configuration();
    if (configuration.serverMetadata().end_session_endpoint === undefined) return null;
    const back = new URL('account.html', this.#signIn.publicUrl);
    return client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: back.href });
  }

  async #open(claims: IdentityClaims, throttles: Throttles, from: Client): Promise<SignedIn> {
    const { issuer } = this.#config;
    const membership = await membershipIn(claims, this.#config, this.#access.store);
    if (membership === null) {
      const person = { id: `${PROVIDER_PREFIX}${claims.sub}` };
      const attempt = { person, organizationId: null, during: 'sign_in' } as const;
      await this.#parts.attempts.failed(throttles, attempt, from, { reason: 'no_role' });
      throw new ProviderError('no_role');
    }
    await this.#parts.attempts.succeeded(throttles);
    const { organization, role } = membership;
    const identity = {
      ...{ issuer, subject: claims.sub, name: nameIn(claims) },
      ...{ email: claims.email ?? null, role },
    };
    const lifetimeMs = this.#signIn.sessionMinutes * 60_000;
    return this.#parts.sessions.openFor(identity, organization, lifetimeMs, from);
  }

  async #assertAllowed(throttles: Throttles, attempt: Attempt, from: Client): Promise<void> {
    try {
      await this.#parts.attempts.assertAllowed(throttles, attempt, from);
    } catch (error) {
      throw error instanceof AccessError ? new ProviderError('blocked', { cause: error }) : error;
    }
  }

  /** Of the ID token; and of the userinfo endpoint, if the ID token names no roles. */
  async #claimsOf(answer: URL, state: string, binding: string): Promise<IdentityClaims> {
    const configuration = await this.#configuration();
    const tokens = await client.authorizationCodeGrant(configuration, answer, {
      expectedState: state,
      expectedNonce: nonceOf(binding),
      pkceCodeVerifier: verifierOf(binding),
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
      this.#access.logger.warn(
        { err: cause },
        'the identity provider’s description of itself could not be read',
      );
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

function purposeOf(binding: string): string {
  return `sign in at the provider ${binding}`;
}

function nonceOf(binding: string): string {
  return derived(binding, 'nonce');
}

function verifierOf(binding: string): string {
  return derived(binding, 'code verifier');
}

function derived(binding: string, purpose: string): string {
  return createHmac('sha256', binding).update(purpose).digest('base64url');
}

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
