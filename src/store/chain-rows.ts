/**
 * The rows of the chain tables as they lie in the database, for whoever checks them: nothing is converted to a
 * narrower type, so that a wrong value can be named instead of being refused on the way.
 */
export interface ChainRows {
  readonly head: { readonly id: boolean; readonly next_position: bigint; readonly latest_time: bigint };
  readonly entry: {
    readonly position: bigint;
    readonly accepted_at: bigint;
    readonly size: bigint | null;
    readonly kind: number;
    readonly digest: Uint8Array | null;
    readonly salt: Uint8Array | null;
    readonly account_tag: Uint8Array | null;
    readonly details_digest: Uint8Array | null;
  };
  readonly details: { readonly position: bigint; readonly json: string };
  readonly erasure: { readonly position: bigint };
  readonly block: {
    readonly height: bigint;
    readonly first_position: bigint;
    readonly sealed_at: bigint;
    /** The unsigned nonce in two's complement: `BigInt.asUintN(64, nonce)`. */
    readonly nonce: bigint;
    readonly entry_count: number;
    readonly difficulty: number;
    readonly previous_hash: Uint8Array;
    readonly merkle_root: Uint8Array;
    readonly hash: Uint8Array;
  };
  readonly block_tile: {
    readonly height: bigint;
    readonly index: number;
    readonly level: number;
    readonly hashes: Uint8Array;
  };
  readonly log_tile: {
    readonly index: bigint;
    readonly level: number;
    readonly hashes: Uint8Array;
    readonly root: Uint8Array;
  };
  readonly checkpoint: { readonly size: bigint; readonly root: Uint8Array; readonly note: string };
}

export type ChainTable = keyof ChainRows;

/** Half-open, over the first column of the table's key order; without it the whole table, negative keys included. */
export interface KeyRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** One unchanging view of all chain tables. */
export interface ChainSnapshot {
  /**
   * The rows of `table` in key order (head: its one row; log_tile: level, index; the others by their primary key), in
   * pages of at most `pageSize` rows (default 2,048). Memory stays at about one page. Several tables may be read in
   * turns. The range is over: position, height, log_tile.level, or checkpoint.size.
   */
  rows<T extends ChainTable>(table: T, range?: KeyRange, pageSize?: number): AsyncIterable<ChainRows[T][]>;
}
