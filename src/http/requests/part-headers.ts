import { ApiError } from '../responses/errors.js';
import { declaresOtherCharset } from './body.js';
import { assertPlainTransfer, encoded } from './headers.js';

/** Far more than real headers of a part have. */
const MAX_HEADER_BYTES = 16 * 1024;
const END_OF_HEADERS = '\r\n\r\n';

/**
 * Reads the headers of each part of a multipart body, most of which the parser drops: a part in an encoding
 * would be hashed as it stands, and one without Content-Disposition would be left out.
 */
export class PartHeaders {
  readonly #delimiter: Buffer;
  /** The end of what was pushed, which may be the beginning of a delimiter, or headers that go on. */
  #rest: Buffer = Buffer.from('\r\n');
  #inHeaders = false;
  #count = 0;
  #isOver = false;

  /** @param boundary the parameter of the request's Content-Type */
  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /** Parts so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * @returns what the parser may see of the chunk: nothing behind the closing delimiter. It would begin a part
   * there that never ends, and the request would get no response.
   * @throws {ApiError} unsupported_encoding, unsupported_media_type, malformed_multipart
   */
  push(chunk: Buffer): Buffer {
    if (!this.#inHeaders && !this.#isOver && this.#isWithoutDelimiter(chunk)) return chunk;
    const data = Buffer.concat([this.#rest, chunk]);
    if (this.#isOver) {
      this.#assertNoPart(data);
      return chunk.subarray(0, 0);
    }
    let at = 0;
    for (;;) {
      if (!this.#inHeaders) {
        const found = data.indexOf(this.#delimiter, at);
        if (found === -1) {
          this.#rest = this.#tailOf(data, at);
          return chunk;
        }
        at = found + this.#delimiter.length;
        this.#inHeaders = true;
      }
      if (data.toString('latin1', at, at + 2) === '--') {
        this.#isOver = true;
        const end = at + 2;
        const seen = chunk.subarray(0, end - (data.length - chunk.length));
        this.#assertNoPart(data.subarray(end));
        return seen;
      }
      const end = data.indexOf(END_OF_HEADERS, at);
      if (end === -1 || end - at > MAX_HEADER_BYTES) {
        if (data.length - at > MAX_HEADER_BYTES) {
          throw new ApiError('malformed_multipart', 'The headers of a part are too long.');
        }
        this.#rest = data.subarray(at);
        return chunk;
      }
      assertPlainPart(data.toString('latin1', at, end));
      this.#count++;
      // The line break before the next delimiter may be the one that ends the headers of an empty part.
      at = end + 2;
      this.#inHeaders = false;
    }
  }

  /** Nearly every chunk of a large document: it is not copied. */
  #isWithoutDelimiter(chunk: Buffer): boolean {
    const { length } = this.#delimiter;
    if (chunk.length < length || chunk.includes(this.#delimiter)) return false;
    // None lies across what came before and this chunk.
    if (Buffer.concat([this.#rest, chunk.subarray(0, length - 1)]).includes(this.#delimiter)) return false;
    this.#rest = this.#tailOf(chunk, 0);
    return true;
  }

  /** Text behind the closing delimiter is ignored (RFC 2046 §5.1.1), but no document may be. */
  #assertNoPart(data: Buffer): void {
    if (data.includes(this.#delimiter)) {
      throw new ApiError('malformed_multipart', 'Another part follows the closing boundary.');
    }
    this.#rest = this.#tailOf(data, 0);
  }

  /** What may be the beginning of a delimiter. */
  #tailOf(data: Buffer, from: number): Buffer {
    return data.subarray(Math.max(from, data.length - this.#delimiter.length + 1));
  }
}

function assertPlainPart(text: string): void {
  const headers = new Map<string, string>();
  // A folded line belongs to the one before it.
  for (const line of text.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const [name = '', ...value] = line.split(':');
    const key = name.trim().toLowerCase();
    if (key !== '' && headers.has(key)) {
      throw new ApiError(
        'malformed_multipart',
        `A part repeats the header ${JSON.stringify(key.slice(0, 60))}.`,
      );
    }
    headers.set(key, value.join(':').trim());
  }
  const disposition = headers.get('content-disposition') ?? '';
  if (!/^form-data\s*;/i.test(disposition)) {
    throw new ApiError('malformed_multipart', 'A part has no Content-Disposition of form-data.');
  }
  const coding = headers.get('content-encoding') ?? 'identity';
  if (coding.toLowerCase() !== 'identity') throw encoded('Content-Encoding', coding);
  assertPlainTransfer(headers.get('content-transfer-encoding'));
  // Of a document, it says how its bytes are to be read later.
  const isDocument = /;\s*name\s*=\s*"?file"?\s*(;|$)/i.test(disposition);
  const [, ...parameters] = (headers.get('content-type') ?? '').split(';');
  if (!isDocument && parameters.some((parameter) => declaresOtherCharset(parameter))) {
    throw new ApiError('unsupported_media_type', 'Text must be UTF-8.');
  }
}
