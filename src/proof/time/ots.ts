import { compareBytes, concat, describe, equal, toHex, utf8, utf8Decode } from '../bytes.js';
import { HASH_LENGTH } from '../hash.js';
import { TimeError } from './time-error.js';

/**
 * OpenTimestamps: a tree of operations that leads from a document's digest to messages, and attestations of
 * when a message existed. The limits are those of python-opentimestamps, so that stock tools read what this
 * module writes. The reader takes one spelling of each number and refuses repetitions; it does not demand
 * the order in which the writer sorts, because other implementations do not sort.
 */

const TAGS = {
  sha1: 0x02,
  ripemd160: 0x03,
  sha256: 0x08,
  keccak256: 0x67,
  append: 0xf0,
  prepend: 0xf1,
  reverse: 0xf2,
  hexlify: 0xf3,
} as const;

type OperationName = keyof typeof TAGS;

export type OtsOperation =
  | { readonly name: 'append' | 'prepend'; readonly argument: Uint8Array }
  | { readonly name: Exclude<OperationName, 'append' | 'prepend'> };

export type OtsAttestation =
  /** The message is the Merkle root of the Bitcoin block at this height. */
  | { readonly type: 'bitcoin'; readonly height: number }
  /** The calendar at this address will have more. Untrusted: ask only addresses that you know. */
  | { readonly type: 'pending'; readonly url: string }
  /** Of a type that this module does not know. */
  | { readonly type: 'unknown'; readonly tag: Uint8Array; readonly payload: Uint8Array };

/** What follows from a message. At least one attestation or branch. */
export interface Timestamp {
  readonly attestations: readonly OtsAttestation[];
  readonly branches: readonly Branch[];
}

export interface Branch {
  readonly operation: OtsOperation;
  /** What follows from the operation's result. */
  readonly rest: Timestamp;
}

/** An .ots file: the timestamp of a file that is kept apart from it. */
export interface DetachedTimestamp {
  /** SHA-256 of the file. */
  readonly digest: Uint8Array;
  readonly timestamp: Timestamp;
}

const MAGIC = Uint8Array.of(
  ...[0x00, ...utf8('OpenTimestamps'), 0x00, 0x00, ...utf8('Proof'), 0x00],
  ...[0xbf, 0x89, 0xe2, 0xe8, 0x84, 0xe8, 0x92, 0x94],
);
const MAJOR_VERSION = 1;
const MORE = 0xff;
const ATTESTATION = 0x00;
const TAG_LENGTH = 8;
const PENDING = Uint8Array.of(0x83, 0xdf, 0xe3, 0x0d, 0x2e, 0xf9, 0x0c, 0x8e);
const BITCOIN = Uint8Array.of(0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01);

/** Of an .ots file, in bytes. One from three calendars has some three thousand. */
export const MAX_OTS = 65_536;
/** Of a calendar's answer, in bytes. Clients read no more. */
export const MAX_CALENDAR_ANSWER = 10_000;
/** Of an attestation's payload, in bytes. */
export const MAX_ATTESTATION = 8192;
/** Of a message or an argument, in bytes. */
const MAX_MESSAGE = 4096;
const MAX_URL = 1000;
/** Messages on one path. */
const MAX_DEPTH = 256;
/** Operations and attestations. Bounds the work of replaying: each handles a message of at most 4096 bytes. */
const MAX_ITEMS = 2048;

/** @throws {TimeError} malformed_ots, also when the file's digest is not SHA-256 */
export function parseOts(bytes: Uint8Array): DetachedTimestamp {
  const reader = new Reader(bytes, MAX_OTS, 'an .ots file');
  if (bytes.length < MAGIC.length || !equal(reader.bytes(MAGIC.length), MAGIC))
    throw malformed('this is not an .ots file');
  const version = reader.varuint();
  if (version !== MAJOR_VERSION) throw malformed(`.ots files of version ${version} cannot be read`);
  if (reader.byte() !== TAGS.sha256) throw malformed('the digest of an .ots file must be SHA-256');
  const digest = reader.bytes(HASH_LENGTH);
  return { digest, timestamp: reader.toEnd(HASH_LENGTH) };
}

/**
 * What a calendar answers to a digest that is submitted, and later for a commitment.
 * @param messageLength length of the digest or commitment
 * @throws {TimeError} malformed_ots
 */
export function parseCalendarTimestamp(bytes: Uint8Array, messageLength = HASH_LENGTH): Timestamp {
  return new Reader(bytes, MAX_CALENDAR_ANSWER, "a calendar's answer").toEnd(messageLength);
}

