import { createRequire } from 'node:module';
import type * as piscina from 'piscina';

const real = createRequire(import.meta.url)('piscina') as typeof piscina;

type Options = NonNullable<ConstructorParameters<typeof piscina.Piscina>[0]>;
type RunOptions = NonNullable<Parameters<piscina.Piscina['run']>[1]>;

/** By their options. */
const kept = new Map<string, piscina.Piscina>();

/**
 * In place of the package, whose pools each start threads of their own: here pools with the same options, one after the other
 * or at once, share threads. To start one costs more than most tests. Each still runs no more tasks at once than it has threads.
 */
export class Piscina {
  readonly #threads: piscina.Piscina;
  readonly #most: number;
  readonly #tasks = new Set<AbortController>();
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(options: Options) {
    this.#most = options.maxThreads ?? 1;
    const kind = JSON.stringify(options);
    let threads = kept.get(kind);
    if (threads === undefined) {
      threads = new real.Piscina({ ...options, maxThreads: 8 * this.#most, idleTimeout: 60_000 });
      kept.set(kind, threads);
    }
    this.#threads = threads;
  }

  get queueSize(): number {
    return this.#waiting.size;
  }

  async run(task: unknown, options: RunOptions = {}): Promise<unknown> {
    const own = new AbortController();
    this.#tasks.add(own);
    const given = options.signal instanceof AbortSignal ? [options.signal] : [];
    const signal = AbortSignal.any([own.signal, ...given]);
    try {
      while (this.#running >= this.#most && !signal.aborted) await this.#turn(signal);
      signal.throwIfAborted();
      this.#running++;
      try {
        return await this.#threads.run(task, { ...options, signal });
      } finally {
        this.#running--;
      }
    } finally {
      this.#tasks.delete(own);
      const [next] = this.#waiting;
      next?.();
    }
  }

  /** A task that runs ends with its thread. */
  destroy(): Promise<void> {
    for (const task of this.#tasks) task.abort();
    return Promise.resolve();
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
