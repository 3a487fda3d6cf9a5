import { signal } from '@preact/signals';

export type ResourceState<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'here'; readonly value: T };

/** A value that is loaded from the service. `Load` shows it with its loading and error states. */
export class Resource<T> {
  readonly #state = signal<ResourceState<T>>({ kind: 'loading' });
  readonly #busy = signal(false);
  readonly #load: () => Promise<T>;
  #latest = 0;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  get state(): ResourceState<T> {
    return this.#state.value;
  }

  /** null: not here. */
  get value(): T | null {
    const { state } = this;
    return state.kind === 'here' ? state.value : null;
  }

  /** Whether a request is under way; an older value may be shown meanwhile. */
  get busy(): boolean {
    return this.#busy.value;
  }

  /** Loads the value again. The old one stays until the response arrives; responses to older calls are dropped. */
  async load(): Promise<void> {
    const own = (this.#latest += 1);
    this.#busy.value = true;
    if (this.#state.peek().kind === 'failed') this.#state.value = { kind: 'loading' };
    let state: ResourceState<T>;
    try {
      state = { kind: 'here', value: await this.#load() };
    } catch (error) {
      state = { kind: 'failed', error };
    }
    if (own === this.#latest) this.#set(state);
  }

  /** Replaces the value without loading. */
  change(value: T): void {
    this.#latest += 1;
    this.#set({ kind: 'here', value });
  }

  #set(state: ResourceState<T>): void {
    this.#busy.value = false;
    this.#state.value = state;
  }
}
