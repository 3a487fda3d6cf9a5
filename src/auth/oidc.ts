import { createPublicKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { readLimited } from '../background/bodies.js';
import { IDENTITY_PROVIDER_MS, timeLimit } from '../background/time-limits.js';
import { assertStrictJson } from '../proof/canonical-json.js';
import { PROVIDER_PREFIX, type StoreLog } from '../store/index.js';
import { AccessError, type AccessParts, type OidcConfig, type OidcTokens } from './context.js';
import { IdentityClaims, membershipIn, nameIn } from './provider-identity.js';
import { KeySet, CLOCK_TOLERANCE_MS } from './tokens.js';
import type { UserPrincipal } from './policy.js';

/** Providers put groups into tokens. Node allows no longer request header. */
const MAX_LENGTH = 16_384;
const ALGORITHMS = ['RS256', 'PS256', 'ES256'] as const;
/** RFC 7518 §3.3. */
const MIN_RSA_BITS = 2048;

const MAX_JWKS_BYTES = 1 << 20;
const MAX_AGE_MS = 10 * 60_000;
const MIN_INTERVAL_MS = 5000;
/** RFC 9068 §2.1; the prefix may be there or not. */
const ACCESS_TOKEN_TYPES: readonly unknown[] = ['at+jwt', 'application/at+jwt'];
/** A person who was removed at the provider keeps access for as long as a token is valid. */
const MAX_LIFETIME_SECONDS = 86_400;
const MAX_DEPTH = 32;

/** How long the provider may be unavailable before its people are rejected too. */
const MAX_STALE_MS = 60 * 60_000;

/** Header fields by which a token chooses its own key are rejected, even though nothing here reads them. */
const Header = z.looseObject({
  alg: z.enum(ALGORITHMS),
  kid: z.string().min(1).max(256),
  jku: z.undefined().optional(),
  jwk: z.undefined().optional(),
  x5u: z.undefined().optional(),
  x5c: z.undefined().optional(),
  crit: z.undefined().optional(),
});

const Claims = IdentityClaims.extend({ iss: z.string(), exp: z.number(), iat: z.number().optional() });
type Claims = z.infer<typeof Claims>;

/** RFC 7517 §4 and §5. */
const JwkSet = z.object({ keys: z.array(z.unknown()) });
const SigningJwk = z.looseObject({
  kid: z.string(),
  use: z.literal('sig').optional(),
  alg: z.string().optional(),
});

interface IssuerKey {
  readonly publicKey: KeyObject;
  readonly algorithms: (typeof ALGORITHMS)[number][];
}

/** The company's own OpenID Connect provider: its access tokens are accepted until they expire. */
export class ExternalIssuer {
  readonly #config: OidcConfig;
  readonly #tokens: OidcTokens;
  readonly #parts: AccessParts;
  readonly #keys: KeySet<IssuerKey>;

  constructor(config: OidcConfig, tokens: OidcTokens, parts: AccessParts) {
    this.#config = config;
    this.#tokens = tokens;
    this.#parts = parts;
    this.#keys = new KeySet({
      load: () => loadKeys(tokens.jwksUrl, parts.logger),
      maxAgeMs: MAX_AGE_MS,
      minIntervalMs: MIN_INTERVAL_MS,
      maxStaleMs: MAX_STALE_MS,
    });
  }

  /** Whether a token claims to come from this issuer, without checking its signature. */
  issued(token: string): boolean {
    return partOf(token, 1)?.['iss'] === this.#config.issuer;
  }

  /**
   * @throws {AccessError} invalid_token, token_expired; issuer_unavailable: the token cannot be verified now
   */
  async principal(token: string): Promise<UserPrincipal> {
    const header = Header.safeParse(partOf(token, 0));
    if (!header.success) throw invalid();
    if (this.#tokens.accessTokensOnly && !ACCESS_TOKEN_TYPES.includes(typeOf(header.data['typ']))) {
      throw new AccessError('invalid_token', 'the identity provider’s token is not an access token (at+jwt)');
    }
    const key = await this.#findKey(header.data.kid);
    if (key === null) throw invalid();
    const claims = this.#verify(token, key);
    const membership = await membershipIn(claims, this.#config, this.#parts.store);
    return {
      kind: 'user',
      personId: `${PROVIDER_PREFIX}${claims.sub}`,
      sessionId: null,
      email: claims.email ?? null,
      name: nameIn(claims),
      organization: membership?.organization ?? null,
      role: membership?.role ?? null,
      operator: false,
      withPasskey: true,
      lacksPasskey: false,
    };
  }

  async #findKey(kid: string): Promise<IssuerKey | null> {
    try {
      return await this.#keys.find(kid);
    } catch (cause) {
      throw new AccessError(
        'issuer_unavailable',
        'the identity provider’s keys could not be loaded, so its tokens cannot be verified',
        { cause, retryAfterSeconds: Math.ceil(MIN_INTERVAL_MS / 1000) },
      );
    }
  }

  #verify(token: string, { publicKey, algorithms }: IssuerKey): Claims {
    const now = Math.floor(this.#parts.clock() / 1000);
    const tolerance = CLOCK_TOLERANCE_MS / 1000;
    let claims;
    try {
      const payload = jwt.verify(token, publicKey, {
        algorithms,
        issuer: this.#config.issuer,
        audience: this.#tokens.audience,
        clockTimestamp: now,
        clockTolerance: tolerance,
      });
      claims = Claims.parse(payload);
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError) {
        throw new AccessError('token_expired', 'the identity provider’s token has expired');
      }
      throw invalid();
    }
    if (claims.iat !== undefined && claims.iat > now + tolerance) {
      throw new AccessError('invalid_token', 'the identity provider’s token was issued in the future');
    }
    if (claims.exp > now + MAX_LIFETIME_SECONDS + tolerance) {
      throw new AccessError(
        'invalid_token',
        'the identity provider’s token is valid for more than a day from now: configure a shorter lifetime there',
      );
    }
    return claims;
  }
}

