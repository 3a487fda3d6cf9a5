import type { ErasureKeys } from '../crypto/erasure-keys.js';
import { ANONYMOUS, KIND_DOCUMENT, NO_DETAILS, type Entry, type Header } from '../proof/index.js';
import { StoreError } from './errors.js';
import { KEYED, saltOf } from './keyed.js';
import { type ChainRows, COLUMNS } from './snapshot.js';

export interface KeptEntry extends Entry {
  readonly erased: false;
  readonly position: number;
}

/** What is left of an entry after its erasure. Its leaf hash is still in its block's tile. */
export interface ErasedEntry {
  readonly erased: true;
  readonly position: number;
  /** It was not erased here: its data key is missing. */
  readonly keyMissing?: true;
}

export type StoredEntry = KeptEntry | ErasedEntry;

export interface StoredBlock extends Header {
  /** SHA-256 of the encoded header. */
  readonly hash: Uint8Array;
}

/** A bigint column as a number. @throws {StoreError} refused beyond 2^53 − 1, which no version writes */
export function safe(value: string | bigint | number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new StoreError(
      'refused',
      `the database holds ${value.toString()} where a number below 2^53 is expected`,
    );
  }
  return number;
}

/** A row as an array of its values. */
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

/** @param keys null: the service has no data keys */
export function toEntry(row: EntryRow, keys: ErasureKeys | null): StoredEntry {
  const [position, accepted_at, size, kind, digest, salt, account_tag, details_digest] = row;
  return toStoredEntry(
    { position, accepted_at, size, kind, digest, salt, account_tag, details_digest },
    keys,
  );
}

/** Columns of the table entry by name; 64-bit integers as text or, when copied, as bigint. */
type EntryColumns = Omit<ChainRows['entry'], 'position' | 'accepted_at' | 'size' | 'page' | 'offset'> & {
  readonly position: string | bigint;
  readonly accepted_at: string | bigint;
  readonly size: string | bigint | null;
};

export function toStoredEntry(row: EntryColumns, keys: ErasureKeys | null): StoredEntry {
  const { position, accepted_at, size, kind, digest, account_tag, details_digest } = row;
  if (digest === null || row.salt === null) return { erased: true, position: safe(position) };
  const salt = saltOf(kind, row.salt, keys);
  if (salt === null) return { erased: true, position: safe(position), keyMissing: true };
  return {
    erased: false,
    position: safe(position),
    kind: kind === KEYED ? KIND_DOCUMENT : kind,
    digest,
    size: size === null ? null : safe(size),
    acceptedAt: safe(accepted_at),
    salt,
    accountTag: account_tag ?? ANONYMOUS,
    detailsDigest: details_digest ?? NO_DETAILS,
  };
}

/** A row of the table block, as pg reads it. */
export interface BlockRow {
  readonly height: string;
  readonly first_position: string;
  readonly sealed_at: string;
  readonly nonce: string;
  readonly entry_count: number;
  readonly difficulty: number;
  readonly previous_hash: Uint8Array;
  readonly merkle_root: Uint8Array;
  readonly state: Uint8Array;
  readonly hash: Uint8Array;
}

export const BLOCK_COLUMNS = COLUMNS.block.join(', ');

export function toBlock(row: BlockRow): StoredBlock {
  return {
    height: safe(row.height),
    previousHash: row.previous_hash,
    merkleRoot: row.merkle_root,
    state: row.state,
    firstPosition: safe(row.first_position),
    entryCount: row.entry_count,
    sealedAt: safe(row.sealed_at),
    difficulty: row.difficulty,
    nonce: BigInt.asUintN(64, BigInt(row.nonce)),
    hash: row.hash,
  };
}

/** The latest block, joined to something else; without a block, all its columns are null. */
export type TipRow = BlockRow | { readonly height: null };

export function toTip(row: TipRow): StoredBlock | null {
  return row.height === null ? null : toBlock(row);
}
