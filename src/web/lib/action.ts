import { type ReadonlySignal, signal } from '@preact/signals';

/** Something that a person starts and that can fail: it runs once at a time and keeps its last error. */
export class Action {
  readonly #busy = signal(false);
  readonly #error = signal<unknown>(null);

  get busy(): boolean {
    return this.#busy.value;
  }

  /** null: none. */
  get error(): ReadonlySignal<unknown> {
    return this.#error;
  }

  /** @returns whether it ran and succeeded */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.#busy.peek()) return false;
    this.#busy.value = true;
    this.#error.value = null;
    try {
      await work();
      return true;
    } catch (error) {
      this.#error.value = error;
      return false;
    } finally {
      this.#busy.value = false;
    }
  }
}
