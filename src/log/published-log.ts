import {
  concat,
  encodeHeader,
  formatVerifierKey,
  formatWitnessLines,
  HASH_LENGTH,
  policyOfKeys,
  TILE_WIDTH,
  type Policy,
  type TileId,
  type VerifierKey,
} from '../proof/index.js';
import type { Store, StoredBlock } from '../store/index.js';
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
export class PublishedLog {
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

  /** A tile's hashes, one after the other; null when the log does not reach so far. */
  tile({ level, index, width }: TileId): Promise<Uint8Array | null> {
    return this.#store.logTile(level, index, width);
  }

  /** The headers below tile (0, index), each behind its length in two bytes; null when the log does not reach so far. */
  async entryBundle(index: number, width: number): Promise<Uint8Array | null> {
    const first = index * TILE_WIDTH;
    const blocks = await this.#store.headers(first, first + width);
    if (blocks.length < width) return null;
    return concat(
      ...blocks.map((block) => {
        const header = encodeHeader(block);
        return concat(Uint8Array.of(header.length >> 8, header.length & 0xff), header);
      }),
    );
  }

  block(height: number): Promise<StoredBlock | null> {
    return this.#store.block(height);
  }

  /** The first `width` hashes of a tile of a block's tree, one after the other; null when that tree has no such tile. */
  async blockTile(height: number, { level, index, width }: TileId): Promise<Uint8Array | null> {
    const hashes = await this.#store.blockTile(height, level, index);
    return hashes === null || hashes.length < width * HASH_LENGTH
      ? null
      : hashes.subarray(0, width * HASH_LENGTH);
  }

  /** Highest first, below `before`. */
  blocks(range: { readonly before?: number; readonly limit: number }): Promise<StoredBlock[]> {
    return this.#store.blocks(range);
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
