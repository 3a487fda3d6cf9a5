import { ProofError } from './errors.js';

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** More than any honest details need, and far from what recursion can bear. */
export const MAX_JSON_DEPTH = 32;

/**
 * RFC 8785 (JCS): no white space, keys sorted by UTF-16 code units.
 * @throws {ProofError} malformed_json for a value that has no canonical form here
 */
export function canonicalJson(value: Json, depth = 0): string {
  if (depth > MAX_JSON_DEPTH) throw malformed(`JSON may nest ${MAX_JSON_DEPTH} deep at most`);
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
  if (/\p{Surrogate}/u.test(text)) throw malformed('a string holds half a surrogate pair');
  return JSON.stringify(text);
}

/** Strings first: a brace or quote inside one is text, not structure. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]|-?[0-9][0-9.eE+-]*/g;

/**
 * Strict JSON: what JSON.parse accepts, less duplicate keys (where it silently keeps the last), numbers that are not
 * integers within ±(2^53 − 1) in their shortest form (so that every language reads and writes them alike), lone
 * surrogates, and nesting beyond MAX_JSON_DEPTH.
 * @throws {ProofError} malformed_json
 */
export function parseStrictJson(text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw malformed(error instanceof Error ? `not JSON: ${error.message}` : 'not JSON');
  }
  // The text is JSON: what is left to check shows in its tokens, without parsing it again.
  const open: (Set<string> | null)[] = [];
  let keyIsNext = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const keys = open.at(-1) ?? null;
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null);
      if (open.length > MAX_JSON_DEPTH) throw malformed(`JSON may nest ${MAX_JSON_DEPTH} deep at most`);
      keyIsNext = token === '{';
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ',') {
      keyIsNext = keys !== null;
    } else if (token.startsWith('"')) {
      const string = JSON.parse(token) as string;
      canonicalString(string);
      if (keyIsNext && keys !== null) {
        if (keys.has(string)) throw malformed(`the key ${token} is given twice`);
        keys.add(string);
        keyIsNext = false;
      }
    } else if (!/^(0|-?[1-9][0-9]*)$/.test(token) || !Number.isSafeInteger(Number(token))) {
      throw malformed(`${token} is not an integer within ±(2^53 − 1) in its shortest form`);
    }
  }
  return value;
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
