import { ANONYMOUS, NO_DETAILS } from '../proof/index.js';
import type { OnCopiedRow } from './copy.js';
import { StoreError } from './errors.js';
import type { ErasedEntry, KeptEntry, StoredBlock, StoredEntry } from './store.js';

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
    /**
     * The page in PostgreSQL's binary COPY format, and where in it this row's first column begins: for each column in the order of
     * COLUMNS its length in four bytes (-1: NULL), then its value.
     */
    readonly page: DataView;
    readonly offset: number;
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

/** A run of positions in an organization's register, and what stands at these positions. */
export interface RegisteredRun {
  readonly first_position: bigint;
  readonly entry_count: number;
  readonly organization_number: number;
  /** null: there is no organization of that number. */
  readonly organization_id: string | null;
  /** Entries at its positions, and those of them that bear an organization's tag. */
  readonly entries: number;
  readonly tagged: number;
  /** The first entry that is not erased and bears another tag than the organization's; null: none. */
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
   * Runs of the organizations' registers with a first position above `after` (null: from the first on), in position order, at most
   * `limit`. Tags are compared by the server: the entries that they are compared with can be read and checked by `rows`.
   */
  registeredRuns(after: bigint | null, limit: number): Promise<RegisteredRun[]>;

  /** The statements of the log about its keys, in the order of the chain. */
  keyStatements(): Promise<KeyStatementRow[]>;

  /** How many entries bear an organization's tag. */
  taggedEntries(): Promise<number>;

  /**
   * Every row of each part, one part after the other, where it lies in what PostgreSQL sent: for who reads a long run of rows and makes nothing
   * of most of them. A row's columns are counted as in COLUMNS (chain-columns.ts). What `onRow` throws ends it; it is told at the end.
   */
  copy(parts: readonly CopyPart[], onRow: OnCopiedRow): Promise<void>;

  /** What another thread needs to see the same view, by `joinSnapshot`, as long as this one lasts. It holds the database's password. */
  share(): Promise<SharedSnapshot>;

  /** Positions of entries that bear an organization's tag and are in no run, lowest first, at most `limit`. Reads all tagged entries. */
  unregistered(limit: number): Promise<bigint[]>;
}

/** Key order, and the column that a range is over. */
export const ORDER: Record<ChainTable, readonly [string, ...string[]]> = {
  head: ['id'],
  entry: ['position'],
  details: ['position'],
  erasure: ['position'],
  block: ['height'],
  block_tile: ['height', 'level', 'index'],
  log_tile: ['level', 'index'],
  checkpoint: ['size'],
};

/** As they are selected: `ChainSnapshot.copy` counts them in this order. */
export const COLUMNS: { readonly [T in ChainTable]: readonly (keyof ChainRows[T])[] } = {
  head: ['id', 'next_position', 'latest_time'],
  entry: ['position', 'accepted_at', 'size', 'kind', 'digest', 'salt', 'account_tag', 'details_digest'],
  details: ['position', 'json'],
  erasure: ['position'],
  block: [
    'height',
    'first_position',
    'sealed_at',
    'nonce',
    'entry_count',
    'difficulty',
    'previous_hash',
    'merkle_root',
    'hash',
  ],
  block_tile: ['height', 'index', 'level', 'hashes'],
  log_tile: ['index', 'level', 'hashes', 'root'],
  checkpoint: ['size', 'root', 'note'],
};

export function copySelect({ table, range: { from, to }, leaves }: CopyPart): string {
  const [key] = ORDER[table];
  const bounds = [`${key} >= ${from}`, `${key} < ${to}`];
  if (leaves !== undefined) {
    const wanted = `level = 0 AND index >= ${leaves.from} AND index < ${leaves.to}`;
    bounds.push(leaves.others ? `NOT (${wanted})` : wanted);
  }
  return `SELECT ${COLUMNS[table].join(', ')} FROM ${table} WHERE ${bounds.join(' AND ')} ORDER BY ${ORDER[table].join(', ')}`;
}

/** A bigint column as a number. @throws {StoreError} refused beyond 2^53 − 1, which no version writes */
export function safe(value: string | bigint | number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new StoreError(
      'refused',
      `the database holds ${value.toString()} where a number below 2^53 belongs`,
    );
  }
  return number;
}

/** Plain array rows: without column names a large range is read a quarter faster. */
export type EntryRow = readonly [
  position: string,
  acceptedAt: string,
  size: string | null,
  kind: number,
  digest: Uint8Array | null,
  salt: Uint8Array | null,
  accountTag: Uint8Array | null,
  detailsDigest: Uint8Array | null,
];

export const ENTRY_COLUMNS = 'position, accepted_at, size, kind, digest, salt, account_tag, details_digest';

export function toEntry(row: EntryRow): StoredEntry {
  return row[4] === null || row[5] === null ? toErasedEntry(row) : toKeptEntry(row, row[4], row[5]);
}

function toErasedEntry([position]: EntryRow): ErasedEntry {
  return { erased: true, position: safe(position) };
}

function toKeptEntry(row: EntryRow, digest: Uint8Array, salt: Uint8Array): KeptEntry {
  const [position, acceptedAt, size, kind, , , accountTag, detailsDigest] = row;
  return {
    erased: false,
    position: safe(position),
    kind,
    digest,
    size: size === null ? null : safe(size),
    acceptedAt: safe(acceptedAt),
    salt,
    accountTag: accountTag ?? ANONYMOUS,
    detailsDigest: detailsDigest ?? NO_DETAILS,
  };
}

/** The same from a page of copied rows: every value is looked at once. */
export function toStoredEntry(row: ChainRows['entry']): StoredEntry {
  const { position, accepted_at, size, kind, digest, salt, account_tag, details_digest } = row;
  if (digest === null || salt === null) return { erased: true, position: safe(position) };
  return {
    erased: false,
    position: safe(position),
    kind,
    digest,
    size: size === null ? null : safe(size),
    acceptedAt: safe(accepted_at),
    salt,
    accountTag: account_tag ?? ANONYMOUS,
    detailsDigest: details_digest ?? NO_DETAILS,
  };
}

/** A row of the block table as a statement gives it. */
export interface BlockRow {
  readonly height: string;
  readonly first_position: string;
  readonly sealed_at: string;
  readonly nonce: string;
  readonly entry_count: number;
  readonly difficulty: number;
  readonly previous_hash: Uint8Array;
  readonly merkle_root: Uint8Array;
  readonly hash: Uint8Array;
}

export const BLOCK_COLUMNS = COLUMNS.block.join(', ');

export function toBlock(row: BlockRow): StoredBlock {
  return {
    height: safe(row.height),
    previousHash: row.previous_hash,
    merkleRoot: row.merkle_root,
    firstPosition: safe(row.first_position),
    entryCount: row.entry_count,
    sealedAt: safe(row.sealed_at),
    difficulty: row.difficulty,
    nonce: BigInt.asUintN(64, BigInt(row.nonce)),
    hash: row.hash,
  };
}

/** The latest block joined to something else; without one, height is null and so is all else. */
export type TipRow = BlockRow | { readonly height: null };

export function toTip(row: TipRow): StoredBlock | null {
  return row.height === null ? null : toBlock(row);
}
