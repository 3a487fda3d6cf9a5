import { Refusal } from './refusal.js';
import type { SignedCheckpoint } from './signed-checkpoint.js';

/** An operator publishes a checkpoint some seconds after it asks for cosignatures; this is far beyond. */
const PATIENCE_MS = 60_000;
/** Instances of one operator learn of each other's blocks some milliseconds apart. */
const TIMES = 2;

/** Tells a log that has lost blocks from one that only publishes late what it has had cosigned. */
export class RollbackWatch {
  #largest = 0;
  #times = 0;
  #behindSince: number | null = null;

  /**
   * @param now monotonic, in milliseconds
   * @returns why the published checkpoint shows a loss; null when it does not
   */
  look(published: SignedCheckpoint, ownSize: number, now: number): Refusal | null {
    const { size } = published.checkpoint;
    this.#times = size < this.#largest ? this.#times + 1 : 0;
    this.#largest = Math.max(this.#largest, size);
    this.#behindSince = size < ownSize ? (this.#behindSince ?? now) : null;
    const late = this.#behindSince !== null && now - this.#behindSince >= PATIENCE_MS;
    if (this.#times < TIMES && !late) return null;
    const before = Math.max(this.#largest, ownSize);
    return new Refusal('rolled_back', `the log shows ${size} blocks, and had ${before} before`, {
      where: 'checkpoint',
      expected: `${before} blocks or more`,
      found: `${size} blocks`,
    });
  }
}
