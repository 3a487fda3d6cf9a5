import { signal } from '@preact/signals';
import { toHex } from '../../../proof/bytes.js';
import type { ChosenFile } from '../../lib/files.js';
import { Hasher, type HashWorkers } from '../../lib/hasher.js';

export type Comparison =
  | { readonly kind: 'none' }
  | { readonly kind: 'hashing'; readonly name: string }
  | { readonly kind: 'same' | 'different'; readonly name: string }
  | { readonly kind: 'unreadable' };

/** The person's copy of the document, compared with the digest that is asked about. */
export class Compared {
  readonly #state = signal<Comparison>({ kind: 'none' });
  readonly #hasher: Hasher;
  #latest = new AbortController();

  constructor(workers: HashWorkers) {
    this.#hasher = new Hasher(workers, 1);
  }

  get state(): Comparison {
    return this.#state.value;
  }

  /** @param sha256 of the document, in hexadecimal */
  async compare({ file }: Pick<ChosenFile, 'file'>, sha256: string): Promise<void> {
    this.#latest.abort();
    const own = (this.#latest = new AbortController());
    const { name } = file;
    this.#state.value = { kind: 'hashing', name };
    let state: Comparison;
    try {
      const digest = await this.#hasher.hash(file, own.signal, () => undefined);
      state = { kind: toHex(digest) === sha256 ? 'same' : 'different', name };
    } catch {
      state = { kind: 'unreadable' };
    }
    if (!own.signal.aborted) this.#state.value = state;
  }
}
