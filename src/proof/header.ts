import { FieldReader, FieldWriter, equal, isZero } from './bytes.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH, leafHash, sha256, type Sha256 } from './hash.js';

/** docs/proof-format.md, "Header". */
export const HEADER_LENGTH = 134;
/** The nonce is the header's last field: mining changes nothing before it. */
export const NONCE_OFFSET = 126;
export const MAX_DIFFICULTY = 255;
export const MAX_BLOCK_ENTRIES = 2 ** 20;
export const NO_PREVIOUS_HASH: Uint8Array = new Uint8Array(HASH_LENGTH);
/** `state` of a block that says nothing besides its entries. */
export const NO_STATE: Uint8Array = new Uint8Array(HASH_LENGTH);

const VERSION = 1;

export interface Header {
  /** 0 for the first block. */
  readonly height: number;
  /** Hash of the previous block; 32 zero bytes at height 0. */
  readonly previousHash: Uint8Array;
  /** RFC 6962 root over the block's entries in position order. */
  readonly merkleRoot: Uint8Array;
  /** SHA-256 of the block's state statement; NO_STATE when it has none. */
  readonly state: Uint8Array;
  /** Position, in the chain, of the block's first entry. */
  readonly firstPosition: number;
  /** 1 to 2^20. */
  readonly entryCount: number;
  /** Time of sealing, milliseconds since the Unix epoch. */
  readonly sealedAt: number;
  /** Minimum number of zero bits at the beginning of the block hash. */
  readonly difficulty: number;
  readonly nonce: bigint;
}

/** @throws {RangeError} naming the field that does not fit the layout */
export function encodeHeader(header: Header): Uint8Array {
  return write(header, new FieldWriter(HEADER_LENGTH));
}

/** For headers that are hashed at once. */
const hashedWriter = new FieldWriter(HEADER_LENGTH);

/**
 * Both hashes of a header: the block's own hash, and the hash of its leaf in the log's tree.
 * @throws {RangeError} naming the field that does not fit the layout
 */
export function headerHashes(
  header: Header,
  hash?: Sha256,
): { readonly block: Uint8Array; readonly leaf: Uint8Array } {
  const bytes = write(header, hashedWriter.rewind());
  return { block: blockHash(bytes, hash), leaf: leafHash(bytes, hash) };
}

function write(header: Header, writer: FieldWriter): Uint8Array {
  if (!isEntryCount(header.entryCount)) throw new RangeError(entryCountRule(header.entryCount));
  return writer
    .u8(VERSION, 'version')
    .u64(header.height, 'height')
    .raw(header.previousHash, HASH_LENGTH, 'previousHash')
    .raw(header.merkleRoot, HASH_LENGTH, 'merkleRoot')
    .raw(header.state, HASH_LENGTH, 'state')
    .u64(header.firstPosition, 'firstPosition')
    .u32(header.entryCount, 'entryCount')
    .u64(header.sealedAt, 'sealedAt')
    .u8(header.difficulty, 'difficulty')
    .bigU64(header.nonce, 'nonce').bytes;
}

/** @throws {ProofError} malformed_header, or unsupported_format for another version */
export function decodeHeader(bytes: Uint8Array): Header {
  if (bytes.length !== HEADER_LENGTH) {
    throw new ProofError('malformed_header', `a header has ${HEADER_LENGTH} bytes, got ${bytes.length}`);
  }
  const reader = new FieldReader(bytes);
  const version = reader.u8();
  if (version !== VERSION)
    throw new ProofError('unsupported_format', `header version ${version} is not known`);
  const header: Header = {
    height: safe(reader.bigU64(), 'height'),
    previousHash: reader.raw(HASH_LENGTH),
    merkleRoot: reader.raw(HASH_LENGTH),
    state: reader.raw(HASH_LENGTH),
    firstPosition: safe(reader.bigU64(), 'first position'),
    entryCount: reader.u32(),
    sealedAt: safe(reader.bigU64(), 'time of sealing'),
    difficulty: reader.u8(),
    nonce: reader.bigU64(),
  };
  if (!isEntryCount(header.entryCount))
    throw new ProofError('malformed_header', entryCountRule(header.entryCount));
  return header;
}

const isEntryCount = (count: number) => count >= 1 && count <= MAX_BLOCK_ENTRIES;
const entryCountRule = (count: number) => `a block has 1 to ${MAX_BLOCK_ENTRIES} entries, not ${count}`;

/** The block's hash: SHA-256 of the header's bytes. */
export function blockHash(headerBytes: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  return hash(headerBytes);
}

export function leadingZeroBits(hash: Uint8Array): number {
  const firstByte = hash.findIndex((byte) => byte !== 0);
  // Math.clz32 counts in 32 bits, of which a byte fills the last 8.
  return firstByte === -1 ? hash.length * 8 : firstByte * 8 + Math.clz32(hash[firstByte] ?? 0) - 24;
}

export function hasProofOfWork(hash: Uint8Array, difficulty: number): boolean {
  return leadingZeroBits(hash) >= difficulty;
}

/** The rules between a block and the previous one, in the order in which they are checked. */
export type SuccessionFault =
  | 'height'
  | 'previous_hash'
  | 'first_position'
  | 'time'
  | 'difficulty_step'
  | 'difficulty_minimum'
  | 'proof_of_work';

/**
 * The first rule of succession that `headerBytes` breaks, or null. `previous` is null for the block of height
 * 0, whose difficulty is the chain's minimum by definition.
 */
export function successionFault(
  headerBytes: Uint8Array,
  previous: { readonly header: Header; readonly hash: Uint8Array } | null,
  minimumDifficulty: number,
): SuccessionFault | null {
  const header = decodeHeader(headerBytes);
  if (header.height !== (previous === null ? 0 : previous.header.height + 1)) return 'height';
  if (previous === null) {
    if (!isZero(header.previousHash)) return 'previous_hash';
    if (header.firstPosition !== 0) return 'first_position';
  } else {
    if (!equal(header.previousHash, previous.hash)) return 'previous_hash';
    if (header.firstPosition !== previous.header.firstPosition + previous.header.entryCount)
      return 'first_position';
    if (header.sealedAt < previous.header.sealedAt) return 'time';
    if (Math.abs(header.difficulty - previous.header.difficulty) > 1) return 'difficulty_step';
  }
  if (header.difficulty < minimumDifficulty) return 'difficulty_minimum';
  if (!hasProofOfWork(blockHash(headerBytes), header.difficulty)) return 'proof_of_work';
  return null;
}

function safe(value: bigint, what: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ProofError('malformed_header', `${what} ${value.toString()} is beyond 2^53 − 1`);
  }
  return Number(value);
}
