import { MAX_DIFFICULTY } from '../proof/index.js';

/**
 * Steers the difficulty towards a mining time: each block may be at most 1 harder or easier than the one before it and
 * never easier than the first.
 */
export class DifficultyControl {
  readonly #targetMs: number;
  /** Hashes per millisecond of this machine, as last measured; null before the first block. */
  #rate: number | null = null;

  constructor(targetMs: number) {
    this.#targetMs = targetMs;
  }

  observe(attempts: number, milliseconds: number): void {
    // A handful of attempts measures the clock, not the machine.
    if (milliseconds >= 1) this.#rate = attempts / milliseconds;
  }

  /** @param minimum the difficulty of the chain's first block */
  next(previous: number, minimum: number): number {
    // Mining takes 2^difficulty attempts on average.
    const wanted =
      this.#rate === null ? previous : Math.floor(Math.log2(Math.max(1, this.#rate * this.#targetMs)));
    const step = Math.sign(wanted - previous);
    return Math.min(MAX_DIFFICULTY, Math.max(minimum, previous + step));
  }
}
