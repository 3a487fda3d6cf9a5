import { randomBytes } from 'node:crypto';
import { basename, resolve } from 'node:path';
import {
  isObject,
  type Json,
  type JsonObject,
  parseStrictJson,
  ProofError,
  toHex,
} from '../../proof/index.js';
import { parseMoment } from '../arguments.js';
import { usageError } from '../failure.js';
import { hashDocument, readObject } from '../files.js';
import { type Io } from '../io.js';
import { isText } from '../paths.js';

/** The options that say what an event states. */
export const BODY_OPTIONS = {
  body: {
    type: 'string',
    value: 'FILE',
    help: 'JSON file with what the event states; --field is added to it',
  },
  field: {
    type: 'string',
    multiple: true,
    value: 'NAME=TEXT',
    help: 'one value: title=Lease, or parties.0.name=Alice within objects and lists;\nNAME=@FILE stands for a document: its SHA-256, size and name;\nNAME:=VALUE is a number, other JSON, or a time: quorum:=2, deadline:=+30d,\ndeadline:=2027-01-31T09:00:00+09:00; may be repeated',
  },
} as const;

interface BodyValues {
  readonly body: string | undefined;
  readonly field: readonly string[];
}

/**
 * What an event states, with the nonce that keeps its digest from being guessed.
 * @throws {Failure} usage, unreadable, malformed
 */
export async function readBody(values: BodyValues, io: Io): Promise<JsonObject> {
  const given = values.body === undefined ? {} : await readObject(resolve(io.cwd, values.body), values.body);
  if (Object.hasOwn(given, 'nonce')) return withFields(given, values.field, io);
  return withFields({ ...given, nonce: toHex(randomBytes(NONCE_LENGTH)) }, values.field, io);
}

const NONCE_LENGTH = 16;

async function withFields(body: JsonObject, fields: readonly string[], io: Io): Promise<JsonObject> {
  let whole: Json = body;
  for (const field of fields) {
    const [, name = '', typed, text = ''] = /^([^=]*?)(:)?=(.*)$/s.exec(field) ?? [];
    const path = name.split('.');
    if (path.includes('')) {
      throw usageError(`--field ${field} must read NAME=TEXT`, 'Example: --field parties.0.name=Alice');
    }
    const value = typed === undefined ? await textOrDocument(text, io) : typedValue(field, text);
    whole = placed(whole, path, value, field);
  }
  return whole as JsonObject;
}

async function textOrDocument(text: string, io: Io): Promise<Json> {
  return text.startsWith('@') ? documentFacts(text.slice(1), io) : text;
}

const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T/;
const DELAY = /^\+([1-9][0-9]{0,5})([smhd])$/;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** JSON, a time with its zone, or `+30d` for a time from now. */
function typedValue(field: string, text: string): Json {
  const [, count, unit = ''] = DELAY.exec(text) ?? [];
  if (count !== undefined) return Date.now() + Number(count) * (UNITS[unit] ?? 0);
  if (TIME.test(text)) return parseMoment(`--field ${field}`, text, 'from now');
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw usageError(
      `--field ${field}: what follows := must be JSON or a time such as +30d or 2027-01-31T09:00:00Z`,
      'For a text write = without the colon.',
    );
  }
}

async function documentFacts(path: string, io: Io): Promise<JsonObject> {
  const { sha256, size } = await hashDocument(resolve(io.cwd, path), path, io);
  const name = basename(path);
  return { sha256: toHex(sha256), size, ...(isText(name) ? { name } : {}) };
}

/** A copy of `into` with a value at a path; lists grow by one element at a time. */
function placed(
  into: Json | undefined,
  [name, ...rest]: readonly string[],
  value: Json,
  field: string,
): Json {
  if (name === undefined) return value;
  const isIndex = /^(0|[1-9][0-9]{0,3})$/.test(name);
  if (into === undefined ? isIndex : Array.isArray(into)) {
    const list = (into ?? []) as readonly Json[];
    const index = Number(name);
    if (!isIndex || index > list.length)
      throw usageError(`--field ${field}: the next element of this list is number ${list.length}`);
    const changed = [...list];
    changed[index] = placed(list[index], rest, value, field);
    return changed;
  }
  if (into !== undefined && !isObject(into))
    throw usageError(`--field ${field}: a value was given before where this name leads`);
  const object = into ?? {};
  // A name such as __proto__ is a name like any other.
  const before = Object.hasOwn(object, name) ? object[name] : undefined;
  return Object.fromEntries([
    ...Object.entries(object).filter(([each]) => each !== name),
    [name, placed(before, rest, value, field)],
  ]);
}
