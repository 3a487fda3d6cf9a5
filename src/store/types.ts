import type { Entry, Header } from '../proof/index.js';

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
  /** Which runs of `entries` belong to which account; `offset` counts within `entries`, `account` is the account's number. */
  readonly register: readonly {
    readonly offset: number;
    readonly count: number;
    readonly account: number;
    /** `key:<id>` or `person:<id>`. */
    readonly submittedBy: string;
  }[];
  /**
   * `KeyFacts.version` of what was remembered of submitters, where something was: if accounts or keys have been changed since, nothing
   * is written. Absent: nothing was.
   */
  readonly accessVersion?: number;
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

export interface BlockTile {
  readonly level: number;
  readonly index: number;
  /** 1 to 256 hashes, one after the other. */
  readonly hashes: Uint8Array;
}

export interface LogTile {
  readonly level: number;
  readonly index: number;
  /** Exactly 256 hashes. */
  readonly hashes: Uint8Array;
  /** RFC 6962 root over the 256 hashes: what the level above holds for this tile. */
  readonly root: Uint8Array;
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
