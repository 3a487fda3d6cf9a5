import type { Accepted } from '../../intake/index.js';
import { nodeSha256 } from '../../crypto/primitives.js';
import { ENTRY_LENGTH, idWithDetails } from '../../proof/index.js';
import { type ApiError, problemOf } from './errors.js';
import { formatTime, receiptJson } from './representation.js';

/** Expected length of a result line without its receipt, and of a receipt. */
const RESULT_BYTES = 420;
const RECEIPT_BYTES = 1500;

/**
 * The result lines of one chunk of a stream, in the order of its lines. The line of the last entry carries
 * the receipt for all of them. Accepted lines are written as bytes and by hand: a stream is mostly made of
 * them (docs/performance.md), and nothing in them but the receipt needs escaping.
 * @param errors for each line of the chunk: its error, or null for the next entry of `accepted`
 * @param linesBefore how many lines of the stream precede the chunk
 */
export function resultLines(
  errors: readonly (ApiError | null)[],
  linesBefore: number,
  accepted: Accepted | null,
  requestId: string,
): Uint8Array {
  const out = new ByteWriter(errors.length * RESULT_BYTES + RECEIPT_BYTES);
  const entries = accepted?.entries ?? [];
  const time = `,"acceptedAt":"${formatTime(entries[0]?.acceptedAt ?? 0)}","status":"accepted","position":`;
  let next = 0;
  errors.forEach((error, i) => {
    const line = linesBefore + i + 1;
    if (error !== null) {
      out.utf8(`${JSON.stringify({ line, error: problemOf(error, requestId) })}\n`);
      return;
    }
    const entry = entries[next];
    if (accepted === null || entry === undefined) throw new RangeError(`line ${line} has no entry`);
    const position = accepted.firstPosition + next;
    const details = accepted.details[next] ?? null;
    out
      .ascii('{"line":')
      .ascii(String(line))
      .ascii(',"id":"')
      .ascii(idWithDetails(position, entry, details, nodeSha256))
      .ascii('","sha256":"')
      .hex(entry.digest)
      .ascii('","size":')
      .ascii(String(entry.size))
      .ascii(time)
      .ascii(String(position))
      .ascii(',"entry":"')
      .base64(accepted.encoded, next * ENTRY_LENGTH, (next + 1) * ENTRY_LENGTH)
      .ascii('"');
    next++;
    if (next === entries.length && accepted.receipt !== null) {
      out.ascii(',"receipt":').utf8(JSON.stringify(receiptJson(accepted.receipt)));
    }
    out.ascii('}\n');
  });
  return out.end();
}

const HEX = asciiCodes('0123456789abcdef');
const BASE64 = asciiCodes('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/** Writes text directly as bytes. Strings of thousands of lines would be joined and encoded again. */
class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  /** @param capacity expected length in bytes */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** For short texts; `utf8` is faster for long ones. */
  ascii(text: string): this {
    const bytes = this.#reserve(text.length);
    let at = this.#length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
    return this;
  }

  utf8(text: string): this {
    const encoded = Buffer.from(text);
    this.#reserve(encoded.length).set(encoded, this.#length);
    this.#length += encoded.length;
    return this;
  }

  hex(source: Uint8Array): this {
    const bytes = this.#reserve(2 * source.length);
    let at = this.#length;
    for (const byte of source) {
      bytes[at++] = HEX[byte >> 4] ?? 0;
      bytes[at++] = HEX[byte & 15] ?? 0;
    }
    this.#length = at;
    return this;
  }

  /** The bytes from `start` to `end`, whose number must be a multiple of three: there is no padding. */
  base64(source: Uint8Array, start: number, end: number): this {
    if ((end - start) % 3 !== 0) throw new RangeError('the length must be a multiple of 3');
    const bytes = this.#reserve(((end - start) / 3) * 4);
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

  end(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): Buffer {
    const needed = this.#length + count;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * needed);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

function asciiCodes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
