import type { Evidence, SuccessionFault } from '../proof/index.js';

/** Why this node does not vouch for what it was shown. Closed: alarms and scripts decide by it. */
export type RefusalReason =
  /** What was served is not what it should be at all. */
  | 'malformed'
  /** The checkpoint is not signed by the key of the log. */
  | 'unsigned'
  /** What the log shows of its keys does not follow from the one that is known. */
  | 'log_key'
  /** The log shows fewer blocks than it has shown before. */
  | 'rolled_back'
  /** The log has signed two histories. */
  | 'fork'
  /** The headers that are served do not lead to the root that is signed. */
  | 'root_mismatch'
  /** The leaf hashes that are served do not lead to the root in their block's header. */
  | 'merkle_root'
  /** A rule between a block and the one before it is broken. */
  | SuccessionFault;

export interface RefusalDetails {
  /** Where: `checkpoint`, `block 12`, `tile/entries/000`. */
  readonly where: string;
  /** Of the block that it is about. */
  readonly height?: number;
  readonly expected?: string;
  readonly found?: string;
  /** What shows it to others; absent when nothing that was signed shows it. */
  readonly evidence?: Evidence;
}

/** Thrown when something shown by the log is refused. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly reason: RefusalReason;
  readonly details: RefusalDetails;

  constructor(reason: RefusalReason, message: string, details: RefusalDetails) {
    super(message);
    this.reason = reason;
    this.details = details;
  }
}

/** Thrown when something cannot be had now: nothing is wrong yet, and it is tried again. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}
