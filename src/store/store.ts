import type { BlockTile } from '../merkle/block-tree.js';
import type { LogTile } from '../merkle/growing-tree.js';
import type { Entry, Header } from '../proof/index.js';
import type { AccessStore, NewAccessEvent, RateLimits } from './auth/store.js';
import type { ChainSnapshot } from './snapshot.js';

/** How far the clock may go back between two groups, in milliseconds, before `accept` refuses. */
export const CLOCK_TOLERANCE_MS = 5000;

/** Most entries in one `accept`, and most positions in one range. */
export const MAX_RANGE = 2 ** 20;

/**
 * The chain in PostgreSQL. Positions, heights and sizes are safe integers. Times are milliseconds since the
 * Unix epoch unless stated otherwise. Every method can be called at any time, by any number of callers and
 * processes.
 *
 * Every method rejects with a StoreError: `unavailable` when the database cannot be used now, `refused` when
 * it holds something that no version of this program writes. A write ends in `outcome_unknown` only where
 * that is stated, with the way to find out.
 */
export interface Store
  extends EntryStore, RegisterStore, BlockStore, CosignatureStore, MemberStore, LogKeyStore {
  /** People, and what they may do. */
  readonly access: AccessStore;

  readonly rateLimits: RateLimits;

  /**
   * Makes this process the leader unless another one is, or this one already. Leadership only saves work:
   * `commitBlock` is safe without it. It belongs to a database session, and ends with it.
   */
  acquireLeadership(): Promise<Leadership | null>;

  /**
   * Terminates the session of a leader that has stopped sealing (a paused process keeps its session), and
   * makes this process the leader. null: another process was faster.
   */
  takeOverLeadership(): Promise<Leadership | null>;

  /**
   * Calls `listener` with the height of each block that is committed, and with null after every
   * (re)connection: notifications may have been lost. Notifications can be late, and are missing while the
   * connection is lost: read the tip to be sure. The connection is reopened with increasing delays. The
   * listener must not throw.
   */
  onSealed(listener: (height: number | null) => void): Subscription;

  /** As `onSealed`, with the size of each checkpoint that gets a cosignature. */
  onCosigned(listener: (size: number | null) => void): Subscription;

  /**
   * Runs `read` on one unchanging view of all chain tables, on a connection of its own without time limit. A
   * long run delays vacuum, not writers.
   */
  snapshot<T>(read: (snapshot: ChainSnapshot) => Promise<T>): Promise<T>;

  /** Resolves when the database answers. */
  ping(): Promise<void>;

  /**
   * Breaks every connection at once, also those that are still to be made: calls that wait for a database
   * that does not answer fail as if it were unreachable. For a service that has to stop now. Only `close` may
   * be called after it.
   */
  abandon(): void;

  /** Ends every connection when its running statement has ended. Calls after it reject. */
  close(): Promise<void>;
}

/** The time during which this process leads. */
export interface Leadership {
  /** Aborts when the session that holds the lock is lost: from then on another process may lead. */
  readonly lost: AbortSignal;
  /** Gives the leadership up. Safe to call twice, and after the loss. */
  release(): Promise<void>;
}

export interface Subscription {
  close(): Promise<void>;
}

/** Entries: what was accepted. */
export interface EntryStore {
  /**
   * Appends a group of entries with their details and idempotency keys, all or nothing, in one statement.
   *
   * Durability: everything is on disk when this resolves. Ordering: positions have no gaps and follow the
   * order of commits; the group's entries get `first`, `first + 1`, … in the order given. Concurrency: groups
   * commit one after the other; larger groups cost little more than small ones. Idempotence: none without a
   * key; with keys, a second group with the same (scope, key) is refused as a whole.
   *
   * @throws {StoreError} clock_behind, idempotency_conflict, unavailable, refused: nothing was written.
   *   outcome_unknown: call `findAccepted` with the same entries.
   * @throws {RangeError} the group is empty or too large, or a field does not have the length of the layout
   */
  accept(group: AcceptGroup): Promise<{ readonly first: number }>;

  /**
   * The outcome of an `accept` that ended in outcome_unknown: the first position of exactly these entries in
   * this order, or null when they were not committed. This is final: connections on which a statement could
   * still be running are terminated first. Salts are random, so no other group can be confused with it.
   */
  findAccepted(
    entries: readonly { readonly digest: Uint8Array; readonly salt: Uint8Array }[],
  ): Promise<number | null>;

