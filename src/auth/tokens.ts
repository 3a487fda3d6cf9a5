import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { deriveKey } from '../crypto/secrets.js';
import { parseStrictJson } from '../proof/index.js';
import type { AccessStore, NewAccessEvent, SigningKey, StoreLog } from '../store/index.js';
import { eventOf } from './access-log.js';
import { AccessError, type AccessParts, type Client } from './context.js';
import { type Actor, assertMay } from './policy.js';
import { isId, newId } from './values.js';

export interface KeySetOptions<K> {
  /** All current keys by id. */
  readonly load: () => Promise<ReadonlyMap<string, K>>;
  /** The age at which loaded keys are loaded again. */
  readonly maxAgeMs: number;
  /** The shortest time between two loads, however many unknown ids are looked up. */
  readonly minIntervalMs: number;
  /** How old loaded keys may get while loading fails. */
  readonly maxStaleMs: number;
}

interface Loaded<K> {
  readonly keys: ReadonlyMap<string, K>;
  readonly at: number;
}

/**
 * Public keys by id, for verifying tokens. An unknown id may belong to a key made a moment ago by somebody
 * else, so it is rejected only after a load that began later than the lookup.
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

  /** null: there is no such key. Rejects when the keys cannot be loaded. */
  async find(id: string): Promise<K | null> {
    const startedAt = performance.now();
    let loaded = await this.#current();
    // A load that began earlier may have missed the key.
    while (!loaded.keys.has(id) && loaded.at < startedAt) loaded = await this.#load();
    return loaded.keys.get(id) ?? null;
  }

  /** Stores keys that were read for another reason. @param at performance.now() before they were read */
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

  /** One load at a time, shared by all callers. */
  #load(): Promise<Loaded<K>> {
    this.#loading ??= this.#loadAfterInterval().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #loadAfterInterval(): Promise<Loaded<K>> {
    const pause = this.#lastTry + this.#options.minIntervalMs - performance.now();
    if (pause > 0) {
      // While the source fails, callers get the failure at once.
      if (this.#failure !== null) throw this.#failure;
      await delay(pause, undefined, { ref: false });
    }
    this.#lastTry = performance.now();
    try {
      // The time before loading: keys made while it runs may be missing.
      const loaded = { keys: await this.#options.load(), at: this.#lastTry };
      this.put(loaded.keys, loaded.at);
      this.#failure = null;
      return loaded;
    } catch (error) {
      this.#failure = new Error('the keys could not be loaded', { cause: error });
      throw this.#failure;
    }
  }
}

/** Real tokens are much shorter. */
const MAX_LENGTH = 4096;
const ALGORITHM = 'ES256';
/** RFC 9068: distinguishes access tokens from all other tokens. */
const TYPE = 'at+jwt';

/**
 * Strict: jku, jwk, x5u and the like name keys that the token's maker chose, and crit requires extensions.
 */
const Header = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(TYPE), kid: z.string() });

const seconds = z.int().nonnegative();
const Claims = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  sub: z.string().regex(/^(?:psn_[a-z2-7]{20}|oidc:[^\p{C}]{1,255})$/u),
  sid: z.string().regex(/^ses_[a-z2-7]{20}$/),
  jti: z.string().min(16),
  iat: seconds,
  nbf: seconds,
  exp: seconds,
});

export interface AccessClaims {
  readonly personId: string;
  readonly sessionId: string;
}

/**
 * Access tokens: JWTs for 15 minutes (RFC 7519, RFC 8725) that name a session. What the session may do is not
 * in the token; it is read for each request. A token is hostile input until its signature is verified, and
 * fails with one of two codes.
 */
export class AccessTokens {
  readonly #keys: SigningKeys;
  readonly #issuer: string;
  readonly #audience: string;
  readonly #clock: () => number;

  constructor(keys: SigningKeys, origin: string, clock: () => number) {
    this.#keys = keys;
    this.#issuer = `urn:ingam:${origin}`;
    this.#audience = `${this.#issuer}:api`;
    this.#clock = clock;
  }

