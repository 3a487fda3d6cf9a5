import { errorSentence } from '../../components/loaded.js';
import { button, element, icon, setText } from '../../lib/dom.js';
import { saveBlob } from '../../lib/files.js';
import { counted, firstNames, formatPercent } from '../../lib/format.js';
import type { Item } from './item.js';
import type { Collected, WantedProof } from './proofs-zip.js';
import { messages } from '../../messages/notarize.js';

type ProofsState =
  | { readonly kind: 'idle' }
  /** `fraction`: from 0 to 1. */
  | { readonly kind: 'collecting'; readonly fraction: number }
  | { readonly kind: 'done'; readonly count: number; readonly missing: readonly string[] }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Downloads all proofs of the list in one file. */
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
      if (count > 0) saveBlob(messages().zipName, zip);
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

/** The button for all proofs, and its result. */
export class ProofsView {
  readonly buttons = element('div', { class: 'proofs-buttons' });
  readonly message = element('p', { class: 'proofs-message', role: 'status' });
  readonly #download: ProofsDownload;
  readonly #label = element('span');
  readonly #start: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  #items: readonly Item[] = [];

  constructor(download: ProofsDownload) {
    const t = messages();
    this.#download = download;
    this.#start = button('', () => void download.start(this.#items), { 'data-action': 'proofs' });
    this.#start.append(icon('download'), this.#label);
    this.#stop = button(
      '',
      () => {
        download.stop();
        this.#start.focus();
      },
      { class: 'button is-quiet is-icon', 'aria-label': t.stopCollecting, title: t.stopCollecting },
    );
    this.#stop.append(icon('cross'));
    this.buttons.append(this.#start, this.#stop);
  }

  /** A single proof is downloaded in its row. */
  update(items: readonly Item[]): void {
    this.#items = items;
    const t = messages();
    const { state } = this.#download;
    const sealed = items.filter((item) => item.state.phase === 'sealed').length;
    const collecting = state.kind === 'collecting';
    this.buttons.hidden = sealed < 2 && !collecting;
    this.#stop.hidden = !collecting;
    this.#start.setAttribute('aria-disabled', String(collecting));
    setText(
      this.#label,
      collecting ? t.collecting(formatPercent(state.fraction)) : t.downloadAll(counted(sealed)),
    );
    this.#showMessage();
  }

  #showMessage(): void {
    const { state } = this.#download;
    const t = messages();
    this.message.classList.toggle('problem', state.kind === 'failed');
    if (state.kind === 'failed') setText(this.message, errorSentence(state.error, t.problems));
    else if (state.kind !== 'done') setText(this.message, '');
    else setText(this.message, [...done(state.count), ...missing(state.missing)].join(' '));
  }
}

function done(count: number): string[] {
  return count === 0 ? [] : [messages().zipDone(counted(count))];
}

function missing(paths: readonly string[]): string[] {
  return paths.length === 0 ? [] : [messages().zipMissing(counted(paths.length), firstNames(paths))];
}
