import { nodeSha256 } from '../crypto/primitives.js';
import {
  decodeHeader,
  HASH_LENGTH,
  type Header,
  HEADER_LENGTH,
  leafHash,
  MAX_BLOCK_ENTRIES,
  MAX_DIFFICULTY,
  NO_STATE,
  ProofError,
  successionFault,
  type SuccessionFault,
} from '../proof/index.js';
import { stateHash } from '../proof/time/state.js';
import type { ChainRows } from '../store/index.js';
import {
  finding,
  type Findings,
  show,
  type Field,
  findChangedField,
  type Repair,
  type Suggestion,
} from './finding.js';
import type { LogCheck } from './log-check.js';

export interface KnownBlock {
  readonly header: Header;
  readonly bytes: Buffer;
  readonly hash: Buffer;
  /** Leaf hash in the log. */
  readonly leaf: Buffer;
}

/** Rows around a block row that confirm or contradict it. */
export interface Surroundings {
  readonly height: number;
  /** The position that this block must begin with. */
  readonly first: number;
  /** The row of the next height, if it is there. */
  readonly next: BlockRow | null;
  /** The block's state statement; null: there is none. */
  readonly statement: string | null;
  /** The root in the note of the checkpoint that ends with this block, if the note is valid. */
  readonly signedRoot: Uint8Array | null;
  /** Whether the notes' signatures were verified: only then they can contradict a block. */
  readonly authenticated: boolean;
  /** The same for the next block. */
  readonly nextSignedRoot: () => Uint8Array | null;
  readonly log: LogCheck;
}

/** The block of these header bytes; null when no header may hold their values. */
function knownBlock(bytes: Buffer): KnownBlock | null {
  try {
    const hash = Buffer.from(nodeSha256(bytes));
    return { header: decodeHeader(bytes), bytes, hash, leaf: Buffer.from(leafHash(bytes, nodeSha256)) };
  } catch (error) {
    // The bytes were hashed and signed, but have values that no header may have. The implausible column is
    // named.
    if (error instanceof ProofError) return null;
    throw error;
  }
}

/** Whether the signed checkpoint, or else the stored tile of the log, has this leaf; null: unknown. */
function logAgrees(candidate: Uint8Array, { signedRoot, authenticated, log }: Surroundings): boolean | null {
  const leaf = Buffer.from(candidate);
  const agrees = signedRoot === null ? undefined : log.rootWith(leaf)?.equals(signedRoot);
  if (agrees === true) return true;
  if (agrees === false && authenticated) return false;
  return log.storedLeaf?.equals(leaf) ?? null;
}

/** Whether the next block is built on this one and its signed checkpoint covers both. */
function confirmedByNext(hash: Buffer, leaf: Buffer, { next, nextSignedRoot, log }: Surroundings): boolean {
  if (next === null || !hash.equals(next.previous_hash)) return false;
  const signed = nextSignedRoot();
  const root = log.rootWith(leaf, Buffer.from(leafHash(headerBytes(next), nodeSha256)));
  return signed !== null && root?.equals(signed) === true;
}

export interface Judgement {
  /** The block as it was mined, restored if one column was changed; null: unknown. */
  readonly block: KnownBlock | null;
  /** The block is valid and its signed checkpoint is not: later rows confirm the block. */
  readonly checkpointAtFault: boolean;
  /**
   * The row if its columns do not give the mined header and no changed column was found yet: the Merkle root
   * may be the one.
   */
  readonly unexplained: BlockRow | null;
}

const COLUMN_OF_FAULT: Record<SuccessionFault, keyof BlockRow> = {
  height: 'height',
  previous_hash: 'previous_hash',
  first_position: 'first_position',
  time: 'sealed_at',
  difficulty_step: 'difficulty',
  difficulty_minimum: 'difficulty',
  proof_of_work: 'nonce',
};

