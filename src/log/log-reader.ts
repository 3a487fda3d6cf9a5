import { concat, encodeHeader, HASH_LENGTH, TILE_WIDTH, type TileId } from '../proof/index.js';
import type { Store, StoredBlock } from '../store/index.js';

/** Blocks and tiles as they are read by others. */
export class LogReader {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
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

  /** Leaf hashes by position, across blocks, one after the other; null while not all of them are sealed. */
  leaves(first: number, count: number): Promise<Uint8Array | null> {
    return this.#store.leafHashes(first, count);
  }

  block(height: number): Promise<StoredBlock | null> {
    return this.#store.block(height);
  }

  /** The first `width` hashes of a tile of a block's tree, one after the other; null when that tree has no such tile. */
  async blockTile(height: number, { level, index, width }: TileId): Promise<Uint8Array | null> {
    const [hashes = null] = await this.#store.blockTiles(height, [{ level, index }]);
    return hashes === null || hashes.length < width * HASH_LENGTH
      ? null
      : hashes.subarray(0, width * HASH_LENGTH);
  }

  /** Highest first, below `before`. */
  blocks(range: { readonly before?: number; readonly limit: number }): Promise<StoredBlock[]> {
    return this.#store.blocks(range);
  }
}
