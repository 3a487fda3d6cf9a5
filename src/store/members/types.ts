import type { BlockTile, LogTile, StoredBlock, StoredCheckpoint, Subscription } from '../types.js';

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
