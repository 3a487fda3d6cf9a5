import { createPublicKey, type KeyObject } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import jwt from 'jsonwebtoken';
import { JwksClient } from 'jwks-rsa';
import { z } from 'zod';
import type { Organization } from '../store/index.js';
import {
  AccessError,
  type AccessLogger,
  type AccessParts,
  type OidcConfig,
  type OidcRole,
} from './context.js';
import type { UserPrincipal } from './policy.js';
import { CLOCK_TOLERANCE_MS } from './tokens.js';
import { isId } from './values.js';

/** Providers put groups into tokens. No request header of Node is longer. */
const MAX_LENGTH = 16_384;
const ALGORITHMS = ['RS256', 'PS256', 'ES256'] as const;

const FETCH_TIMEOUT_MS = 5000;
const MAX_JWKS_LENGTH = 1 << 20;
const MAX_AGE_MS = 10 * 60_000;
const MIN_INTERVAL_MS = 5000;
/** How long an issuer may be away before its people are sent away, too. */
const MAX_STALE_MS = 60 * 60_000;

/** Members that name a key of the token maker's choice are refused even though nothing here would follow them. */
const Header = z.looseObject({
  alg: z.enum(ALGORITHMS),
  kid: z.string().min(1).max(256),
  jku: z.undefined().optional(),
  jwk: z.undefined().optional(),
  x5u: z.undefined().optional(),
  x5c: z.undefined().optional(),
  crit: z.undefined().optional(),
});

const text = z.string().regex(/^[^\p{C}]{1,255}$/u);
const Claims = z.looseObject({
  iss: z.string(),
  sub: text,
  exp: z.number(),
  name: text.optional().catch(undefined),
  preferred_username: text.optional().catch(undefined),
  email: text.optional().catch(undefined),
});
type Claims = z.infer<typeof Claims>;

interface IssuersKey {
  readonly publicKey: KeyObject;
  readonly algorithms: (typeof ALGORITHMS)[number][];
}

/** People who sign in at the company's own OpenID Connect provider: its tokens are taken for as long as they last. */
export class ExternalIssuer {
  readonly #config: OidcConfig;
  readonly #parts: AccessParts;
  readonly #keys: KeySet<IssuersKey>;

  constructor(config: OidcConfig, parts: AccessParts) {
    this.#config = config;
    this.#parts = parts;
    const client = new JwksClient({
      jwksUri: config.jwksUrl.href,
      // The whole set is kept here: kept key by key, strangers' made-up ids would use up the looks that honest ones need.
      cache: false,
      rateLimit: false,
      fetcher: fetchJwks,
    });
    this.#keys = new KeySet({
      load: () => load(client, parts.logger),
      maxAgeMs: MAX_AGE_MS,
      minIntervalMs: MIN_INTERVAL_MS,
      maxStaleMs: MAX_STALE_MS,
    });
  }

  /** Whether a token claims to come from this issuer, without checking its signature. */
  issued(token: string): boolean {
    return partOf(token, 1)?.['iss'] === this.#config.issuer;
  }

  /** @throws {AccessError} invalid_token, token_expired; issuer_unavailable: nobody can tell at the moment */
  async principal(token: string): Promise<UserPrincipal> {
    const header = Header.safeParse(partOf(token, 0));
    if (!header.success) throw invalid();
    const key = await this.#find(header.data.kid);
    if (key === null) throw invalid();
    const claims = this.#check(token, key);
    const place = await this.#placeOf(claims);
    return {
      kind: 'user',
      personId: `oidc:${claims.sub}`,
      sessionId: null,
      email: claims.email ?? null,
      name: claims.name ?? claims.preferred_username ?? claims.email ?? claims.sub,
      organization: place?.organization ?? null,
      role: place?.role ?? null,
      operator: false,
    };
  }

  async #find(kid: string): Promise<IssuersKey | null> {
    try {
      return await this.#keys.find(kid);
    } catch (cause) {
      throw new AccessError(
        'issuer_unavailable',
        'the identity provider’s keys cannot be had at the moment, so its tokens cannot be checked',
        { cause, retryAfterSeconds: Math.ceil(MIN_INTERVAL_MS / 1000) },
      );
    }
  }

  #check(token: string, { publicKey, algorithms }: IssuersKey): Claims {
    try {
      const payload = jwt.verify(token, publicKey, {
        algorithms,
        issuer: this.#config.issuer,
        audience: this.#config.audience,
        clockTimestamp: Math.floor(this.#parts.clock() / 1000),
        clockTolerance: CLOCK_TOLERANCE_MS / 1000,
      });
      return Claims.parse(payload);
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError) {
        throw new AccessError('token_expired', 'the identity provider’s token has expired');
      }
      throw invalid();
    }
  }

  /** The first of the configured roles that the person has in an organization that is open. */
  async #placeOf(claims: Claims): Promise<{ organization: Organization; role: OidcRole['role'] } | null> {
    const values = valuesAt(claims, this.#config.roleClaim);
    for (const { claimValue, role, organizationId } of this.#config.roles) {
      if (!values.includes(claimValue) || !isId('org', organizationId)) continue;
      const organization = await this.#parts.store.organization(organizationId);
      if (organization?.disabledAt === null) return { organization, role };
    }
    return null;
  }
}