class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #items = 0;

  constructor(bytes: Uint8Array, limit: number, what: string) {
    if (bytes.length > limit)
      throw malformed(`${what} must have at most ${limit} bytes, not ${bytes.length}`);
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw malformed('an OpenTimestamps file ends too early');
    this.#offset++;
    return byte;
  }

  /** A copy. */
  bytes(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw malformed('an OpenTimestamps file ends too early');
    const bytes = this.#bytes.slice(this.#offset, end);
    this.#offset = end;
    return bytes;
  }

  /** LEB128, in its shortest form. */
  varuint(): number {
    let value = 0;
    for (let weight = 1; ; weight *= 0x80) {
      const byte = this.byte();
      value += (byte % 0x80) * weight;
      if (!Number.isSafeInteger(value)) throw malformed('a number must be at most 2^53 − 1');
      if (byte < 0x80) {
        if (byte === 0 && weight > 1) throw malformed('a number must be in its shortest form');
        return value;
      }
    }
  }

  varbytes(least: number, most: number, what: string): Uint8Array {
    const length = this.varuint();
    if (length < least || length > most)
      throw malformed(`${what} must have ${least} to ${most} bytes, not ${length}`);
    return this.bytes(length);
  }

  /** A timestamp that is the rest of the bytes. */
  toEnd(messageLength: number): Timestamp {
    const timestamp = this.#timestamp(messageLength, 1);
    this.end();
    return timestamp;
  }

  end(): void {
    const rest = this.#bytes.length - this.#offset;
    if (rest > 0) throw malformed(`there are ${rest} bytes too many`);
  }

  #timestamp(messageLength: number, depth: number): Timestamp {
    assertDepth(depth);
    const attestations: OtsAttestation[] = [];
    const branches: Branch[] = [];
    const seen = new Set<string>();
    let isLast: boolean;
    do {
      const first = this.byte();
      isLast = first !== MORE;
      const tag = isLast ? first : this.byte();
      if (++this.#items > MAX_ITEMS)
        throw malformed(`there must be at most ${MAX_ITEMS} operations and attestations`);
      let key: string;
      if (tag === ATTESTATION) {
        const attestation = this.#attestation();
        attestations.push(attestation);
        key = attestationKey(attestation);
      } else {
        const operation = this.#operation(tag);
        branches.push({
          operation,
          rest: this.#timestamp(resultLength(operation, messageLength), depth + 1),
        });
        key = operationKey(operation);
      }
      if (seen.has(key)) throw malformed('an operation or attestation is there twice');
      seen.add(key);
    } while (!isLast);
    return { attestations, branches };
  }

  #operation(tag: number): OtsOperation {
    const name = nameOf(tag);
    return name === 'append' || name === 'prepend'
      ? { name, argument: this.varbytes(1, MAX_MESSAGE, 'an argument') }
      : { name };
  }

  #attestation(): OtsAttestation {
    const tag = this.bytes(TAG_LENGTH);
    const payload = this.varbytes(0, MAX_ATTESTATION, 'an attestation');
    const reader = new Reader(payload, MAX_ATTESTATION, 'an attestation');
    if (equal(tag, BITCOIN)) {
      const height = reader.varuint();
      reader.end();
      return { type: 'bitcoin', height };
    }
    if (equal(tag, PENDING)) {
      const bytes = reader.varbytes(1, MAX_URL, 'an address');
      reader.end();
      // Every byte of these is ASCII.
      const url = bytes.every((byte) => byte < 0x80) ? utf8Decode(bytes) : '\0';
      assertUrl(url);
      return { type: 'pending', url };
    }
    return { type: 'unknown', tag, payload };
  }
}

function assertUrl(url: string): void {
  if (!/^[A-Za-z0-9._/:-]{1,1000}$/.test(url))
    throw malformed(`the address of a calendar has characters that are not allowed: ${describe(url)}`);
}

function nameOf(tag: number): OperationName {
  for (const name of Object.keys(TAGS) as OperationName[]) if (TAGS[name] === tag) return name;
  throw malformed(`there is no operation with tag ${tag}`);
}

/** @throws {TimeError} when the result is too long */
function resultLength(operation: OtsOperation, length: number): number {
  const result = lengthAfter(operation, length);
  if (result > MAX_MESSAGE) throw malformed(`a message must have at most ${MAX_MESSAGE} bytes`);
  return result;
}

