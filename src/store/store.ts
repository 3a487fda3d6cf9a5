import type { BlockTile } from '../merkle/block-tree.js';
import type { LogTile } from '../merkle/growing-tree.js';
import type { Entry, Header } from '../proof/index.js';
import type { AccessStore, NewAccessEvent, RateLimits } from './auth/store.js';
import type { PositionRange } from './entries.js';
import type { LogKeyRows } from './log-keys.js';
import type { RegisteredEntry, RegisterQuery } from './register.js';
import type { ChainSnapshot } from './rows.js';

/** How far the clock may go back between two groups, in milliseconds, before `accept` refuses. */
export const CLOCK_TOLERANCE_MS = 5000;

/** Most entries in one `accept` and most positions in one range read. */
export const MAX_RANGE = 2 ** 20;

/**
 * The chain in PostgreSQL. Positions, heights and sizes are safe integers, times are milliseconds since the Unix epoch.
 * Every method may be called at any time, by any number of callers and processes. Every method rejects with a StoreError:
 * `unavailable` when the database cannot be asked, `refused` when it holds something that no version of this program
 * writes. A write that is not said to be resolvable by reading never ends in `outcome_unknown`.
 */
export interface Store extends CosignatureRows, FollowedRows, LogKeyRows {
  /** Who may do what. */
  readonly access: AccessStore;

  readonly rateLimits: RateLimits;

  /**
   * The organization's entries that match, newest first, less those that have been erased. What is accepted is found from that moment on.
   * @throws {RangeError} limit or digestPrefix is out of range
   */
  register(query: RegisterQuery): Promise<RegisteredEntry[]>;

  /**
   * Marks a notarization as one whose details are shown to everyone, together with `event`. Idempotent: false when it was marked
   * already, or there is none at the position, or it has been erased; then there is no event either.
   * @throws {StoreError} unavailable; outcome_unknown: call it again
   */
  publish(position: number, at: number, event?: NewAccessEvent): Promise<boolean>;

  /** Takes the mark away again, likewise. */
  withdraw(position: number, event?: NewAccessEvent): Promise<boolean>;

  /** Those of these positions whose details are shown to everyone. */
  publishedAmong(positions: readonly number[]): Promise<ReadonlySet<number>>;

  /**
   * Appends a group of entries with their details and idempotency keys, all or nothing, in one statement.
   *
   * Durability: when this resolves, everything is on disk. Ordering: positions are gapless and in commit order; the group's
   * entries take `first`, `first + 1`, … in the order given. Concurrency: groups commit one after the other; larger
   * groups cost little more than small ones. Idempotence: none without a key; with keys, a second group with the same
   * (scope, key) is refused whole.
   *
   * @throws {StoreError} clock_behind, idempotency_conflict, unavailable, refused: nothing was written.
   *   outcome_unknown: ask `findAccepted` with the same entries.
   * @throws {RangeError} when the group is empty, too large, or a field does not have the length of the layout
   */
  accept(group: AcceptGroup): Promise<{ readonly first: number }>;

  /**
   * What became of an `accept` that ended in outcome_unknown: the first position of exactly these entries in this order, or
   * null when they were not committed. The answer is final: connections on which a statement could still be running are
   * ended before the rows are read. Salts are random, so no other group can be mistaken for it.
   */
  findAccepted(
    entries: readonly { readonly digest: Uint8Array; readonly salt: Uint8Array }[],
  ): Promise<number | null>;

  /** The key's record, or null. What is found was committed together with its entries. */
  idempotencyRecord(scope: string, key: string): Promise<IdempotencyRecord | null>;

  /** Forgets keys written before `beforeMs`; answers how many. Idempotent. */
  expireIdempotency(beforeMs: number): Promise<number>;

  head(): Promise<Head>;

  /** The highest block, or null in an empty chain. */
  tip(): Promise<StoredBlock | null>;

  /** Head and tip as of one moment: what the sealer needs to know whether anything waits, and since when. */
  waiting(): Promise<Waiting>;

