/** Fixed-layout binary fields: big-endian, in the order they are declared. */

const UINT32 = 2 ** 32;

export class FieldWriter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #offset = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Back to the first field, for bytes that nobody keeps: a writer anew takes 0.5 µs, longer than what it writes. */
  rewind(): this {
    this.#offset = 0;
    return this;
  }

  u8(value: number, what: string): this {
    this.#view.setUint8(this.#take(1), checkedInteger(value, 0xff, what));
    return this;
  }

  u32(value: number, what: string): this {
    this.#view.setUint32(this.#take(4), checkedInteger(value, UINT32 - 1, what));
    return this;
  }

  /** A safe integer in 8 bytes; two 32-bit halves are three times as fast as a BigInt. */
  u64(value: number, what: string): this {
    const offset = this.#take(8);
    checkedInteger(value, Number.MAX_SAFE_INTEGER, what);
    this.#view.setUint32(offset, Math.floor(value / UINT32));
    this.#view.setUint32(offset + 4, value % UINT32);
    return this;
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

export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  /** The caller has checked that `bytes` has the layout's length. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  bigU64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  /** A copy: what is decoded does not change with the buffer it came from. */
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
