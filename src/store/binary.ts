import pg from 'pg';

// PostgreSQL's binary formats, which cost less than text for many values.

/** Arrays of one dimension (array_recv). pg sends a Buffer unchanged. */

const OID_BYTEA = 17;
const OID_INT8 = 20;
const OID_INT2 = 21;
const OID_INT4 = 23;
const OID_TEXT = 25;
const HEADER_LENGTH = 20;

export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  let length = HEADER_LENGTH + 4 * values.length;
  for (const value of values) length += value === null ? 0 : value.length;
  const out = start(length, OID_BYTEA, values.length);
  let at = HEADER_LENGTH;
  for (const value of values) {
    at = out.writeInt32BE(value === null ? -1 : value.length, at);
    if (value !== null) {
      out.set(value, at);
      at += value.length;
    }
  }
  return out;
}

export function textArray(values: readonly string[]): Buffer {
  const lengths = values.map((value) => Buffer.byteLength(value));
  const length = lengths.reduce((sum, each) => sum + 4 + each, HEADER_LENGTH);
  const out = start(length, OID_TEXT, values.length);
  let at = HEADER_LENGTH;
  for (const [i, value] of values.entries()) {
    at = out.writeInt32BE(lengths[i] ?? 0, at);
    at += out.write(value, at);
  }
  return out;
}

/** @param values safe integers */
export function int8Array(values: readonly (number | null)[]): Buffer {
  const out = start(HEADER_LENGTH + 12 * values.length, OID_INT8, values.length);
  let at = HEADER_LENGTH;
  for (const value of values) {
    if (value === null) {
      at = out.writeInt32BE(-1, at);
      continue;
    }
    at = out.writeInt32BE(8, at);
    at = out.writeInt32BE(Math.floor(value / 2 ** 32), at);
    at = out.writeUInt32BE(value >>> 0, at);
  }
  return out.subarray(0, at);
}

export function int4Array(values: readonly number[]): Buffer {
  const out = start(HEADER_LENGTH + 8 * values.length, OID_INT4, values.length);
  let at = HEADER_LENGTH;
  for (const value of values) at = out.writeInt32BE(value, out.writeInt32BE(4, at));
  return out;
}

export function int2Array(values: readonly number[]): Buffer {
  const out = start(HEADER_LENGTH + 6 * values.length, OID_INT2, values.length);
  let at = HEADER_LENGTH;
  for (const value of values) at = out.writeInt16BE(value, out.writeInt32BE(2, at));
  return out;
}

/** An array header: dimensions, whether there are NULLs, element type, element count, lower bound. */
function start(length: number, elementType: number, count: number): Buffer {
  const out = Buffer.allocUnsafe(length);
  out.writeInt32BE(count === 0 ? 0 : 1, 0);
  out.writeInt32BE(1, 4);
  out.writeInt32BE(elementType, 8);
  if (count === 0) return out.subarray(0, 12);
  out.writeInt32BE(count, 12);
  out.writeInt32BE(1, 16);
  return out;
}

const FIRST_LENGTH = 2 ** 17;

/** pg's own query, and what that leaves out: to collect what COPY sends. */
class CopyOut extends pg.Query {
  #bytes: Buffer;
  #length = 0;

  constructor(query: string, bytes: number) {
    super(query);
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The chunk is copied, because pg reuses its buffer. */
  handleCopyData({ chunk }: { readonly chunk: Uint8Array }): void {
    const end = this.#length + chunk.length;
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = end;
  }
}

/**
 * All rows of a SELECT in PostgreSQL's binary COPY format: the cheapest way to read long runs of a table.
 * Whatever the protocol offers, pg itself reads every value as text.
 * @param bytes how much memory to reserve at first
 */
export async function copyOut(client: pg.ClientBase, select: string, bytes = FIRST_LENGTH): Promise<Buffer> {
  const copy = new CopyOut(`COPY (${select}) TO STDOUT (FORMAT binary)`, bytes);
  await new Promise((resolve, reject) => {
    copy.on('end', resolve).on('error', reject);
    client.query(copy);
  });
  return copy.bytes;
}
