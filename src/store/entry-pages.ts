import type { ChainRows, KeyRange } from './chain-rows.js';

type EntryRow = ChainRows['entry'];

/**
 * A page of entries as one value, in PostgreSQL's binary form of rows (record_send). The table is by far the longest, and
 * column by column as text the same rows cost twice the time here, most of it in garbage. WITH TIES: should a key stand
 * twice, no page ends between the two.
 */
export function entryPageQuery(range: KeyRange | undefined, after: bigint | null, pageSize: number): string {
  const bounds = [
    ...(range === undefined ? [] : [`position >= ${range.from}`, `position < ${range.to}`]),
    ...(after === null ? [] : [`position > ${after}`]),
  ];
  const where = bounds.length === 0 ? '' : `WHERE ${bounds.join(' AND ')}`;
  return `SELECT string_agg(record_send(page.row), ''::bytea) AS page FROM (
    SELECT ROW(position, accepted_at, size, kind, digest, salt, account_tag, details_digest) AS row
    FROM entry ${where} ORDER BY position FETCH FIRST ${pageSize} ROWS WITH TIES
  ) AS page`;
}

/** A row is its number of columns, then for each its type, its length (-1: NULL) and its bytes. */
const COLUMNS_AT = 4;
const VALUE_AT = 8;

export function decodeEntryPage(bytes: Uint8Array): EntryRow[] {
  const page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: EntryRow[] = [];
  let at = 0;
  const skip = (): number => {
    const length = page.readInt32BE(at + VALUE_AT - 4);
    at += VALUE_AT + Math.max(0, length);
    return length;
  };
  const bigint = (): bigint | null => (skip() < 0 ? null : page.readBigInt64BE(at - 8));
  const data = (): Uint8Array | null => {
    const length = skip();
    return length < 0 ? null : new Uint8Array(page.buffer, page.byteOffset + at - length, length);
  };
  while (at < page.length) {
    at += COLUMNS_AT;
    rows.push({
      position: bigint() ?? 0n,
      accepted_at: bigint() ?? -1n,
      size: bigint(),
      kind: skip() < 0 ? -1 : page.readInt16BE(at - 2),
      digest: data(),
      salt: data(),
      account_tag: data(),
      details_digest: data(),
    });
  }
  return rows;
}
