import { fromHex, isZero, toHex, utf8, utf8Decode } from '../bytes.js';
import { canonicalJson, isObject, parseStrictJson, type Json, type JsonObject } from '../canonical-json.js';
import { HASH_LENGTH, sha256 } from '../hash.js';
import { NO_STATE } from '../header.js';
import { BITCOIN_HEADER_LENGTH, parseBitcoinHeader } from './bitcoin.js';
import { DRAND_SIGNATURE_LENGTH, isRound, type DrandRound } from './drand-chain.js';
import { reading, TimeError } from './time-error.js';

/**
 * The state statement of a block: what the block says besides its entries. Its text is the canonical JSON
 * (RFC 8785) of one object, and its SHA-256 is in the block's header, so there is one text for each content.
 */
const STATE_FORMAT = 'ingam-state-v1';
/** In bytes. */
const MAX_STATEMENT = 4096;

/** A public value that nobody could know before its time. */
export type Beacon =
  | ({ readonly type: 'drand'; /** The hash of the chain. */ readonly chain: Uint8Array } & DrandRound)
  | { readonly type: 'bitcoin'; readonly height: number; /** 80 bytes. */ readonly header: Uint8Array };

export interface StateStatement {
  /** At most one of each type, in the order of the types' names. */
  readonly beacons: readonly Beacon[];
  /** The map after the block. */
  readonly map: {
    /** SHA-256 of the block's change list; zero when the block changes no record. */
    readonly changes: Uint8Array;
    /** The number of keys in the map. */
    readonly records: number;
    readonly root: Uint8Array;
    /** What was due may not have happened in the block: see `FULL_AUTOMATIC`. */
    readonly full: boolean;
    /** The time that counts for what happens by itself in the block behind a full one; null: that of sealing. */
    readonly now: number | null;
  };
}

/** The header's `state`. @param text null: there is no statement */
export function stateHash(text: string | null): Uint8Array {
  return text === null ? NO_STATE : sha256(utf8(text));
}

/**
 * @returns null when there is nothing to say: no beacon and an empty map
 * @throws {RangeError} when it would not be read back
 */
export function formatStatement({ beacons, map }: StateStatement): string | null {
  if (beacons.length === 0 && map.records === 0 && isZero(map.root)) return null;
  const text = canonicalJson({
    format: STATE_FORMAT,
    beacons: beacons.toSorted((a, b) => (a.type < b.type ? -1 : 1)).map(beaconJson),
    map: {
      ...{ changes: toHex(map.changes), records: map.records, root: toHex(map.root) },
      ...(map.full ? { full: true } : {}),
      ...(map.now === null ? {} : { now: map.now }),
    },
  });
  try {
    parseStatement(text);
  } catch (error) {
    if (error instanceof TimeError) throw new RangeError(error.message, { cause: error });
    throw error;
  }
  return text;
}

function beaconJson(beacon: Beacon): JsonObject {
  switch (beacon.type) {
    case 'bitcoin':
      return { type: 'bitcoin', height: beacon.height, header: toHex(beacon.header) };
    case 'drand': {
      const { chain, round, signature } = beacon;
      return { type: 'drand', chain: toHex(chain), round, signature: toHex(signature) };
    }
  }
}

/**
 * Reads a statement; whether its beacons are genuine is another question.
 * @param source the text, or its bytes in UTF-8
 * @throws {TimeError} malformed_state, or malformed_bitcoin_header for the header of a beacon
 */
export function parseStatement(source: string | Uint8Array): StateStatement {
  return reading('malformed_state', () => {
    if (source.length > MAX_STATEMENT)
      throw malformed(`a state statement must have at most ${MAX_STATEMENT} bytes`);
    const text = typeof source === 'string' ? source : utf8Decode(source);
    const json = parseStrictJson(text);
    if (!isObject(json) || json['format'] !== STATE_FORMAT)
      throw malformed(`a state statement must have the format "${STATE_FORMAT}"`);
    assertKeys(json, 'a state statement', ['beacons', 'format', 'map']);
    if (canonicalJson(json) !== text) throw malformed('a state statement must be in canonical JSON');
    const statement = { beacons: beaconsOf(json['beacons']), map: mapOf(json['map']) };
    if (statement.beacons.length === 0 && statement.map.records === 0)
      throw malformed('a state statement must say something: a block without state has none');
    return statement;
  });
}

function beaconsOf(json: Json | undefined): Beacon[] {
  if (!Array.isArray(json)) throw malformed('"beacons" must be an array');
  const beacons = (json as readonly Json[]).map(beaconOf);
  // So each set has one order, and no type is there twice.
  if (beacons.some(({ type }, i) => i > 0 && type <= (beacons[i - 1]?.type ?? '')))
    throw malformed('there must be at most one beacon of each type, in the order of their names');
  return beacons;
}

function beaconOf(json: Json): Beacon {
  if (!isObject(json)) throw malformed('a beacon must be an object');
  switch (json['type']) {
    case 'bitcoin': {
      assertKeys(json, 'a Bitcoin beacon', ['header', 'height', 'type']);
      const header = hexAt(json, 'header', BITCOIN_HEADER_LENGTH);
      parseBitcoinHeader(header);
      return { type: 'bitcoin', height: countAt(json, 'height'), header };
    }
    case 'drand': {
      assertKeys(json, 'a drand beacon', ['chain', 'round', 'signature', 'type']);
      const { round } = json;
      if (!isRound(round)) throw malformed('the number of a drand round must be 1 or more');
      return {
        type: 'drand',
        chain: hexAt(json, 'chain', HASH_LENGTH),
        round,
        signature: hexAt(json, 'signature', DRAND_SIGNATURE_LENGTH),
      };
    }
    default:
      throw malformed('a beacon must have the type "bitcoin" or "drand"');
  }
}

function mapOf(json: Json | undefined): StateStatement['map'] {
  if (!isObject(json)) throw malformed('"map" must be an object');
  const optional = ['full', 'now'].filter((key) => json[key] !== undefined);
  assertKeys(json, '"map"', ['changes', 'records', 'root', ...optional]);
  const map = {
    changes: hexAt(json, 'changes', HASH_LENGTH),
    records: countAt(json, 'records'),
    root: hexAt(json, 'root', HASH_LENGTH),
    full: json['full'] !== undefined,
    now: json['now'] === undefined ? null : countAt(json, 'now'),
  };
  if (map.full && json['full'] !== true) throw malformed('"full" must be true, or left out');
  if (map.full && isZero(map.changes)) throw malformed('a block without changes is not full');
  if ((map.records === 0) !== isZero(map.root))
    throw malformed('the root of a map must be zero when it has no records, and only then');
  if (map.records === 0 && (!isZero(map.changes) || map.now !== null))
    throw malformed('a map without records has no changes');
  return map;
}

function assertKeys(object: JsonObject, what: string, keys: readonly string[]): void {
  const own = Object.keys(object);
  if (own.length !== keys.length || !keys.every((key) => own.includes(key)))
    throw malformed(`${what} must have exactly the members ${keys.join(', ')}`);
}

function hexAt(object: JsonObject, key: string, length: number): Uint8Array {
  const value = object[key];
  if (typeof value !== 'string') throw malformed(`"${key}" must be a string`);
  return fromHex(value, length, `"${key}"`);
}

function countAt(object: JsonObject, key: string): number {
  const value = object[key];
  if (typeof value !== 'number' || value < 0) throw malformed(`"${key}" must be an integer of 0 or more`);
  return value;
}

function malformed(message: string): TimeError {
  return new TimeError('malformed_state', message);
}
