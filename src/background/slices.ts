import { setImmediate as turn } from 'node:timers/promises';

/** How long one request may keep this process from others at a time. */
const SLICE_MS = 10;

/** Lets other requests run when this one has used up its slice of time. */
export class Slices {
  #end = performance.now() + SLICE_MS;

  get isOver(): boolean {
    return performance.now() > this.#end;
  }

  async next(): Promise<void> {
    await turn();
    this.#end = performance.now() + SLICE_MS;
  }
}
