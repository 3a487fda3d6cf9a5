const WINDOW_MS = 5000;
/** Shorter measurements are not reliable. */
const SETTLED_MS = 700;

/** Measures the speed over the last seconds. */
export class Meter {
  #samples: { readonly time: number; readonly bytes: number }[] = [];
  #work = '';

  /**
   * @param time in milliseconds of a monotonic clock
   * @param bytes total done so far
   * @param work what is measured; the speed of other work does not count
   */
  add(time: number, bytes: number, work = ''): void {
    const last = this.#samples.at(-1);
    // Fewer bytes than before: a document was removed, so the old samples are invalid.
    if (work !== this.#work || (last !== undefined && bytes < last.bytes)) this.#samples = [];
    this.#work = work;
    this.#samples.push({ time, bytes });
    // Keep one sample older than the window, so that a slow source has a speed too.
    while ((this.#samples[1]?.time ?? Infinity) < time - WINDOW_MS) this.#samples.shift();
  }

  reset(): void {
    this.#samples = [];
  }

  /** Bytes per second; null if not yet known. */
  get speed(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.time - first.time < SETTLED_MS) return null;
    const speed = ((last.bytes - first.bytes) / (last.time - first.time)) * 1000;
    return speed > 0 ? speed : null;
  }

  /** Seconds left; null if not yet known. */
  timeLeft(bytesLeft: number): number | null {
    const { speed } = this;
    return speed === null ? null : bytesLeft / speed;
  }
}
