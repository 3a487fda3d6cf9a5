import {
  formatVerifierKey,
  formatWitnessLines,
  policyOfKeys,
  type Policy,
  type VerifierKey,
} from '../proof/index.js';
import type { Store, StoredBlock } from '../store/index.js';
import { LogReader } from './log-reader.js';
import { Checkpoints } from './witnesses/checkpoints.js';
import type { CosignedView } from './witnesses/cosigned-view.js';

export interface ChainState {
  /** null in an empty chain. */
  readonly tip: StoredBlock | null;
  /** Positions that blocks hold. */
  readonly sealed: number;
  /** Positions that were given out; the rest wait for their block. */
  readonly accepted: number;
  /** The published checkpoint; null while there is none. */
  readonly checkpoint: string | null;
  /** When the earliest waiting entry was accepted; null when nothing waits. */
  readonly waitingSince: number | null;
}

/** The transparency log as the world sees it: c2sp.org/tlog-tiles over the headers, entry i being the header of block i. */
export class PublishedLog extends LogReader {
  readonly origin: string;
  readonly logKey: VerifierKey;
  readonly receiptKey: VerifierKey;
  /** null: nobody is asked for cosignatures. */
  readonly cosigned: CosignedView | null;
  readonly #store: Store;
  readonly #checkpoints: Checkpoints;

  constructor(
    store: Store,
    keys: { readonly logKey: VerifierKey; readonly receiptKey: VerifierKey },
    cosigned: CosignedView | null = null,
  ) {
    super(store);
    this.#store = store;
    this.#checkpoints = new Checkpoints(store, cosigned);
    this.cosigned = cosigned;
    this.logKey = keys.logKey;
    this.receiptKey = keys.receiptKey;
    this.origin = keys.logKey.name;
  }

  async state(): Promise<ChainState> {
    const [{ tip, nextPosition, firstUnsealed, waitingSince }, checkpoint] = await Promise.all([
      this.#store.waiting(),
      this.checkpoint(),
    ]);
    return { tip, sealed: firstUnsealed, accepted: nextPosition, checkpoint, waitingSince };
  }

  /** The published checkpoint (see `Checkpoints.published`), or null while there is none. */
  async checkpoint(): Promise<string | null> {
    return (await this.#checkpoints.published())?.note ?? null;
  }

  /** What someone demands who believes this log and its witnesses. */
  policy(): Policy {
    const { witnesses, groups, quorum } = this.cosigned?.witnesses.policy ?? policyOfKeys([]);
    return { logs: [this.logKey], witnesses, groups, quorum };
  }

  /** The same as a text (c2sp.org/tlog-policy). */
  policyText(): string {
    return [
      `# Trust policy of the log ${this.origin}.`,
      '# Compare the key with what its operator tells you by another way before you rely on it.',
      `log ${formatVerifierKey(this.logKey)}`,
      ...formatWitnessLines(this.policy()),
      `# Receipts, which stand for a proof until the seal, are signed by ${formatVerifierKey(this.receiptKey)}`,
      '',
    ].join('\n');
  }
}