  /** The record of this key, or null. It was committed together with its entries. */
  idempotencyRecord(scope: string, key: string): Promise<IdempotencyRecord | null>;

  /** Deletes keys written before `beforeMs`. Returns how many. Idempotent. */
  expireIdempotency(beforeMs: number): Promise<number>;

  head(): Promise<Head>;

  /**
   * Up to `count` entries from `first` on, in the order of positions; fewer only at the end of the chain.
   * Committed entries never change, except by erasure.
   */
  entries(first: number, count: number): Promise<StoredEntry[]>;

  entry(position: number): Promise<StoredEntry | null>;

  /** The entries with this digest, earliest first, at most `limit`; `more`: there are others. */
  entriesByDigest(
    digest: Uint8Array,
    limit: number,
  ): Promise<{ readonly entries: KeptEntry[]; readonly more: boolean }>;

  /** The details at these positions, by position, exactly as they were hashed. */
  detailsIn(ranges: readonly PositionRange[]): Promise<Map<number, string>>;

  /**
   * Erases everything but the position of a sealed notarization, for good. The leaf hash stays, so every
   * other proof stays valid. Idempotent: true when this call erased, false when an earlier one did.
   *
   * The next automatic vacuum removes the bytes from the table, usually within a minute. Backups and replicas
   * are the operator's responsibility.
   *
   * @throws {StoreError} not_sealed, unknown_position; outcome_unknown: call it again.
   */
  erase(position: number): Promise<boolean>;
}

/** An entry to be accepted; the group's time of acceptance is that of all its entries. */
export type NewEntry = Omit<Entry, 'acceptedAt'>;

export interface AcceptGroup {
  /** Taken by the service when it forms the group. */
  readonly acceptedAt: number;
  /** At least one. */
  readonly entries: readonly NewEntry[];
  /**
   * `index` counts within `entries`. `json` is the exact text whose hash the entry holds. `words` (see
   * `lexemesOf`) are what a search of the register finds it by; none for anonymous entries.
   */
  readonly details: readonly {
    readonly index: number;
    readonly json: string;
    readonly words: readonly string[];
  }[];
  /**
   * Which runs of `entries` belong to which organization, by its number. `offset` counts within `entries`.
   */
  readonly register: readonly {
    readonly offset: number;
    readonly count: number;
    readonly organization: number;
    /** `key:<id>` or `person:<id>`. */
    readonly submittedBy: string;
  }[];
  /** Which run of `entries` each key stands for. `offset` counts within `entries`. */
  readonly idempotency: readonly {
    readonly scope: string;
    readonly key: string;
    readonly fingerprint: Uint8Array;
    readonly offset: number;
    readonly count: number;
  }[];
}

export interface IdempotencyRecord {
  readonly fingerprint: Uint8Array;
  readonly firstPosition: number;
  readonly entryCount: number;
  readonly createdAt: number;
}

export interface Head {
  /** The position of the next entry; equal to the number of entries. */
  readonly nextPosition: number;
  /** The latest time of acceptance, 0 in an empty chain. */
  readonly latestTime: number;
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

/** Positions [first, first + count). */
export interface PositionRange {
  readonly first: number;
  readonly count: number;
}

/** The registers of the organizations, and which details are public. */
export interface RegisterStore {
  /**
   * The organization's entries that match, without those that were erased. An accepted entry is found from
   * that moment on.
   * @throws {RangeError} limit or digestPrefix is out of range
   */
  searchRegister(query: RegisterQuery): Promise<RegisteredEntry[]>;

  /**
   * Makes the details of a notarization public, together with `event`. Idempotent. false, and no event is
   * written: they are public already, there is no such notarization, or it was erased.
   * @throws {StoreError} unavailable; outcome_unknown: call it again
   */
  publish(position: number, at: number, event?: NewAccessEvent): Promise<boolean>;

  /** Reverses `publish`, likewise. */
  withdraw(position: number, event?: NewAccessEvent): Promise<boolean>;

