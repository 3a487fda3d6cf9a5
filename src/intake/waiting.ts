/**
 * When more is waiting than can be written soon, by time: how many that is depends on the machine, the disk and the size of what is submitted.
 * 100 ms is what 256 clients see at the best rate of two cores; a tenth of it and bursts would be turned away that are dealt with at once, more and
 * nobody is better off.
 */
const LONG_MS = 100;
/** As many can always wait: they keep the disk and the processor busy where a single commit takes longer than that. */
const FEW = 64;
/**
 * And never more, whatever their time: of those that come in one turn of the event loop, none has waited yet. One process answers as many in
 * some 60 ms.
 */
const MANY = 256;

/** The submissions that wait for their answer, in the order in which they came. */
export class WaitingLine {
  readonly #since = new Set<{ readonly time: number }>();

  enter(): () => void {
    const place = { time: performance.now() };
    this.#since.add(place);
    return () => this.#since.delete(place);
  }

  /** Whether who comes now would wait too long. */
  get isLong(): boolean {
    if (this.#since.size < FEW) return false;
    if (this.#since.size >= MANY) return true;
    const [first] = this.#since;
    return first !== undefined && performance.now() - first.time > LONG_MS;
  }
}
