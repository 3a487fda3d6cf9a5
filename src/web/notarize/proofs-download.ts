import { saveBlob } from '../save-file.js';
import { words } from '../messages/notarize.js';
import type { Item } from './item.js';
import type { Collected, WantedProof } from './proofs-zip.js';

export type ProofsState =
  | { readonly kind: 'idle' }
  /** `fraction`: of the proofs, from 0 to 1. */
  | { readonly kind: 'collecting'; readonly fraction: number }
  | { readonly kind: 'done'; readonly count: number; readonly missing: readonly string[] }
  | { readonly kind: 'failed'; readonly error: unknown };

/** All proofs of the list in one download. */
export class ProofsDownload {
  #state: ProofsState = { kind: 'idle' };
  #abort = new AbortController();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get state(): ProofsState {
    return this.#state;
  }

  async start(items: readonly Item[]): Promise<void> {
    if (this.#state.kind === 'collecting') return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#set({ kind: 'collecting', fraction: 0 });
    try {
      const { zip, count, missing } = await this.#collect(wantedOf(items), signal);
      if (count > 0) saveBlob(words().zipName, zip);
      this.#set({ kind: 'done', count, missing });
    } catch (error) {
      this.#set(signal.aborted ? { kind: 'idle' } : { kind: 'failed', error });
    }
  }

  stop(): void {
    this.#abort.abort();
  }

  async #collect(wanted: readonly WantedProof[], signal: AbortSignal): Promise<Collected> {
    const { collectProofs } = await import('./proofs-zip.js');
    const onProgress = (fraction: number) => {
      if (!signal.aborted) this.#set({ kind: 'collecting', fraction });
    };
    return collectProofs(wanted, onProgress, signal);
  }

  #set(state: ProofsState): void {
    this.#state = state;
    this.#onChange();
  }
}

function wantedOf(items: readonly Item[]): WantedProof[] {
  return items.flatMap(({ state, notarization, path }) =>
    state.phase === 'sealed' && notarization !== null
      ? [{ id: notarization.id, path, sealedAt: state.seal.sealedAt }]
      : [],
  );
}
