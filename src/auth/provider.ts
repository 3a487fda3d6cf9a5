import { createHmac } from 'node:crypto';
import { PROVIDER_PREFIX } from '../store/index.js';
import { type Attempt, type Attempts, PER_NETWORK, type Throttles } from './attempts.js';
import type { Challenges } from './challenges.js';
import { AccessError, type AccessParts, type Client, type OidcConfig, type OidcSignIn } from './context.js';
import type { OpenIdClient, SignInValues } from './openid-client.js';
import { ProviderError } from './provider-error.js';
import { type IdentityClaims, membershipIn, nameIn } from './provider-identity.js';
import type { Sessions, SignedIn } from './sessions.js';
import { isSecret, networkOf, newSecret } from './values.js';

/** For people who look for their second factor. */
const SIGN_IN_MS = 15 * 60_000;

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
  #client: Promise<OpenIdClient> | null = null;

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
    const binding = newSecret();
    const state = this.#parts.challenges.issue(purposeOf(binding), SIGN_IN_MS);
    const address = await this.#ask((provider) => provider.authorizationAddress(valuesOf(binding, state)));
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
      claims = await this.#ask((provider) => provider.claimsOf(answer, valuesOf(binding, state)));
    } catch (error) {
      if (error instanceof ProviderError && error.problem === 'invalid') {
        await this.#parts.attempts.failed(throttles, nobody, from, { reason: 'provider_answer' });
      }
      throw error;
    }
    return this.#open(claims, throttles, from);
  }

  /** null: the provider has no page to sign out. @throws {ProviderError} unavailable, invalid */
  async signOutAddress(): Promise<URL | null> {
    const back = new URL('account.html', this.#signIn.publicUrl);
    return this.#ask((provider) => provider.signOutAddress(back));
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

  async #ask<T>(work: (provider: OpenIdClient) => Promise<T>): Promise<T> {
    this.#client ??= import('./openid-client.js').then(
      (module) => new module.OpenIdClient(this.#config, this.#signIn, this.#redirectUrl),
    );
    const provider = await this.#client;
    try {
      return await work(provider);
    } catch (err) {
      this.#access.logger.warn({ err }, 'asking the identity provider failed');
      throw err;
    }
  }
}

function purposeOf(binding: string): string {
  return `sign in at the provider ${binding}`;
}

function valuesOf(binding: string, state: string): SignInValues {
  return { state, nonce: derived(binding, 'nonce'), codeVerifier: derived(binding, 'code verifier') };
}

function derived(binding: string, purpose: string): string {
  return createHmac('sha256', binding).update(purpose).digest('base64url');
}
