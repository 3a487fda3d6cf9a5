import { createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Limits, type Scope, SCOPES } from '../store/index.js';
import { AccessError } from './context.js';

const MAX_NAME_LENGTH = 200;

/** An absent limit stays as it is, or is null. */
export type LimitsInput = { readonly [K in keyof Limits]?: Limits[K] | undefined };

const LIMIT_NAMES = ['requestsPerMinute', 'digestsPerDay', 'bytesPerDay'] as const;
/** The first is stored in 32 bits. */
const MAXIMUM: Readonly<Limits> = {
  requestsPerMinute: 2 ** 31 - 1,
  digestsPerDay: Number.MAX_SAFE_INTEGER,
  bytesPerDay: Number.MAX_SAFE_INTEGER,
};

/**
 * The name of an organization, a person or a key: one line of text.
 * @throws {AccessError} invalid_value
 */
export function parseName(text: string): string {
  const name = text.trim().normalize('NFC');
  if (name === '' || name.length > MAX_NAME_LENGTH || /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(name)) {
    throw invalid(`a name is one line of 1 to ${MAX_NAME_LENGTH} characters`);
  }
  return name;
}

/** @throws {AccessError} invalid_value */
export function parseLimits(input: LimitsInput = {}): Partial<Limits> {
  const limits: { -readonly [K in keyof Limits]?: Limits[K] } = {};
  for (const name of LIMIT_NAMES) {
    const value = input[name];
    if (value === undefined) continue;
    if (value !== null && !(Number.isSafeInteger(value) && value >= 0 && value <= (MAXIMUM[name] ?? 0))) {
      throw invalid(`${name} is null or a whole number from 0 to ${String(MAXIMUM[name])}`);
    }
    limits[name] = value;
  }
  return limits;
}

/** All limits; absent ones are null. */
export function allLimits(input: LimitsInput = {}): Limits {
  return { requestsPerMinute: null, digestsPerDay: null, bytesPerDay: null, ...parseLimits(input) };
}

/** @throws {AccessError} invalid_value */
export function parseScopes(scopes: readonly string[]): Scope[] {
  const known = SCOPES.filter((scope) => scopes.includes(scope));
  if (known.length === 0 || known.length !== new Set(scopes).size) {
    throw invalid(`scopes are one or more of ${SCOPES.join(', ')}`);
  }
  return known;
}

/** @throws {AccessError} invalid_value */
export function parseExpiry(time: number | null, now: number): number | null {
  if (time !== null && !(Number.isSafeInteger(time) && time > now)) {
    throw invalid('an expiry must be in the future');
  }
  return time;
}

function invalid(message: string): AccessError {
  return new AccessError('invalid_value', message);
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** 100 bits, so that ids do not collide. */
const ID_CHARACTERS = 20;
/** 256 bits in base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

export type IdKind = 'org' | 'psn' | 'ses' | 'sig';

/** For example org_k7zq… */
export function newId(kind: IdKind): string {
  // 256 is a multiple of 32, so all characters are equally likely.
  const characters = [...randomBytes(ID_CHARACTERS)].map((byte) => BASE32.charAt(byte % BASE32.length));
  return `${kind}_${characters.join('')}`;
}

/** Ids come from strangers too: malformed ones are not looked up. */
export function isId(kind: IdKind, text: string): boolean {
  return text.startsWith(`${kind}_`) && /^[a-z]+_[a-z2-7]{20}$/.test(text);
}

/** 32 random bytes as text: refresh tokens, invitations, the secret part of API keys. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/** What is stored of a secret. Its 256 random bits cannot be guessed, so plain SHA-256 is enough. */
export function hashSecret(secret: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}

/** In constant time. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** HKDF with SHA-256 (RFC 5869): a key for one purpose, independent of the others. */
export function deriveKey(secret: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), purpose, 32));
}
