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
import { recordsMessages } from '../messages/records.js';

/** The options that say what an event states. */
export const BODY_OPTIONS = {
  body: {
    type: 'string',
    value: 'FILE',
    help: {
      en: 'JSON file with what the event states; --field is added to it',
      ko: '이벤트의 내용이 든 JSON 파일. --field의 값을 여기에 더합니다',
    },
  },
  field: {
    type: 'string',
    multiple: true,
    value: 'NAME=TEXT',
    help: {
      en: 'one value: title=Lease, or parties.0.name=Alice within objects and lists;\nNAME=@FILE stands for a document: its SHA-256, size and name;\nNAME:=VALUE is a number, other JSON, or a time: quorum:=2, deadline:=+30d,\ndeadline:=2027-01-31T09:00:00+09:00; may be repeated',
      ko: '값 하나: title=Lease, 객체와 목록 안은 parties.0.name=Alice처럼 씁니다\nNAME=@FILE은 문서입니다: SHA-256, 크기, 이름\nNAME:=VALUE는 수, 다른 JSON 또는 시각입니다: quorum:=2, deadline:=+30d,\ndeadline:=2027-01-31T09:00:00+09:00. 여러 번 쓸 수 있습니다',
    },
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
      throw usageError(recordsMessages().fieldForm(field), recordsMessages().fieldExample);
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
    throw usageError(recordsMessages().notJson(field), recordsMessages().textForm);
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
    if (!isIndex || index > list.length) throw usageError(recordsMessages().nextElement(field, list.length));
    const changed = [...list];
    changed[index] = placed(list[index], rest, value, field);
    return changed;
  }
  if (into !== undefined && !isObject(into)) throw usageError(recordsMessages().alreadyAValue(field));
  const object = into ?? {};
  // A name such as __proto__ is a name like any other.
  const before = Object.hasOwn(object, name) ? object[name] : undefined;
  return Object.fromEntries([
    ...Object.entries(object).filter(([each]) => each !== name),
    [name, placed(before, rest, value, field)],
  ]);
}
