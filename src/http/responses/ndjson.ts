import type { Accepted } from '../../intake/index.js';
import { nodeSha256 } from '../../crypto/primitives.js';
import { ENTRY_LENGTH, HASH_LENGTH, ID_SALT_LENGTH, idWithDetails, SALT_LENGTH } from '../../proof/index.js';
import { type ApiError, problemOf } from './errors.js';
import { formatTime, receiptJson } from './representation.js';

/** Expected length of a result line without its receipt, and of a receipt. */
const RESULT_BYTES = 420;
const RECEIPT_BYTES = 1500;

/**
 * The result lines of one chunk of a stream, in the order of its lines. The line of the last entry carries
 * the receipt for all of them. Accepted lines are written by hand: a stream is mostly made of them
 * (docs/performance.md), and nothing in them but the receipt needs escaping.
 * @param errors for each line of the chunk: its error, or null for the next entry of `accepted`
 * @param linesBefore how many lines of the stream precede the chunk
 */
export function resultLines(
  errors: readonly (ApiError | null)[],
  linesBefore: number,
  accepted: Accepted | null,
  requestId: string,
): Uint8Array {
  const out = new LineWriter(errors.length * RESULT_BYTES + RECEIPT_BYTES);
  const entries = accepted?.entries ?? [];
  const time = formatTime(entries[0]?.acceptedAt ?? 0);
  // All at once, and cut: each call into native code takes longer than a line's share of it. Entries have a multiple
  // of three bytes, so none shares a digit of the Base64 with another.
  const digests = Buffer.concat(entries.map(({ digest }) => digest)).toString('hex');
  const salts = Buffer.concat(entries.map(({ salt }) => salt)).toString('hex');
  const encoded = bufferOf(accepted?.encoded ?? new Uint8Array()).toString('base64');
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
    const sha256 = cut(digests, next, 2 * HASH_LENGTH);
    const saltStart = next * 2 * SALT_LENGTH;
    const id =
      details === null
        ? `${position}-${salts.slice(saltStart, saltStart + 2 * ID_SALT_LENGTH)}`
        : idWithDetails(position, entry, details, nodeSha256);
    const text = cut(encoded, next, (ENTRY_LENGTH / 3) * 4);
    out.ascii(
      `{"line":${line},"id":"${id}","sha256":"${sha256}","size":${entry.size ?? 'null'},"acceptedAt":"${time}","status":"accepted","position":${position},"entry":"${text}"`,
    );
    next++;
    if (next === entries.length && accepted.receipt !== null) {
      out.utf8(`,"receipt":${JSON.stringify(receiptJson(accepted.receipt))}`);
    }
    out.ascii('}\n');
  });
  return out.end();
}

const cut = (text: string, index: number, length: number) => text.slice(index * length, (index + 1) * length);

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** Writes each text directly as bytes. Strings of thousands of lines would be joined and encoded again. */
class LineWriter {
  #bytes: Buffer;
  #length = 0;

  /** @param capacity expected length in bytes */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  ascii(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  utf8(text: string): void {
    this.#reserve(Buffer.byteLength(text));
    this.#length += this.#bytes.write(text, this.#length);
  }

  end(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * needed);
    larger.set(this.end());
    this.#bytes = larger;
  }
}