  /** Those of these positions whose details are public. */
  publishedAmong(positions: readonly number[]): Promise<ReadonlySet<number>>;
}

export type RegisterOrder = 'newest' | 'oldest';

export interface RegisterQuery {
  /** The organization's number. */
  readonly organization: number;
  /** By acceptance; by default the newest first. */
  readonly order?: RegisterOrder;
  /** Only positions after this one in that order. */
  readonly beyond?: number;
  /** 1 to 1,000. */
  readonly limit: number;
  /** Each must be the beginning of a word of the details. */
  readonly words?: readonly string[];
  /** Each must be a tag of the details, in upper or lower case. */
  readonly tags?: readonly string[];
  /** 8 to 64 lower-case hex digits. */
  readonly digestPrefix?: string;
  /** Time of acceptance, inclusive. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
  readonly status?: 'accepted' | 'sealed';
}

export interface RegisteredEntry {
  readonly entry: KeptEntry;
  /** `key:<id>` or `person:<id>`, as given at acceptance. */
  readonly submittedBy: string;
  /**
   * By the register, for the entry's account tag to confirm; null: there is no organization of that number.
   */
  readonly organizationId: string | null;
}

/** Blocks, their trees, and the checkpoints of the log. */
export interface BlockStore {
  /** The highest block, or null in an empty chain. */
  tip(): Promise<StoredBlock | null>;

  /** Head and tip as of one moment: whether entries wait for a block, and since when. */
  sealingState(): Promise<SealingState>;

  /**
   * Commits a block with its tiles, the log tiles it completes and the checkpoint, all or nothing, provided
   * that the tip is still the block that it was built on, and notifies every `onSealed` listener.
   * 'tip_moved': another block has that height, nothing was written; start again.
   *
   * Durability: everything is on disk when this resolves with 'committed'. Concurrency: any number of sealers
   * may try; at most one gets a height, by unique constraints and not by a lock alone. The server terminates
   * a process that is paused in the middle after some seconds.
   *
   * @throws {StoreError} unavailable, refused: nothing was written. outcome_unknown: call `findCommitted`.
   */
  commitBlock(commit: BlockCommit): Promise<'committed' | 'tip_moved'>;

  /**
   * The outcome of a `commitBlock` that ended in outcome_unknown: whether this very block was committed.
   * Final, as `findAccepted`.
   */
  findCommitted(block: StoredBlock): Promise<boolean>;

  block(height: number): Promise<StoredBlock | null>;

  /** Blocks below height `before` (by default from the tip on), highest first, at most `limit`. */
  blocks(range: { readonly before?: number; readonly limit: number }): Promise<StoredBlock[]>;

  /** Blocks of the heights [from, to), lowest first. A block's header is the block without its hash. */
  blocksBetween(from: number, to: number): Promise<StoredBlock[]>;

  /** The blocks that hold these positions, lowest first. Positions that wait for a block are in none. */
  blocksContaining(ranges: readonly PositionRange[]): Promise<StoredBlock[]>;

  /**
   * The hashes of these tiles of a block's tree, in the order given; null for tiles that the tree does not
   * have.
   */
  blockTiles(
    height: number,
    tiles: readonly Pick<BlockTile, 'level' | 'index'>[],
  ): Promise<(Uint8Array | null)[]>;

  /**
   * The first `width` (1 to 256) hashes of a tile of the log (tlog-tiles), or null when the log is not that
   * large yet. The result for the same arguments never changes once it is not null.
   */
  logTile(level: number, index: number, width: number): Promise<Uint8Array | null>;

  /** The checkpoint over `size` blocks, by default the latest; null when there is none. */
  checkpoint(size?: number): Promise<StoredCheckpoint | null>;
}

export interface StoredBlock extends Header {
  /** SHA-256 of the encoded header. */
  readonly hash: Uint8Array;
}

export interface StoredCheckpoint {
  /** Number of blocks that it covers. */
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note. */
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

export interface SealingState extends Head {
  readonly tip: StoredBlock | null;
  /** The first position that no block holds; equal to `nextPosition` when nothing waits. */
  readonly firstUnsealed: number;
  /** Time of acceptance of the entry at `firstUnsealed`; null when nothing waits. */
  readonly waitingSince: number | null;
}

/** The name and the four bytes of the key of a member, as C2SP's witness protocol has them. */
export interface WitnessId {
  readonly witness: string;
  readonly keyId: Uint8Array;
}

export interface StoredCosignature extends WitnessId {
  /** Size of the checkpoint. */
  readonly size: number;
  /** Seconds since the Unix epoch, as the member states it. */
  readonly signedAt: number;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

/** On the log's side: the members' cosignatures of its checkpoints. */
export interface CosignatureStore {
  /**
   * Stores a cosignature, and notifies every `onCosigned` listener when it is new. On disk when this
   * resolves. Idempotent: the first cosignature of a member for a checkpoint stays.
   */
  addCosignature(cosignature: StoredCosignature): Promise<void>;