/** Decides, block by block, which of header columns, hash column, neighbours and signed log are right. */
export class HeaderCheck {
  readonly #findings: Findings;
  #previous: KnownBlock | null = null;
  #minimumDifficulty = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  judge(row: BlockRow | null, around: Surroundings): Judgement {
    if (row === null) {
      const message = `Block ${around.height} is missing.`;
      this.#findings.add(finding('block', { height: around.height }, null, 'missing', message));
      return { block: null, checkpointAtFault: false, unexplained: null };
    }
    const implausible = implausibleColumn(row);
    if (implausible !== null) {
      const message = `The ${implausible} of block ${row.height} has an invalid value.`;
      this.#report(row, implausible, 'implausible', message, undefined, show(row[implausible]));
    }
    const bytes = headerBytes(row);
    const hash = Buffer.from(nodeSha256(bytes));
    const leaf = Buffer.from(leafHash(bytes, nodeSha256));
    const matchesLog = logAgrees(leaf, around);
    const matchesHash = hash.equals(row.hash);
    if (
      matchesHash
        ? matchesLog !== false
        : (matchesLog ?? (around.next !== null && hash.equals(around.next.previous_hash)))
    ) {
      if (!matchesHash && implausible === null) {
        const message = `The hash column of block ${row.height} is not the hash of its header.`;
        this.#report(row, 'hash', 'hash_mismatch', message, show(hash), show(row.hash));
      }
      return this.#judged(knownBlock(bytes), false, null);
    }
    if (!matchesHash) {
      const repair = this.#findChange(row, around, []);
      if (repair === null) return this.#judged(null, false, row);
      if (implausible === null) this.#reportRepair(row, repair);
      return this.#judged(knownBlock(repair.bytes), false, null);
    }
    if (confirmedByNext(hash, leaf, around)) return this.#judged(knownBlock(bytes), true, null);
    const message = `Block ${row.height} is not the one that the signed log holds at its height.`;
    this.#report(
      row,
      null,
      'log_mismatch',
      message,
      show(around.log.storedLeaf ?? around.signedRoot),
      show(leaf),
    );
    return this.#judged(null, false, null);
  }

  /** Searches again for the changed column of an unexplained block, with the root over its entries. */
  explain(row: BlockRow, around: Surroundings, derivedRoot: Buffer | null): KnownBlock | null {
    const suggestions = derivedRoot === null ? [] : [{ column: 'merkle_root', value: derivedRoot }];
    const repair = this.#findChange(row, around, suggestions, false);
    const plausible = implausibleColumn(row) === null;
    if (repair !== null && plausible) this.#reportRepair(row, repair);
    if (repair === null && plausible) {
      const message = `The columns of block ${row.height} do not give the header that was mined.`;
      this.#report(row, null, 'header_mismatch', message, show(row.hash), show(nodeSha256(headerBytes(row))));
    }
    return repair === null ? null : knownBlock(repair.bytes);
  }

  /** Checks the rules between a block and its predecessor, and keeps the block as the next predecessor. */
  succeed(height: number, block: KnownBlock | null): void {
    const previous = this.#previous;
    this.#previous = block;
    if (block === null) return;
    if (height === 0) this.#minimumDifficulty = block.header.difficulty;
    // The rules need the predecessor's header.
    const fault =
      previous === null && height > 0
        ? null
        : successionFault(block.bytes, previous, this.#minimumDifficulty);
    if (fault === null) return;
    const column = COLUMN_OF_FAULT[fault];
    const problem = fault === 'proof_of_work' ? 'proof_of_work' : 'rule_broken';
    const message = `Block ${height} breaks the rule "${fault}" between a block and its predecessor.`;
    this.#findings.add(finding('block', { height }, column, problem, message));
  }

  #judged(block: KnownBlock | null, checkpointAtFault: boolean, unexplained: BlockRow | null): Judgement {
    return { block, checkpointAtFault, unexplained };
  }

  #findChange(
    row: BlockRow,
    around: Surroundings,
    more: readonly Suggestion[],
    everyByte = true,
  ): Repair | null {
    if (this.#findings.full) return null;
    const { first, next } = around;
    const count = next === null ? 0 : Number(next.first_position) - first;
    const suggestions: Suggestion[] = [
      { column: 'first_position', value: u64(first) },
      ...(this.#previous === null ? [] : [{ column: 'previous_hash', value: this.#previous.hash }]),
      { column: 'state', value: stateHash(around.statement) },
      { column: 'state', value: NO_STATE },
      ...(count >= 1 && count <= MAX_BLOCK_ENTRIES ? [{ column: 'entry_count', value: u32(count) }] : []),
      ...more,
    ];
    const targets = [row.hash, ...(next === null ? [] : [next.previous_hash])];
    const usable = targets.filter(({ length }) => length === HASH_LENGTH);
    const repair = findChangedField(headerBytes(row), HEADER_FIELDS, usable, suggestions, everyByte);
    // The hash column may be that of another block.
    const denied = repair !== null && logAgrees(leafHash(repair.bytes, nodeSha256), around) === false;
    return denied ? null : repair;
  }

  #reportRepair(row: BlockRow, { column, value }: Repair): void {
    const message = `The ${column} of block ${row.height} is not the one that was mined.`;
    this.#report(row, column, 'header_mismatch', message, show(value), show(row[column as keyof BlockRow]));
  }

  #report(
    row: BlockRow,
    column: string | null,
    problem: Parameters<typeof finding>[3],
    message: string,
    expected: string | undefined,
    found: string,
  ): void {
    this.#findings.add(
      finding('block', { height: row.height }, column, problem, message, { expected, found }),
    );
  }
}

