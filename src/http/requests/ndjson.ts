import type { NewDocument } from '../../intake/index.js';
import { ApiError } from '../responses/errors.js';
import { DocumentInput, toJson } from '../schemas/documents.js';
import { check, parseJson } from './body.js';

const LF = 0x0a;

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

/** A line as nearly all lines of a long stream are: without details and white space. */
const PLAIN_LINE = /^\{"sha256":"([0-9a-f]{64})"(?:,"size":(0|[1-9][0-9]{0,14}))?\}\r?$/;
const MAX_PLAIN_BYTES = 128;

/**
 * A plain line is read without JSON and schema, which would cost a stream much of its rate
 * (docs/performance.md). Every other line goes through them, with the same result.
 * @throws {ApiError}
 */
export function parseDocumentLine(line: Line): NewDocument {
  if (line === null) {
    throw new ApiError('line_too_long', `A line has at most ${MAX_LINE_BYTES} bytes.`);
  }
  const plain = line.length > MAX_PLAIN_BYTES ? null : PLAIN_LINE.exec(latin1(line));
  if (plain === null) return toNewDocument(check(DocumentInput, parseJson(line)));
  const [, sha256 = '', size] = plain;
  return toNewDocument({ sha256, ...(size === undefined ? {} : { size: Number(size) }) });
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
