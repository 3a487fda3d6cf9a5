import { setTimeout as delay } from 'node:timers/promises';

export interface KeySetOptions<K> {
  /** All current keys by id. */
  readonly load: () => Promise<ReadonlyMap<string, K>>;
  /** The age at which loaded keys are loaded again. */
  readonly maxAgeMs: number;
  /** The shortest time between two loads, however many unknown ids are looked up. */
  readonly minIntervalMs: number;
  /** How old loaded keys may get while loading fails. */
  readonly maxStaleMs: number;
}

interface Loaded<K> {
  readonly keys: ReadonlyMap<string, K>;
  readonly at: number;
}

/**
 * Public keys by id, for verifying tokens. An unknown id may belong to a key made a moment ago by somebody
 * else, so it is rejected only after a load that began later than the lookup.
 */
export class KeySet<K> {
  readonly #options: KeySetOptions<K>;
  #loaded: Loaded<K> | null = null;
  #loading: Promise<Loaded<K>> | null = null;
  #lastTry = -Infinity;
  #failure: Error | null = null;

  constructor(options: KeySetOptions<K>) {
    this.#options = options;
  }

  /** null: there is no such key. Rejects when the keys cannot be loaded. */
  async find(id: string): Promise<K | null> {
    const asked = performance.now();
    let loaded = await this.#current();
    // A load that began earlier may have missed the key.
    while (!loaded.keys.has(id) && loaded.at < asked) loaded = await this.#load();
    return loaded.keys.get(id) ?? null;
  }

  /** Stores keys that were read for another reason. @param at performance.now() before they were read */
  put(keys: ReadonlyMap<string, K>, at: number): void {
    if (this.#loaded === null || this.#loaded.at < at) this.#loaded = { keys, at };
  }

  async #current(): Promise<Loaded<K>> {
    const loaded = this.#loaded;
    const age = loaded === null ? Infinity : performance.now() - loaded.at;
    if (loaded !== null && age < this.#options.maxAgeMs) return loaded;
    try {
      return await this.#load();
    } catch (error) {
      if (loaded === null || age >= this.#options.maxStaleMs) throw error;
      return loaded;
    }
  }

  /** One load at a time, shared by everyone who waits for it. */
  #load(): Promise<Loaded<K>> {
    this.#loading ??= this.#loadAfterInterval().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #loadAfterInterval(): Promise<Loaded<K>> {
    const pause = this.#lastTry + this.#options.minIntervalMs - performance.now();
    if (pause > 0) {
      // While the source fails, callers get the failure at once.
      if (this.#failure !== null) throw this.#failure;
      await delay(pause, undefined, { ref: false });
    }
    this.#lastTry = performance.now();
    try {
      // The time before loading: keys made while it runs may be missing.
      const loaded = { keys: await this.#options.load(), at: this.#lastTry };
      this.put(loaded.keys, loaded.at);
      this.#failure = null;
      return loaded;
    } catch (error) {
      this.#failure = new Error('the keys could not be loaded', { cause: error });
      throw this.#failure;
    }
  }
}
