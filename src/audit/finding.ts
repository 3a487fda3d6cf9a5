import { nodeSha256 } from '../crypto/primitives.js';
import { decodeHeader, type Header, leafHash, ProofError } from '../proof/index.js';
import type { ChainTable } from '../store/index.js';
import { changedColumn, type EntryRow, readRow } from './entry-check.js';
import { type BlockRow, headerBytes } from './header-check.js';
import type { LogCheck } from './log-check.js';

/** What is wrong with a row. Closed: scripts may switch over it. */
export type AuditProblem =
  /** A row that must be there is not. */
  | 'missing'
  /** A row that nothing else in the chain organizations for. */
  | 'extra'
  /** A value that this column never holds. */
  | 'implausible'
  /** The right value in another spelling than the one the service writes. */
  | 'not_canonical'
  /** An entry is not the one that its block's tree was built over. */
  | 'leaf_mismatch'
  /** Hashes of a tile are not those of what lies below it. */
  | 'tile_mismatch'
  /** A stored root is not the one that follows from the rows. */
  | 'root_mismatch'
  /** The columns of a block do not make the header that was mined, chained and signed for. */
  | 'header_mismatch'
  /** A block's hash column is not the hash of its header. */
  | 'hash_mismatch'
  /** A whole block is not the one that the signed log holds at its height. */
  | 'log_mismatch'
  /** A block breaks a rule between it and the one before it. */
  | 'rule_broken'
  /** The block's hash lacks the zero bits that its difficulty asks for. */
  | 'proof_of_work'
  /** Times that cannot have come about in this order. */
  | 'time_order'
  /** Details are not those that the entry commits to. */
  | 'details_mismatch'
  /** Content beside a record of its erasure, or the reverse. */
  | 'erasure_mismatch'
  /** The head row does not say what the entries say. */
  | 'head_mismatch'
  /** An organization's register does not say what the entries say. */
  | 'register_mismatch'
  /** The note of a checkpoint is not the one line for line that the log's key signs for this size and root. */
  | 'note_mismatch'
  /** The signature on a checkpoint does not hold, or is not the log's. */
  | 'bad_signature'
  /** What the log says of its keys does not hold, or does not follow from what it said before. */
  | 'key_statement';

export type AuditTable = ChainTable | 'register_run' | 'log_key_statement';

export interface AuditFinding {
  readonly table: AuditTable;
  /** The row's key columns, as decimals (they may hold what no number holds exactly). */
  readonly key: Readonly<Record<string, string>>;
  /** The column at fault; null: the row as a whole, or not to be told. */
  readonly column: string | null;
  readonly problem: AuditProblem;
  readonly expected?: string;
  readonly found?: string;
  /** One sentence for people. */
  readonly message: string;
}

/** Keeps the first findings and counts the rest: a chain that is wrong from end to end must not fill the memory. */
export class Findings {
  readonly list: AuditFinding[] = [];
  readonly #limit: number;
  total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.list.length >= this.#limit;
  }

  add(finding: AuditFinding): void {
    this.total++;
    if (!this.full) this.list.push(finding);
  }
}

export type Key = Readonly<Record<string, string | number | bigint | boolean>>;

export function finding(
  table: AuditTable,
  key: Key,
  column: string | null,
  problem: AuditProblem,
  message: string,
  values: { readonly expected?: string | undefined; readonly found?: string | undefined } = {},
): AuditFinding {
  const { expected, found } = values;
  return {
    table,
    key: Object.fromEntries(Object.entries(key).map(([name, value]) => [name, String(value)])),
    column,
    problem,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    message,
  };
}

/** A column's value as it may stand in a finding: bytes as hex, long ones cut. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value.subarray(0, 64)).toString('hex');
    return value.length > 64 ? `${hex}… (${value.length} bytes)` : hex;
  }
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

export interface KnownBlock {
  readonly header: Header;
  readonly bytes: Buffer;
  readonly hash: Buffer;
  /** Leaf hash in the log. */
  readonly leaf: Buffer;
}

/** What surrounds a block row and can speak for or against it. */
export interface Surroundings {
  readonly height: number;
  /** The position that this block must begin with. */
  readonly first: number;
  /** The row of the next height, if it is there. */
  readonly next: BlockRow | null;
  /** The root in the note of the checkpoint that ends with this block, when the note is as it must be. */
  readonly signedRoot: Uint8Array | null;
  /** Whether the notes' signatures have been checked: only then do they speak against a block. */
  readonly authenticated: boolean;
  /** The same for the next block. */
  readonly nextSignedRoot: () => Uint8Array | null;
  readonly log: LogCheck;
}

/** The block of these header bytes; null when no header may hold their values. */
export function knownBlock(bytes: Buffer): KnownBlock | null {
  try {
    const hash = Buffer.from(nodeSha256(bytes));
    return { header: decodeHeader(bytes), bytes, hash, leaf: Buffer.from(leafHash(bytes, nodeSha256)) };
  } catch (error) {
    // Hashed and signed for, but with values that no header may have: its implausible column is named.
    if (error instanceof ProofError) return null;
    throw error;
  }
}

/** Whether the signed checkpoint, or else the stored tile of the log, has this leaf; null: neither can say. */
export function logAgrees(
  candidate: Uint8Array,
  { signedRoot, authenticated, log }: Surroundings,
): boolean | null {
  const leaf = Buffer.from(candidate);
  const agrees = signedRoot === null ? undefined : log.rootWith(leaf)?.equals(signedRoot);
  if (agrees === true) return true;
  if (agrees === false && authenticated) return false;
  return log.storedLeaf?.equals(leaf) ?? null;
}

/** The next block is built on this one, and the checkpoint over both is signed for both. */
export function confirmedByNext(
  hash: Buffer,
  leaf: Buffer,
  { next, nextSignedRoot, log }: Surroundings,
): boolean {
  if (next === null || !hash.equals(next.previous_hash)) return false;
  const signed = nextSignedRoot();
  const root = log.rootWith(leaf, Buffer.from(leafHash(headerBytes(next), nodeSha256)));
  return signed !== null && root?.equals(signed) === true;
}

/** An entry whose leaf hash is not the one in the block's tile: either of the two was changed. */
export interface Mismatch {
  readonly position: number;
  readonly row: EntryRow;
  readonly leaf: Buffer;
  readonly details: string | null;
  readonly neighbourTime: number;
  /** What else was found at this position, true only if the entry is the one that was sealed. */
  readonly others: readonly AuditFinding[];
}

/** Names the entry, and its one changed column where a search for that is wanted and finds it. */
export function changedEntry(mismatch: Mismatch, search: boolean): AuditFinding {
  const { position, row, leaf, details, neighbourTime } = mismatch;
  const repair = search ? changedColumn(row, leaf, details, neighbourTime) : null;
  const what = repair === null ? 'The entry' : `The ${repair.column} of the entry`;
  const message = `${what} at position ${position} is not the one that was sealed.`;
  return finding('entry', { position }, repair?.column ?? null, 'leaf_mismatch', message, {
    expected: show(repair?.value ?? leaf),
    found: show(repair === null ? nodeSha256(readRow(row).leaf) : row[repair.column as keyof EntryRow]),
  });
}