  /**
   * Up to `count` entries from `first` on, in position order; fewer only at the end of the chain. Committed rows never
   * change but by erasure.
   */
  entries(first: number, count: number): Promise<StoredEntry[]>;

  entry(position: number): Promise<StoredEntry | null>;

  /** The entries with this digest, earliest first, at most `limit`; `more` says whether there are others. */
  entriesByDigest(
    digest: Uint8Array,
    limit: number,
  ): Promise<{ readonly entries: KeptEntry[]; readonly more: boolean }>;

  /** The details texts at these positions, by position, exactly as they were hashed. */
  detailsIn(ranges: readonly PositionRange[]): Promise<Map<number, string>>;

  /** The blocks that hold these positions, lowest first; positions that wait are in none. */
  blocksOver(ranges: readonly PositionRange[]): Promise<StoredBlock[]>;

  /**
   * Commits a block with its tiles, the log tiles it completes and the checkpoint, all or nothing, provided that the tip is
   * still the block it was built on, and tells every `onSealed` listener. 'tip_moved': another block stands at that
   * height, nothing was written, start over.
   *
   * Durability: when this resolves with 'committed', everything is on disk. Concurrency: any number of sealers may try; at most
   * one wins a height, by unique constraint and not by lock alone. A process that is paused in the middle is
   * thrown out by the server after some seconds.
   *
   * @throws {StoreError} unavailable, refused: nothing was written. outcome_unknown: ask `findCommitted`.
   */
  commitBlock(commit: BlockCommit): Promise<'committed' | 'tip_moved'>;

  /**
   * What became of a `commitBlock` that ended in outcome_unknown: whether this very block stands in the chain. Final, as
   * with `findAccepted`.
   */
  findCommitted(block: StoredBlock): Promise<boolean>;

  block(height: number): Promise<StoredBlock | null>;

  /** Blocks below height `before` (default: from the tip), highest first, at most `limit`. */
  blocks(range: { readonly before?: number; readonly limit: number }): Promise<StoredBlock[]>;

  /** Blocks of heights [from, to), lowest first. A block's header is the block without its hash. */
  headers(from: number, to: number): Promise<StoredBlock[]>;

  /** Hashes of these tiles of a block's tree, one after the other, in the order asked; null for what that tree does not have. */
  blockTiles(
    height: number,
    tiles: readonly Pick<BlockTile, 'level' | 'index'>[],
  ): Promise<(Uint8Array | null)[]>;

  /**
   * The first `width` (1 to 256) hashes of one tile of the log (tlog-tiles), or null when the committed log does not reach so
   * far. The same arguments give the same bytes for ever, once they give any.
   */
  logTile(level: number, index: number, width: number): Promise<Uint8Array | null>;

  /** The checkpoint over `size` blocks, by default the latest; null when there is none. */
  checkpoint(size?: number): Promise<StoredCheckpoint | null>;

  /**
   * Takes everything but the position of a sealed notarization out of the database, for good. The leaf hash
   * stays, so every other proof goes on to hold. Idempotent: true when this call erased, false when an earlier one did.
   *
   * The bytes leave the table with the next automatic vacuum, as a rule within a minute; backups and replicas are the operator's.
   *
   * @throws {StoreError} not_sealed, unknown_position; outcome_unknown: call it again.
   */
  erase(position: number): Promise<boolean>;

  /**
   * Becomes the leader if nobody is, else null. Leadership only saves work: `commitBlock` is safe without it. It is held by
   * a connection of its own and ends with it.
   */
  acquireLeadership(): Promise<Leadership | null>;

  /**
   * Ends the leader's connection and leads instead, for when a leader has stopped sealing (a paused process keeps its
   * connection). Null when somebody else was faster.
   */
  takeOverLeadership(): Promise<Leadership | null>;

  /**
   * Calls `listener` after each committed block with its height, and with null after every (re)connection: something may have
   * been missed. Calls can come late, together or not at all while the connection is away; read the tip to know. A
   * database that is away is tried again and again, with back-off. The listener must not throw.
   */
  onSealed(listener: (height: number | null) => void): Subscription;

