import { basename, resolve } from 'node:path';
import { isObject, parseStrictJson, type Json, type JsonObject } from '../../proof/index.js';
import { Failure } from '../failure.js';
import type { Io } from '../io.js';
import { malformed, readText } from '../input/read-proof.js';

/** What the owner says of the documents. */
export const DETAILS_OPTIONS = {
  title: {
    type: 'string',
    value: 'TEXT',
    help: 'details of the documents, sealed as a salted hash: a title',
  },
  author: { type: 'string', value: 'TEXT', help: 'who wrote them' },
  reference: { type: 'string', value: 'TEXT', help: 'your number for them: of a case, an order, a contract' },
  note: { type: 'string', value: 'TEXT', help: 'anything else' },
  tag: {
    type: 'string',
    multiple: true,
    value: 'TEXT',
    help: 'a word to find them by; may be given several times',
  },
  details: { type: 'string', value: 'FILE', help: 'the same as a JSON object; options win over it' },
  names: { type: 'boolean', help: 'tell the service the name of each file' },
} as const;

interface DetailsValues {
  readonly title: string | undefined;
  readonly author: string | undefined;
  readonly reference: string | undefined;
  readonly note: string | undefined;
  readonly tag: readonly string[];
  readonly details: string | undefined;
  readonly names: boolean;
}

/** Gives each document's details; undefined when there are none to tell. */
export type DetailsOf = (path: string) => JsonObject | undefined;

/** @throws {Failure} when the file of --details is not a JSON object. What may be in it, the service says. */
export async function readDetails(values: DetailsValues, io: Io): Promise<DetailsOf> {
  const base = values.details === undefined ? {} : await readObject(values.details, io);
  const common: JsonObject = {
    ...base,
    ...(values.title === undefined ? {} : { title: values.title }),
    ...(values.author === undefined ? {} : { author: values.author }),
    ...(values.reference === undefined ? {} : { reference: values.reference }),
    ...(values.note === undefined ? {} : { note: values.note }),
    ...(values.tag.length === 0 ? {} : { tags: values.tag }),
  };
  return (path) => {
    const details = values.names ? { ...common, name: basename(path) } : common;
    return Object.keys(details).length === 0 ? undefined : details;
  };
}

async function readObject(path: string, io: Io): Promise<JsonObject> {
  const text = await readText(resolve(io.cwd, path), path);
  let value: Json;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    throw malformed(error, path, 'a JSON file');
  }
  if (!isObject(value)) throw new Failure('malformed', `${path} must hold a JSON object`);
  return value;
}
