import type { NewDocument } from '../../intake/index.js';
import { HASH_LENGTH } from '../../proof/index.js';
import { ApiError } from '../responses/errors.js';
import { DocumentInput, toJson } from '../schemas/documents.js';
import { check, parseJson } from './body.js';

const LF = 0x0a;
const QUOTE = 0x22;
const BRACE = 0x7d;

/** One line of a stream, without its line feed; null: it exceeded the limit and was discarded. */
export type Line = Uint8Array | null;

/** Splits a stream of bytes into lines. Holds at most one line of `maxBytes`. */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that `chunk` completes. They share its memory where they lie within it. */
  *push(chunk: Uint8Array): Generator<Line> {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      const part = chunk.subarray(start, end);
      if (this.#length === 0 && part.length <= this.#maxBytes) {
        // The common case: the whole line is in this chunk.
        yield part;
      } else {
        this.#keep(part);
        yield this.#take();
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** The last line, when the stream does not end with a line feed. */
  *end(): Generator<Line> {
    if (this.#length > 0) yield this.#take();
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length <= this.#maxBytes) this.#parts.push(part);
    else this.#parts = [];
  }

  #take(): Line {
    const parts = this.#parts;
    const line = this.#length > this.#maxBytes ? null : parts.length === 1 ? parts[0] : Buffer.concat(parts);
    this.#parts = [];
    this.#length = 0;
    return line ?? null;
  }
}

export const MAX_LINE_BYTES = 64 * 1024;

export function toNewDocument({ sha256, size, details }: DocumentInput): NewDocument {
  return {
    sha256: new Uint8Array(Buffer.from(sha256, 'hex')),
    size: size ?? null,
    details: details === undefined ? null : toJson(details),
  };
}

/** A line as nearly all lines of a long stream are, without details and white space: this, a digest in hex, and the end. */
const PLAIN_START = Buffer.from('{"sha256":"');
const PLAIN_END = /^"(?:,"size":(0|[1-9][0-9]{0,14}))?\}\r?$/;
const MAX_PLAIN_BYTES = 128;
const NO_DIGIT = 0xff;
/** By the code of a lower-case hexadecimal digit. */
const HEX_VALUES = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return value === -1 ? NO_DIGIT : value;
});

/**
 * A plain line is read without JSON and schema, which would cost a stream much of its rate
 * (docs/performance.md). Every other line goes through them, with the same result.
 * @throws {ApiError}
 */
export function parseDocumentLine(line: Line): NewDocument {
  if (line === null) {
    throw new ApiError('line_too_long', `A line has at most ${MAX_LINE_BYTES} bytes.`);
  }
  return plainDocument(line) ?? toNewDocument(check(DocumentInput, parseJson(line)));
}

function plainDocument(line: Uint8Array): NewDocument | null {
  const start = PLAIN_START.length;
  const end = start + 2 * HASH_LENGTH;
  if (line.length < end || line.length > MAX_PLAIN_BYTES) return null;
  for (let i = 0; i < start; i++) if (line[i] !== PLAIN_START[i]) return null;
  const sha256 = new Uint8Array(HASH_LENGTH);
  let digits = 0;
  for (let i = 0; i < HASH_LENGTH; i++) {
    const high = HEX_VALUES[line[start + 2 * i] ?? 0] ?? NO_DIGIT;
    const low = HEX_VALUES[line[start + 2 * i + 1] ?? 0] ?? NO_DIGIT;
    digits |= high | low;
    sha256[i] = (high << 4) | low;
  }
  if (digits === NO_DIGIT) return null;
  // Most have no size.
  if (line.length === end + 2 && line[end] === QUOTE && line[end + 1] === BRACE) {
    return { sha256, size: null, details: null };
  }
  const rest = PLAIN_END.exec(latin1(line, end));
  return rest === null
    ? null
    : { sha256, size: rest[1] === undefined ? null : Number(rest[1]), details: null };
}

function latin1(bytes: Uint8Array, start: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, bytes.length - start).toString('latin1');
}
