import { utf8Decode } from '../bytes.js';
import { printable, ProofError } from '../errors.js';

/**
 * Reading DER (ITU-T X.690 §10 and §11): one spelling per value. `openDer` checks the size, the depth and the
 * encoding of all of its input before anything else is done with it.
 */

/**
 * - too_large: more bytes than the caller allows; nothing of them was read.
 * - not_der: BER that is not DER, bytes left over or missing, nested too deep.
 * - wrong_structure: DER of something else than what is expected here.
 */
export type DerErrorCode = 'too_large' | 'not_der' | 'wrong_structure';

/** The only error that the readers of this folder throw for bytes from outside. */
export class DerError extends Error {
  readonly code: DerErrorCode;

  constructor(code: DerErrorCode, message: string) {
    super(printable(message));
    this.name = 'DerError';
    this.code = code;
  }
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag of `[number]` around a constructed value. */
export const constructed = (number: number): number => 0xa0 | number;
/** The tag of `[number] IMPLICIT` of a primitive type. */
export const primitive = (number: number): number => 0x80 | number;

const MAX_DEPTH = 32;
/** In bytes of its content. */
const MAX_OID = 64;
const CONSTRUCTED = 0x20;
const UNIVERSAL_LIMIT = 0x40;

interface Header {
  readonly tag: number;
  /** Offset of the content. */
  readonly start: number;
  /** Offset behind the content. */
  readonly end: number;
}

/**
 * A reader over exactly one DER element.
 * @param what names the input in errors
 * @throws {DerError} too_large or not_der
 */
export function openDer(bytes: Uint8Array, what: string, maxBytes: number): DerReader {
  if (bytes.length > maxBytes) {
    throw new DerError('too_large', `${what} has ${bytes.length} bytes; at most ${maxBytes} are read`);
  }
  checkEncoding(bytes, what);
  return new DerReader(bytes, what);
}

function checkEncoding(bytes: Uint8Array, what: string): void {
  const ends = [bytes.length];
  let offset = 0;
  do {
    const { tag, start, end } = readHeader(bytes, offset, ends.at(-1) ?? 0, what);
    checkTag(tag, what);
    if ((tag & CONSTRUCTED) !== 0) {
      if (ends.length === MAX_DEPTH) throw notDer(what, `is nested deeper than ${MAX_DEPTH} levels`);
      ends.push(end);
      offset = start;
    } else {
      checkPrimitive(tag, bytes.subarray(start, end), what);
      offset = end;
    }
    while (ends.length > 1 && offset === ends.at(-1)) ends.pop();
  } while (ends.length > 1);
  if (offset !== bytes.length) throw notDer(what, `has ${bytes.length - offset} bytes after its end`);
}

function readHeader(bytes: Uint8Array, offset: number, limit: number, what: string): Header {
  if (offset + 2 > limit) throw notDer(what, 'is cut short');
  const tag = bytes[offset] ?? 0;
  const first = bytes[offset + 1] ?? 0;
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const octets = first - 0x80;
    if (octets === 0) throw notDer(what, 'has an indefinite length');
    // Three octets are enough for every size that is read here.
    if (octets > 3) throw notDer(what, 'has a length of more than three octets');
    if (start + octets > limit) throw notDer(what, 'is cut short');
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 0x100 + (bytes[start + i] ?? 0);
    if (length < 0x80 || length < 0x100 ** (octets - 1))
      throw notDer(what, 'has a length in more octets than needed');
    start += octets;
  }
  const end = start + length;
  if (end > limit) throw notDer(what, 'is cut short');
  return { tag, start, end };
}

function checkTag(tag: number, what: string): void {
  if ((tag & 0x1f) === 0x1f) throw notDer(what, 'has a tag number above 30');
  if (tag >= UNIVERSAL_LIMIT) return;
  if (tag === 0 || tag === CONSTRUCTED) throw notDer(what, 'has an end-of-contents octet');
  const isStructure = tag === TAG.sequence || tag === TAG.set;
  if ((tag & CONSTRUCTED) !== 0 && !isStructure) throw notDer(what, 'has a string in pieces');
  if (tag === (TAG.sequence & ~CONSTRUCTED) || tag === (TAG.set & ~CONSTRUCTED))
    throw notDer(what, 'has a primitive SEQUENCE or SET');
}

function checkPrimitive(tag: number, content: Uint8Array, what: string): void {
  const [first, second = 0] = content;
  switch (tag) {
    case TAG.boolean:
      if (content.length !== 1 || (first !== 0x00 && first !== 0xff))
        throw notDer(what, 'has a BOOLEAN that is neither 00 nor FF');
      break;
    case TAG.integer:
    case TAG.enumerated:
      if (first === undefined) throw notDer(what, 'has an empty INTEGER');
      if (content.length > 1 && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80)))
        throw notDer(what, 'has an INTEGER in more octets than needed');
      break;
    case TAG.bitString:
      checkBitString(content, what);
      break;
    case TAG.null:
      if (content.length > 0) throw notDer(what, 'has a NULL with content');
      break;
    case TAG.oid:
      checkOid(content, what);
      break;
    default:
      break;
  }
}

