import { nodeSha256 } from '../../node-crypto.js';
import {
  ACCOUNT_TAG_LENGTH,
  canonicalJson,
  ENTRY_LENGTH,
  HASH_LENGTH,
  isObject,
  isZero,
  KIND_DOCUMENT,
  ProofError,
  SALT_LENGTH,
  type Json,
} from '../../proof/index.js';
import type { ChainRows } from '../../store/index.js';
import { findChangedField, type Field, type Repair } from './repair.js';

export type EntryRow = ChainRows['entry'];

const LEAF_LENGTH = 1 + ENTRY_LENGTH;
const SIZE_UNKNOWN = 2n ** 64n - 1n;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Where each column lies in 0x00 ‖ entry, the bytes of a leaf. */
export const KIND = 2;
export const DIGEST = 3;
export const SIZE = 35;
export const ACCEPTED_AT = 43;
export const SALT = 51;
export const ACCOUNT_TAG = 67;
export const DETAILS_DIGEST = 83;

const FIELDS: readonly Field[] = [
  { column: 'kind', offset: KIND, length: 1 },
  { column: 'digest', offset: DIGEST, length: HASH_LENGTH },
  { column: 'size', offset: SIZE, length: 8 },
  { column: 'accepted_at', offset: ACCEPTED_AT, length: 8 },
  { column: 'salt', offset: SALT, length: SALT_LENGTH },
  { column: 'account_tag', offset: ACCOUNT_TAG, length: ACCOUNT_TAG_LENGTH },
  { column: 'details_digest', offset: DETAILS_DIGEST, length: HASH_LENGTH },
];

const leaf = Buffer.alloc(LEAF_LENGTH);
leaf.writeUInt8(1, 1); // the entry's version

/** What `readRow` makes of a row; written over by the next call. */
export interface ReadRow {
  /** The first column that holds what no version of the service writes; null: all are plausible. */
  implausible: string | null;
  /** Nothing but the position is left. */
  erased: boolean;
  /** The time of acceptance of a plausible row. */
  acceptedAt: number;
  /** The bytes whose SHA-256 is the leaf hash of a row that is plausible and not erased. */
  readonly leaf: Buffer;
}

const read: ReadRow = { implausible: null, erased: false, acceptedAt: 0, leaf };

/** Looks at each column once: a row makes its values anew each time they are asked for. */
export function readRow(row: EntryRow): ReadRow {
  const { accepted_at, kind, digest, salt, size, account_tag, details_digest } = row;
  read.erased = digest === null;
  read.acceptedAt = Number(accepted_at);
  read.implausible = implausible(accepted_at, kind, digest, salt, size, account_tag, details_digest);
  if (digest === null || salt === null || read.implausible !== null) return read;
  leaf.writeUInt8(kind, KIND);
  leaf.set(digest, DIGEST);
  writeU64(size === null ? null : Number(size), SIZE);
  writeU64(read.acceptedAt, ACCEPTED_AT);
  leaf.set(salt, SALT);
  if (account_tag === null) leaf.fill(0, ACCOUNT_TAG, DETAILS_DIGEST);
  else leaf.set(account_tag, ACCOUNT_TAG);
  if (details_digest === null) leaf.fill(0, DETAILS_DIGEST);
  else leaf.set(details_digest, DETAILS_DIGEST);
  return read;
}

function implausible(
  accepted_at: bigint,
  kind: number,
  digest: Uint8Array | null,
  salt: Uint8Array | null,
  size: bigint | null,
  account_tag: Uint8Array | null,
  details_digest: Uint8Array | null,
): string | null {
  if (!isCount(accepted_at)) return 'accepted_at';
  if (kind !== KIND_DOCUMENT) return 'kind';
  if (digest === null) {
    // Erased, and then nothing else is left; one value alone cannot have gone.
    if (salt !== null) return 'digest';
    if (accepted_at !== 0n) return 'accepted_at';
    return size !== null
      ? 'size'
      : account_tag !== null
        ? 'account_tag'
        : details_digest !== null
          ? 'details_digest'
          : null;
  }
  if (digest.length !== HASH_LENGTH) return 'digest';
  if (salt?.length !== SALT_LENGTH) return 'salt';
  if (size !== null && !isCount(size)) return 'size';
  // Zero stands for "none" in the entry's bytes and is kept as NULL: zero itself would be a second spelling.
  if (account_tag !== null && !(account_tag.length === ACCOUNT_TAG_LENGTH && !isZero(account_tag)))
    return 'account_tag';
  if (details_digest !== null && !(details_digest.length === HASH_LENGTH && !isZero(details_digest))) {
    return 'details_digest';
  }
  return null;
}

function writeU64(value: number | null, offset: number): void {
  leaf.writeUInt32BE(value === null ? 0xffff_ffff : Math.floor(value / 2 ** 32), offset);
  leaf.writeUInt32BE(value === null ? 0xffff_ffff : value % 2 ** 32, offset + 4);
}

/** The one column of `row` that was changed, given the leaf hash that the row had; null: more than one, or not to be told. */
export function changedColumn(
  row: EntryRow,
  sealedLeaf: Uint8Array,
  details: string | null,
  neighbourTime: number,
): Repair | null {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(neighbourTime));
  const unknownSize = Buffer.alloc(8);
  unknownSize.writeBigUInt64BE(SIZE_UNKNOWN);
  return findChangedField(
    readRow(row).leaf,
    FIELDS,
    [sealedLeaf],
    [
      { column: 'accepted_at', value: time },
      { column: 'size', value: unknownSize },
      { column: 'account_tag', value: Buffer.alloc(ACCOUNT_TAG_LENGTH) },
      {
        column: 'details_digest',
        value: details === null ? Buffer.alloc(HASH_LENGTH) : detailsDigest(row.salt, details),
      },
    ],
  );
}

/** SHA-256(0x02 ‖ salt ‖ text). */
export function detailsDigest(salt: Uint8Array | null, text: string): Buffer {
  return Buffer.from(
    nodeSha256(Buffer.concat([DETAILS_PREFIX, salt ?? Buffer.alloc(0), Buffer.from(text, 'utf8')])),
  );
}

const DETAILS_PREFIX = Buffer.of(0x02);

/**
 * Whether a proof could carry this text: what proof/'s strict parser takes, in canonical form. Text that is its own canonical form
 * has no white space, no key twice and no odd spelling; beyond that the parser only asks for whole numbers.
 */
export function isCanonicalDetails(text: string): boolean {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) && canonicalJson(value) === text && hasWholeNumbersOnly(value);
  } catch (error) {
    if (error instanceof ProofError || error instanceof SyntaxError) return false;
    throw error;
  }
}

function hasWholeNumbersOnly(value: Json): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(hasWholeNumbersOnly);
}

function isCount(value: bigint): boolean {
  return value >= 0n && value <= SAFE;
}
