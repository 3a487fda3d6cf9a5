import type { PositionRange, Store, StoredBlock } from '../store/index.js';

const KEPT = 256;

/**
 * Blocks that recent requests were about, in memory: what is sealed never changes, and to ask for it is a quarter of the
 * queries of a proof (docs/performance.md).
 */
export class KeptBlocks {
  readonly #store: Pick<Store, 'blocksContaining'>;
  /** By height, the most recently used one last. */
  readonly #kept = new Map<number, StoredBlock>();

  constructor(store: Pick<Store, 'blocksContaining'>) {
    this.#store = store;
  }

  /** As `BlockStore.blocksContaining`. */
  async containing(ranges: readonly PositionRange[]): Promise<StoredBlock[]> {
    const known = new Set<StoredBlock>();
    for (const range of ranges) {
      const block = this.#holding(range);
      if (block === null) return this.#read(ranges);
      known.add(block);
    }
    return [...known];
  }

  async #read(ranges: readonly PositionRange[]): Promise<StoredBlock[]> {
    const blocks = await this.#store.blocksContaining(ranges);
    for (const block of blocks.slice(-KEPT)) this.#keep(block);
    return blocks;
  }

  /** The block that holds the whole range; null: it is not in memory. */
  #holding({ first, count }: PositionRange): StoredBlock | null {
    for (const block of this.#kept.values()) {
      const { firstPosition, entryCount } = block;
      if (first < firstPosition || first + count > firstPosition + entryCount) continue;
      this.#keep(block);
      return block;
    }
    return null;
  }

  #keep(block: StoredBlock): void {
    this.#kept.delete(block.height);
    this.#kept.set(block.height, block);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}
