import { assertNotReencoded, describe } from './bytes.js';
import { ProofError } from './errors.js';

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** More than real details need, and far below what recursion can handle. */
export const MAX_JSON_DEPTH = 32;

/**
 * The canonical form of RFC 8785 (JCS): no white space, keys sorted by UTF-16 code units.
 * @throws {ProofError} malformed_json for a value that has no canonical form here
 */
export function canonicalJson(value: Json, depth = 0): string {
  if (depth > MAX_JSON_DEPTH) throw tooDeep(MAX_JSON_DEPTH);
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw malformed(`${value} has no JSON form`);
      return JSON.stringify(value);
    case 'string':
      return canonicalString(value);
    case 'object': {
      if (value === null) return 'null';
      if (isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
      const members = Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => `${canonicalString(key)}:${canonicalJson(item, depth + 1)}`);
      return `{${members.join(',')}}`;
    }
    default:
      throw malformed(`a ${typeof value} has no JSON form`);
  }
}

function canonicalString(text: string): string {
  const json = JSON.stringify(text);
  // It escapes lone surrogates. To look for them in every text takes several times as long.
  if (json.includes('\\ud')) assertWholeCharacters(text);
  return json;
}

function assertWholeCharacters(text: string): void {
  if (/\p{Surrogate}/u.test(text)) throw malformed('a string contains a lone surrogate');
}

const tooDeep = (maxDepth: number) => malformed(`JSON may nest ${maxDepth} deep at most`);
const inexact = (number: string) =>
  malformed(`${describe(number)} is not an integer within ±(2^53 − 1) in its shortest form`);

/** Most members of one array, and of one object. */
export interface MemberLimits {
  readonly array: number;
  readonly object: number;
}

const NO_LIMITS: MemberLimits = { array: Infinity, object: Infinity };

/**
 * Strict JSON: what JSON.parse accepts, except duplicate keys (JSON.parse silently keeps the last), numbers
 * other than integers within ±(2^53 − 1) in their shortest form (all languages read and write these alike),
 * lone surrogates, and nesting beyond MAX_JSON_DEPTH.
 * @param limits beyond which nothing more is read, for text of strangers; by default its length is the limit
 * @throws {ProofError} malformed_json, reencoded_text
 */
export function parseStrictJson(text: string, limits: MemberLimits = NO_LIMITS): Json {
  assertNotReencoded(text);
  // First, so that deeply nested input never reaches JSON.parse.
  assertStrictJson(text, MAX_JSON_DEPTH, false, limits);
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw malformed(error instanceof Error ? `not JSON: ${error.message}` : 'not JSON');
  }
}

const NUMBER = /-?[0-9][0-9.eE+-]*/y;

/**
 * Checks the rules that JSON.parse does not have. May accept text that is not JSON. Goes character by
 * character, because a regular expression over whole strings can overflow its stack.
 * @param anyNumber also accepts fractions, large and exponential numbers, as other formats have them
 * @throws {ProofError} malformed_json
 */
export function assertStrictJson(
  text: string,
  maxDepth = MAX_JSON_DEPTH,
  anyNumber = false,
  limits: MemberLimits = NO_LIMITS,
): void {
  // Once for all strings but those with escapes.
  assertWholeCharacters(text);
  const open: (Set<string> | null)[] = [];
  /** Commas at each depth. */
  const commas: number[] = [];
  let keyIsNext = false;
  for (let i = 0; i < text.length;) {
    const character = text.charAt(i);
    let end = i + 1;
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null);
      commas.push(0);
      if (open.length > maxDepth) throw tooDeep(maxDepth);
      keyIsNext = character === '{';
    } else if (character === '}' || character === ']') {
      open.pop();
      commas.pop();
    } else if (character === ',') {
      keyIsNext = (open.at(-1) ?? null) !== null;
      const count = (commas.pop() ?? 0) + 1;
      commas.push(count);
      const most = keyIsNext ? limits.object : limits.array;
      if (count >= most) {
        throw malformed(`${keyIsNext ? 'an object' : 'an array'} may have ${most} members at most`);
      }
    } else if (character === '"') {
      end = endOfString(text, i);
      const string = stringAt(text, i, end);
      const keys = open.at(-1) ?? null;
      if (keyIsNext && keys !== null) {
        if (keys.has(string)) throw malformed(`duplicate key ${describe(string)}`);
        keys.add(string);
        keyIsNext = false;
      }
    } else if (character === '-' || (character >= '0' && character <= '9')) {
      NUMBER.lastIndex = i;
      const number = NUMBER.exec(text)?.[0] ?? character;
      const isExact = /^(0|-?[1-9][0-9]{0,15})$/.test(number) && Number.isSafeInteger(Number(number));
      if (!anyNumber && !isExact) throw inexact(number);
      end = i + number.length;
    }
    i = end;
  }
}

/**
 * Checks that the canonical form of a value is strict JSON, without looking at its text.
 * @throws {ProofError} malformed_json
 */
export function assertStrictValue(value: Json, maxDepth = MAX_JSON_DEPTH, depth = 0): void {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw inexact(String(value));
  if (typeof value !== 'object' || value === null) return;
  if (depth === maxDepth) throw tooDeep(maxDepth);
  for (const member of isArray(value) ? value : Object.values(value)) {
    assertStrictValue(member, maxDepth, depth + 1);
  }
}

/** The index after the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charAt(i) !== '"') i += text.charAt(i) === '\\' ? 2 : 1;
  return i + 1;
}

function stringAt(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  let string = raw;
  if (raw.includes('\\')) {
    try {
      string = JSON.parse(`"${raw}"`) as string;
    } catch {
      throw malformed(`not JSON: a string with a bad escape: ${describe(raw)}`);
    }
    assertWholeCharacters(string);
  }
  return string;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isArray(value);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function malformed(message: string): ProofError {
  return new ProofError('malformed_json', message);
}
