import { AccessError } from '../errors.js';

/** Lets a few do something costly at once, has some wait, and sends the rest away. */
export class Turns {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number, maxWaiting: number) {
    this.#atOnce = atOnce;
    this.#maxWaiting = maxWaiting;
  }

  /** @throws {AccessError} busy: nothing was begun */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) {
      this.#running++;
    } else {
      if (this.#waiting.length >= this.#maxWaiting) {
        throw new AccessError('busy', 'too many passwords are being checked; come again in a few seconds', {
          retryAfterSeconds: 5,
        });
      }
      // Whoever ends hands its place on, so the count stays.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
