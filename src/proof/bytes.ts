import { printable, ProofError } from './errors.js';

const encoder = new TextEncoder();
// ignoreBOM keeps a leading U+FEFF as a character. Otherwise two different byte strings would decode to one
// text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** @throws {ProofError} malformed_text when `bytes` is not UTF-8, or reencoded_text when it is UTF-16 */
export function utf8Decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    const [first, second] = bytes;
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw utf16();
    throw new ProofError('malformed_text', 'the text is not valid UTF-8');
  }
}

const utf16 = () => new ProofError('reencoded_text', 'the text is in UTF-16; it must be saved as UTF-8');

/**
 * For texts that are hashed, so that only their exact bytes are right: says what an editor or a shell has
 * done to one, instead of what looks wrong then.
 * @throws {ProofError} reencoded_text
 */
export function assertNotReencoded(text: string): void {
  // UTF-16 without byte order mark, of which every second byte is zero.
  if (text.charCodeAt(0) === 0 || text.charCodeAt(1) === 0) throw utf16();
  if (!text.startsWith(BYTE_ORDER_MARK)) return;
  throw new ProofError(
    'reencoded_text',
    'the text begins with a byte order mark; it must be saved as UTF-8 without one',
  );
}

const BYTE_ORDER_MARK = '\ufeff';

/**
 * A text that people edit, in LF lines: without the byte order mark and the carriage returns that editors
 * add.
 * @throws {ProofError} reencoded_text for UTF-16
 */
export function editedText(text: string): string {
  const plain = (text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).replaceAll('\r\n', '\n');
  assertNotReencoded(plain);
  return plain;
}

/** At most a few white spaces in each place, so that no input makes the expression slow. */
const digestOf = (digits: string) =>
  new RegExp(`^(?:\\s{0,9}[Ss][Hh][Aa]-?256\\s{0,9}[:=])?(?:\\s{0,9}[0-9A-Fa-f]){${digits}}\\s{0,9}$`);
/**
 * A SHA-256 digest as people have it from other tools: in upper or lower case, in groups, with or without
 * `sha256:` in front. Formats have one spelling: see `fromHex`.
 */
export const TYPED_DIGEST = digestOf('64');
/** The same, with its beginning alone. */
export const TYPED_DIGEST_PREFIX = digestOf('8,64');

/** The digits of what one of these expressions matches, in lower case. */
export function digestDigits(typed: string): string {
  return typed
    .replace(/^.*[:=]/s, '')
    .replaceAll(/\s/g, '')
    .toLowerCase();
}

/** @returns 32 bytes; null for what is not a digest that a person has typed */
export function readDigest(typed: string): Uint8Array | null {
  return TYPED_DIGEST.test(typed) ? fromHex(digestDigits(typed), 32) : null;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Not constant-time: this folder compares no secrets. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // Not `every`: a call for each byte is much slower.
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Ascending; a shorter string that begins the longer one comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

const HEX_DIGITS = utf8('0123456789abcdef');

export function toHex(bytes: Uint8Array): string {
  // As bytes that are decoded at once: to append digit by digit is much slower.
  const digits = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    digits[2 * i] = HEX_DIGITS[byte >> 4] ?? 0;
    digits[2 * i + 1] = HEX_DIGITS[byte & 0xf] ?? 0;
  }
  return decoder.decode(digits);
}

/**
 * Lower-case hex of exactly `length` bytes.
 * @throws {ProofError} malformed_hex
 */
export function fromHex(text: string, length: number, what = 'value'): Uint8Array {
  if (text.length !== length * 2 || !/^[0-9a-f]*$/.test(text)) {
    throw new ProofError(
      'malformed_hex',
      `${what} must be ${length * 2} lower-case hexadecimal digits (${length} bytes), got ${describe(text)}`,
    );
  }
  // Digit by digit: to parse parts of the text is several times as slow.
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++)
    bytes[i] = (hexDigit(text.charCodeAt(2 * i)) << 4) | hexDigit(text.charCodeAt(2 * i + 1));
  return bytes;
}

/** Of the code of a lower-case hexadecimal digit. */
const hexDigit = (code: number) => (code <= 0x39 ? code - 0x30 : code - 0x57);

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * Standard base64 with padding (RFC 4648 §4), in its one canonical spelling.
 * @throws {ProofError} malformed_base64, also when `length` is given and the bytes are more or fewer
 */
