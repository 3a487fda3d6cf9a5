import { setTimeout as sleep } from 'node:timers/promises';
import type { Store, Subscription } from '../store/index.js';

const RETRY_MS = 500;

/** Lets callers wait until a position is sealed, by whichever process, with one listening connection for all of them. */
export class SealedWatch {
  readonly #store: Store;
  readonly #subscription: Subscription;
  readonly #waiting = new Map<() => void, number>();
  readonly #closing = new AbortController();
  /** Positions below it are known to be sealed. */
  #sealedEnd = 0;
  #reading: Promise<void> | null = null;
  /** Somebody asked after the read that is under way had begun: what it sees may be too old for them. */
  #again = false;

  constructor(store: Store) {
    this.#store = store;
    this.#subscription = store.onSealed(() => {
      this.#look();
    });
  }

  /**
   * Resolves to true once a block holds `position`, to false when `signal` aborts or the watch is closed first. Never
   * rejects: while the database is away it waits.
   */
  async until(position: number, signal: AbortSignal): Promise<boolean> {
    if (position < this.#sealedEnd) return true;
    const ends = AbortSignal.any([signal, this.#closing.signal]);
    if (ends.aborted) return false;
    return new Promise((resolve) => {
      const finish = (sealed: boolean) => {
        this.#waiting.delete(wake);
        ends.removeEventListener('abort', abort);
        resolve(sealed);
      };
      const wake = () => {
        finish(true);
      };
      const abort = () => {
        finish(false);
      };
      this.#waiting.set(wake, position);
      ends.addEventListener('abort', abort);
      // The seal may have come before the wait.
      this.#look();
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#subscription.close();
    await this.#reading;
  }

  #look(): void {
    this.#again = true;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
  }

  /** Reads the tip once for everybody who has asked so far, and once more when somebody asked meanwhile. */
  async #read(): Promise<void> {
    while (this.#again && !this.#closing.signal.aborted) {
      this.#again = false;
      try {
        const tip = await this.#store.tip();
        if (tip !== null) this.#sealedEnd = Math.max(this.#sealedEnd, tip.firstPosition + tip.entryCount);
      } catch {
        // The listening connection may have lived through this, and then it will not call again.
        this.#again = this.#waiting.size > 0;
        await sleep(RETRY_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
      for (const [wake, position] of this.#waiting) if (position < this.#sealedEnd) wake();
    }
  }
}
