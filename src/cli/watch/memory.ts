import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of garbage that are worth the tenth of a second that a collection takes. */
const GARBAGE = 24 * 2 ** 20;

/**
 * V8 lets garbage that is not quite young grow to half a gigabyte before it collects any. A watch runs for months beside other
 * programs, and each look at a hundred thousand files leaves some megabytes.
 */
export class Memory {
  readonly #collect: () => void;
  /** After the last collection. */
  #used = getHeapStatistics().used_heap_size;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as () => void;
  }

  /** Collects garbage when there is much of it. */
  tidy(): void {
    if (getHeapStatistics().used_heap_size < this.#used + GARBAGE) return;
    this.#collect();
    this.#used = getHeapStatistics().used_heap_size;
  }
}
