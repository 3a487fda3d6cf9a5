import { nodeSha256 } from '../crypto/primitives.js';
import {
  ACCOUNT_TAG_LENGTH,
  canonicalJson,
  ENTRY_LENGTH,
  HASH_LENGTH,
  isObject,
  type Json,
  KIND_DOCUMENT,
  KIND_EVENT,
  ProofError,
  SALT_LENGTH,
} from '../proof/index.js';
import type { ChainRows } from '../store/index.js';
import { type AuditFinding, finding, show, type Field, findChangedField, type Repair } from './finding.js';

export type EntryRow = ChainRows['entry'];

const LEAF_LENGTH = 1 + ENTRY_LENGTH;
const SIZE_UNKNOWN = 2n ** 64n - 1n;
/** The upper four bytes of numbers that a JavaScript number holds exactly are below this. */
const SAFE_HIGH = 2 ** 21;

/** Where each column lies in 0x00 ‖ entry, the bytes of a leaf (docs/proof-format.md). */
const KIND = 2;
const DIGEST = 3;
const SIZE = 35;
const ACCEPTED_AT = 43;
const SALT = 51;
const ACCOUNT_TAG = 67;
const DETAILS_DIGEST = 83;

const FIELDS: readonly Field[] = [
  { column: 'kind', offset: KIND, length: 1 },
  { column: 'digest', offset: DIGEST, length: HASH_LENGTH },
  { column: 'size', offset: SIZE, length: 8 },
  { column: 'accepted_at', offset: ACCEPTED_AT, length: 8 },
  { column: 'salt', offset: SALT, length: SALT_LENGTH },
  { column: 'account_tag', offset: ACCOUNT_TAG, length: ACCOUNT_TAG_LENGTH },
  { column: 'details_digest', offset: DETAILS_DIGEST, length: HASH_LENGTH },
];

/** What `readRow` finds in a row. */
export interface ReadRow {
  /** The first column that holds a value the service never writes; null: all are plausible. */
  implausible: keyof EntryRow | null;
  /** Only the position is left. */
  erased: boolean;
  /** The time of acceptance of a plausible row, in milliseconds since the Unix epoch. */
  acceptedAt: number;
  hasDetailsDigest: boolean;
  /** The bytes whose SHA-256 is the leaf hash of a row that is plausible and not erased. */
  readonly leaf: Buffer;
}

const leaf = Buffer.alloc(LEAF_LENGTH);
leaf.writeUInt8(1, 1); // the entry's version
const leafView = new DataView(leaf.buffer, leaf.byteOffset, leaf.length);
const read: ReadRow = { implausible: null, erased: false, acceptedAt: 0, hasDetailsDigest: false, leaf };

const NULL = -1;
/** Offset and length of each column's value in the row that is being read. */
const at = new Int32Array(8);
const length = new Int32Array(8);

/**
 * Reads a row where it lies in its page: an audit reads every entry of the chain, and objects for all its
 * values would take most of the time. Returns the same object each time.
 */
export function readRow({ page, offset }: EntryRow): ReadRow {
  for (let column = 0, next = offset; column < at.length; column++) {
    const size = page.getInt32(next);
    at[column] = next + 4;
    length[column] = size;
    next += size < 0 ? 4 : 4 + size;
  }
  read.erased = length[4] === NULL;
  read.hasDetailsDigest = length[7] !== NULL;
  read.implausible = readColumns(page);
  return read;
}

function readColumns(page: DataView): keyof EntryRow | null {
  read.acceptedAt = length[1] === 8 ? count(page, at[1] ?? 0) : NaN;
  if (Number.isNaN(read.acceptedAt)) return 'accepted_at';
  const kind = length[3] === 2 ? page.getInt16(at[3] ?? 0) : NaN;
  if (kind !== KIND_DOCUMENT && kind !== KIND_EVENT) return 'kind';
  leaf[KIND] = kind;
  if (read.erased) {
    if (kind !== KIND_DOCUMENT) return 'kind';
    // Erasure empties every column: a single empty one was not made by it.
    if (length[5] !== NULL) return 'digest';
    if (read.acceptedAt !== 0) return 'accepted_at';
    if (length[2] !== NULL) return 'size';
    if (length[6] !== NULL) return 'account_tag';
    return length[7] === NULL ? null : 'details_digest';
  }
  // The entry of an event has both; without one of them it is a document’s.
  if (kind === KIND_EVENT && (length[2] === NULL || length[7] === NULL)) return 'kind';
  if (length[4] !== HASH_LENGTH) return 'digest';
  copy(page, at[4] ?? 0, DIGEST, HASH_LENGTH);
  if (length[5] !== SALT_LENGTH) return 'salt';
  copy(page, at[5] ?? 0, SALT, SALT_LENGTH);
  copy(page, at[1] ?? 0, ACCEPTED_AT, 8);
  if (length[2] === NULL) fill(SIZE, 8, -1);
  else if (length[2] !== 8 || Number.isNaN(count(page, at[2] ?? 0))) return 'size';
  else copy(page, at[2] ?? 0, SIZE, 8);
  // Zero means "none" in the entry's bytes and is stored as NULL: a stored zero would be a second
  // spelling.
  if (length[6] === NULL) fill(ACCOUNT_TAG, ACCOUNT_TAG_LENGTH, 0);
  else if (length[6] !== ACCOUNT_TAG_LENGTH || !copy(page, at[6] ?? 0, ACCOUNT_TAG, ACCOUNT_TAG_LENGTH))
    return 'account_tag';
  if (length[7] === NULL) fill(DETAILS_DIGEST, HASH_LENGTH, 0);
  else if (length[7] !== HASH_LENGTH || !copy(page, at[7] ?? 0, DETAILS_DIGEST, HASH_LENGTH))
    return 'details_digest';
  return null;
}

