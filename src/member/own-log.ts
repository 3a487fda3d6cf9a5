import { nodeVerifyEd25519 } from '../crypto/primitives.js';
import { TileBuilder } from '../merkle/growing-tree.js';
import { checkSignature, concat, encodeHeader, splitHashes, TILE_WIDTH } from '../proof/index.js';
import { logTree } from '../sealer/index.js';
import type { Store } from '../store/index.js';
import type { SignedTree } from './peers.js';
import type { FollowedKeys, WalkStart } from './headers.js';
import { readCheckpoint, type SignedCheckpoint } from './remote-log.js';

/** The copy of the log that is here. */
export class OwnLog {
  readonly #store: Store;
  readonly #keys: FollowedKeys;

  constructor(store: Store, keys: FollowedKeys) {
    this.#store = store;
    this.#keys = keys;
  }

  /** How many blocks are here. */
  async size(): Promise<number> {
    return sizeOf(await this.#store.followed());
  }

  /**
   * The latest checkpoint whose headers were found right; `complete` says whether all of its blocks are here. An interrupted
   * catch-up leaves it incomplete, and is taken up from there.
   */
  async latest(): Promise<{ readonly signed: SignedCheckpoint; readonly complete: boolean } | null> {
    const followed = await this.#store.followed();
    const { checkpoint: stored } = followed;
    if (stored === null) return null;
    // It was found right before it was kept. While its blocks are still missing, so may be what they say of its keys.
    const keys = (await this.#keys.current()).all.map(({ key }) => key);
    const read = readCheckpoint(stored.note);
    const signed = {
      ...read,
      keys: keys.filter((key) => checkSignature(read.note, key, nodeVerifyEd25519).state === 'good'),
    };
    return { signed, complete: sizeOf(followed) >= stored.size };
  }

  /** Root of the log over its first `size` blocks. */
  root(size: number): Promise<Uint8Array> {
    return logTree(this.#store, size).root();
  }

  /** As others read it. */
  tree(signed: SignedCheckpoint): SignedTree {
    const store = this.#store;
    return {
      signed,
      source: {
        tile: ({ level, index, width }) => store.logTile(level, index, width),
        entryBundle: async (index, width) => {
          const blocks = await store.headers(index * TILE_WIDTH, index * TILE_WIDTH + width);
          return concat(
            ...blocks
              .map(encodeHeader)
              .map((bytes) => concat(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes)),
          );
        },
      },
    };
  }

  async walkStart(): Promise<WalkStart> {
    const followed = await this.#store.followed();
    const { tip, minimumDifficulty } = followed;
    const size = sizeOf(followed);
    return {
      size,
      tip: tip === null ? null : { header: tip, hash: tip.hash },
      minimumDifficulty,
      builder: await this.builder(size),
    };
  }

  /** Goes on from the log over the first `size` blocks. */
  builder(size: number): Promise<TileBuilder> {
    return TileBuilder.resume(size, async ({ level, index, width }) => {
      const bytes = await this.#store.logTile(level, index, width);
      if (bytes === null) throw new Error(`this copy of the log lacks tile ${level}/${index}`);
      return splitHashes(bytes);
    });
  }
}

function sizeOf({ tip }: Awaited<ReturnType<Store['followed']>>): number {
  return tip === null ? 0 : tip.height + 1;
}
