import { Piscina } from 'piscina';
import { THREAD_ARGUMENTS } from '../background/threads.js';
import { CertificateError } from './facts.js';
import type { CertificateOrder, CertificateResult, RecordCertificateOrder } from './certificate.js';
import type { CertificateSigner } from './signature.js';

/** The bundle of this thread's module, two folders up from src/certificate/ and from dist/shared/ alike. */
const WORKER = new URL('../../dist/certificate/certificate.js', import.meta.url);

export interface CertificateWorkersOptions {
  /** Each thread keeps the fonts in memory: some hundred megabytes. */
  readonly threads: number;
  /** Certificates that may wait for a thread. */
  readonly maxWaiting: number;
  /** Signs every certificate; null: they are not signed. */
  readonly signer?: CertificateSigner | null;
}

/**
 * The threads that make certificates. They start when they are needed and end after a minute without work.
 * Only the threads load the PDF library.
 */
export class CertificateWorkers {
  readonly #pool: Piscina;
  readonly #threads: number;
  readonly #maxWaiting: number;
  readonly #signer: CertificateSigner | null;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor({ threads, maxWaiting, signer = null }: CertificateWorkersOptions) {
    this.#threads = threads;
    this.#maxWaiting = maxWaiting;
    this.#signer = signer;
    this.#pool = new Piscina({
      filename: WORKER.href,
      execArgv: [...THREAD_ARGUMENTS],
      name: 'make',
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 60_000,
    });
  }

  /** SHA-256 of the certificate of the key that signs, in hexadecimal; null: none does. */
  get signedBy(): string | null {
    return this.#signer?.fingerprint ?? null;
  }

  /**
   * The same bytes as `createCertificate`, signed if there is a signer. A waiting call leaves the queue when `signal` aborts; a
   * certificate that is being made is finished, because cancelling it would end its thread.
   *
   * @param ofStranger whether nobody known asks: strangers leave half of the queue to others
   * @throws {CertificateError} queue_full at once when too many are waiting; others as `createCertificate`
   * @throws the reason of `signal`
   */
  async create(
    order: CertificateOrder | RecordCertificateOrder,
    signal: AbortSignal,
    ofStranger = false,
  ): Promise<Uint8Array<ArrayBuffer>> {
    await this.#acquire(signal, ofStranger ? Math.ceil(this.#maxWaiting / 2) : this.#maxWaiting);
    try {
      const signer = this.#signer;
      const signature = signer === null ? null : { name: signer.name, at: Date.now() };
      const result = (await this.#pool.run({ ...order, signature })) as CertificateResult;
      if ('code' in result) throw new CertificateError(result.code, result.message);
      return signer === null ? result.bytes : await signer.sign(result.bytes);
    } finally {
      this.#running--;
      const [next] = this.#waiting;
      next?.();
    }
  }

  /** Resolves when all threads have ended. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }

  /** Waits for a free thread and reserves it. */
  async #acquire(signal: AbortSignal, maxWaiting: number): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.#threads) {
      this.#running++;
      return;
    }
    if (this.#waiting.size >= maxWaiting)
      throw new CertificateError('queue_full', 'too many certificates are being made; try again later');
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
