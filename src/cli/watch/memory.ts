import { getHeapStatistics } from 'node:v8';
import { collectGarbage } from '../../background/garbage.js';

/** Bytes of garbage that are worth the tenth of a second that a collection takes. */
const GARBAGE = 24 * 2 ** 20;

/**
 * V8 lets garbage that is not quite young grow to half a gigabyte before it collects any. A watch runs for months beside other
 * programs, and each look at a hundred thousand files leaves some megabytes.
 */
export class Memory {
  /** After the last collection. */
  #used = getHeapStatistics().used_heap_size;

  /** Collects garbage when there is much of it. */
  tidy(): void {
    if (getHeapStatistics().used_heap_size < this.#used + GARBAGE) return;
    collectGarbage();
    this.#used = getHeapStatistics().used_heap_size;
  }
}
