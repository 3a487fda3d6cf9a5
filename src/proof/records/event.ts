import { equal, fromBase64, fromDecimal, fromHex, isZero, toBase64, toHex, utf8 } from '../bytes.js';
import { assertStrictValue, canonicalJson, type JsonObject } from '../canonical-json.js';
import { detailsDigestOf, KIND_EVENT, MAX_DETAILS_DEPTH, MAX_DETAILS_LENGTH, type Entry } from '../entry.js';
import { ProofError } from '../errors.js';
import { HASH_LENGTH, sha256, type Sha256 } from '../hash.js';
import { signNote, type NoteSigner } from '../note-signature.js';
import { formatNote, parseNote, type Note } from '../note.js';
import { RecordRefusal, type RefusalCode } from './refusal.js';

/**
 * An event: one signed step of a record (docs/record-files.md, "Event notes"). It is a signed note, which is
 * notarized as an entry of kind `KIND_EVENT`, with the event's body as the details of the entry.
 */
export interface EventHead {
  /** The log's. */
  readonly origin: string;
  /** The record's id, 32 bytes; null: this event begins a record. */
  readonly record: Uint8Array | null;
  /** 0 for the first event. */
  readonly sequence: number;
  /** The record's value before, 32 bytes; zero for the first event. */
  readonly before: Uint8Array;
  /** Such as item.offer. */
  readonly type: string;
  /** SHA-256 of the canonical form of the body. */
  readonly bodyDigest: Uint8Array;
}

export interface Event extends EventHead {
  readonly body: JsonObject;
}

/** A note whose text is an event. Whoever parses it has still to check its signatures. */
export interface EventNote {
  readonly note: Note;
  readonly event: EventHead;
}

const FIRST_LINE = 'ingam/event/v1';
const LINES = 7;
const EVENT_TYPE = /^[a-z]{1,32}\.[a-z]{1,32}$/;
/** In bytes: a hundred signatures with ML-DSA-44 fit. */
export const MAX_EVENT_LENGTH = 384 * 1024;
/** In bytes. */
const EVENT_NONCE_LENGTH = 16;

/**
 * The text that the keys sign, with its final LF.
 * @throws {RangeError} when it would not be read back
 */
export function formatEvent({ origin, record, sequence, before, type, bodyDigest }: EventHead): string {
  const text = [
    FIRST_LINE,
    origin,
    toHex(record ?? new Uint8Array(HASH_LENGTH)),
    sequence,
    toHex(before),
    type,
    toBase64(bodyDigest),
    '',
  ].join('\n');
  try {
    parseEventText(text);
  } catch (error) {
    if (error instanceof RecordRefusal) throw new RangeError(error.message, { cause: error });
    throw error;
  }
  return text;
}

/**
 * A signed event, as it is notarized.
 * @param signers all keys that the rules ask for
 * @throws {RecordRefusal} malformed_body or too_large for a body that no event may have
 */
export function signEvent(event: Omit<Event, 'bodyDigest'>, signers: readonly NoteSigner[]): string {
  return formatNote(signNote(formatEvent({ ...event, bodyDigest: bodyDigestOf(event.body) }), ...signers));
}

/**
 * Reads an event note. Every event has one spelling, but for the order of its signatures.
 * @param source the note's text, or its bytes in UTF-8
 * @throws {RecordRefusal} malformed_event
 */
export function parseEvent(source: string | Uint8Array): EventNote {
  if (source.length > MAX_EVENT_LENGTH)
    throw malformed(`an event note must have at most ${MAX_EVENT_LENGTH} bytes`);
  const note = refusedAs('malformed_event', () => parseNote(source));
  return { note, event: parseEventText(note.text) };
}

/**
 * Reads the text of an event, of which nobody has signed anything yet.
 * @throws {RecordRefusal} malformed_event
 */
export function parseEventText(text: string): EventHead {
  const lines = text.split('\n');
  const [first = '', origin = '', record = '', sequence = '', before = '', type = '', digest = ''] = lines;
  if (first !== FIRST_LINE) throw malformed(`an event note must begin with "${FIRST_LINE}"`);
  if (lines.length !== LINES + 1 || lines.at(-1) !== '')
    throw malformed(`the text of an event note must have exactly ${LINES} lines`);
  if (origin === '') throw malformed('an event note must name the log');
  if (!EVENT_TYPE.test(type)) throw malformed('the type of an event must be KIND.EVENT in small letters');
  const event = refusedAs('malformed_event', () => ({
    origin,
    record: fromHex(record, HASH_LENGTH, 'the record'),
    sequence: fromDecimal(sequence, 'the sequence'),
    before: fromHex(before, HASH_LENGTH, 'the value before'),
    type,
    bodyDigest: fromBase64(digest, 'the digest of the body', HASH_LENGTH),
  }));
  const isFirst = event.sequence === 0;
  if (isZero(event.record) !== isFirst || isZero(event.before) !== isFirst)
    throw malformed('the first event has sequence 0, no record and no value before, and only the first');
  return isFirst ? { ...event, record: null } : event;
}

/** The digest of the whole note. Of a first event it is the id of the record. */
export function eventDigest(note: string, hash: Sha256 = sha256): Uint8Array {
  return hash(utf8(note));
}

/**
 * The canonical form of a body.
 * @throws {RecordRefusal} malformed_body, or too_large beyond the limits of an entry's details
 */
export function canonicalBody(body: JsonObject): string {
  const nonce = body['nonce'];
  if (typeof nonce !== 'string' || !/^[0-9a-f]{32}$/.test(nonce))
    throw new RecordRefusal(
      'malformed_body',
      `a body must have a member "nonce" of ${2 * EVENT_NONCE_LENGTH} hexadecimal digits in small letters`,
    );
  const text = refusedAs('malformed_body', () => {
    assertStrictValue(body, MAX_DETAILS_DEPTH);
    return canonicalJson(body);
  });
  if (utf8(text).length > MAX_DETAILS_LENGTH)
    throw new RecordRefusal('too_large', `a body must have at most ${MAX_DETAILS_LENGTH} bytes`);
  return text;
}

/** @throws {RecordRefusal} malformed_body or too_large */
export function bodyDigestOf(body: JsonObject, hash: Sha256 = sha256): Uint8Array {
  return hash(utf8(canonicalBody(body)));
}

/**
 * An event with its body.
 * @throws {RecordRefusal} malformed_body, too_large, or body_mismatch when the event names another body
 */
export function withBody(event: EventHead, body: JsonObject, hash: Sha256 = sha256): Event {
  if (!equal(bodyDigestOf(body, hash), event.bodyDigest))
    throw new RecordRefusal('body_mismatch', 'the note names the digest of another body');
  return { ...event, body };
}

/** The part of an entry that an event note determines. */
export function entryOfEvent(
  note: string,
  body: JsonObject,
  salt: Uint8Array,
): Pick<Entry, 'kind' | 'digest' | 'size' | 'detailsDigest'> {
  const bytes = utf8(note);
  return {
    kind: KIND_EVENT,
    digest: sha256(bytes),
    size: bytes.length,
    detailsDigest: detailsDigestOf(salt, body),
  };
}

function refusedAs<Value>(code: RefusalCode, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProofError) throw new RecordRefusal(code, error.message);
    throw error;
  }
}

function malformed(message: string): RecordRefusal {
  return new RecordRefusal('malformed_event', message);
}