export function fromBase64(text: string, what = 'value', length?: number): Uint8Array {
  const bytes = canonicalBase64(text);
  if (bytes === null) {
    const not = isBase64(text) ? 'not in canonical base64' : 'not base64';
    throw new ProofError('malformed_base64', `${what} is ${not}: ${describe(text)}`);
  }
  if (length !== undefined && bytes.length !== length) {
    throw new ProofError('malformed_base64', `${what} must hold ${length} bytes, got ${bytes.length}`);
  }
  return bytes;
}

const BASE64_DIGITS = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
/** By the code of a digit; 64: it is none. */
const BASE64_VALUES = new Uint8Array(128).fill(64);
for (const [value, digit] of BASE64_DIGITS.entries()) BASE64_VALUES[digit] = value;

/**
 * null for any other spelling: without padding, with white space or with stray trailing bits, all of which atob
 * accepts. Besides, atob and what makes bytes of its text take ten times as long.
 */
function canonicalBase64(text: string): Uint8Array | null {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  if (text.length % 4 !== 0 || digits % 4 === 1) return null;
  const bytes = new Uint8Array((3 * text.length) / 4 - padding);
  let [bits, rest, at] = [0, 0, 0];
  for (let i = 0; i < digits; i++) {
    const value = BASE64_VALUES[text.charCodeAt(i)] ?? 64;
    if (value === 64) return null;
    rest = ((rest << 6) | value) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = rest >> bits;
  }
  return (rest & ((1 << bits) - 1)) === 0 ? bytes : null;
}

function isBase64(text: string): boolean {
  try {
    atob(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * A decimal of a text format: digits only, no sign, no leading zero, at most 2^53 − 1.
 * @throws {ProofError} malformed_number
 */
export function fromDecimal(text: string, what = 'number'): number {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new ProofError(
      'malformed_number',
      `${what} must be a decimal without leading zeros, got ${describe(text)}`,
    );
  }
  return value;
}

/** Untrusted input for use in a message: shortened, quoted, control characters escaped. */
export function describe(text: string): string {
  return printable(JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text));
}

/** Writes the fields of a binary layout, big-endian, one after the other. */
export class FieldWriter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #offset = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  /**
   * Starts again at the first field. For bytes that are hashed at once and not kept: a new buffer takes
   * longer than its fields.
   */
  rewind(): this {
    this.#offset = 0;
    return this;
  }

  u8(value: number, what: string): this {
    this.#view.setUint8(this.#take(1), checkedInteger(value, 0xff, what));
    return this;
  }

  u16(value: number, what: string): this {
    this.#view.setUint16(this.#take(2), checkedInteger(value, 0xff_ff, what));
    return this;
  }

  u32(value: number, what: string): this {
    this.#view.setUint32(this.#take(4), checkedInteger(value, 0xffff_ffff, what));
    return this;
  }

  /** A safe integer in 8 bytes. */
  u64(value: number, what: string): this {
    return this.bigU64(BigInt(checkedInteger(value, Number.MAX_SAFE_INTEGER, what)), what);
  }

  bigU64(value: bigint, what: string): this {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn)
      throw new RangeError(`${what} must be an unsigned 64-bit integer`);
    this.#view.setBigUint64(this.#take(8), value);
    return this;
  }

  raw(value: Uint8Array, length: number, what: string): this {
    if (value.length !== length)
      throw new RangeError(`${what} must have ${length} bytes, got ${value.length}`);
    this.bytes.set(value, this.#take(length));
    return this;
  }

  #take(length: number): number {
    const offset = this.#offset;
    this.#offset += length;
    return offset;
  }
}

/** Reads the fields of a binary layout, big-endian, one after the other. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  /** The caller has checked that `bytes` has the length of the layout. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  bigU64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  /** A copy, so that a decoded value does not change with the buffer that it came from. */
  raw(length: number): Uint8Array {
    const offset = this.#take(length);
    return this.#bytes.slice(offset, offset + length);
  }

  #take(length: number): number {
    const offset = this.#offset;
    this.#offset += length;
    return offset;
  }
}

function checkedInteger(value: number, maximum: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0 || value > maximum) {
    throw new RangeError(`${what} must be an integer from 0 to ${maximum}, got ${value}`);
  }
  return value;
}
