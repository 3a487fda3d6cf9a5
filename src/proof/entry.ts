import { concat, FieldReader, FieldWriter, equal, isZero, toHex, utf8 } from './bytes.js';
import { assertStrictValue, canonicalJson, type JsonObject } from './canonical-json.js';
import { ProofError } from './errors.js';
import { accountHash, detailsHash, HASH_LENGTH, leafHash, sha256, type Sha256 } from './hash.js';

/**
 * An entry is the 114 bytes that represent one notarization in a block's tree (docs/proof-format.md,
 * "Entry").
 */
export const ENTRY_LENGTH = 114;
export const SALT_LENGTH = 16;
export const ACCOUNT_TAG_LENGTH = 16;
export const KIND_DOCUMENT = 0;
/** The note of a record's event (docs/record-files.md). A document is never taken for one, whatever its bytes are. */
export const KIND_EVENT = 1;

const VERSION = 1;
const SIZE_UNKNOWN = 2n ** 64n - 1n;

export interface Entry {
  /** `KIND_DOCUMENT` or `KIND_EVENT`. */
  readonly kind: number;
  /** SHA-256 of the document, or of the event's note; 32 bytes. */
  readonly digest: Uint8Array;
  /** The document's length in bytes; null when only a digest was given. */
  readonly size: number | null;
  /** Time of acceptance, milliseconds since the Unix epoch. */
  readonly acceptedAt: number;
  /** 16 random bytes. Without them, details of few possible values could be guessed from the leaf hash. */
  readonly salt: Uint8Array;
  /** 16 bytes; zero: anonymous. */
  readonly accountTag: Uint8Array;
  /** 32 bytes; zero: no details. */
  readonly detailsDigest: Uint8Array;
}

export const ANONYMOUS: Uint8Array = new Uint8Array(ACCOUNT_TAG_LENGTH);
export const NO_DETAILS: Uint8Array = new Uint8Array(HASH_LENGTH);

/** The limits of details, so that every proof that discloses them is within MAX_PROOF_LENGTH. */
export const MAX_DETAILS_DEPTH = 16;
/** Bytes of the canonical form. */
export const MAX_DETAILS_LENGTH = 32 * 1024;

export const ID_SALT_LENGTH = 8;

/**
 * The id of a notarization in the service's API: `<position>-<first 8 bytes of the salt in hex>`. The
 * position finds it without an index; the salt makes it hard to guess.
 */
export function notarizationId(position: number, salt: Uint8Array): string {
  return `${position}-${toHex(salt.subarray(0, ID_SALT_LENGTH))}`;
}

/** It differs from the first bytes in hash.ts, so that these hashes are no others. */
const DETAILS_ID = utf8('ingam/details-id/v1');
const DETAILS_ID_LENGTH = 12;

/**
 * The id of a notarization for those who know its details. An anonymous notarization has no owner, and
 * everybody who has the document can find its id. So its details are read with a longer one, which has a
 * third part: the first 12 bytes, in hex, of SHA-256("ingam/details-id/v1" ‖ salt ‖ canonical details). It
 * reveals no more of the details than the details digest in the entry does.
 * @param details their canonical form; null: not known, or none
 */
export function idWithDetails(
  position: number,
  entry: Pick<Entry, 'salt' | 'accountTag'>,
  details: string | null,
  hash: Sha256 = sha256,
): string {
  const id = notarizationId(position, entry.salt);
  if (details === null || !isAnonymous(entry)) return id;
  const digest = hash(concat(DETAILS_ID, entry.salt, utf8(details)));
  return `${id}-${toHex(digest.subarray(0, DETAILS_ID_LENGTH))}`;
}

/** @throws {RangeError} naming the field that does not fit the layout */
export function encodeEntry(entry: Entry): Uint8Array<ArrayBuffer> {
  return encodeEntries([entry]);
}

/** For entries that are hashed at once. */
const leafWriter = new FieldWriter(ENTRY_LENGTH);

/**
 * The hash of the entry's leaf in its block's tree.
 * @throws {RangeError} naming the field that does not fit the layout
 */
export function entryLeafHash(entry: Entry, hash?: Sha256): Uint8Array {
  write(entry, leafWriter.rewind());
  return leafHash(leafWriter.bytes, hash);
}

/**
 * Entries one after the other, ENTRY_LENGTH bytes each.
 * @throws {RangeError} naming the field that does not fit the layout
 */
export function encodeEntries(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const writer = new FieldWriter(ENTRY_LENGTH * entries.length);
  for (const entry of entries) write(entry, writer);
  return writer.bytes;
}

