import type { Background } from '../background/index.js';
import {
  cosignatureLine,
  equal,
  formatNote,
  parseNote,
  quorumHolds,
  type Witnesses,
} from '../proof/index.js';
import type { Store, StoredCheckpoint, StoredCosignature, Subscription } from '../store/index.js';
import { Watermark } from './watermark.js';

/** Checkpoint sizes read at once in search of one that meets the quorum. */
const PAGE = 100;

/** How many members have cosigned something. */
export interface CosignedCount {
  readonly signed: number;
  /** Of how many. */
  readonly of: number;
  /** The fewest that can meet the quorum. */
  readonly needed: number;
}

/**
 * The stored cosignatures, collected by this or another process. Kept in memory, so that requests cost no
 * query.
 */
export class CosignedView {
  /** The members and other witnesses that cosign, and their quorum. */
  readonly members: Witnesses;
  readonly #store: Store;
  readonly #subscription: Subscription;
  readonly #quorum: Watermark;
  #latest: readonly number[];
  /** Resolves after the first read. */
  readonly ready: Promise<void>;

  constructor(store: Store, members: Witnesses, background: Background) {
    this.#store = store;
    this.members = members;
    this.#latest = members.all.map(() => 0);
    this.#quorum = new Watermark(() => this.#read(), background.task('reading cosignatures'));
    this.ready = this.#quorum.ready;
    this.#subscription = store.onCosigned(() => {
      this.#quorum.notify();
    });
  }

  /** Size of the largest checkpoint whose cosignatures meet the quorum; 0: none. It only grows. */
  get size(): number {
    return this.#quorum.value;
  }

  /** Size of the checkpoint that each member has cosigned last, in the policy's order; 0: none. */
  get latest(): readonly number[] {
    return this.#latest;
  }

  /** How many have cosigned a checkpoint that covers the block of this height; not all of them the same. */
  countOver(height: number): CosignedCount {
    return {
      signed: this.#latest.filter((size) => size > height).length,
      of: this.members.all.length,
      needed: this.members.needed,
    };
  }

  /** The cosignatures under the checkpoint of this size that the policy knows. */
  async cosignatures(size: number): Promise<StoredCosignature[]> {
    const rows = await this.#store.cosignatures(size);
    return rows.filter((row) => this.#nameOf(row) !== null);
  }

  /**
   * Resolves to true once the quorum has cosigned the block of this height, to false when `signal` aborts
   * first.
   */
  until(height: number, signal: AbortSignal): Promise<boolean> {
    return this.#quorum.until(height, signal);
  }

  async close(): Promise<void> {
    const closed = this.#quorum.close();
    await this.#subscription.close();
    await closed;
  }

  async #read(): Promise<number> {
    this.#latest = await this.#store.latestCosignedSizes(
      this.members.all.map(({ key }) => ({ witness: key.name, keyId: key.keyId })),
    );
    return (await this.largestBetween(this.size)) ?? this.size;
  }

  /** The largest size above `above`, and not above `upTo`, whose cosigners meet the quorum; null: none. */
  async largestBetween(above: number, upTo?: number): Promise<number | null> {
    const minimum = Math.max(1, this.members.needed);
    const range = { above, minimum, limit: PAGE, ...(upTo === undefined ? {} : { upTo }) };
    for (const size of await this.#store.cosignedSizes(range)) {
      const rows = await this.#store.cosignatures(size);
      const names = rows.map((row) => this.#nameOf(row)).filter((name) => name !== null);
      if (names.length > 0 && quorumHolds(this.members.policy, new Set(names))) return size;
    }
    return null;
  }

  /**
   * When, as the members state it, the quorum was met for the first checkpoint that covers the block of this height,
   * in milliseconds; null: it is not.
   */
  async metAt(height: number): Promise<number | null> {
    if (this.size <= height) return null;
    for (const size of [...(await this.#firstOver(height)), this.size]) {
      const signed = new Set<string>();
      const rows = await this.#store.cosignatures(size);
      for (const row of rows.sort((a, b) => a.signedAt - b.signedAt)) {
        const name = this.#nameOf(row);
        if (name === null) continue;
        signed.add(name);
        if (signed.size >= this.members.needed && quorumHolds(this.members.policy, signed)) {
          return row.signedAt * 1000;
        }
      }
    }
    return null;
  }

  /** Sizes near the block that enough members have cosigned, the smallest first. */
  async #firstOver(height: number): Promise<number[]> {
    const minimum = Math.max(1, this.members.needed);
    for (const within of [PAGE, PAGE ** 2]) {
      const upTo = Math.min(this.size, height + within);
      const sizes = await this.#store.cosignedSizes({ above: height, upTo, minimum, limit: within });
      if (sizes.length > 0) return sizes.reverse();
    }
    return [];
  }

  #nameOf({ witness, keyId }: StoredCosignature): string | null {
    const found = this.members.all.find(({ key }) => key.name === witness && equal(key.keyId, keyId));
    return found?.name ?? null;
  }
}

/** How long a new checkpoint waits for its quorum before it is published without it. */
const GRACE_MS = 5000;

/**
 * The published checkpoints, with their cosignatures so far. Without members each checkpoint is published at
 * once.
 */
export class Checkpoints {
  readonly #store: Store;
  readonly #view: CosignedView | null;

  constructor(store: Store, view: CosignedView | null = null) {
    this.#store = store;
    this.#view = view;
  }

  /**
   * The latest checkpoint that the quorum has cosigned or that is older than the grace period; null while
   * there is none. So verifiers that demand the quorum find it, and unreachable members delay publication by
   * no more than that. It never goes back to a smaller size.
   */
  async published(now: number = Date.now()): Promise<StoredCheckpoint | null> {
    const latest = await this.#store.checkpoint();
    if (this.#view === null || latest === null) return latest;
    return this.#cosigned(await this.#store.checkpoint(await this.#publishedSize(latest.size, now)));
  }

  /**
   * The checkpoint for a proof of the block of this height: the latest that the quorum has cosigned if it
   * covers the block, else the latest.
   * @throws {StoreError} unavailable also when a synchronous standby does not confirm the block
   */
  async over(height: number): Promise<StoredCheckpoint | null> {
    const size = this.#view !== null && this.#view.size > height ? this.#view.size : undefined;
    const latest = await this.#store.checkpoint(size);
    // The latest that was confirmed does not cover the block: asked for the block's own, the store says why.
    const covers = latest !== null && latest.size > height;
    return this.#cosigned(covers ? latest : await this.#store.checkpoint(height + 1));
  }

  /**
   * The largest checkpoint that covers the block of this height and not that of `below`, preferably one that
   * the quorum has cosigned.
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
