import { setTimeout as sleep } from 'node:timers/promises';
import type { Store, Subscription } from '../store/index.js';

const RETRY_MS = 500;

/**
 * Lets callers wait until something that only grows has passed a number: one read at a time on behalf of all of them, however many ask
 * and however often it is said that there may be something new.
 */
export class Passing {
  readonly #read: () => Promise<number>;
  readonly #waiting = new Map<() => void, number>();
  readonly #closing = new AbortController();
  #reached = 0;
  #reading: Promise<void> | null = null;
  /** Somebody asked after the read that is under way had begun: what it sees may be too old for them. */
  #again = false;
  #known: () => void = () => undefined;
  /** Resolves when something has been read for the first time, or this is closed. */
  readonly ready: Promise<void>;

  /** @param read what has been reached. Its failure is no answer: it is asked again after a while. */
  constructor(read: () => Promise<number>) {
    this.#read = read;
    this.ready = new Promise((resolve) => {
      this.#known = resolve;
    });
  }

  /** Numbers below it are known to be passed. */
  get reached(): number {
    return this.#reached;
  }

  /** There may be something new. */
  look(): void {
    this.#again = true;
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = null;
    });
  }

  /**
   * Resolves to true once `number` is passed, to false when `signal` aborts or this is closed first. Never rejects: while nothing can
   * be read it waits. Who cannot be sure to be told looks, after this was called.
   */
  async until(number: number, signal: AbortSignal): Promise<boolean> {
    if (number < this.#reached) return true;
    const ends = AbortSignal.any([signal, this.#closing.signal]);
    if (ends.aborted) return false;
    return new Promise((resolve) => {
      const finish = (passed: boolean) => {
        this.#waiting.delete(wake);
        ends.removeEventListener('abort', abort);
        resolve(passed);
      };
      const wake = () => {
        finish(true);
      };
      const abort = () => {
        finish(false);
      };
      this.#waiting.set(wake, number);
      ends.addEventListener('abort', abort);
    });
  }

  /** Lets nobody wait any longer, and resolves when nothing is being read any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#known();
    await this.#reading;
  }

  /** Reads once for everybody who has asked so far, and once more when somebody asked meanwhile. */
  async #readOn(): Promise<void> {
    while (this.#again && !this.#closing.signal.aborted) {
      this.#again = false;
      try {
        this.#reached = Math.max(this.#reached, await this.#read());
        this.#known();
      } catch {
        // The listening connection may have lived through this, and then it will not call again.
        this.#again = true;
        await sleep(RETRY_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
      for (const [wake, number] of this.#waiting) if (number < this.#reached) wake();
    }
  }
}

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
