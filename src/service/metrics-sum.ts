import { AggregatorRegistry } from 'prom-client';
import type { ProcessMetrics } from './messages.js';

/** Longer than a worker waits for a database that does not respond. */
const TIMEOUT_MS = 6000;
/** Metrics of ended processes are kept separately up to this number, and then added up. */
const MAX_ENDED = 8;
/** Kinds of metrics that only ever grow: what an ended process has counted stays in the sums. */
const CUMULATIVE: ReadonlySet<string> = new Set(['counter', 'histogram']);

interface Collection {
  readonly missing: Set<number>;
  readonly complete: () => void;
}

/** Adds up the metrics of several processes. What a process had reported before it ended stays counted. */
export class MetricsSum {
  readonly #request: (worker: number, id: number) => void;
  /** What each living worker reported last. */
  readonly #latest = new Map<number, ProcessMetrics>();
  #ended: ProcessMetrics[] = [];
  #merging: Promise<void> | null = null;
  readonly #collections = new Map<number, Collection>();
  #nextId = 0;

  /** @param request asks a worker for its metrics, which then arrive at `add` with the same id */
  constructor(request: (worker: number, id: number) => void) {
    this.#request = request;
  }

  /**
   * Prometheus text over these workers, and over `own`, the metrics of this process. For a worker that does
   * not reply in time, its latest metrics count.
   */
  async collect(workers: readonly number[], own: ProcessMetrics = []): Promise<string> {
    const id = this.#nextId++;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, TIMEOUT_MS);
      const complete = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#collections.set(id, { missing: new Set(workers), complete });
      if (workers.length === 0) complete();
      for (const worker of workers) this.#request(worker, id);
    });
    this.#collections.delete(id);
    return AggregatorRegistry.aggregate([own, ...this.#ended, ...this.#latest.values()]).metrics();
  }

  add(worker: number, id: number, metrics: ProcessMetrics): void {
    this.#latest.set(worker, metrics);
    this.#settle(worker, id);
  }

  /** The worker has ended: nothing waits for it, and only its cumulative metrics remain in the sums. */
  remove(worker: number): void {
    const latest = this.#latest.get(worker);
    this.#latest.delete(worker);
    if (latest !== undefined) this.#ended.push(latest.filter(({ type }) => CUMULATIVE.has(String(type))));
    if (this.#ended.length > MAX_ENDED) this.#merging ??= this.#merge();
    for (const id of this.#collections.keys()) this.#settle(worker, id);
  }

  async #merge(): Promise<void> {
    const merged = [...this.#ended];
    const sum = await AggregatorRegistry.aggregate(merged).getMetricsAsJSON();
    this.#ended.splice(0, merged.length, sum);
    this.#merging = null;
  }

  #settle(worker: number, id: number): void {
    const collection = this.#collections.get(id);
    if (collection?.missing.delete(worker) === true && collection.missing.size === 0) collection.complete();
  }
}
