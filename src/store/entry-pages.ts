import type { ChainRows, KeyRange } from './chain-rows.js';

type EntryRow = ChainRows['entry'];

/** A page of entries, to be copied out. WITH TIES: should a key stand twice, no page ends between the two. */
export function entryPageQuery(range: KeyRange | undefined, after: bigint | null, pageSize: number): string {
  const bounds = [
    ...(range === undefined ? [] : [`position >= ${range.from}`, `position < ${range.to}`]),
    ...(after === null ? [] : [`position > ${after}`]),
  ];
  const where = bounds.length === 0 ? '' : `WHERE ${bounds.join(' AND ')}`;
  return `SELECT position, accepted_at, size, kind, digest, salt, account_tag, details_digest
    FROM entry ${where} ORDER BY position FETCH FIRST ${pageSize} ROWS WITH TIES`;
}

/** The format begins with a signature, flags and the length of what may follow; a row is its number of fields, then each one's length and bytes. */
const EXTENSION_LENGTH_AT = 15;
const FIELDS = 8;
const END = -1;

export function decodeEntryPage(page: Buffer): EntryRow[] {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  const rows: EntryRow[] = [];
  let at = EXTENSION_LENGTH_AT + 4 + view.getInt32(EXTENSION_LENGTH_AT);
  while (view.getInt16(at) !== END) {
    at += 2;
    rows.push(new CopiedEntry(page, view, at));
    for (let field = 0; field < FIELDS; field++) at += 4 + Math.max(0, view.getInt32(at));
  }
  return rows;
}

/** A row that is read out of its page when it is looked at: to make all values of all rows beforehand took half of an audit. */
class CopiedEntry implements EntryRow {
  readonly #page: Buffer;
  readonly #view: DataView;
  /** Where the length of its first field is. */
  readonly #at: number;

  constructor(page: Buffer, view: DataView, at: number) {
    this.#page = page;
    this.#view = view;
    this.#at = at;
  }

  get position(): bigint {
    return this.#bigint(0) ?? 0n;
  }

  get accepted_at(): bigint {
    return this.#bigint(1) ?? -1n;
  }

  get size(): bigint | null {
    return this.#bigint(2);
  }

  get kind(): number {
    const at = this.#field(3);
    return this.#view.getInt32(at) < 0 ? -1 : this.#view.getInt16(at + 4);
  }

  get digest(): Uint8Array | null {
    return this.#bytes(4);
  }

  get salt(): Uint8Array | null {
    return this.#bytes(5);
  }

  get account_tag(): Uint8Array | null {
    return this.#bytes(6);
  }

  get details_digest(): Uint8Array | null {
    return this.#bytes(7);
  }

  #bigint(index: number): bigint | null {
    const at = this.#field(index);
    return this.#view.getInt32(at) < 0 ? null : this.#view.getBigInt64(at + 4);
  }

  #bytes(index: number): Uint8Array | null {
    const at = this.#field(index);
    const length = this.#view.getInt32(at);
    return length < 0 ? null : new Uint8Array(this.#page.buffer, this.#page.byteOffset + at + 4, length);
  }

  /** Where the length of field `index` is; -1 there is NULL. */
  #field(index: number): number {
    let at = this.#at;
    for (let before = 0; before < index; before++) at += 4 + Math.max(0, this.#view.getInt32(at));
    return at;
  }
}