async function load(client: JwksClient, logger: AccessLogger): Promise<Map<string, IssuersKey>> {
  try {
    const keys = await client.getSigningKeys();
    return new Map(keys.map(({ kid, alg, ...key }) => [kid, issuersKey(key.getPublicKey(), alg)]));
  } catch (err) {
    logger.warn(
      { err },
      'the identity provider’s keys cannot be had; those that were had before go on for a while',
    );
    throw err;
  }
}

async function fetchJwks(url: string): Promise<{ keys: unknown }> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    headers: { accept: 'application/json' },
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`the identity provider answered ${response.status}`);
  const body = await response.text();
  if (body.length > MAX_JWKS_LENGTH) throw new Error('the identity provider’s key set is too long');
  return z.object({ keys: z.array(z.unknown()) }).parse(JSON.parse(body));
}

function issuersKey(pem: string, alg: string | undefined): IssuersKey {
  return {
    publicKey: createPublicKey(pem),
    algorithms: ALGORITHMS.filter((each) => alg === undefined || alg === each),
  };
}

/** Header (0) or claims (1), not yet believed; null: this is no token. */
function partOf(token: string, index: 0 | 1): Record<string, unknown> | null {
  const parts = token.length > MAX_LENGTH ? [] : token.split('.');
  try {
    const part: unknown = JSON.parse(Buffer.from(parts[index] ?? '', 'base64url').toString());
    return parts.length === 3 && typeof part === 'object' && part !== null
      ? (part as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Texts at a claim's path. A name with dots in it, as the addresses that some providers use, is tried as one name first. */
function valuesAt(claims: Record<string, unknown>, path: string): string[] {
  const found: unknown = Object.hasOwn(claims, path)
    ? claims[path]
    : path.split('.').reduce<unknown>((at, name) => {
        return typeof at === 'object' && at !== null && Object.hasOwn(at, name)
          ? (at as Record<string, unknown>)[name]
          : undefined;
      }, claims);
  return (Array.isArray(found) ? found : [found]).filter(
    (value): value is string => typeof value === 'string',
  );
}

function invalid(): AccessError {
  return new AccessError('invalid_token', 'the identity provider’s token is not, or no longer, good');
}

export interface KeySetOptions<K> {
  /** All keys there are, by their ids. */
  readonly load: () => Promise<ReadonlyMap<string, K>>;
  /** How old what was loaded may get. */
  readonly maxAgeMs: number;
  /** At least so long between two loads, however many unknown ids are asked for. */
  readonly minIntervalMs: number;
  /** How old it may get while loading fails. */
  readonly maxStaleMs: number;
}

interface Loaded<K> {
  readonly keys: ReadonlyMap<string, K>;
  readonly at: number;
}

/**
 * Public keys by id, for checking tokens. An id that is not known may be of a key that was made a moment ago elsewhere: it is
 * looked for once more before it is refused, and whoever asks waits for that look, so a new key is never refused.
 */
export class KeySet<K> {
  readonly #options: KeySetOptions<K>;
  #loaded: Loaded<K> | null = null;
  #loading: Promise<Loaded<K>> | null = null;
  #lastTry = -Infinity;
  #failure: Error | null = null;

  constructor(options: KeySetOptions<K>) {
    this.#options = options;
  }

  /**
   * null: there is no such key.
   * Rejects with the reason when nothing could be loaded that tells.
   */
  async find(id: string): Promise<K | null> {
    const asked = performance.now();
    let loaded = await this.#current();
    // A load that began before may not have seen it.
    while (!loaded.keys.has(id) && loaded.at < asked) loaded = await this.#load();
    return loaded.keys.get(id) ?? null;
  }

  /** Puts in what has been read for another reason, as of `at` (performance.now() before reading). */
  put(keys: ReadonlyMap<string, K>, at: number): void {
    if (this.#loaded === null || this.#loaded.at < at) this.#loaded = { keys, at };
  }

  async #current(): Promise<Loaded<K>> {
    const loaded = this.#loaded;
    const age = loaded === null ? Infinity : performance.now() - loaded.at;
    if (loaded !== null && age < this.#options.maxAgeMs) return loaded;
    try {
      return await this.#load();
    } catch (error) {
      if (loaded === null || age >= this.#options.maxStaleMs) throw error;
      return loaded;
    }
  }

  /** One load at a time, which everybody who asks meanwhile shares. */
  #load(): Promise<Loaded<K>> {
    this.#loading ??= this.#loadInTurn().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #loadInTurn(): Promise<Loaded<K>> {
    const pause = this.#lastTry + this.#options.minIntervalMs - performance.now();
    if (pause > 0) {
      // While the source is away nobody is kept waiting to be told so.
      if (this.#failure !== null) throw this.#failure;
      await delay(pause, undefined, { ref: false });
    }
    this.#lastTry = performance.now();
    try {
      // As of the beginning: what is made while it runs may be missing from it.
      const loaded = { keys: await this.#options.load(), at: this.#lastTry };
      this.put(loaded.keys, loaded.at);
      this.#failure = null;
      return loaded;
    } catch (error) {
      this.#failure = new Error('the keys could not be had', { cause: error });
      throw this.#failure;
    }
  }
}
