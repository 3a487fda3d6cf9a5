import { SCOPES, type Limits, type Scope } from '../store/index.js';
import { AccessError } from './errors.js';

const MAX_NAME_LENGTH = 200;

/** A limit that is not named stays as it is, or is none. */
export type LimitsInput = { readonly [K in keyof Limits]?: Limits[K] | undefined };

const LIMIT_NAMES = ['requestsPerMinute', 'digestsPerDay', 'bytesPerDay'] as const;
/** The first is kept in 32 bits. */
const MOST: Readonly<Limits> = {
  requestsPerMinute: 2 ** 31 - 1,
  digestsPerDay: Number.MAX_SAFE_INTEGER,
  bytesPerDay: Number.MAX_SAFE_INTEGER,
};

/**
 * Of an account, a person, a key: one line for people to read.
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
    if (value !== null && !(Number.isSafeInteger(value) && value >= 0 && value <= (MOST[name] ?? 0))) {
      throw invalid(`${name} is null or a whole number from 0 to ${String(MOST[name])}`);
    }
    limits[name] = value;
  }
  return limits;
}

/** Every limit, with none where none is named. */
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
export function parseTimeToCome(time: number | null, now: number): number | null {
  if (time !== null && !(Number.isSafeInteger(time) && time > now)) {
    throw invalid('an expiry is a time that is still to come, in milliseconds');
  }
  return time;
}

function invalid(message: string): AccessError {
  return new AccessError('invalid_value', message);
}
