import { Piscina } from 'piscina';
import { THREAD_ARGUMENTS } from '../background/threads.js';
import { isSlow, type PrivateKey } from '../crypto/keys.js';
import { type Note, signNote } from '../proof/index.js';

/** The bundle of this thread's module, two folders up from src/intake/ and from dist/shared/ alike. */
const WORKER = new URL('../../dist/intake/signing-worker.js', import.meta.url);

/**
 * Signs texts with the receipt keys. An ML-DSA-44 signature takes more than ten milliseconds, in which the
 * process would answer nobody, so it is made in a thread. Without such a key there is no thread.
 */
export class ReceiptSigning {
  readonly #keys: readonly PrivateKey[];
  readonly #pool: Piscina | null;

  constructor(keys: readonly PrivateKey[]) {
    this.#keys = keys;
    this.#pool = keys.some(isSlow)
      ? new Piscina({
          filename: WORKER.href,
          execArgv: [...THREAD_ARGUMENTS],
          minThreads: 1,
          maxThreads: 1,
        })
      : null;
  }

  /** @param text ends with LF */
  readonly sign = (text: string): Note | Promise<Note> =>
    this.#pool === null
      ? signNote(text, ...this.#keys)
      : this.#pool.run({ text, keys: this.#keys.map((key) => key.text) });

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }
}
