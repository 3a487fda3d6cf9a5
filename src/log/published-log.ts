import {
  concat,
  encodeHeader,
  formatVerifierKey,
  TILE_WIDTH,
  type TileId,
  type VerifierKey,
} from '../proof/index.js';
import type { Store, StoredBlock } from '../store/index.js';

export interface ChainState {
  /** null in an empty chain. */
  readonly tip: StoredBlock | null;
  /** Positions that blocks hold. */
  readonly sealed: number;
  /** Positions that were given out; the rest wait for their block. */
  readonly accepted: number;
  /** The signed checkpoint over all blocks; null in an empty chain. */
  readonly checkpoint: string | null;
  /** When the earliest waiting entry was accepted; null when nothing waits. */
  readonly waitingSince: number | null;
}

/** The transparency log as the world sees it: c2sp.org/tlog-tiles over the headers, entry i being the header of block i. */
export class PublishedLog {
  readonly origin: string;
  readonly logKey: VerifierKey;
  readonly receiptKey: VerifierKey;
  readonly #store: Store;

  constructor(store: Store, keys: { readonly logKey: VerifierKey; readonly receiptKey: VerifierKey }) {
    this.#store = store;
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

  /** The latest signed checkpoint, or null in an empty chain. */
  async checkpoint(): Promise<string | null> {
    return (await this.#store.checkpoint())?.note ?? null;
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

  /** Highest first, below `before`. */
  blocks(range: { readonly before?: number; readonly limit: number }): Promise<StoredBlock[]> {
    return this.#store.blocks(range);
  }

  /** The trust policy (c2sp.org/tlog-policy) of someone who believes this log alone. */
  policyText(): string {
    return [
      `# Trust policy of the log ${this.origin}.`,
      '# Compare the key with what its operator tells you by another way before you rely on it.',
      `log ${formatVerifierKey(this.logKey)}`,
      'quorum none',
      `# Receipts, which stand for a proof until the seal, are signed by ${formatVerifierKey(this.receiptKey)}`,
      '',
    ].join('\n');
  }
}