function write(entry: Entry, writer: FieldWriter): void {
  const { kind } = entry;
  if (!isKind(kind)) throw new RangeError(`kind must be ${KIND_DOCUMENT} or ${KIND_EVENT}, got ${kind}`);
  if (isIncompleteEvent(entry)) throw new RangeError(EVENT_RULE);
  writer.u8(VERSION, 'version').u8(kind, 'kind').raw(entry.digest, HASH_LENGTH, 'digest');
  if (entry.size === null) writer.bigU64(SIZE_UNKNOWN, 'size');
  else writer.u64(entry.size, 'size');
  writer
    .u64(entry.acceptedAt, 'acceptedAt')
    .raw(entry.salt, SALT_LENGTH, 'salt')
    .raw(entry.accountTag, ACCOUNT_TAG_LENGTH, 'accountTag')
    .raw(entry.detailsDigest, HASH_LENGTH, 'detailsDigest');
}

/** @throws {ProofError} malformed_entry, or unsupported_format for another version or kind */
export function decodeEntry(bytes: Uint8Array): Entry {
  if (bytes.length !== ENTRY_LENGTH) {
    throw new ProofError('malformed_entry', `an entry has ${ENTRY_LENGTH} bytes, got ${bytes.length}`);
  }
  const reader = new FieldReader(bytes);
  const version = reader.u8();
  if (version !== VERSION)
    throw new ProofError('unsupported_format', `entry version ${version} is not known`);
  const kind = reader.u8();
  if (!isKind(kind)) throw new ProofError('unsupported_format', `entry kind ${kind} is not known`);
  const digest = reader.raw(HASH_LENGTH);
  const size = reader.bigU64();
  const acceptedAt = reader.bigU64();
  const entry: Entry = {
    kind,
    digest,
    size: size === SIZE_UNKNOWN ? null : safe(size, 'size'),
    acceptedAt: safe(acceptedAt, 'time of acceptance'),
    salt: reader.raw(SALT_LENGTH),
    accountTag: reader.raw(ACCOUNT_TAG_LENGTH),
    detailsDigest: reader.raw(HASH_LENGTH),
  };
  if (isIncompleteEvent(entry)) throw new ProofError('malformed_entry', EVENT_RULE);
  return entry;
}

const isKind = (kind: number) => kind === KIND_DOCUMENT || kind === KIND_EVENT;
const EVENT_RULE =
  'size and detailsDigest of an event must be there: they are those of its note and its body';

function isIncompleteEvent({ kind, size, detailsDigest }: Entry): boolean {
  return kind === KIND_EVENT && (size === null || isZero(detailsDigest));
}

/**
 * The text that a details digest commits to, in UTF-8. Narrower than RFC 8785: refuses, before it is
 * notarized, what a proof could not disclose in strict JSON.
 * @throws {ProofError} malformed_json
 */
export function canonicalDetails(details: JsonObject): string {
  assertStrictValue(details, MAX_DETAILS_DEPTH);
  const text = canonicalJson(details);
  // No character of UTF-16 takes more than three bytes.
  const length = 3 * text.length <= MAX_DETAILS_LENGTH ? 0 : utf8(text).length;
  if (length > MAX_DETAILS_LENGTH) {
    throw new ProofError('malformed_json', `details have at most ${MAX_DETAILS_LENGTH} bytes, got ${length}`);
  }
  return text;
}

/**
 * The details digest of an entry with these details; zero when there are none.
 * @throws {ProofError} malformed_json when they cannot be notarized
 */
export function detailsDigestOf(salt: Uint8Array, details: JsonObject | null): Uint8Array {
  return details === null ? NO_DETAILS : detailsHash(salt, utf8(canonicalDetails(details)));
}

/** The account tag of an entry of this account; zero when it is anonymous. */
export function accountTagOf(salt: Uint8Array, accountId: string | null, hash?: Sha256): Uint8Array {
  return accountId === null
    ? ANONYMOUS
    : accountHash(salt, utf8(accountId), hash).slice(0, ACCOUNT_TAG_LENGTH);
}

export function hasDetails(entry: Entry): boolean {
  return !isZero(entry.detailsDigest);
}

export function isAnonymous({ accountTag }: Pick<Entry, 'accountTag'>): boolean {
  return equal(accountTag, ANONYMOUS);
}

function safe(value: bigint, what: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ProofError('malformed_entry', `${what} ${value.toString()} is beyond 2^53 − 1`);
  }
  return Number(value);
}