  /**
   * Runs `read` over one unchanging view of all chain tables, on a connection of its own without time limit. A long run holds
   * back vacuum, not writers.
   */
  snapshot<T>(read: (snapshot: ChainSnapshot) => Promise<T>): Promise<T>;

  /** Resolves when the database answers. */
  ping(): Promise<void>;

  /**
   * Breaks every connection at once, also those that are still to be made: what waits for a database that does not answer fails as if it
   * had gone away. For a service that has to end now; only `close` makes sense after it.
   */
  abandon(): void;

  /** Ends every connection, waiting for running statements. Calls after it reject. */
  close(): Promise<void>;
}

/** An entry to be accepted; the group's time of acceptance is set for all of its entries at once. */
export type NewEntry = Omit<Entry, 'acceptedAt'>;

export interface AcceptGroup {
  /** Milliseconds since the Unix epoch, taken by the service when it forms the group. */
  readonly acceptedAt: number;
  /** At least one. */
  readonly entries: readonly NewEntry[];
  /**
   * `index` counts within `entries`; `json` is the exact text whose digest the entry holds; `words` (see `lexemesOf`) is what a register
   * finds it by, none for anonymous entries.
   */
  readonly details: readonly {
    readonly index: number;
    readonly json: string;
    readonly words: readonly string[];
  }[];
  /** Which runs of `entries` belong to which organization; `offset` counts within `entries`, `organization` is the organization's number. */
  readonly register: readonly {
    readonly offset: number;
    readonly count: number;
    readonly organization: number;
    /** `key:<id>` or `person:<id>`. */
    readonly submittedBy: string;
  }[];
  /** Which run of `entries` answers which key; `offset` counts within `entries`. */
  readonly idempotency: readonly {
    readonly scope: string;
    readonly key: string;
    readonly fingerprint: Uint8Array;
    readonly offset: number;
    readonly count: number;
  }[];
}

export interface KeptEntry extends Entry {
  readonly erased: false;
  readonly position: number;
}

/** What is left of an entry after its erasure. Its leaf hash is still in its block's tile. */
export interface ErasedEntry {
  readonly erased: true;
  readonly position: number;
}

export type StoredEntry = KeptEntry | ErasedEntry;

export interface StoredBlock extends Header {
  /** SHA-256 of the encoded header. */
  readonly hash: Uint8Array;
}

export interface StoredCheckpoint {
  /** Number of blocks that it covers. */
  readonly size: number;
  readonly root: Uint8Array;
  /** The whole signed note. */
  readonly note: string;
}

export interface BlockCommit {
  /** Hash of the block that the new one was built on; null for the first block. */
  readonly expectedTip: Uint8Array | null;
  readonly block: StoredBlock;
  /** Every tile of the block's tree. */
  readonly blockTiles: readonly BlockTile[];
  /** The tiles of the log that this block completes: none for most blocks. */
  readonly logTiles: readonly LogTile[];
  /** Over the log including this block. */
  readonly checkpoint: StoredCheckpoint;
}

export interface Head {
  /** The position that the next entry gets; equal to the number of entries. */
  readonly nextPosition: number;
  /** The latest time of acceptance, 0 in an empty chain. */
  readonly latestTime: number;
}

export interface Waiting extends Head {
  readonly tip: StoredBlock | null;
  /** The first position that no block holds; equal to `nextPosition` when nothing waits. */
  readonly firstUnsealed: number;
  /** Time of acceptance of the entry at `firstUnsealed`; null when nothing waits. */
  readonly waitingSince: number | null;
}