function checkBitString(content: Uint8Array, what: string): void {
  const [unused] = content;
  const last = content.length > 1 ? (content.at(-1) ?? 0) : 0;
  if (
    unused === undefined ||
    unused > 7 ||
    (content.length === 1 && unused > 0) ||
    (last & ((1 << unused) - 1)) !== 0
  )
    throw notDer(what, 'has a BIT STRING with wrong unused bits');
}

function checkOid(content: Uint8Array, what: string): void {
  let atStart = true;
  for (const octet of content) {
    if (atStart && octet === 0x80) throw notDer(what, 'has an OBJECT IDENTIFIER in more octets than needed');
    atStart = octet < 0x80;
  }
  if (content.length === 0 || !atStart) throw notDer(what, 'has an OBJECT IDENTIFIER that is cut short');
}

function notDer(what: string, reason: string): DerError {
  return new DerError('not_der', `${what} is not DER: it ${reason}`);
}

/** Reads elements one after the other. All bytes that it returns are views of its input. */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #offset = 0;

  /** For bytes that `openDer` has checked; others call `openDer`. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** null at the end. */
  get nextTag(): number | null {
    return this.#bytes[this.#offset] ?? null;
  }

  /** The whole next element, with its header; of any type when no tag is given. */
  raw(tag?: number): Uint8Array {
    const start = this.#offset;
    this.#next(tag);
    return this.#bytes.subarray(start, this.#offset);
  }

  content(tag: number): Uint8Array {
    const { start, end } = this.#next(tag);
    return this.#bytes.subarray(start, end);
  }

  enter(tag: number): DerReader {
    return new DerReader(this.content(tag), this.#what);
  }

  sequence(): DerReader {
    return this.enter(TAG.sequence);
  }

  /** undefined when the next element has another tag, or there is none. */
  optional<T>(tag: number, read: (reader: this) => T): T | undefined {
    return this.nextTag === tag ? read(this) : undefined;
  }

  /** Reads elements up to the end. */
  all<T>(read: (reader: this) => T): T[] {
    const items: T[] = [];
    while (!this.isAtEnd) items.push(read(this));
    return items;
  }

  /** The value in two's complement, in as few octets as can be. */
  integer(tag: number = TAG.integer): Uint8Array {
    return this.content(tag);
  }

  /** An integer from 0 to `maximum`, at most 2^31 − 1. */
  smallInteger(maximum: number, tag: number = TAG.integer): number {
    const octets = this.integer(tag);
    if (octets.length === 0 || octets.length > 4) throw this.unexpected('has an integer out of range');
    const value = octets.reduce((sum, octet) => sum * 0x100 + octet, 0);
    // `openDer` does not know which implicit tags are integers.
    const isLong = octets.length > 1 && value < 0x80 * 0x100 ** (octets.length - 2);
    if (isLong || (octets[0] ?? 0) >= 0x80 || value > maximum)
      throw this.unexpected('has an integer out of range');
    return value;
  }

  boolean(): boolean {
    return this.content(TAG.boolean)[0] === 0xff;
  }

  /** In dotted decimal. */
  oid(): string {
    const content = this.content(TAG.oid);
    // Long numbers take long to be written in decimal.
    if (content.length > MAX_OID) throw this.unexpected('has an object identifier that is too long');
    const arcs: bigint[] = [];
    let arc = 0n;
    for (const octet of content) {
      arc = (arc << 7n) | BigInt(octet & 0x7f);
      if (octet >= 0x80) continue;
      if (arcs.length > 0) arcs.push(arc);
      else {
        const root = arc < 80n ? arc / 40n : 2n;
        arcs.push(root, arc - 40n * root);
      }
      arc = 0n;
    }
    return arcs.join('.');
  }

  /** A BIT STRING of whole octets. */
  octetsOfBitString(): Uint8Array {
    const content = this.content(TAG.bitString);
    if (content[0] !== 0) throw this.unexpected('has a BIT STRING that is not whole octets');
    return content.subarray(1);
  }

  /** The numbers of the bits that are set (X.680 §22: bit 0 is the most significant of the first octet). */
  namedBits(): Set<number> {
    const octets = this.content(TAG.bitString).subarray(1);
    const bits = new Set<number>();
    octets.forEach((octet, i) => {
      for (let bit = 0; bit < 8; bit++) if ((octet & (0x80 >> bit)) !== 0) bits.add(8 * i + bit);
    });
    return bits;
  }

  /** Every structure ends with this: what is left over is an error. */
  finish(): void {
    if (!this.isAtEnd) throw this.unexpected('has an element that does not belong there');
  }

  unexpected(reason: string): DerError {
    return new DerError('wrong_structure', `${this.#what} ${reason}`);
  }

  #next(tag: number | undefined): Header {
    if (this.isAtEnd) throw this.unexpected('lacks an element');
    const header = readHeader(this.#bytes, this.#offset, this.#bytes.length, this.#what);
    if (tag !== undefined && header.tag !== tag) {
      throw this.unexpected(`has tag ${hex(header.tag)} where ${hex(tag)} is expected`);
    }
    this.#offset = header.end;
    return header;
  }
}

const hex = (tag: number): string => `0x${tag.toString(16).padStart(2, '0')}`;

/** Text of a string type from outside: not safe to print; `otherwise` when it is not UTF-8. */
export function textOr(bytes: Uint8Array, otherwise: string): string {
  try {
    return utf8Decode(bytes);
  } catch (error) {
    if (error instanceof ProofError) return otherwise;
    throw error;
  }
}
