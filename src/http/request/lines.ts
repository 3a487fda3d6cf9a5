const LF = 0x0a;

/** One line of a stream, without its line feed; null: it was longer than allowed, and its bytes were thrown away. */
export type Line = Uint8Array | null;

/** Cuts a stream of bytes into lines. Never holds more than one line of at most `maxBytes`. */
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
        // Whole, as nearly all are.
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