export interface IdempotencyRecord {
  readonly fingerprint: Uint8Array;
  readonly firstPosition: number;
  readonly entryCount: number;
  /** When it was written, milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

/** The time during which this process leads. */
export interface Leadership {
  /** Aborts the moment the connection that holds the lock is lost: somebody else may lead from then on. */
  readonly lost: AbortSignal;
  /** Gives the lock back. Safe to call twice, and after the loss. */
  release(): Promise<void>;
}

export interface Subscription {
  close(): Promise<void>;
}

/** The part of a pino logger that the store uses. */
export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Whose signature: the name and the four bytes of a note key. */
export interface WitnessId {
  readonly witness: string;
  readonly keyId: Uint8Array;
}

export interface StoredCosignature extends WitnessId {
  /** Size of the checkpoint that it is under. */
  readonly size: number;
  /** Seconds since the Unix epoch, as the witness states it. */
  readonly signedAt: number;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

/** The sealing side: what witnesses have signed. */
export interface CosignatureRows {
  /**
   * Keeps a cosignature, and tells every `onCosigned` listener when it is new. On disk when this resolves. Idempotent: of one
   * witness under one checkpoint the first stays.
   */
  addCosignature(cosignature: StoredCosignature): Promise<void>;

  /** Those under the checkpoint of this size, in the order of their names. */
  cosignatures(size: number): Promise<StoredCosignature[]>;

  /** The size of the largest checkpoint that each of them has cosigned, in the order given; 0: none. */
  latestCosigned(witnesses: readonly WitnessId[]): Promise<number[]>;

  /**
   * Sizes above `above`, and not above `upTo`, whose checkpoints have at least `minimum` cosignatures, largest first, at most
   * `limit`.
   */
  cosignedSizes(range: {
    readonly above: number;
    readonly upTo?: number;
    readonly minimum: number;
    readonly limit: number;
  }): Promise<number[]>;

  /** As `onSealed`, for cosignatures: with the size of the checkpoint, or null after every (re)connection. */
  onCosigned(listener: (size: number | null) => void): Subscription;
}

export interface FollowedBlock {
  readonly block: StoredBlock;
  /** Every tile of the block's tree. */
  readonly tiles: readonly BlockTile[];
}

/** Where following goes on, all of it as it stood at one moment. */
export interface Followed {
  readonly checkpoint: StoredCheckpoint | null;
  readonly tip: StoredBlock | null;
  /** Difficulty of the first block; null while there is none. */
  readonly minimumDifficulty: number | null;
}

export interface Witnessed {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed checkpoint as it was given. */
  readonly note: string;
  /** The cosignature: one signature line with its line feed. */
  readonly cosignature: string;
}

export interface StoredEvidence {
  /** Milliseconds since the Unix epoch. */
  readonly foundAt: number;
  /** SHA-256 of the document. */
  readonly digest: Uint8Array;
  /** A code. */
  readonly reason: string;
  readonly document: string;
}

/** The side of a node that follows a chain and cosigns it: it has blocks and tiles, and never an entry. */
export interface FollowedRows {
  /**
   * Appends blocks that were checked, with their tiles and the log tiles they complete, all or nothing. 'tip_moved': the first does
   * not stand on the tip any more, nothing was written.
   * @throws {StoreError} unavailable, refused; outcome_unknown: read the tip
   */
  followBlocks(
    blocks: readonly FollowedBlock[],
    logTiles: readonly LogTile[],
  ): Promise<'committed' | 'tip_moved'>;

  /** The latest checkpoint that was kept, and the latest block. */
  followed(): Promise<Followed>;

  /** The leaf hashes at positions [first, first + count), one after the other; null while blocks do not hold all of them. */
  leafHashes(first: number, count: number): Promise<Uint8Array | null>;

  /** Keeps the log's own checkpoint over blocks that are all here. Idempotent. */
  keepCheckpoint(checkpoint: StoredCheckpoint): Promise<void>;

  /** What was cosigned last of the log of this name. */
  witnessed(origin: string): Promise<Witnessed | null>;

  /**
   * Replaces what was cosigned last, provided that it still has the size `old` (0: nothing was cosigned yet), in one atomic step
   * that is on disk when this resolves. False: another size stands there, and nothing was changed.
   */
  setWitnessed(next: Witnessed, old: number): Promise<boolean>;

  /** Keeps evidence; false: this very document is kept already. On disk when this resolves. */
  addEvidence(evidence: StoredEvidence): Promise<boolean>;

  /** Latest first. */
  evidence(limit: number): Promise<StoredEvidence[]>;
}
