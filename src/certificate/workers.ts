import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { CertificateError } from './certificate.js';
import type { CertificateOrder, CertificateResult } from './worker.js';

export type { CertificateOrder } from './worker.js';

/** Under vitest this file runs as TypeScript, which a worker thread cannot load: the built one does the same. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/certificate/worker.js' : './worker.js',
  import.meta.url,
);
/** Each thread holds both fonts, some 100 MB with what was read from them. */
const MAX_THREADS = 4;
/** At 0.2 s each, whoever is let in waits for some 6 s at most on one thread. */
const MAX_WAITING = 32;

/**
 * The threads that make certificates. They start when they are needed and end when they are not: half of the processors, as
 * accepting and sealing go before. Nothing here loads the PDF library, which takes 0.2 s: only the threads do.
 */
export class CertificateWorkers {
  readonly #pool: Piscina;
  readonly #threads: number;
  readonly #maxWaiting: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor({
    threads = Math.max(1, Math.min(MAX_THREADS, Math.floor(availableParallelism() / 2))),
    maxWaiting = MAX_WAITING,
  } = {}) {
    this.#threads = threads;
    this.#maxWaiting = maxWaiting;
    this.#pool = new Piscina({
      filename: WORKER.href,
      name: 'make',
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 60_000,
    });
  }

  /**
   * The same bytes as `createCertificate`. Whoever waits for their turn leaves the queue when `signal` aborts; what has begun is
   * finished, as ending it would end its thread.
   * @throws {CertificateError} queue_full at once when too many wait; and what `signal` was aborted with
   */
  async create(order: CertificateOrder, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    await this.#turn(signal);
    try {
      const result = (await this.#pool.run(order)) as CertificateResult;
      if ('code' in result) throw new CertificateError(result.code, result.message);
      return result.bytes;
    } finally {
      this.#running--;
      const [next] = this.#waiting;
      next?.();
    }
  }

  /** Resolves when no thread runs any more. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }

  /** Resolves when a thread is free, which from then on is the caller's. */
  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.#threads) {
      this.#running++;
      return;
    }
    if (this.#waiting.size >= this.#maxWaiting)
      throw new CertificateError('queue_full', 'too many certificates are being made at the moment');
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(start);
        signal.removeEventListener('abort', abort);
      };
      const start = () => {
        leave();
        this.#running++;
        resolve();
      };
      const abort = () => {
        leave();
        reject(
          signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }),
        );
      };
      this.#waiting.add(start);
      signal.addEventListener('abort', abort);
    });
  }
}
