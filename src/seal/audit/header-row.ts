import { HASH_LENGTH, HEADER_LENGTH, MAX_BLOCK_ENTRIES, MAX_DIFFICULTY } from '../../proof/index.js';
import type { ChainRows } from '../../store/index.js';
import type { Field } from './repair.js';

export type BlockRow = ChainRows['block'];

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Where each column lies in a header's bytes. */
const HEIGHT = 1;
const PREVIOUS_HASH = 9;
const MERKLE_ROOT = 41;
const FIRST_POSITION = 73;
const ENTRY_COUNT = 81;
const SEALED_AT = 85;
const DIFFICULTY = 93;
const NONCE = 94;

/** Those that can have been changed: the height is the row's key, and a row of another height is another row. */
export const HEADER_FIELDS: readonly Field[] = [
  { column: 'previous_hash', offset: PREVIOUS_HASH, length: HASH_LENGTH },
  { column: 'merkle_root', offset: MERKLE_ROOT, length: HASH_LENGTH },
  { column: 'first_position', offset: FIRST_POSITION, length: 8 },
  { column: 'entry_count', offset: ENTRY_COUNT, length: 4 },
  { column: 'sealed_at', offset: SEALED_AT, length: 8 },
  { column: 'difficulty', offset: DIFFICULTY, length: 1 },
  { column: 'nonce', offset: NONCE, length: 8 },
];

/** The first column that holds what no version of the service writes; null: all are plausible. */
export function implausibleColumn(row: BlockRow): keyof BlockRow | null {
  if (row.first_position < 0n || row.first_position > SAFE) return 'first_position';
  if (row.sealed_at < 0n || row.sealed_at > SAFE) return 'sealed_at';
  if (row.entry_count < 1 || row.entry_count > MAX_BLOCK_ENTRIES) return 'entry_count';
  if (row.difficulty < 0 || row.difficulty > MAX_DIFFICULTY) return 'difficulty';
  if (row.previous_hash.length !== HASH_LENGTH) return 'previous_hash';
  if (row.merkle_root.length !== HASH_LENGTH) return 'merkle_root';
  if (row.hash.length !== HASH_LENGTH) return 'hash';
  return null;
}

/**
 * The header that the columns make, bit for bit as they are: senseless values too, cut to their field, so that the search
 * for what was changed can start from them.
 */
export function headerBytes(row: BlockRow): Buffer {
  const bytes = Buffer.alloc(HEADER_LENGTH);
  bytes.writeUInt8(1, 0);
  bytes.writeBigInt64BE(row.height, HEIGHT);
  bytes.set(row.previous_hash.subarray(0, HASH_LENGTH), PREVIOUS_HASH);
  bytes.set(row.merkle_root.subarray(0, HASH_LENGTH), MERKLE_ROOT);
  bytes.writeBigInt64BE(row.first_position, FIRST_POSITION);
  bytes.writeInt32BE(row.entry_count, ENTRY_COUNT);
  bytes.writeBigInt64BE(row.sealed_at, SEALED_AT);
  bytes.writeUInt8(row.difficulty & 0xff, DIFFICULTY);
  bytes.writeBigInt64BE(row.nonce, NONCE);
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
