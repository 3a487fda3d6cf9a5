import { type RateLimits, type Refund, StoreError } from '../store/index.js';
import type { AccessLogger } from './context.js';

const RETRY_MS = 1000;

/** Refunds, repeated until the database is available. */
export class Refunds {
  readonly #rateLimits: RateLimits;
  readonly #logger: AccessLogger;
  /** By key and window. */
  readonly #owed = new Map<string, Refund>();
  #retry: NodeJS.Timeout | null = null;

  constructor(rateLimits: RateLimits, logger: AccessLogger) {
    this.#rateLimits = rateLimits;
    this.#logger = logger;
  }

  /** Resolves after the first attempt. */
  async giveBack(refunds: readonly Refund[]): Promise<void> {
    this.#owe(refunds);
    await this.flush();
  }

  /** Tries to give back everything that is owed. */
  async flush(): Promise<void> {
    const owed = [...this.#owed.values()];
    this.#owed.clear();
    // A statement names each key once; windows of one key follow each other.
    for (let left = owed; left.length > 0;) {
      const byKey = new Map(left.map((refund) => [refund.key, refund]));
      const batch = [...byKey.values()];
      left = left.filter((refund) => byKey.get(refund.key) !== refund);
      try {
        await this.#rateLimits.refund(batch);
      } catch (err) {
        this.#handleFailure(batch, err);
      }
    }
  }

  #handleFailure(batch: readonly Refund[], err: unknown): void {
    if (!(err instanceof StoreError && err.code === 'unavailable')) {
      // Repeating it could give the same tokens back twice.
      this.#logger.warn({ err, keys: batch.map(({ key }) => key) }, 'quota may not have been given back');
      return;
    }
    this.#owe(batch);
    if (this.#retry !== null) return;
    this.#logger.warn({ err }, 'quota could not be given back; retrying');
    this.#retry = setTimeout(() => {
      this.#retry = null;
      void this.flush();
    }, RETRY_MS).unref();
  }

  #owe(refunds: readonly Refund[]): void {
    for (const refund of refunds) {
      const id = `${refund.key} ${refund.windowEndsAt}`;
      const tokens = refund.tokens + (this.#owed.get(id)?.tokens ?? 0);
      this.#owed.set(id, { ...refund, tokens });
    }
  }
}
