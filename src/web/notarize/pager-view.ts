import { button, element, setText } from '../dom.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/notarize.js';
import type { Item } from './item.js';
import { belongsTo, PAGE, VIEWS, type Shown, type View } from './showing.js';

/** Which part of the list is looked at; it outlives a change of the language. */
export interface Place {
  view: View;
  /** From 0. */
  page: number;
}

/** Shorter lists are seen at a glance. */
const CHOICE_FROM = 12;

/** The choice of what is shown, and the way through its pages. */
export class PagerView {
  readonly choice = element('div', { class: 'view-choice' });
  readonly pages = element('nav', { class: 'pager', 'aria-label': words().pages });
  readonly #place: Place;
  readonly #options = new Map<View, HTMLOptionElement>();
  readonly #select = element('select', { class: 'input', id: 'documents-view' });
  readonly #where = element('span', { class: 'pager-where', role: 'status' });
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;

  constructor(place: Place, onMove: () => void) {
    const t = words();
    this.#place = place;
    const move = (step: number) => () => {
      if (this.#isHeld(step)) return;
      place.page += step;
      onMove();
    };
    this.#previous = button(t.previousPage, move(-1));
    this.#next = button(t.nextPage, move(1));
    for (const view of VIEWS) this.#options.set(view, element('option', { value: view }));
    this.#select.append(...this.#options.values());
    this.#select.value = place.view;
    this.#select.addEventListener('change', () => {
      place.view = VIEWS.find((view) => view === this.#select.value) ?? 'all';
      place.page = 0;
      onMove();
    });
    this.choice.append(element('label', { for: this.#select.id }, t.showLabel), this.#select);
    this.pages.append(this.#previous, this.#where, this.#next);
  }

  update(items: readonly Item[], shown: Shown): void {
    const t = words();
    const labels = {
      all: t.showAll,
      undecided: t.showUndecided,
      under_way: t.showUnderWay,
      sealed: t.showSealed,
    };
    const hidden = items.length < CHOICE_FROM && this.#place.view === 'all';
    this.choice.hidden = hidden;
    if (!hidden) {
      for (const [view, option] of this.#options) {
        const count = items.filter((item) => belongsTo(view, item)).length;
        setText(option, labels[view](formatNumber(count)));
      }
    }
    this.#place.page = Math.floor(shown.first / PAGE);
    this.pages.hidden = shown.all <= PAGE;
    const last = shown.first + shown.items.length;
    setText(
      this.#where,
      shown.all === 0
        ? ''
        : t.pageOf(formatNumber(shown.first + 1), formatNumber(last), formatNumber(shown.all)),
    );
    this.#previous.setAttribute('aria-disabled', String(shown.first === 0));
    this.#next.setAttribute('aria-disabled', String(last >= shown.all));
  }

  #isHeld(step: number): boolean {
    const pressed = step < 0 ? this.#previous : this.#next;
    return pressed.getAttribute('aria-disabled') === 'true';
  }
}
