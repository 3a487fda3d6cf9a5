import type { OnCopiedRow } from './copy-rows.js';

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

/** A run of positions in an account's register, and what stands at these positions. */
export interface RegisteredRun {
  readonly first_position: bigint;
  readonly entry_count: number;
  readonly account_number: number;
  /** null: there is no account of that number. */
  readonly account_id: string | null;
  /** Entries at its positions, and those of them that bear an account's tag. */
  readonly entries: number;
  readonly tagged: number;
  /** The first entry that is not erased and bears another tag than the account's; null: none. */
  readonly foreign_at: bigint | null;
  /** The first that is not erased and was accepted at another time than the run says; null: none. */
  readonly other_time_at: bigint | null;
}

/** What the log has said of its keys. */
export interface KeyStatementRow {
  readonly ordinal: number;
  readonly position: bigint;
  readonly entry: Uint8Array;
  readonly note: string;
  /** Of the block that holds the position; null: none does. */
  readonly height: bigint | null;
  /** The leaf hash that the block's tree has for the position; null: there is none. */
  readonly leaf: Uint8Array | null;
}

/** Rows of a table whose first key column is in the range, in key order. */
export interface CopyPart {
  readonly table: 'entry' | 'details' | 'erasure' | 'block_tile';
  readonly range: KeyRange;
  /** Of the tiles, those of level 0 with such an index, or all others. */
  readonly leaves?: { readonly from: number; readonly to: number; readonly others: boolean };
}

export interface SharedSnapshot {
  readonly id: string;
  readonly url: string;
  readonly settings: string;
}

/** One unchanging view of all chain tables. */
export interface ChainSnapshot {
  /**
   * The rows of `table` in key order (head: its one row; log_tile: level, index; the others by their primary key), in
   * pages of at most `pageSize` rows (default 2,048). Memory stays at about one page. Several tables may be read in
   * turns. The range is over: position, height, log_tile.level, or checkpoint.size.
   */
  rows<T extends ChainTable>(table: T, range?: KeyRange, pageSize?: number): AsyncIterable<ChainRows[T][]>;

  /**
   * Runs of the accounts' registers with a first position above `after` (null: from the first on), in position order, at most
   * `limit`. Tags are compared by the server: the entries that they are compared with can be read and checked by `rows`.
   */
  registeredRuns(after: bigint | null, limit: number): Promise<RegisteredRun[]>;

  /** The statements of the log about its keys, in the order of the chain. */
  keyStatements(): Promise<KeyStatementRow[]>;

  /** How many entries bear an account's tag. */
  taggedEntries(): Promise<number>;

  /**
   * Every row of each part, one part after the other, where it lies in what PostgreSQL sent: for who reads a long run of rows and makes nothing
   * of most of them. A row's columns are counted as in COLUMNS (chain-columns.ts). What `onRow` throws ends it; it is told at the end.
   */
  copy(parts: readonly CopyPart[], onRow: OnCopiedRow): Promise<void>;

  /** What another thread needs to see the same view, by `joinSnapshot`, as long as this one lasts. It holds the database's password. */
  share(): Promise<SharedSnapshot>;

  /** Positions of entries that bear an account's tag and are in no run, lowest first, at most `limit`. Reads all tagged entries. */
  unregistered(limit: number): Promise<bigint[]>;
}
