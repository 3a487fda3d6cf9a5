import { equal, quorumHolds, type Witnesses } from '../../proof/index.js';
import type { Store, StoredCosignature, Subscription } from '../../store/index.js';
import { Passing } from '../passing.js';

/** Sizes looked through at once for one whose cosigners meet the quorum. */
const PAGE = 100;

/** How many of the witnesses vouch for something. */
export interface CosignedCount {
  readonly signed: number;
  /** Of how many. */
  readonly of: number;
  /** The fewest that can meet the quorum. */
  readonly needed: number;
}

/**
 * What this process knows of the cosignatures that are stored, by whichever process: kept in memory, so that nobody who asks
 * costs a query.
 */
export class CosignedView {
  readonly witnesses: Witnesses;
  readonly #store: Store;
  readonly #subscription: Subscription;
  readonly #quorum: Passing;
  #latest: readonly number[];
  /** Resolves once this process knows what is stored. */
  readonly ready: Promise<void>;

  constructor(store: Store, witnesses: Witnesses) {
    this.#store = store;
    this.witnesses = witnesses;
    this.#latest = witnesses.all.map(() => 0);
    this.#quorum = new Passing(() => this.#read());
    this.ready = this.#quorum.ready;
    this.#subscription = store.onCosigned(() => {
      this.#quorum.look();
    });
  }

  /** Size of the largest checkpoint whose cosignatures meet the quorum; 0: none. It only grows. */
  get size(): number {
    return this.#quorum.reached;
  }

  /** Size of the checkpoint that each witness has cosigned last, in the policy's order; 0: none. */
  get latest(): readonly number[] {
    return this.#latest;
  }

  /** How many have cosigned a checkpoint that covers the block of this height; not all of them the same. */
  countOver(height: number): CosignedCount {
    return {
      signed: this.#latest.filter((size) => size > height).length,
      of: this.witnesses.all.length,
      needed: this.witnesses.needed,
    };
  }

  /** The cosignatures under the checkpoint of this size that the policy knows. */
  async cosignatures(size: number): Promise<StoredCosignature[]> {
    const rows = await this.#store.cosignatures(size);
    return rows.filter((row) => this.#nameOf(row) !== null);
  }

  /** Resolves to true once the quorum has cosigned the block of this height, to false when `signal` aborts first. */
  until(height: number, signal: AbortSignal): Promise<boolean> {
    return this.#quorum.until(height, signal);
  }

  async close(): Promise<void> {
    const closed = this.#quorum.close();
    await this.#subscription.close();
    await closed;
  }

  async #read(): Promise<number> {
    this.#latest = await this.#store.latestCosigned(
      this.witnesses.all.map(({ key }) => ({ witness: key.name, keyId: key.keyId })),
    );
    return (await this.largestBetween(this.size)) ?? this.size;
  }

  /** The largest size above `above`, and not above `upTo`, whose cosigners meet the quorum; null: none. */
  async largestBetween(above: number, upTo?: number): Promise<number | null> {
    const minimum = Math.max(1, this.witnesses.needed);
    const range = { above, minimum, limit: PAGE, ...(upTo === undefined ? {} : { upTo }) };
    for (const size of await this.#store.cosignedSizes(range)) {
      const rows = await this.#store.cosignatures(size);
      const names = rows.map((row) => this.#nameOf(row)).filter((name) => name !== null);
      if (names.length > 0 && quorumHolds(this.witnesses.policy, new Set(names))) return size;
    }
    return null;
  }

  #nameOf({ witness, keyId }: StoredCosignature): string | null {
    const found = this.witnesses.all.find(({ key }) => key.name === witness && equal(key.keyId, keyId));
    return found?.name ?? null;
  }
}