function lengthAfter(operation: OtsOperation, length: number): number {
  switch (operation.name) {
    case 'append':
    case 'prepend':
      return length + operation.argument.length;
    case 'hexlify':
      return length * 2;
    case 'reverse':
      return length;
    case 'sha1':
    case 'ripemd160':
      return 20;
    case 'sha256':
    case 'keccak256':
      return 32;
  }
}

/** @throws {RangeError} when the timestamp breaks a limit or repeats itself, or the digest is no SHA-256 */
export function formatOts({ digest, timestamp }: DetachedTimestamp): Uint8Array {
  if (digest.length !== HASH_LENGTH) throw new RangeError(`a digest must have ${HASH_LENGTH} bytes`);
  const start = concat(MAGIC, Uint8Array.of(MAJOR_VERSION, TAGS.sha256), digest);
  return readable(() => concat(start, ...encodeTimestamp(timestamp)), parseOts);
}

/** @throws {RangeError} when the timestamp breaks a limit or repeats itself */
export function formatCalendarTimestamp(timestamp: Timestamp, messageLength = HASH_LENGTH): Uint8Array {
  return readable(
    () => concat(...encodeTimestamp(timestamp)),
    (bytes) => parseCalendarTimestamp(bytes, messageLength),
  );
}

/** What `write` writes, when the reader can read it: so the limits stand in the reader alone. */
function readable(write: () => Uint8Array, read: (bytes: Uint8Array) => unknown): Uint8Array {
  try {
    const bytes = write();
    read(bytes);
    return bytes;
  } catch (error) {
    if (error instanceof TimeError) throw new RangeError(error.message, { cause: error });
    throw error;
  }
}

/** Attestations first, then operations; each sorted as python-opentimestamps sorts them. */
function encodeTimestamp({ attestations, branches }: Timestamp, depth = 1): Uint8Array[] {
  assertDepth(depth);
  const items = [
    ...attestations.toSorted(compareAttestations).map((attestation) => [encodeAttestation(attestation)]),
    ...branches
      .toSorted((a, b) => compareOperations(a.operation, b.operation))
      .map(({ operation, rest }) => [encodeOperation(operation), ...encodeTimestamp(rest, depth + 1)]),
  ];
  return items.flatMap((item, i) => (i < items.length - 1 ? [Uint8Array.of(MORE), ...item] : item));
}

function assertDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw malformed(`a path must have at most ${MAX_DEPTH} messages`);
}

function encodeOperation(operation: OtsOperation): Uint8Array {
  const tag = Uint8Array.of(TAGS[operation.name]);
  return 'argument' in operation ? concat(tag, varbytes(operation.argument)) : tag;
}

function encodeAttestation(attestation: OtsAttestation): Uint8Array {
  const [tag, payload] = partsOf(attestation);
  return concat(Uint8Array.of(ATTESTATION), tag, varbytes(payload));
}

/** The same for equal operations, and only for them. */
export const operationKey = (operation: OtsOperation): string => toHex(encodeOperation(operation));
export const attestationKey = (attestation: OtsAttestation): string => toHex(encodeAttestation(attestation));

function partsOf(attestation: OtsAttestation): [tag: Uint8Array, payload: Uint8Array] {
  switch (attestation.type) {
    case 'bitcoin':
      return [BITCOIN, varuint(attestation.height)];
    case 'pending':
      return [PENDING, varbytes(utf8(attestation.url))];
    case 'unknown':
      return [attestation.tag, attestation.payload];
  }
}

function compareAttestations(a: OtsAttestation, b: OtsAttestation): number {
  if (a.type === 'bitcoin' && b.type === 'bitcoin') return a.height - b.height;
  if (a.type === 'pending' && b.type === 'pending') return a.url < b.url ? -1 : 1;
  const [[aTag, aPayload], [bTag, bPayload]] = [partsOf(a), partsOf(b)];
  return compareBytes(aTag, bTag) || compareBytes(aPayload, bPayload);
}

function compareOperations(a: OtsOperation, b: OtsOperation): number {
  return TAGS[a.name] - TAGS[b.name] || compareBytes(argumentOf(a), argumentOf(b));
}

function argumentOf(operation: OtsOperation): Uint8Array {
  return 'argument' in operation ? operation.argument : new Uint8Array(0);
}

/** LEB128. */
function varuint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Uint8Array.of(...bytes, rest);
}

/** The length, and the bytes. */
function varbytes(bytes: Uint8Array): Uint8Array {
  return concat(varuint(bytes.length), bytes);
}

function malformed(message: string): TimeError {
  return new TimeError('malformed_ots', message);
}
