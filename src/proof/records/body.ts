import { describe } from '../bytes.js';
import { isObject, type Json, type JsonObject } from '../canonical-json.js';
import { ProofError } from '../errors.js';
import { parseEventKey } from './keys.js';
import { RecordRefusal } from './refusal.js';
import type { HolderKey } from './state.js';

// What the members of bodies may hold (docs/records.md, "Bodies"): each value has one spelling.

/** Reads one member. `what` is its name, for the message. @throws {RecordRefusal} malformed_body and others */
export type Parser<T> = (json: Json, what: string) => T;

export interface Members {
  /** A member that must be there. */
  get<T>(key: string, parse: Parser<T>): T;
  /** A member that may be left out; null: it is. */
  optional<T>(key: string, parse: Parser<T>): T | null;
}

/**
 * Reads an object that has exactly the members that `read` asks for.
 * @throws {RecordRefusal} malformed_body and others
 */
export function readObject<T>(json: Json, what: string, read: (members: Members) => T): T {
  if (!isObject(json)) throw malformed(`${what} must be an object`);
  const known = new Set<string>();
  const at = (key: string): Json | undefined => {
    known.add(key);
    return Object.hasOwn(json, key) ? json[key] : undefined;
  };
  const result = read({
    get: (key, parse) => {
      const member = at(key);
      if (member === undefined) throw malformed(`${what} must have the member "${key}"`);
      return parse(member, `"${key}"`);
    },
    optional: (key, parse) => {
      const member = at(key);
      return member === undefined ? null : parse(member, `"${key}"`);
    },
  });
  const unknown = Object.keys(json).find((key) => !known.has(key));
  if (unknown !== undefined) throw malformed(`${what} must not have the member ${describe(unknown)}`);
  return result;
}

/** The body of an event: its members, and the nonce that every body has. */
export function readBody<T>(body: JsonObject, read: (members: Members) => T): T {
  return readObject(body, 'the body', (members) => {
    members.get('nonce', nonce);
    return read(members);
  });
}

export function object<T>(read: (members: Members) => T): Parser<T> {
  return (json, what) => readObject(json, what, read);
}

export function arrayOf<T>(parse: Parser<T>, least: number, most: number): Parser<readonly T[]> {
  return (json, what) => {
    if (!Array.isArray(json)) throw malformed(`${what} must be an array`);
    if (json.length < least) throw malformed(`${what} must have ${least} members at least`);
    if (json.length > most)
      throw new RecordRefusal('too_large', `${what} may have ${most} members at most, got ${json.length}`);
    return (json as readonly Json[]).map((each, i) => parse(each, `${what}[${i}]`));
  };
}

export function nullOr<T>(parse: Parser<T>): Parser<T | null> {
  return (json, what) => (json === null ? null : parse(json, what));
}

export const boolean: Parser<boolean> = (json, what) => {
  if (typeof json !== 'boolean') throw malformed(`${what} must be true or false`);
  return json;
};

export function oneOf<T extends string>(words: readonly T[]): Parser<T> {
  return (json, what) => {
    const found = words.find((each) => each === json);
    if (found === undefined) throw malformed(`${what} must be one of ${words.join(', ')}`);
    return found;
  };
}

/** For numbers without a limit of their own. */
export const WHOLE = Number.MAX_SAFE_INTEGER;

export function integer(least: number, most: number): Parser<number> {
  return (json, what) => {
    if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < least || json > most)
      throw malformed(`${what} must be a whole number from ${least} to ${most}`);
    return json;
  };
}

/** The latest time that every platform can show as a date. */
const MAX_TIME = 8_640_000_000_000_000;

/** Milliseconds since the Unix epoch. */
export const time: Parser<number> = integer(0, MAX_TIME);

function matching(pattern: RegExp, form: string): Parser<string> {
  return (json, what) => {
    if (typeof json !== 'string' || !pattern.test(json)) throw malformed(`${what} must be ${form}`);
    return json;
  };
}

