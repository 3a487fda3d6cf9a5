import { concat, FieldReader, FieldWriter, utf8, utf8Decode } from '../bytes.js';
import { ProofError } from '../errors.js';
import { HASH_LENGTH, sha256, type Sha256 } from '../hash.js';

/**
 * The change list of a block: every record that the block changes, with its new value
 * (docs/proof-format-time.md, "Change lists"). Signed events come first, in the order of their leaves, then
 * automatic ones in the order in which they happened.
 */
export type Change = SignedChange | AutomaticChange;

interface Changed {
  /** The record's id, 32 bytes. */
  readonly key: Uint8Array;
  /** The record's value after the event, 32 bytes. */
  readonly value: Uint8Array;
}

export interface SignedChange extends Changed {
  /** Of the event's leaf in the block's tree. */
  readonly index: number;
}

export interface AutomaticChange extends Changed {
  /** Of the automatic event. */
  readonly text: string;
}

const SIGNED = 0x00;
const AUTOMATIC = 0x01;
const KEY_AND_VALUE = 1 + 2 * HASH_LENGTH;
const SIGNED_LENGTH = KEY_AND_VALUE + 4;
const TEXT_AT = KEY_AND_VALUE + 2;

/** Most signed events in one block. */
export const MAX_SIGNED_CHANGES = 65_536;
/**
 * A block is full with the automatic event that brings the texts of its automatic events to as many bytes: nothing
 * more happens by itself in it.
 */
export const FULL_AUTOMATIC = 1_048_576;
/** `changes` of the state statement of a block that changes no record. */
export const NO_CHANGES: Uint8Array = new Uint8Array(HASH_LENGTH);
/** The value before of a record's first event. */
export const NO_VALUE: Uint8Array = new Uint8Array(HASH_LENGTH);

const VALUE = Uint8Array.of(0x05);

/**
 * The value of a record after an event: SHA-256(0x05 ‖ value before ‖ leaf hash of the event). So it commits to
 * the whole history in its order.
 * @param before `NO_VALUE` for the first event
 */
export function nextValue(before: Uint8Array, leaf: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  return hash(concat(VALUE, before, leaf));
}

/** @throws {RangeError} when it would not be read back */
export function encodeChanges(changes: readonly Change[]): Uint8Array<ArrayBuffer> {
  const texts = changes.map((change) => ('text' in change ? utf8(change.text) : null));
  const length = texts.reduce(
    (sum, text) => sum + (text === null ? SIGNED_LENGTH : TEXT_AT + text.length),
    0,
  );
  const writer = new FieldWriter(length);
  for (const [i, change] of changes.entries()) {
    const text = texts[i] ?? null;
    writer
      .u8(text === null ? SIGNED : AUTOMATIC, 'kind')
      .raw(change.key, HASH_LENGTH, 'key')
      .raw(change.value, HASH_LENGTH, 'value');
    if (text !== null) writer.u16(text.length, 'length').raw(text, text.length, 'text');
    else if ('index' in change) writer.u32(change.index, 'index');
  }
  try {
    parseChanges(writer.bytes);
  } catch (error) {
    if (error instanceof ProofError) throw new RangeError(error.message, { cause: error });
    throw error;
  }
  return writer.bytes;
}

/** `full` of the block's state statement. */
export function isFull(changes: readonly Change[]): boolean {
  const bytes = changes.reduce((sum, change) => sum + ('text' in change ? utf8(change.text).length : 0), 0);
  return bytes >= FULL_AUTOMATIC;
}

/** `changes` of the block's state statement. */
export function changesDigest(list: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  return list.length === 0 ? NO_CHANGES : hash(list);
}

/**
 * Reads a change list; whether its values follow from the block is another question.
 * @throws {ProofError} malformed_changes, or malformed_text
 */
export function parseChanges(list: Uint8Array): Change[] {
  const reader = new FieldReader(list);
  const changes: Change[] = [];
  let last = -1;
  /** In the texts of the automatic events. */
  let bytes = 0;
  for (let left = list.length; left > 0;) {
    if (left < TEXT_AT) throw malformed('the list ends within a change');
    const kind = reader.u8();
    const key = reader.raw(HASH_LENGTH);
    const value = reader.raw(HASH_LENGTH);
    if (kind === SIGNED) {
      if (left < SIGNED_LENGTH) throw malformed('the list ends within a change');
      const index = reader.u32();
      if (bytes > 0 || index <= last)
        throw malformed('signed events come first, in ascending order of their leaves');
      if (changes.push({ key, value, index }) > MAX_SIGNED_CHANGES)
        throw malformed(`a block has at most ${MAX_SIGNED_CHANGES} signed events`);
      last = index;
      left -= SIGNED_LENGTH;
    } else if (kind === AUTOMATIC) {
      const length = reader.u16();
      if (length === 0 || left < TEXT_AT + length) throw malformed('the list ends within a change');
      if (bytes >= FULL_AUTOMATIC) throw malformed('nothing more happens by itself in a full block');
      changes.push({ key, value, text: utf8Decode(reader.raw(length)) });
      bytes += length;
      left -= TEXT_AT + length;
    } else throw malformed(`a change is of kind 0 or 1, got ${kind}`);
  }
  return changes;
}

function malformed(message: string): ProofError {
  return new ProofError('malformed_changes', message);
}
