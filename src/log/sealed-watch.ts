import type { Store, Subscription } from '../store/index.js';

/** Lets callers wait until a position is sealed, by whichever process, with one listening connection for all of them. */
export class SealedWatch {
  readonly #store: Store;
  readonly #subscription: Subscription;
  readonly #waiting = new Map<() => void, number>();
  /** Positions below it are known to be sealed. */
  #sealedEnd = 0;
  #reading: Promise<void> | null = null;

  constructor(store: Store) {
    this.#store = store;
    this.#subscription = store.onSealed(() => {
      this.#look();
    });
  }

  /**
   * Resolves to true once a block holds `position`, to false when `signal` aborts first. Never rejects: while the database is
   * away it waits.
   */
  async until(position: number, signal: AbortSignal): Promise<boolean> {
    if (position < this.#sealedEnd) return true;
    if (signal.aborted) return false;
    return new Promise((resolve) => {
      const finish = (sealed: boolean) => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', abort);
        resolve(sealed);
      };
      const wake = () => {
        finish(true);
      };
      const abort = () => {
        finish(false);
      };
      this.#waiting.set(wake, position);
      signal.addEventListener('abort', abort);
      // The seal may have come before the wait.
      this.#look();
    });
  }

  async close(): Promise<void> {
    await this.#subscription.close();
    await this.#reading;
  }

  /** Reads the tip once for everybody who asks in the meantime. */
  #look(): void {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
  }

  async #read(): Promise<void> {
    try {
      const tip = await this.#store.tip();
      if (tip !== null) this.#sealedEnd = Math.max(this.#sealedEnd, tip.firstPosition + tip.entryCount);
    } catch {
      return; // the subscription calls again when the database is back
    }
    for (const [wake, position] of this.#waiting) if (position < this.#sealedEnd) wake();
  }
}
