import { button, element } from '../lib/dom.js';
import { errorSentence } from './problem.js';
import { common } from '../messages/common.js';

export { errorSentence };

/** A value that is loaded from the service, with its loading and error states. */
export class Loaded<T> {
  state:
    | { readonly kind: 'loading' }
    | { readonly kind: 'failed'; readonly error: unknown }
    | { readonly kind: 'here'; readonly value: T } = { kind: 'loading' };
  readonly #load: () => Promise<T>;
  readonly #onChange: () => void;
  readonly #sentences: () => Readonly<Record<string, string>>;
  #latest = 0;

  /** @param sentences messages for problem codes that mean something specific here */
  constructor(
    load: () => Promise<T>,
    onChange: () => void,
    sentences: () => Readonly<Record<string, string>> = () => ({}),
  ) {
    this.#load = load;
    this.#onChange = onChange;
    this.#sentences = sentences;
  }

  /**
   * Loads the value again. The old value stays until the response arrives; responses to older calls are
   * dropped.
   */
  async load(): Promise<void> {
    const own = (this.#latest += 1);
    if (this.state.kind === 'failed') this.#set({ kind: 'loading' });
    try {
      const value = await this.#load();
      if (own === this.#latest) this.#set({ kind: 'here', value });
    } catch (error) {
      if (own === this.#latest) this.#set({ kind: 'failed', error });
    }
  }

  /** Replaces the value without loading. */
  change(value: T): void {
    this.#latest += 1;
    this.#set({ kind: 'here', value });
  }

  view(show: (value: T) => HTMLElement): HTMLElement {
    switch (this.state.kind) {
      case 'here':
        return show(this.state.value);
      case 'loading':
        return loadingLine();
      case 'failed':
        return loadFailed(this.state.error, () => void this.load(), this.#sentences());
    }
  }

  #set(state: typeof this.state): void {
    this.state = state;
    this.#onChange();
  }
}

export function loadingLine(): HTMLElement {
  return element('p', { class: 'hint', 'aria-busy': 'true' }, common().loading);
}

/** @param sentences messages for problem codes that mean something specific here */
export function loadFailed(
  error: unknown,
  again: () => void,
  sentences: Readonly<Record<string, string>> = {},
): HTMLElement {
  return element(
    'div',
    { class: 'load-failed' },
    element('p', { class: 'problem', role: 'alert' }, errorSentence(error, sentences)),
    button(common().tryAgain, again),
  );
}
