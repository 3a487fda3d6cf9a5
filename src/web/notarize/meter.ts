/** Speed over the last seconds, for progress that neither jumps nor lags. */

const WINDOW_MS = 5000;
/** Before that a speed is a guess. */
const SETTLED_MS = 700;

export class Meter {
  #samples: { readonly time: number; readonly bytes: number }[] = [];

  /** @param time milliseconds of any steady clock; @param bytes done in all */
  add(time: number, bytes: number): void {
    const last = this.#samples.at(-1);
    // Less than before: something was taken off the list, and the old samples tell nothing any more.
    if (last !== undefined && bytes < last.bytes) this.#samples = [];
    this.#samples.push({ time, bytes });
    // One sample older than the window is kept, or a slow source would have no speed at all.
    while ((this.#samples[1]?.time ?? Infinity) < time - WINDOW_MS) this.#samples.shift();
  }

  reset(): void {
    this.#samples = [];
  }

  /** Bytes a second; null while it cannot be told. */
  get speed(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.time - first.time < SETTLED_MS) return null;
    const speed = ((last.bytes - first.bytes) / (last.time - first.time)) * 1000;
    return speed > 0 ? speed : null;
  }

  /** Seconds; null while they cannot be told. */
  timeLeft(bytesLeft: number): number | null {
    const { speed } = this;
    return speed === null ? null : bytesLeft / speed;
  }
}
