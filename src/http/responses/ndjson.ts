import type { Accepted } from '../../intake/index.js';
import { ENTRY_LENGTH, notarizationId } from '../../proof/index.js';
import { formatTime } from './representation.js';

/** About as long is a line of answer without the receipt, as most are. */
export const ACCEPTED_LINE_BYTES = 420;

/**
 * Writes the line of answer to each entry. By hand, as nothing in it but the receipt needs escaping, and as bytes: of all that its
 * thread spends on a line, 8.5 µs with strings, that leaves 6.8. An object for JSON.stringify would take 2 µs more.
 */
export function acceptedLines(
  { firstPosition, entries, encoded, receipt }: Accepted,
  out: TextWriter,
): (line: number, i: number) => void {
  const acceptedAt = formatTime(entries[0]?.acceptedAt ?? 0);
  const times = `,"acceptedAt":"${acceptedAt}","status":"accepted","position":`;
  return (line, i) => {
    const entry = entries[i];
    if (entry === undefined) throw new RangeError(`there is no entry ${i}`);
    const position = firstPosition + i;
    out
      .ascii('{"line":')
      .ascii(String(line))
      .ascii(',"id":"')
      .ascii(notarizationId(position, entry.salt))
      .ascii('","sha256":"')
      .hex(entry.digest)
      .ascii('","size":')
      .ascii(entry.size === null ? 'null' : String(entry.size))
      .ascii(times)
      .ascii(String(position))
      .ascii(',"entry":"')
      .base64(encoded, i * ENTRY_LENGTH, (i + 1) * ENTRY_LENGTH)
      .ascii('"');
    if (i === entries.length - 1) out.ascii(',"receipt":').utf8(JSON.stringify(receipt));
    out.ascii('}\n');
  };
}

const HEX = codesOf('0123456789abcdef');
const BASE64 = codesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/**
 * Text that is written as its bytes, for answers of many lines: strings of a thousand lines would be put together piece by piece, and with one
 * character beyond Latin-1, as the dash in a receipt, have two bytes for each.
 */
export class TextWriter {
  #bytes: Buffer;
  #length = 0;

  /** @param capacity how many bytes are expected */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** For short texts: of long ones, `utf8` is the faster. */
  ascii(text: string): this {
    const bytes = this.#room(text.length);
    let at = this.#length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
    return this;
  }

  utf8(text: string): this {
    const encoded = Buffer.from(text);
    this.#room(encoded.length).set(encoded, this.#length);
    this.#length += encoded.length;
    return this;
  }

  hex(source: Uint8Array): this {
    const bytes = this.#room(2 * source.length);
    let at = this.#length;
    for (const byte of source) {
      bytes[at++] = HEX[byte >> 4] ?? 0;
      bytes[at++] = HEX[byte & 15] ?? 0;
    }
    this.#length = at;
    return this;
  }

  /** Of the bytes from `start` to `end`, which are a multiple of three. */
  base64(source: Uint8Array, start: number, end: number): this {
    if ((end - start) % 3 !== 0) throw new RangeError('base64 is written of three bytes at a time');
    const bytes = this.#room(((end - start) / 3) * 4);
    let at = this.#length;
    for (let i = start; i < end; i += 3) {
      const bits = ((source[i] ?? 0) << 16) | ((source[i + 1] ?? 0) << 8) | (source[i + 2] ?? 0);
      bytes[at++] = BASE64[bits >> 18] ?? 0;
      bytes[at++] = BASE64[(bits >> 12) & 63] ?? 0;
      bytes[at++] = BASE64[(bits >> 6) & 63] ?? 0;
      bytes[at++] = BASE64[bits & 63] ?? 0;
    }
    this.#length = at;
    return this;
  }

  /** What has been written; nothing may be written any more. */
  end(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #room(count: number): Buffer {
    const needed = this.#length + count;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * needed);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

function codesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
