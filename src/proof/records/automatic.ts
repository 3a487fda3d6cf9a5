import { fromDecimal, fromHex, isZero, toHex, utf8, utf8Decode } from '../bytes.js';
import { ProofError } from '../errors.js';
import { HASH_LENGTH, leafHash, type Sha256 } from '../hash.js';

/**
 * An automatic event: what the rules make of a record in a block without anybody's signature, because
 * everybody recomputes it (docs/records.md).
 */
export interface AutomaticEvent {
  /** The log's. */
  readonly origin: string;
  /** The record's id, 32 bytes. */
  readonly record: Uint8Array;
  /** 1 or more: the first event of a record is signed. */
  readonly sequence: number;
  /** The record's value before, 32 bytes. */
  readonly before: Uint8Array;
  /** Such as contract.executed. */
  readonly type: string;
  /** Of the block that it belongs to. */
  readonly height: number;
  /** What it rests on: see `FACT`. Ascending, without repetition. */
  readonly facts: readonly string[];
}

const FORMAT = 'ingam/automatic/v1';
/** Lines before the facts. */
const FIXED_LINES = 7;
const EVENT_TYPE = /^[a-z]{1,32}\.[a-z]{1,32}$/;
/** A record with its value, or a document that is notarized. */
const FACT = /^(?:record [0-9a-f]{64} [0-9a-f]{64}|notarized [0-9a-f]{64})$/;
/** In bytes: its length has two bytes in a change list. */
export const MAX_AUTOMATIC = 0xff_ff;

/** @throws {RangeError} when it would not be read back */
export function formatAutomatic(event: AutomaticEvent): string {
  const { origin, record, sequence, before, type, height, facts } = event;
  const fixed = [FORMAT, origin, toHex(record), String(sequence), toHex(before), type, String(height)];
  const sorted = [...new Set(facts)].sort((a, b) => (a < b ? -1 : 1));
  const text = [...fixed, ...sorted, ''].join('\n');
  try {
    parseAutomatic(text);
  } catch (error) {
    if (error instanceof ProofError) throw new RangeError(error.message, { cause: error });
    throw error;
  }
  return text;
}

/**
 * @param source the text, or its bytes in UTF-8
 * @throws {ProofError} malformed_changes, malformed_hex, malformed_number or malformed_text
 */
export function parseAutomatic(source: string | Uint8Array): AutomaticEvent {
  const text = typeof source === 'string' ? source : utf8Decode(source);
  const lines = text.split('\n');
  if (lines.pop() !== '') throw malformed('an automatic event must end with a line feed');
  const [format, origin = '', record = '', sequence = '', before = '', type = '', height = '', ...facts] =
    lines;
  if (format !== FORMAT || lines.length < FIXED_LINES)
    throw malformed(`an automatic event must begin with "${FORMAT}" and have at least ${FIXED_LINES} lines`);
  if (origin === '') throw malformed('an automatic event must name the log');
  if (utf8(text).length > MAX_AUTOMATIC)
    throw malformed(`an automatic event must have at most ${MAX_AUTOMATIC} bytes`);
  if (!EVENT_TYPE.test(type)) throw malformed('the type of an automatic event must be KIND.EVENT');
  if (facts.some((fact, i) => !FACT.test(fact) || (i > 0 && fact <= (facts[i - 1] ?? ''))))
    throw malformed('the facts of an automatic event must be facts, in ascending order, each once');
  const event: AutomaticEvent = {
    origin,
    record: fromHex(record, HASH_LENGTH, 'the record'),
    sequence: fromDecimal(sequence, 'the sequence'),
    before: fromHex(before, HASH_LENGTH, 'the value before'),
    type,
    height: fromDecimal(height, 'the height'),
    facts,
  };
  if (event.sequence === 0 || isZero(event.before))
    throw malformed('the first event of a record must be signed');
  return event;
}

/** The leaf of an automatic event in its record's value: SHA-256(0x00 ‖ text). */
export function automaticLeaf(text: string, hash?: Sha256): Uint8Array {
  return leafHash(utf8(text), hash);
}

function malformed(message: string): ProofError {
  return new ProofError('malformed_changes', message);
}
