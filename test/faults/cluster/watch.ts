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

/** A promotion takes some ten seconds: after a minute somebody waits for something that does not happen. */
const STALL_MS = 60_000;

/** Measures for how long nothing is acknowledged. */
export class Acknowledgements {
  readonly outages: Outage[] = [];
  #longest = 0;
  /** Stops watching. */
  readonly end: () => Promise<void>;

  /** @param explain is called in each minute without an acknowledgement */
  constructor(scene: Scene, load: Load, explain: (seconds: number) => Promise<void>) {
    const stop = new AbortController();
    const watching = this.#watch(load, explain, stop.signal);
    this.end = () => {
      stop.abort();
      return watching;
    };
    scene.defer(this.end);
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

  async #watch(
    { ledger }: Load,
    explain: (seconds: number) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    let [size, since, explained] = [0, performance.now(), 0];
    let explaining = Promise.resolve();
    while (!signal.aborted) {
      const silence = performance.now() - since;
      this.#longest = Math.max(this.#longest, silence);
      if (ledger.acknowledged.size !== size)
        [size, since, explained] = [ledger.acknowledged.size, performance.now(), 0];
      else if (silence >= (explained + 1) * STALL_MS) {
        explained++;
        explaining = explain(Math.round(silence / 1000));
      }
      await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    await explaining;
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
