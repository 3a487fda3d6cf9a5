import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { parseStrictJson } from '../../proof/index.js';
import { AccessError } from '../errors.js';
import { ACCESS_LIFETIME_MS, CLOCK_TOLERANCE_MS, type SigningKeys } from './signing-keys.js';

/** An honest one has some 500 bytes. */
const MAX_LENGTH = 4096;
const ALGORITHM = 'ES256';
/** RFC 9068: says what it is, so that no other token of whoever's can stand in for it. */
const TYPE = 'at+jwt';

/** Nothing else: jku, jwk, x5u and the like name keys that the token's maker chose, crit asks for what is not done here. */
const Header = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(TYPE), kid: z.string() });

const seconds = z.int().nonnegative();
const Claims = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  sub: z.string().regex(/^psn_[a-z2-7]{20}$/),
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
 * Access tokens: JWTs of 15 minutes (RFC 7519, RFC 8725) that name a session. What the session may do is not in them but read for each
 * request. Whatever comes as one is a stranger's until its signature holds; all that can be wrong with it is one of two answers.
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

  /** @throws {AccessError} invalid_token or token_expired, and nothing else for whatever `token` holds */
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
    // None of these comes from `issue`: whoever has got hold of a key gains neither long lives nor the use of a retired one.
    const timely = iat <= now + tolerance && nbf >= iat && exp > iat && exp <= iat + lifetime;
    const young = key.retiredAt === null || iat * 1000 <= key.retiredAt + CLOCK_TOLERANCE_MS;
    if (!timely || !young || aud !== this.#audience) throw invalid();
    return { personId: claims.sub, sessionId: claims.sid };
  }
}

/** Header and claims in the only spelling that is accepted, before any of it is believed. */
function read(token: string): { header: z.infer<typeof Header>; claims: z.infer<typeof Claims> } {
  const parts = token.length > MAX_LENGTH ? [] : token.split('.');
  const [header = '', claims = '', signature = '', ...rest] = parts;
  if (rest.length > 0 || !isBase64url(signature)) throw invalid();
  const parsed = { header: Header.safeParse(jsonOf(header)), claims: Claims.safeParse(jsonOf(claims)) };
  if (!parsed.header.success || !parsed.claims.success) throw invalid();
  return { header: parsed.header.data, claims: parsed.claims.data };
}

/** null: nothing that says something. Members that come twice are read differently by different readers, so they are refused. */
function jsonOf(part: string): unknown {
  if (!isBase64url(part)) return null;
  try {
    return parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url')));
  } catch {
    return null;
  }
}

/** RFC 7515 2: no padding, and only the spelling that encoding gives. */
function isBase64url(text: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text;
}

function invalid(): AccessError {
  return new AccessError('invalid_token', 'the access token is not, or no longer, good');
}
