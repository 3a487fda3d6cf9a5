import { setTimeout as delay } from 'node:timers/promises';

export interface KeySetOptions<K> {
  /** All keys there are, by their ids. */
  readonly load: () => Promise<ReadonlyMap<string, K>>;
  /** How old what was loaded may get. */
  readonly maxAgeMs: number;
  /** At least so long between two loads, however many unknown ids are asked for. */
  readonly minIntervalMs: number;
  /** How old it may get while loading fails. */
  readonly maxStaleMs: number;
}

interface Loaded<K> {
  readonly keys: ReadonlyMap<string, K>;
  readonly at: number;
}

/**
 * Public keys by id, for checking tokens. An id that is not known may be of a key that was made a moment ago elsewhere: it is
 * looked for once more before it is refused, and whoever asks waits for that look, so a new key is never refused.
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

  /**
   * null: there is no such key.
   * Rejects with the reason when nothing could be loaded that tells.
   */
  async find(id: string): Promise<K | null> {
    const asked = performance.now();
    let loaded = await this.#current();
    // A load that began before may not have seen it.
    while (!loaded.keys.has(id) && loaded.at < asked) loaded = await this.#load();
    return loaded.keys.get(id) ?? null;
  }

  /** Puts in what has been read for another reason, as of `at` (performance.now() before reading). */
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

  /** One load at a time, which everybody who asks meanwhile shares. */
  #load(): Promise<Loaded<K>> {
    this.#loading ??= this.#loadInTurn().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #loadInTurn(): Promise<Loaded<K>> {
    const pause = this.#lastTry + this.#options.minIntervalMs - performance.now();
    if (pause > 0) {
      // While the source is away nobody is kept waiting to be told so.
      if (this.#failure !== null) throw this.#failure;
      await delay(pause, undefined, { ref: false });
    }
    this.#lastTry = performance.now();
    try {
      // As of the beginning: what is made while it runs may be missing from it.
      const loaded = { keys: await this.#options.load(), at: this.#lastTry };
      this.put(loaded.keys, loaded.at);
      this.#failure = null;
      return loaded;
    } catch (error) {
      this.#failure = new Error('the keys could not be had', { cause: error });
      throw this.#failure;
    }
  }
}
