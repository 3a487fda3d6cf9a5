import { Worker } from 'node:worker_threads';
import { StoreError, type SharedSnapshot, type StoreErrorCode } from '../store/index.js';
import type { BlockClaim, PlainBlock } from './plain-range.js';

/** Under vitest this file runs as TypeScript, which a worker thread cannot load: the built one does the same. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/audit/range-worker.js' : './range-worker.js',
  import.meta.url,
);

/** What a thread says of the run that it was given last. */
export type RangeMessage =
  | { readonly entries: number }
  | { readonly blocks: PlainBlock[] | null }
  | { readonly failed: { readonly code: StoreErrorCode | null; readonly message: string } };

/** A thread of the audit ended before it had answered. */
export class ThreadLostError extends Error {
  override readonly name = 'ThreadLostError';
}

interface Asked {
  readonly onEntries: (count: number) => void;
  readonly resolve: (blocks: PlainBlock[] | null) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread that checks runs of blocks, one at a time, on a connection of its own and in the same view of the rows. */
export class RangeThread {
  readonly #worker: Worker;
  #asked: Asked | null = null;
  #lost: unknown = null;

  constructor(shared: SharedSnapshot) {
    this.#worker = new Worker(WORKER, { workerData: shared });
    this.#worker
      .on('message', (message: RangeMessage) => {
        this.#hear(message);
      })
      .on('error', (error) => {
        this.#lose(
          new ThreadLostError(`a thread of the audit has failed: ${error.message}`, { cause: error }),
        );
      })
      .on('exit', (code) => {
        this.#lose(new ThreadLostError(`a thread of the audit has ended before its work was done (${code})`));
      });
  }

  /** See `checkRange`. @throws {StoreError | ThreadLostError} the thread could not do it */
  check(claims: readonly BlockClaim[], onEntries: (count: number) => void): Promise<PlainBlock[] | null> {
    return new Promise((resolve, reject) => {
      this.#asked = { onEntries, resolve, reject };
      if (this.#lost === null) this.#worker.postMessage(claims);
      else this.#lose(this.#lost);
    });
  }

  /** Resolves when the thread has ended, whatever it was at. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #hear(message: RangeMessage): void {
    const asked = this.#asked;
    if ('entries' in message) {
      asked?.onEntries(message.entries);
      return;
    }
    if ('failed' in message) {
      const { code, message: text } = message.failed;
      this.#lose(
        code === null
          ? new ThreadLostError(`a thread of the audit has failed: ${text}`)
          : new StoreError(code, text),
      );
      return;
    }
    this.#asked = null;
    asked?.resolve(message.blocks);
  }

  #lose(error: unknown): void {
    this.#lost ??= error;
    this.#asked?.reject(this.#lost);
    this.#asked = null;
  }
}