  async issue({ personId, sessionId }: AccessClaims): Promise<{ token: string; expiresAt: number }> {
    const { id, privateKey } = await this.#keys.current();
    const iat = Math.floor(this.#clock() / 1000);
    const exp = iat + ACCESS_LIFETIME_MS / 1000;
    const claims: z.infer<typeof Claims> = {
      iss: this.#issuer,
      aud: this.#audience,
      sub: personId,
      sid: sessionId,
      jti: randomBytes(16).toString('base64url'),
      iat,
      nbf: iat,
      exp,
    };
    const token = jwt.sign(claims, privateKey, {
      algorithm: ALGORITHM,
      header: { alg: ALGORITHM, typ: TYPE, kid: id },
    });
    return { token, expiresAt: exp * 1000 };
  }

  /** @throws {AccessError} invalid_token or token_expired, whatever `token` holds */
  async check(token: string): Promise<AccessClaims> {
    const { header, claims } = read(token);
    const key = await this.#keys.find(header.kid);
    if (key === null) throw invalid();
    const now = Math.floor(this.#clock() / 1000);
    const tolerance = CLOCK_TOLERANCE_MS / 1000;
    try {
      jwt.verify(token, key.publicKey, {
        algorithms: [ALGORITHM],
        issuer: this.#issuer,
        audience: this.#audience,
        clockTimestamp: now,
        clockTolerance: tolerance,
      });
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError) {
        throw new AccessError('token_expired', 'the access token has expired');
      }
      throw invalid();
    }
    const { iat, nbf, exp, aud } = claims;
    const lifetime = ACCESS_LIFETIME_MS / 1000;
    // `issue` creates no such token: a stolen key is good neither for long-lived tokens nor after its
    // retirement.
    const isTimely = iat <= now + tolerance && nbf >= iat && exp > iat && exp <= iat + lifetime;
    const isBeforeRetirement = key.retiredAt === null || iat * 1000 <= key.retiredAt + CLOCK_TOLERANCE_MS;
    if (!isTimely || !isBeforeRetirement || aud !== this.#audience) throw invalid();
    return { personId: claims.sub, sessionId: claims.sid };
  }
}

/** Header and claims, in canonical form and unverified. */
function read(token: string): { header: z.infer<typeof Header>; claims: z.infer<typeof Claims> } {
  const parts = token.length > MAX_LENGTH ? [] : token.split('.');
  const [header = '', claims = '', signature = '', ...rest] = parts;
  if (rest.length > 0 || !isBase64url(signature)) throw invalid();
  const parsed = { header: Header.safeParse(jsonOf(header)), claims: Claims.safeParse(jsonOf(claims)) };
  if (!parsed.header.success || !parsed.claims.success) throw invalid();
  return { header: parsed.header.data, claims: parsed.claims.data };
}

/** null: not strict JSON. Parsers disagree about duplicate members, so those are rejected. */
function jsonOf(part: string): unknown {
  if (!isBase64url(part)) return null;
  try {
    return parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url')));
  } catch {
    return null;
  }
}

/** RFC 7515 §2: no padding, and only the canonical encoding. */
function isBase64url(text: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text;
}

function invalid(): AccessError {
  return new AccessError('invalid_token', 'the access token is invalid');
}

/** How long an access token lives. */
const ACCESS_LIFETIME_MS = 15 * 60_000;
/** How far the clocks of two instances may differ. */
export const CLOCK_TOLERANCE_MS = 10_000;

const ROTATION_MS = 30 * 86_400_000;
/** A retired key is kept as long as a token that it signed can be valid. */
const RETIREMENT_MS = ACCESS_LIFETIME_MS + 2 * CLOCK_TOLERANCE_MS;
const MAX_AGE_MS = 30_000;
const MIN_INTERVAL_MS = 1000;

const CIPHER = 'aes-256-gcm';
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

const AUTOMATIC_ROTATION = {
  kind: 'signing_key_rotated',
  organizationId: null,
  personId: null,
  keyId: null,
  address: null,
} as const;

export interface VerificationKey {
  readonly publicKey: KeyObject;
  /** Milliseconds. Tokens that claim to be signed later are rejected. */
  readonly retiredAt: number | null;
}

export interface CurrentKey {
  readonly id: string;
  readonly privateKey: KeyObject;
}

/**
 * The keys that sign access tokens (ES256). All instances share them through the database, where the private
 * keys are encrypted. Each signature reads them first, so that no instance signs with a key that another has
 * retired.
 */
export class SigningKeys {
  readonly #store: AccessStore;
  readonly #clock: () => number;
  readonly #logger: StoreLog;
  readonly #wrappingKey: Uint8Array;
  readonly #verification: KeySet<VerificationKey>;

  constructor({ store, clock, logger }: AccessParts, secret: Uint8Array) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#wrappingKey = deriveKey(secret, 'ingam access v1: signing keys');
    this.#verification = new KeySet({
      load: async () => verificationKeys(await store.signingKeys()),
      maxAgeMs: MAX_AGE_MS,
      minIntervalMs: MIN_INTERVAL_MS,
      maxStaleMs: MAX_AGE_MS,
    });
  }

  /**
   * The key to sign with now. Creates one if there is none, the current one is too old, or another secret
   * encrypted it.
   */
  async current(): Promise<CurrentKey> {
    const readAt = performance.now();
    const keys = await this.#store.signingKeys();
    this.#verification.put(verificationKeys(keys), readAt);
    const newest = newestOf(keys);
    const privateKey = newest === null ? null : this.#unwrap(newest);
    if (newest !== null && privateKey === null) {
      this.#logger.warn(
        { key: newest.id },
        'the signing key was encrypted with another secret; replacing it',
      );
    }
    if (newest !== null && privateKey !== null && this.#clock() - newest.createdAt < ROTATION_MS) {
      return { id: newest.id, privateKey };
    }
    const reason = newest === null ? 'first' : privateKey === null ? 'other_secret' : 'age';
    const made = await this.#replace(newest, (at) => ({ ...AUTOMATIC_ROTATION, at, detail: { reason } }));
    // Another instance was faster: use its key.
    return made ?? this.current();
  }

  /**
   * Makes a new signing key. Tokens that earlier keys signed stay valid until they expire.
   * @throws {AccessError} unauthenticated, forbidden
   */
  async rotate(by: Actor, client: Client): Promise<void> {
    assertMay(by, 'organizations');
    await this.#replace(newestOf(await this.#store.signingKeys()), (at) =>
      eventOf(by, client, at, 'signing_key_rotated', { organizationId: null }),
    );
  }

  /** null: there is no such key. */
  async find(id: string): Promise<VerificationKey | null> {
    const key = isId('sig', id) ? await this.#verification.find(id) : null;
    return key === null || (key.retiredAt !== null && this.#clock() >= key.retiredAt + RETIREMENT_MS)
      ? null
      : key;
  }

  /** null: another instance has replaced it. */
  async #replace(
    newest: SigningKey | null,
    event: (at: number) => NewAccessEvent,
  ): Promise<CurrentKey | null> {
    const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
    const id = newId('sig');
    const at = this.#clock();
    const key: SigningKey = {
      id,
      publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
      privateKey: this.#wrap(id, privateKey),
      createdAt: at,
      retiredAt: null,
    };
    const replaced = await this.#store.rotateSigningKey(key, {
      replaces: newest?.id ?? null,
      removeRetiredBefore: at - RETIREMENT_MS,
      event: event(at),
    });
    return replaced ? { id, privateKey } : null;
  }

  /** nonce ‖ ciphertext ‖ tag. The id is authenticated too, so that keys cannot be swapped between rows. */
  #wrap(id: string, key: KeyObject): Uint8Array {
    const nonce = randomBytes(NONCE_LENGTH);
    const cipher = createCipheriv(CIPHER, this.#wrappingKey, nonce).setAAD(Buffer.from(id));
    const text = [cipher.update(key.export({ type: 'pkcs8', format: 'der' })), cipher.final()];
    return new Uint8Array(Buffer.concat([nonce, ...text, cipher.getAuthTag()]));
  }

  #unwrap({ id, privateKey }: SigningKey): KeyObject | null {
    const nonce = privateKey.subarray(0, NONCE_LENGTH);
    const tag = privateKey.subarray(-TAG_LENGTH);
    try {
      const decipher = createDecipheriv(CIPHER, this.#wrappingKey, nonce, { authTagLength: TAG_LENGTH })
        .setAAD(Buffer.from(id))
        .setAuthTag(tag);
      const text = [decipher.update(privateKey.subarray(NONCE_LENGTH, -TAG_LENGTH)), decipher.final()];
      return createPrivateKey({ key: Buffer.concat(text), type: 'pkcs8', format: 'der' });
    } catch {
      return null;
    }
  }
}

/** The newest key that is not retired. */
function newestOf(keys: readonly SigningKey[]): SigningKey | null {
  return keys.find(({ retiredAt }) => retiredAt === null) ?? null;
}

function verificationKeys(keys: readonly SigningKey[]): ReadonlyMap<string, VerificationKey> {
  return new Map(
    keys.map(({ id, publicKey, retiredAt }) => [
      id,
      { publicKey: createPublicKey({ key: Buffer.from(publicKey), type: 'spki', format: 'der' }), retiredAt },
    ]),
  );
}