const nonce = matching(/^[0-9a-f]{32}$/, '32 hexadecimal digits in small letters');
export const digest = matching(/^[0-9a-f]{64}$/, 'a SHA-256 of 64 hexadecimal digits in small letters');
/** Not the 64 zeros that stand for a record that does not exist yet. */
export const recordId = matching(/^(?!0{64})[0-9a-f]{64}$/, 'the id of a record');
export const country = matching(/^[A-Z]{2}$/, 'a country code of two capital letters (ISO 3166-1)');
export const currency = matching(/^[A-Z]{3}$/, 'a currency code of three capital letters (ISO 4217)');
export const amount = matching(
  /^(0|[1-9][0-9]{0,17})(\.[0-9]{1,8})?$/,
  'an amount such as 1200 or 1200.50, as a string',
);

/** A year, a month or a day of the calendar: 2026, 2026-11 or 2026-11-29. */
export const date: Parser<string> = (json, what) => {
  const [, year, month, day] =
    (typeof json === 'string' ? /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?$/.exec(json) : null) ?? [];
  if (year === undefined || !isDate(Number(year), Number(month ?? 1), Number(day ?? 1)))
    throw malformed(`${what} must be a date such as 2026-11-29, or 2026-11 or 2026`);
  return json as string;
};

function isDate(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}

/**
 * Controls, and characters that are not seen, or change how text is shown or ordered. A fixed list: the classes
 * of Unicode grow, and all verifiers must agree. U+200C, U+200D and U+FE00 to FE0F are allowed: scripts and
 * symbols need them.
 */
const HIDDEN =
  /[\u034f\u17b4\u17b5\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\uffff\u{e0000}-\u{e007f}\p{Surrogate}]/u;

/** One line that people read: no controls, in normalization form C, no space at either end. */
export function text(most: number): Parser<string> {
  return (json, what) => {
    if (typeof json !== 'string' || json === '') throw malformed(`${what} must be a text`);
    if (json.length > most)
      throw new RecordRefusal('too_large', `${what} may have ${most} characters at most, got ${json.length}`);
    if (HIDDEN.test(json))
      throw malformed(`${what} must not contain control characters or hidden ones: ${describe(json)}`);
    if (json.normalize('NFC') !== json)
      throw malformed(`${what} must be in Unicode normalization form C: ${describe(json)}`);
    if (/^[ \u3000]|[ \u3000]$/.test(json)) throw malformed(`${what} must not begin or end with a space`);
    return json;
  };
}

const MAX_NAME = 200;
export const name = text(MAX_NAME);
export const title = text(300);
/** Reasons, notes and terms. */
export const remark = text(2000);

/** In characters: a key of ML-DSA-44 with its name fits. */
const MAX_KEY = 2048;
const keyName = text(100);

/**
 * The verifier key of a holder.
 * @throws {RecordRefusal} malformed_key
 */
export const key: Parser<HolderKey> = (json, what) => {
  if (typeof json !== 'string' || json.length > MAX_KEY)
    throw new RecordRefusal('malformed_key', `${what} must be a verifier key`);
  try {
    keyName(parseEventKey(json).name, 'the name of a key');
    return json;
  } catch (error) {
    if (error instanceof ProofError || error instanceof RecordRefusal)
      throw new RecordRefusal('malformed_key', `${what}: ${error.message}`);
    throw error;
  }
};

/** Of one body. */
export const MAX_DOCUMENTS = 32;

/** In days. */
const MAX_WAIT = 365;

export const recovery = object((o) => ({
  key: o.get('key', key),
  days: o.get('days', integer(1, MAX_WAIT)),
}));

/** A document; of its members only the SHA-256 is for the rules. */
export const document: Parser<string> = object((o) => {
  o.optional('size', integer(0, WHOLE));
  o.optional('name', name);
  return o.get('sha256', digest);
});

function malformed(message: string): RecordRefusal {
  return new RecordRefusal('malformed_body', message);
}
