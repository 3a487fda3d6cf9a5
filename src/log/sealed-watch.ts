import type { Store, Subscription } from '../store/index.js';
import { Passing } from './passing.js';

/** Lets callers wait until a position is sealed, by whichever process, with one listening connection for all of them. */
export class SealedWatch {
  readonly #sealed: Passing;
  readonly #subscription: Subscription;

  constructor(store: Store) {
    this.#sealed = new Passing(async () => {
      const tip = await store.tip();
      return tip === null ? 0 : tip.firstPosition + tip.entryCount;
    });
    this.#subscription = store.onSealed(() => {
      this.#sealed.look();
    });
  }

  /**
   * Resolves to true once a block holds `position`, to false when `signal` aborts or the watch is closed first. Never
   * rejects: while the database is away it waits.
   */
  async until(position: number, signal: AbortSignal): Promise<boolean> {
    const sealed = this.#sealed.until(position, signal);
    // The seal may have come before the wait.
    if (position >= this.#sealed.reached) this.#sealed.look();
    return sealed;
  }

  async close(): Promise<void> {
    const closed = this.#sealed.close();
    await this.#subscription.close();
    await closed;
  }
}