/** A number from 0 to 2^53 − 1; NaN for any other. */
function count(page: DataView, offset: number): number {
  const high = page.getInt32(offset);
  return high >= 0 && high < SAFE_HIGH ? high * 2 ** 32 + page.getUint32(offset + 4) : NaN;
}

/**
 * Copies into the leaf, four bytes at a time: a view for each value would cost more than its bytes. Returns
 * whether any bit is set.
 */
function copy(page: DataView, from: number, to: number, bytes: number): boolean {
  let bits = 0;
  for (let i = 0; i < bytes; i += 4) {
    const four = page.getInt32(from + i);
    leafView.setInt32(to + i, four);
    bits |= four;
  }
  return bits !== 0;
}

function fill(to: number, bytes: number, four: number): void {
  for (let i = 0; i < bytes; i += 4) leafView.setInt32(to + i, four);
}

/** An entry whose leaf hash is not the one in the block's tile: one of the two was changed. */
export interface Mismatch {
  readonly position: number;
  readonly row: EntryRow;
  /** The leaf hash in the tile. */
  readonly leaf: Buffer;
  readonly details: string | null;
  readonly neighbourTime: number;
  /** Other findings at this position, which are true only if the entry is the one that was sealed. */
  readonly others: readonly AuditFinding[];
}

/** @param search whether to look for the one column that was changed, which takes many hashes */
export function changedEntry(mismatch: Mismatch, search: boolean): AuditFinding {
  const { position, row, leaf: sealedLeaf } = mismatch;
  const repair = search ? changedColumn(mismatch) : null;
  const what = repair === null ? 'The entry' : `The ${repair.column} of the entry`;
  const message = `${what} at position ${position} is not the one that was sealed.`;
  return finding('entry', { position }, repair?.column ?? null, 'leaf_mismatch', message, {
    expected: show(repair?.value ?? sealedLeaf),
    found: show(repair === null ? nodeSha256(readRow(row).leaf) : row[repair.column as keyof EntryRow]),
  });
}

/** The one column that was changed, if the leaf hash that the row had can be reached by changing one. */
function changedColumn({ row, leaf: sealedLeaf, details, neighbourTime }: Mismatch): Repair | null {
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

/** What is wrong with an entry's details and erasure, if the entry itself is right. */
export function checkDetailsAndErasure(
  row: EntryRow,
  text: string | null,
  { erasureRecorded, bodyErased }: { readonly erasureRecorded: boolean; readonly bodyErased: boolean },
  sealed: boolean,
): AuditFinding[] {
  const { position } = row;
  const key = { position };
  if (bodyErased && (row.kind !== KIND_EVENT || text !== null || !sealed)) {
    const message = `The body of position ${position} is recorded as erased, but it is not that of a sealed event, or still there.`;
    return [finding('body_erasure', key, null, 'erasure_mismatch', message)];
  }
  if (row.digest === null) return checkErased(row, text, erasureRecorded, sealed);
  if (erasureRecorded) {
    const message = `Position ${position} is recorded as erased, but it is not.`;
    return [finding('erasure', key, null, 'erasure_mismatch', message)];
  }
  if (text === null && row.details_digest === null) return [];
  if (row.details_digest === null) {
    const message = `The entry at position ${position} has no details, but there is a row of them.`;
    return [finding('details', key, null, 'extra', message)];
  }
  if (text === null) {
    if (bodyErased) return [];
    return [finding('details', key, null, 'missing', `The details of position ${position} are missing.`)];
  }
  const digest = detailsDigest(row.salt, text);
  if (!digest.equals(row.details_digest)) {
    const message = sealed
      ? `The details of position ${position} are not those that were notarized.`
      : `The details of position ${position} do not match its entry: one of the two was changed.`;
    const values = { expected: show(row.details_digest), found: show(digest) };
    return [finding('details', key, 'json', 'details_mismatch', message, values)];
  }
  if (isCanonicalDetails(text)) return [];
  const message = `The details of position ${position} are not in canonical form.`;
  return [finding('details', key, 'json', 'not_canonical', message)];
}

function checkErased(
  { position }: EntryRow,
  text: string | null,
  erasureRecorded: boolean,
  sealed: boolean,
): AuditFinding[] {
  const key = { position };
  const found: AuditFinding[] = [];
  if (!sealed) {
    const message = `The entry at position ${position} is empty, but no block holds it yet.`;
    found.push(finding('entry', key, 'digest', 'erasure_mismatch', message));
  } else if (!erasureRecorded) {
    const message = `The entry at position ${position} is empty, but its erasure is not recorded.`;
    found.push(finding('erasure', key, null, 'missing', message));
  }
  if (text !== null) {
    const message = `The details of position ${position} still exist although its entry is erased.`;
    found.push(finding('details', key, null, 'erasure_mismatch', message));
  }
  return found;
}

const DETAILS_PREFIX = Buffer.of(0x02);

/** SHA-256(0x02 ‖ salt ‖ text). */
function detailsDigest(salt: Uint8Array | null, text: string): Buffer {
  const bytes = Buffer.concat([DETAILS_PREFIX, salt ?? Buffer.alloc(0), Buffer.from(text, 'utf8')]);
  return Buffer.from(nodeSha256(bytes));
}

/**
 * Whether a proof could carry this text: what the strict parser of proof/ accepts, in canonical form. Text
 * that equals its own canonical form has no white space, no duplicate key and no other spelling of a value;
 * beyond that the parser only demands whole numbers.
 */
function isCanonicalDetails(text: string): boolean {
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