export type BlockRow = ChainRows['block'];

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Where each column lies in a header's bytes. */
const HEIGHT = 1;
const PREVIOUS_HASH = 9;
const MERKLE_ROOT = 41;
const STATE = 73;
const FIRST_POSITION = 105;
const ENTRY_COUNT = 113;
const SEALED_AT = 117;
const DIFFICULTY = 125;
const NONCE = 126;

/** Without the height: it is the row's key, and a row of another height is another row. */
const HEADER_FIELDS: readonly Field[] = [
  { column: 'previous_hash', offset: PREVIOUS_HASH, length: HASH_LENGTH },
  { column: 'merkle_root', offset: MERKLE_ROOT, length: HASH_LENGTH },
  { column: 'state', offset: STATE, length: HASH_LENGTH },
  { column: 'first_position', offset: FIRST_POSITION, length: 8 },
  { column: 'entry_count', offset: ENTRY_COUNT, length: 4 },
  { column: 'sealed_at', offset: SEALED_AT, length: 8 },
  { column: 'difficulty', offset: DIFFICULTY, length: 1 },
  { column: 'nonce', offset: NONCE, length: 8 },
];

/** The first column with a value that the service never writes; null: all are plausible. */
function implausibleColumn(row: BlockRow): keyof BlockRow | null {
  if (row.first_position < 0n || row.first_position > SAFE) return 'first_position';
  if (row.sealed_at < 0n || row.sealed_at > SAFE) return 'sealed_at';
  if (row.entry_count < 1 || row.entry_count > MAX_BLOCK_ENTRIES) return 'entry_count';
  if (row.difficulty < 0 || row.difficulty > MAX_DIFFICULTY) return 'difficulty';
  if (row.previous_hash.length !== HASH_LENGTH) return 'previous_hash';
  if (row.merkle_root.length !== HASH_LENGTH) return 'merkle_root';
  if (row.state.length !== HASH_LENGTH) return 'state';
  if (row.hash.length !== HASH_LENGTH) return 'hash';
  return null;
}

/**
 * The header of the columns as they are, with implausible values truncated to their field, so that the search
 * for the changed column can start from them.
 */
function headerBytes(row: BlockRow): Buffer {
  const bytes = Buffer.alloc(HEADER_LENGTH);
  bytes.writeUInt8(1, 0);
  bytes.writeBigInt64BE(row.height, HEIGHT);
  bytes.set(row.previous_hash.subarray(0, HASH_LENGTH), PREVIOUS_HASH);
  bytes.set(row.merkle_root.subarray(0, HASH_LENGTH), MERKLE_ROOT);
  bytes.set(row.state.subarray(0, HASH_LENGTH), STATE);
  bytes.writeBigInt64BE(row.first_position, FIRST_POSITION);
  bytes.writeInt32BE(row.entry_count, ENTRY_COUNT);
  bytes.writeBigInt64BE(row.sealed_at, SEALED_AT);
  bytes.writeUInt8(row.difficulty & 0xff, DIFFICULTY);
  bytes.writeBigInt64BE(row.nonce, NONCE);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