async function loadKeys(url: URL, logger: StoreLog): Promise<ReadonlyMap<string, IssuerKey>> {
  try {
    const { keys } = JwkSet.parse(JSON.parse(await fetchText(url)));
    const usable = new Map(keys.flatMap(issuerKey));
    if (usable.size === 0) throw new Error('the identity provider’s key set has no signing keys');
    return usable;
  } catch (err) {
    logger.warn({ err }, 'the identity provider’s keys could not be loaded; keys loaded earlier stay in use');
    throw err;
  }
}

async function fetchText(url: URL): Promise<string> {
  const response = await fetch(url, {
    signal: timeLimit(IDENTITY_PROVIDER_MS),
    headers: { accept: 'application/json' },
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`the identity provider answered ${response.status}`);
  return Buffer.from(await readLimited(response.body, MAX_JWKS_BYTES)).toString();
}

/** None if the key cannot verify signatures here: a set may hold keys of any kind. */
function issuerKey(jwk: unknown): [string, IssuerKey][] {
  try {
    const { kid, alg, ...key } = SigningJwk.parse(jwk);
    const publicKey = createPublicKey({ key, format: 'jwk' });
    const { modulusLength = MIN_RSA_BITS } = publicKey.asymmetricKeyDetails ?? {};
    const algorithms = ALGORITHMS.filter((each) => alg === undefined || alg === each);
    return modulusLength < MIN_RSA_BITS ? [] : [[kid, { publicKey, algorithms }]];
  } catch {
    return [];
  }
}

/**
 * The token's header (0) or claims (1), unverified; null: it is not a token. Of duplicate names, different
 * programs read different ones: such a token is none.
 */
export function partOf(token: string, index: 0 | 1): Record<string, unknown> | null {
  const parts = token.length > MAX_LENGTH ? [] : token.split('.');
  try {
    const json = Buffer.from(parts[index] ?? '', 'base64url').toString();
    assertStrictJson(json, MAX_DEPTH, true);
    const part: unknown = JSON.parse(json);
    return parts.length === 3 && typeof part === 'object' && part !== null
      ? (part as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Media types are compared without regard to case (RFC 7515 §4.1.9). */
function typeOf(typ: unknown): unknown {
  return typeof typ === 'string' ? typ.toLowerCase() : typ;
}

function invalid(): AccessError {
  return new AccessError('invalid_token', 'the identity provider’s token is invalid');
}
