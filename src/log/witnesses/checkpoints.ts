import { cosignatureLine, formatNote, parseNote } from '../../proof/index.js';
import type { Store, StoredCheckpoint } from '../../store/index.js';
import type { CosignedView } from './cosigned-view.js';

/** How long a new checkpoint waits for its quorum before it is published without. */
const GRACE_MS = 5000;

/**
 * The checkpoints that are shown to the world, with the cosignatures that there are. Without witnesses each is the latest.
 */
export class Checkpoints {
  readonly #store: Store;
  readonly #view: CosignedView | null;

  constructor(store: Store, view: CosignedView | null = null) {
    this.#store = store;
    this.#view = view;
  }

  /**
   * The latest that is cosigned by the quorum or older than the grace; null while there is none. So who asks for the quorum
   * finds it, and witnesses that are away hold nothing up for longer than that. It never goes back: what has been either once
   * stays so.
   */
  async published(now: number = Date.now()): Promise<StoredCheckpoint | null> {
    const latest = await this.#store.checkpoint();
    if (this.#view === null || latest === null) return latest;
    return this.#cosigned(await this.#store.checkpoint(await this.#publishedSize(latest.size, now)));
  }

  /** The one to prove the block of this height with: cosigned by the quorum if one that covers it is, else the latest. */
  async over(height: number): Promise<StoredCheckpoint | null> {
    const size = this.#view !== null && this.#view.size > height ? this.#view.size : undefined;
    return this.#cosigned(await this.#store.checkpoint(size));
  }

  /**
   * The largest over the block of this height that does not cover the block of `below`; of those that the quorum has cosigned, if
   * there are any.
   */
  async between(height: number, below: number | null): Promise<StoredCheckpoint | null> {
    if (below === null) return this.over(height);
    const size = (await this.#view?.largestBetween(height, below)) ?? below;
    return this.#cosigned(await this.#store.checkpoint(size));
  }

  async #publishedSize(latest: number, now: number): Promise<number> {
    const cosigned = this.#view?.size ?? 0;
    for (let before = latest; before > cosigned;) {
      const blocks = await this.#store.blocks({ before, limit: 20 });
      const old = blocks.find(({ height, sealedAt }) => height >= cosigned && sealedAt <= now - GRACE_MS);
      if (old !== undefined) return old.height + 1;
      before = blocks.at(-1)?.height ?? 0;
    }
    return cosigned;
  }

  async #cosigned(checkpoint: StoredCheckpoint | null): Promise<StoredCheckpoint | null> {
    if (checkpoint === null || this.#view === null) return checkpoint;
    const rows = await this.#view.cosignatures(checkpoint.size);
    const note = parseNote(checkpoint.note);
    const lines = rows.map(({ witness, signedAt, ...row }) =>
      cosignatureLine({ ...row, name: witness, time: signedAt }),
    );
    return {
      ...checkpoint,
      note: formatNote({ text: note.text, signatures: [...note.signatures, ...lines] }),
    };
  }
}
