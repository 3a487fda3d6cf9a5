import { button, element, uniqueId } from '../dom.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/notarize.js';
import type { Desk } from './desk.js';

/** Asks once for all what is to become of the documents that are known already. */
export class DecisionView {
  readonly element = element('section', { class: 'decision' });
  readonly #desk: Desk;
  #shown = '';

  constructor(desk: Desk) {
    this.#desk = desk;
    this.element.hidden = true;
  }

  update(): void {
    const { items } = this.#desk;
    const known = items.filter(({ state }) => state.phase === 'known');
    // One document alone is asked about in its row.
    const asked = known.length > 0 && items.length > 1;
    const shown = asked ? `${known.length} ${items.length}` : '';
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.element.hidden = !asked;
    if (asked) this.#build(known.length);
    else this.element.replaceChildren();
  }

  #build(known: number): void {
    const t = words();
    const focused = [...this.element.querySelectorAll('button')].findIndex(
      (each) => each === document.activeElement,
    );
    const id = uniqueId('decision');
    const count = formatNumber(known);
    // Who is known is asked again at the press: more may have been found since the button was made.
    const all = () => this.#desk.items.filter(({ state }) => state.phase === 'known');
    const leave = button(t.leaveOutAll(known), () => {
      this.#desk.leaveOut(all());
    });
    const again = button(t.notarizeAllAgain(known, count), () => {
      this.#desk.submitAgain(all());
    });
    this.element.setAttribute('aria-labelledby', id);
    this.element.replaceChildren(
      element(
        'p',
        {},
        element('strong', { id }, t.knownMany(known, count, formatNumber(this.#desk.items.length))),
      ),
      element('p', { class: 'hint' }, t.knownManyExplained),
      element('div', { class: 'form-actions' }, leave, again),
    );
    [leave, again][focused]?.focus();
  }
}
