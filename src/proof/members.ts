import { fromBase64 } from './bytes.js';
import { isObject, type Json, type JsonObject } from './canonical-json.js';
import { ProofError, type ProofErrorCode } from './errors.js';
import { HASH_LENGTH } from './hash.js';
import { MAX_ANCHORS, type Anchor } from './time/anchor.js';

/** The longest inclusion path in a tree of 2^53 leaves. */
const MAX_PATH = 53;

/** Reads the members of a strict JSON object. All of it throws a ProofError. */
interface MemberReader {
  readonly objectAt: (value: Json | undefined, what: string) => JsonObject;
  readonly arrayAt: (object: JsonObject, key: string) => readonly Json[];
  readonly stringAt: (object: JsonObject, key: string) => string;
  readonly integerAt: (object: JsonObject, key: string) => number;
  /** The member `path`: an inclusion path. */
  readonly pathAt: (object: JsonObject, what: string) => Uint8Array[];
  /** Hashes in base64. */
  readonly hashesAt: (object: JsonObject, key: string, what: string, most: number) => Uint8Array[];
  /** The member `anchors`. What an anchor holds besides its type is judged alone: it makes no file malformed. */
  readonly anchorsAt: (object: JsonObject, what: string) => Anchor[];
  readonly assertKeys: (
    object: JsonObject,
    what: string,
    required: readonly string[],
    optional?: readonly string[],
  ) => void;
  readonly malformed: (message: string) => ProofError;
}

/** @param code of the errors for what is not the structure of the format */
export function memberReader(code: ProofErrorCode): MemberReader {
  const malformed = (message: string) => new ProofError(code, message);
  const arrayAt = (object: JsonObject, key: string): readonly Json[] => {
    const value = object[key];
    if (!Array.isArray(value)) throw malformed(`"${key}" must be an array`);
    return value as readonly Json[];
  };
  const hashesAt = (object: JsonObject, key: string, what: string, most: number): Uint8Array[] => {
    const path = arrayAt(object, key);
    if (path.length > most)
      throw new ProofError('malformed_path', `${what} must have at most ${most} hashes`);
    return path.map((hash) => {
      if (typeof hash !== 'string') throw malformed(`${what} must contain base64 strings`);
      return fromBase64(hash, `a hash of ${what}`, HASH_LENGTH);
    });
  };
  const objectAt = (value: Json | undefined, what: string): JsonObject => {
    if (!isObject(value)) throw malformed(`${what} must be an object`);
    return value;
  };
  const stringAt = (object: JsonObject, key: string): string => {
    const value = object[key];
    if (typeof value !== 'string') throw malformed(`"${key}" must be a string`);
    return value;
  };
  return {
    malformed,
    arrayAt,
    objectAt,
    stringAt,
    hashesAt,
    pathAt: (object, what) => hashesAt(object, 'path', what, MAX_PATH),
    anchorsAt: (object, what) => {
      const anchors = arrayAt(object, 'anchors');
      if (anchors.length > MAX_ANCHORS) throw malformed(`${what} must have at most ${MAX_ANCHORS} anchors`);
      return anchors.map((item) => {
        const anchor = objectAt(item, 'an anchor');
        return { ...anchor, type: stringAt(anchor, 'type') };
      });
    },
    integerAt: (object, key) => {
      const value = object[key];
      if (typeof value !== 'number' || value < 0) throw malformed(`"${key}" must be an integer of 0 or more`);
      return value;
    },
    assertKeys: (object, what, required, optional = []) => {
      for (const key of required) if (!Object.hasOwn(object, key)) throw malformed(`${what} lacks "${key}"`);
      for (const key of Object.keys(object)) {
        if (!required.includes(key) && !optional.includes(key))
          throw malformed(`${what} has an unknown key ${JSON.stringify(key.slice(0, 40))}`);
      }
    },
  };
}
