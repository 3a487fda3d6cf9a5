import type { Background, BackgroundTask } from '../background/index.js';
import type { Store, Subscription } from '../store/index.js';

/**
 * A number that only grows, and callers that wait until it has passed another one. However many wait, and
 * however often it may have changed, one read at a time serves all of them.
 */
export class Watermark {
  readonly #read: () => Promise<number>;
  readonly #task: BackgroundTask;
  readonly #waiting = new Map<() => void, number>();
  readonly #closing = new AbortController();
  #value = 0;
  #reading: Promise<void> | null = null;
  /** The number may have changed after the current read began. */
  #isStale = false;
  #known: () => void = () => undefined;
  /** Resolves after the first successful read, or when this is closed. */
  readonly ready: Promise<void>;

  /**
   * @param read the number
   * @param task reports failures of `read`, which is then repeated
   */
  constructor(read: () => Promise<number>, task: BackgroundTask) {
    this.#read = read;
    this.#task = task;
    this.ready = new Promise((resolve) => {
      this.#known = resolve;
    });
  }

  /** As last read: every smaller number is passed. */
  get value(): number {
    return this.#value;
  }

  /**
   * Reads the number again, at once even if the last read failed: it has changed, or notifications may have
   * been missed.
   */
  notify(): void {
    this.#task.retryNow();
    this.refresh();
  }

  /** Reads the number again: it may have changed. */
  refresh(): void {
    this.#isStale = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
    });
  }

  /**
   * Resolves to true once `number` is passed, to false when `signal` aborts or this is closed first. Never
   * rejects: while the number cannot be read it waits. Does not read by itself; `refresh` after the call
   * does.
   */
  async until(number: number, signal: AbortSignal): Promise<boolean> {
    if (number < this.#value) return true;
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

  /** Ends every wait. Resolves when no read is running. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#known();
    await this.#reading;
  }

  async #readAll(): Promise<void> {
    while (this.#isStale && !this.#closing.signal.aborted) {
      this.#isStale = false;
      const succeeded = await this.#task.run(async () => {
        this.#value = Math.max(this.#value, await this.#read());
      });
      for (const [wake, number] of this.#waiting) if (number < this.#value) wake();
      if (succeeded) {
        this.#known();
        continue;
      }
      // The connection that notifies may have survived, and then no notification follows.
      this.#isStale = true;
      await this.#task.pause(this.#closing.signal);
    }
  }
}

/** Lets callers wait until a position is sealed, by this or another process. */
export class SealedWatch {
  readonly #sealed: Watermark;
  readonly #subscription: Subscription;

  constructor(store: Store, background: Background) {
    this.#sealed = new Watermark(async () => {
      const tip = await store.tip();
      return tip === null ? 0 : tip.firstPosition + tip.entryCount;
    }, background.task('reading the sealed position'));
    this.#subscription = store.onSealed(() => {
      this.#sealed.notify();
    });
  }

  /**
   * Resolves to true once a block holds `position`, to false when `signal` aborts or the watch is closed
   * first. Never rejects: while the database is unavailable it waits.
   */
  async until(position: number, signal: AbortSignal): Promise<boolean> {
    const sealed = this.#sealed.until(position, signal);
    // The block may have been committed before the wait began.
    if (position >= this.#sealed.value) this.#sealed.refresh();
    return sealed;
  }

  /** As last read: every smaller position is sealed. */
  get value(): number {
    return this.#sealed.value;
  }

  async close(): Promise<void> {
    const closed = this.#sealed.close();
    await this.#subscription.close();
    await closed;
  }
}
