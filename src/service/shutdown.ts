import type { Logger } from 'pino';
import type { Store } from '../store/index.js';

/**
 * How long a database that does not respond may delay the shutdown: longer than clients get for their
 * responses, and well within the patience of a supervisor.
 */
const ABANDON_MS = 7000;

/** Undoes what was started, in reverse order. */
export class Shutdown {
  readonly #log: Logger;
  readonly #steps: (() => Promise<unknown>)[] = [];
  readonly #stores: Store[] = [];
  #done: Promise<void> | null = null;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `step` runs before those that were added earlier. */
  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Closes the store; its connections are cut when the database does not respond in time. */
  addStore(store: Store): void {
    this.#stores.push(store);
    this.add(() => store.close());
  }

  /** Runs every step once, also after one that fails. Safe to call twice. */
  run(): Promise<void> {
    return (this.#done ??= this.#run());
  }

  async #run(): Promise<void> {
    const patience = setTimeout(() => {
      if (this.#stores.length > 0) this.#log.warn('the database does not respond; stopping without it');
      for (const store of this.#stores) store.abandon();
    }, ABANDON_MS);
    for (const step of this.#steps.splice(0).reverse()) {
      await step().catch((error: unknown) => {
        this.#log.error({ err: error }, 'a part of the service did not stop cleanly');
      });
    }
    clearTimeout(patience);
  }
}
