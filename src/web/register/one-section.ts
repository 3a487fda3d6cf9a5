import { element } from '../dom.js';
import type { Notarization } from '../resources.js';
import { follow } from '../watch/follow.js';
import { SealWatch } from '../watch/seal-watch.js';
import { words } from '../messages/register.js';
import { Loaded } from '../parts/loaded.js';
import { announce } from '../parts/section.js';
import { keepFocus } from '../pictures/keep-focus.js';
import { placeAddress, type Query } from './address.js';
import { registered, type Registered } from './calls.js';
import { downloadsView } from './downloads-view.js';
import { awaitsQuorum, QUORUM_PATIENCE_MS } from './found.js';
import { documentName, isNamed } from './row-view.js';
import { submitterNames, type Names } from './submitters.js';
import { valuesView } from './values-view.js';
import { visibilityView } from './visibility-view.js';

interface Shown {
  readonly row: Registered;
  readonly names: Names;
}

/** All of one notarization, and what can be done with it. */
export class OneSection {
  readonly element = element('div', { class: 'page' });
  readonly id: string;
  readonly #query: Query;
  readonly #loaded: Loaded<Shown>;
  readonly #watch = new SealWatch();
  readonly #stop = new AbortController();
  #waiting = false;
  /** What was last shown. */
  #shown = '';

  /**
   * @param known what the list knows already
   * @param onChange told what is known better than the list may know it
   */
  constructor(id: string, query: Query, known: Shown | null, onChange: (row: Registered) => void) {
    this.id = id;
    this.#query = query;
    this.#loaded = new Loaded<Shown>(
      async () => {
        const [row, names] = await Promise.all([registered(id), submitterNames()]);
        this.#follow(row);
        return { row, names };
      },
      () => {
        const { state } = this.#loaded;
        if (state.kind === 'here') onChange(state.value.row);
        // The same again must not take away what has just been said of it, or the button that is being used.
        if (this.#key !== this.#shown) this.show();
      },
      () => words().problems,
    );
    if (known !== null) this.#loaded.state = { kind: 'here', value: known };
    void this.#loaded.load();
  }

  get heading(): string {
    const { state } = this.#loaded;
    return state.kind === 'here' ? documentName(state.value.row) : words().unknownHeading;
  }

  show(): void {
    const { state } = this.#loaded;
    this.#shown = this.#key;
    const named = state.kind === 'here' && isNamed(state.value.row);
    const back = placeAddress({ kind: 'list', query: this.#query });
    keepFocus(this.element, () => {
      this.element.replaceChildren(
        element('p', {}, element('a', { class: 'button', href: back }, words().back)),
        element(
          'h1',
          { id: 'one-heading', tabindex: -1, class: named ? '' : 'is-code' },
          element('bdi', {}, named || state.kind !== 'here' ? this.heading : `${this.heading}…`),
        ),
        this.#loaded.view((shown) => this.#body(shown)),
      );
    });
  }

  get #key(): string {
    const { state } = this.#loaded;
    return state.kind === 'here' ? JSON.stringify([state.value.row, ...state.value.names]) : state.kind;
  }

  async again(): Promise<void> {
    if (this.#loaded.state.kind === 'failed') await this.#loaded.load();
  }

  leave(): void {
    this.#watch.stop();
    this.#stop.abort();
  }

  #body({ row, names }: Shown): HTMLElement {
    const changed = (now: Registered) => {
      this.#loaded.change({ row: now, names });
    };
    return element(
      'div',
      { class: 'panels' },
      valuesView(row, names),
      downloadsView(row),
      visibilityView(row, changed),
    );
  }

  /** Asks again when it is sealed, and when its quorum is there. */
  #follow(row: Registered): void {
    if (this.#waiting || (row.status !== 'accepted' && !awaitsQuorum(row))) return;
    this.#waiting = true;
    const again = (said: string | null) => () => {
      this.#waiting = false;
      if (said !== null) announce(said);
      void this.#loaded.load();
    };
    if (row.status === 'accepted') {
      this.#watch.add(row, again(words().updated));
      return;
    }
    const until = (now: Notarization) => !awaitsQuorum(now);
    const { signal } = this.#stop;
    follow({ id: row.id, event: 'cosigned', patienceMs: QUORUM_PATIENCE_MS, until, signal }).then(
      again(null),
      () => undefined,
    );
  }
}
