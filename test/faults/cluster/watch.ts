import { setTimeout as delay } from 'node:timers/promises';
import type { Load } from '../harness/load.js';
import type { Scene } from '../harness/scene.js';

/** What clients saw of one fault. */
export interface Outage {
  readonly fault: string;
  /** The longest time without an acknowledgement, from just before the fault until after the recovery. */
  readonly milliseconds: number;
}

const EVERY_MS = 20;

/** Measures for how long nothing is acknowledged. */
export class Acknowledgements {
  readonly outages: Outage[] = [];
  #longest = 0;

  constructor(scene: Scene, load: Load) {
    const stop = new AbortController();
    const watching = this.#watch(load, stop.signal);
    scene.defer(async () => {
      stop.abort();
      await watching;
    });
  }

  /** @param suffer causes the fault, and resolves after the recovery */
  async during(fault: string, suffer: () => Promise<void>): Promise<void> {
    this.#longest = 0;
    await suffer();
    this.outages.push({ fault, milliseconds: this.#longest });
  }

  /** A line for each kind of fault. */
  summary(): string[] {
    const faults = [...new Set(this.outages.map(({ fault }) => fault))];
    return faults.map((fault) => {
      const times = this.outages
        .filter((each) => each.fault === fault)
        .map(({ milliseconds }) => milliseconds);
      return `${String(times.length).padStart(3)} × ${fault}: without acknowledgements ${seconds(quantile(times, 0.5))} (median), ${seconds(quantile(times, 1))} (longest)`;
    });
  }

  async #watch(load: Load, signal: AbortSignal): Promise<void> {
    let [size, since] = [0, performance.now()];
    while (!signal.aborted) {
      const now = performance.now();
      this.#longest = Math.max(this.#longest, now - since);
      if (load.ledger.acknowledged.size !== size) [size, since] = [load.ledger.acknowledged.size, now];
      await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