  /** Those of the checkpoint of this size, in the order of names. */
  cosignatures(size: number): Promise<StoredCosignature[]>;

  /** The size of the largest checkpoint that each of them has cosigned, in the order given; 0: none. */
  latestCosignedSizes(witnesses: readonly WitnessId[]): Promise<number[]>;

  /**
   * Sizes above `above`, and not above `upTo`, whose checkpoints have at least `minimum` cosignatures,
   * largest first, at most `limit`.
   */
  cosignedSizes(range: {
    readonly above: number;
    readonly upTo?: number;
    readonly minimum: number;
    readonly limit: number;
  }): Promise<number[]>;
}

export interface FollowedBlock {
  readonly block: StoredBlock;
  /** Every tile of the block's tree. */
  readonly tiles: readonly BlockTile[];
}

/** The state of a followed log, as of one moment. */
export interface FollowedState {
  readonly checkpoint: StoredCheckpoint | null;
  readonly tip: StoredBlock | null;
  /** Difficulty of the first block; null while there is none. */
  readonly minimumDifficulty: number | null;
}

/** The last checkpoint of a log that this node has cosigned. */
export interface CosignedCheckpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed checkpoint as the log sent it. */
  readonly note: string;
  /** This node's signature line, with its line feed. */
  readonly cosignature: string;
}

export interface StoredEvidence {
  readonly foundAt: number;
  /** SHA-256 of the document. */
  readonly digest: Uint8Array;
  /** A code. */
  readonly reason: string;
  readonly document: string;
}

/**
 * On a member's side: a node that follows a log and cosigns it. It has blocks and tiles, and never an entry.
 */
export interface MemberStore {
  /**
   * Appends checked blocks with their tiles and the log tiles they complete, all or nothing. 'tip_moved': the
   * first one does not follow the tip any more, nothing was written.
   * @throws {StoreError} unavailable, refused: nothing was written; outcome_unknown: read the tip
   */
  followBlocks(
    blocks: readonly FollowedBlock[],
    logTiles: readonly LogTile[],
  ): Promise<'committed' | 'tip_moved'>;

  /** The latest checkpoint that was stored, and the latest block. */
  followedState(): Promise<FollowedState>;

  /**
   * The leaf hashes at the positions [first, first + count); null while the blocks do not hold all of them.
   */
  leafHashes(first: number, count: number): Promise<Uint8Array | null>;

  /** Stores the log's own checkpoint over blocks that are all stored. Idempotent. */
  storeCheckpoint(checkpoint: StoredCheckpoint): Promise<void>;

  /** The checkpoint that was cosigned last of the log with this name. */
  cosignedCheckpoint(origin: string): Promise<CosignedCheckpoint | null>;

  /**
   * Replaces the checkpoint that was cosigned last, provided that it still has the size `old` (0: none), in
   * one atomic step that is on disk when this resolves. false: it has another size, nothing was changed.
   */
  replaceCosignedCheckpoint(next: CosignedCheckpoint, old: number): Promise<boolean>;

  /** false: this very document is stored already. On disk when this resolves. */
  addEvidence(evidence: StoredEvidence): Promise<boolean>;

  /** Latest first. */
  listEvidence(limit: number): Promise<StoredEvidence[]>;
}

/** A statement of the log about the keys that sign it, which is an entry of its own chain. */
export interface StoredKeyStatement {
  /** 0 for the first. */
  readonly ordinal: number;
  readonly position: number;
  /** 114 bytes. */
  readonly entry: Uint8Array;
  /** The signed note. */
  readonly note: string;
}

export interface LogKeyStore {
  /** All of them, in the order of the chain; `height`: of the block that holds it, null while none does. */
  logKeyStatements(): Promise<readonly (StoredKeyStatement & { readonly height: number | null })[]>;

  /**
   * Accepts the entry and stores the statement with it, all or nothing. false: there is a statement with this
   * ordinal already, nothing was written.
   * @throws {StoreError} clock_behind, unavailable, refused: nothing was written; outcome_unknown: read the
   *   statements
   */
  acceptKeyStatement(statement: {
    readonly ordinal: number;
    readonly entry: Entry;
    readonly note: string;
  }): Promise<boolean>;

  /** Stores statements that are in blocks of a followed log. Idempotent. */
  storeKeyStatements(statements: readonly StoredKeyStatement[]): Promise<void>;
}
