import { once } from 'node:events';
import type { Writable } from 'node:stream';
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
  return (await copyRows(client, select, bytes)).bytes;
}

/** The same, and how many rows that are. */
export async function copyRows(
  client: pg.ClientBase,
  select: string,
  bytes = FIRST_LENGTH,
): Promise<{ readonly bytes: Buffer; readonly rows: number }> {
  const copy = new CopyOut(`COPY (${select}) TO STDOUT (FORMAT binary)`, bytes);
  const rows = await run(client, copy);
  return { bytes: copy.bytes, rows };
}

/** What pg's connection has for COPY, and its types leave out. */
interface CopyConnection {
  readonly stream: Writable;
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** pg's own query, and what that leaves out: to send what COPY reads. */
class CopyIn extends pg.Query {
  readonly #source: AsyncIterable<Uint8Array>;
  /** Aborted when the server has answered: nothing more needs to be sent. */
  readonly #answered = new AbortController();
  /** Why the source ended early; null: it did not. */
  failure: Error | null = null;

  constructor(query: string, source: AsyncIterable<Uint8Array>) {
    super(query);
    this.#source = source;
    const stop = () => {
      this.#answered.abort();
    };
    this.on('end', stop).on('error', stop);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    void this.#send(connection);
  }

  async #send(connection: CopyConnection): Promise<void> {
    try {
      for await (const bytes of this.#source) {
        if (this.#answered.signal.aborted) return;
        connection.sendCopyFromChunk(bytes);
        if (connection.stream.writableNeedDrain) {
          // Never rejects for a lost connection: then the query has ended too.
          await once(connection.stream, 'drain', { signal: this.#answered.signal });
        }
      }
      if (!this.#answered.signal.aborted) connection.endCopyFrom();
    } catch (error) {
      if (this.#answered.signal.aborted) return;
      this.failure = error instanceof Error ? error : new Error(String(error));
      connection.sendCopyFail('its source ended');
    }
  }
}

/**
 * Sends `source` to the server.
 * @param statement COPY … FROM STDIN
 * @returns how many rows the server has read
 */
export async function copyIn(
  client: pg.ClientBase,
  statement: string,
  source: AsyncIterable<Uint8Array>,
): Promise<number> {
  const copy = new CopyIn(statement, source);
  try {
    return await run(client, copy);
  } catch (error) {
    throw copy.failure ?? error;
  }
}

/** Resolves with the number of rows that the server reports. */
function run(client: pg.ClientBase, copy: pg.Query): Promise<number> {
  return new Promise((resolve, reject) => {
    copy
      .on('end', ({ rowCount }) => {
        resolve(rowCount ?? 0);
      })
      .on('error', reject);
    client.query(copy);
  });
}
