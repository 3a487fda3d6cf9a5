import { button, element, setText, uniqueId } from '../../lib/dom.js';
import { counted, formatNumber } from '../../lib/format.js';
import { type Documents, isClearable } from './documents.js';
import { isCancellable, isEditable, isFinal, isUnsubmitted, type Item } from './item.js';
import { ProgressView } from './progress.js';
import { type ProofsDownload, ProofsView } from './proofs.js';
import { RowView } from './row.js';
import { messages } from '../../messages/notarize.js';
import { common } from '../../messages/common.js';

/** Filters and pages of the list. */

export const VIEWS = ['all', 'undecided', 'under_way', 'sealed'] as const;
export type View = (typeof VIEWS)[number];

/** Rows per page: thousands of rows would slow the page down. */
const PAGE = 100;

function belongsTo(view: View, item: Item): boolean {
  switch (view) {
    case 'all':
      return true;
    case 'undecided':
      return ['known', 'failed', 'cancelled'].includes(item.state.phase);
    case 'under_way':
      return item.state.phase !== 'known' && !isFinal(item);
    case 'sealed':
      return item.state.phase === 'sealed';
  }
}

export interface Shown {
  readonly items: readonly Item[];
  /** Index of the first shown among the filtered items. */
  readonly first: number;
  readonly all: number;
}

/** The page with this index, or the last one. */
export function pageOf(items: readonly Item[], view: View, page: number): Shown {
  const all = view === 'all' ? items : items.filter((item) => belongsTo(view, item));
  const last = Math.max(0, Math.ceil(all.length / PAGE) - 1);
  const first = Math.min(page, last) * PAGE;
  return { items: all.slice(first, first + PAGE), first, all: all.length };
}

/** The filter and page of the list; kept when the language changes. */
export interface ListPosition {
  view: View;
  /** From 0. */
  page: number;
}

/** Shorter lists have no filter. */
const CHOICE_FROM = 12;

/** The filter and the page buttons. */
export class PagerView {
  readonly choice = element('div', { class: 'view-choice' });
  readonly pages = element('nav', { class: 'pager', 'aria-label': messages().pages });
  readonly #place: ListPosition;
  readonly #options = new Map<View, HTMLOptionElement>();
  readonly #select = element('select', { class: 'input', id: 'documents-view' });
  readonly #where = element('span', { class: 'pager-where', role: 'status' });
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;

  constructor(place: ListPosition, onMove: () => void) {
    const t = messages();
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
    const t = messages();
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

/** Asks once what to do with all documents that are already notarized. */
export class DecisionView {
  readonly element = element('section', { class: 'decision' });
  readonly #documents: Documents;
  #shown = '';

  constructor(documents: Documents) {
    this.#documents = documents;
    this.element.hidden = true;
  }

  update(): void {
    const { items } = this.#documents;
    const known = items.filter(({ state }) => state.phase === 'known');
    // The row of a single document asks by itself.
    const isAsked = known.length > 0 && items.length > 1;
    const shown = isAsked ? `${known.length} ${items.length}` : '';
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.element.hidden = !isAsked;
    if (isAsked) this.#build(known.length);
    else this.element.replaceChildren();
  }

  #build(known: number): void {
    const t = messages();
    const focused = [...this.element.querySelectorAll('button')].findIndex(
      (each) => each === document.activeElement,
    );
    const id = uniqueId('decision');
    // Evaluated on click, because more may have been found since.
    const all = () => this.#documents.items.filter(({ state }) => state.phase === 'known');
    const keep = button(t.keepAllExisting(counted(known)), () => {
      this.#documents.keepExisting(all());
    });
    const again = button(t.notarizeAllAgain(counted(known)), () => {
      this.#documents.submitAgain(all());
    });
    this.element.setAttribute('aria-labelledby', id);
    this.element.replaceChildren(
      element(
        'p',
        {},
        element('strong', { id }, t.knownMany(counted(known), formatNumber(this.#documents.items.length))),
      ),
      element('p', { class: 'hint' }, t.knownManyExplained),
      element('div', { class: 'form-actions' }, keep, again),
    );
    [keep, again][focused]?.focus();
  }
}

/** Buttons for all documents. */
export class ListActions {
  readonly element = element('div', { class: 'list-buttons' });
  /** The button at the end of the row. */
  readonly last = element('div', { class: 'list-buttons' });
  readonly #documents: Documents;
  readonly #onEdit: () => void;
  #shown = '';

  constructor(documents: Documents, onEdit: () => void) {
    this.#documents = documents;
    this.#onEdit = onEdit;
  }

  /**
   * Rebuilds the buttons only if they change, so that none vanishes under the pointer.
   * @returns false if the focused button was removed and no other is left
   */
  update(): boolean {
    const documents = this.#documents;
    const open = documents.items.filter(isUnsubmitted).length;
    const failed = documents.items.filter(({ state }) => state.phase === 'failed').length;
    const cancellable = documents.items.some(isCancellable);
    const clearable = !cancellable && documents.items.some(isClearable);
    const editable = documents.items.length > 1 && documents.items.some(isEditable);
    const hasDetails = documents.common.details !== null || documents.common.withName;
    const shown = [open, failed, cancellable, clearable, editable, hasDetails].join(' ');
    if (shown === this.#shown) return true;
    this.#shown = shown;
    const places = [this.element, this.last];
    const focused = places.some((place) => place.contains(document.activeElement))
      ? ((document.activeElement as HTMLElement).dataset['action'] ?? '')
      : null;
    const t = messages();
    const act = (action: string, label: string, kind: string, run: () => void) =>
      button(label, run, { class: `button ${kind}`, 'data-action': action });
    const submit = () => {
      documents.submit();
    };
    const retry = () => {
      documents.retryAll();
    };
    const cancel = () => {
      documents.cancel();
    };
    const clear = () => {
      documents.clear();
    };
    const edit = hasDetails ? t.editDetailsOfAll : t.addDetailsToAll;
    this.element.replaceChildren(
      ...(open > 0 ? [act('submit', t.notarizeAll(counted(open)), 'is-primary', submit)] : []),
      ...(failed > 1 ? [act('retry', t.retryAll(formatNumber(failed)), '', retry)] : []),
      ...(editable ? [act('details', edit, '', this.#onEdit)] : []),
      ...(cancellable ? [act('cancel', common().cancel, '', cancel)] : []),
    );
    this.last.replaceChildren(...(clearable ? [act('clear', t.clear, 'is-quiet', clear)] : []));
    if (focused === null) return true;
    const buttons = places.flatMap((place) => [...place.querySelectorAll('button')]);
    const next = buttons.find((each) => each.dataset['action'] === focused) ?? buttons[0];
    next?.focus();
    return next !== undefined;
  }
}

interface ListOptions {
  readonly documents: Documents;
  readonly place: ListPosition;
  readonly proofs: ProofsDownload;
  /** null: the details of all documents. */
  readonly onEdit: (item: Item | null) => void;
}

/** The list of documents, with its progress and actions. */
export class ListView {
  readonly element = element('section', { class: 'documents', 'aria-labelledby': 'documents-heading' });
  readonly #options: ListOptions;
  readonly #heading = element('h2', { id: 'documents-heading', tabindex: -1 });
  readonly #progress = new ProgressView();
  readonly #actions: ListActions;
  readonly #decision: DecisionView;
  readonly #pager: PagerView;
  readonly #proofs: ProofsView;
  readonly #list = element('ul', { class: 'rows' });
  readonly #none = element('p', { class: 'hint' });
  readonly #after = element('div', { class: 'after' });
  readonly #rows = new Map<Item, RowView>();

  constructor(options: ListOptions) {
    this.#options = options;
    const { documents, onEdit } = options;
    this.#actions = new ListActions(documents, () => {
      onEdit(null);
    });
    this.#decision = new DecisionView(documents);
    this.#proofs = new ProofsView(options.proofs);
    this.#pager = new PagerView(options.place, () => {
      this.#showRows();
    });
    this.#after.append(...afterwards());
    this.element.append(
      element(
        'div',
        { class: 'list-head' },
        element('div', {}, this.#heading, this.#progress.line),
        element(
          'div',
          { class: 'list-actions' },
          this.#actions.element,
          this.#proofs.buttons,
          this.#actions.last,
        ),
      ),
      this.#progress.bar,
      this.#proofs.message,
      this.#decision.element,
      this.#pager.choice,
      this.#list,
      this.#none,
      this.#pager.pages,
      this.#after,
    );
    this.updateList();
  }

  /** Called when documents or details change. */
  updateList(): void {
    this.element.hidden = this.#options.documents.items.length === 0;
    this.updateSummary();
    for (const row of this.#rows.values()) row.update();
  }

  updateItem(item: Item): void {
    this.#rows.get(item)?.update();
  }

  /** Called at most a few times per second, however many items change. */
  updateSummary(): void {
    const { items } = this.#options.documents;
    setText(this.#heading, messages().documents(counted(items.length)));
    this.#progress.update(items);
    const deciding = this.#decision.element.contains(document.activeElement);
    this.#decision.update();
    this.#proofs.update(items);
    this.#after.hidden = !items.some(({ state }) => state.phase === 'sealed');
    const lost = deciding && this.#decision.element.hidden;
    if (!this.#actions.update() || lost) this.#heading.focus();
    this.#showRows();
  }

  updateProofs(): void {
    this.#proofs.update(this.#options.documents.items);
  }

  #showRows(): void {
    const { documents, place, onEdit } = this.#options;
    const shown = pageOf(documents.items, place.view, place.page);
    const focusedAt = [...this.#list.children].findIndex((row) => row.contains(document.activeElement));
    const kept = new Set(shown.items);
    for (const [item, row] of this.#rows) {
      if (kept.has(item)) continue;
      row.element.remove();
      this.#rows.delete(item);
    }
    shown.items.forEach((item, i) => {
      const row = this.#rows.get(item) ?? new RowView(item, documents, onEdit);
      this.#rows.set(item, row);
      const there = this.#list.children[i];
      if (there !== row.element) this.#list.insertBefore(row.element, there ?? null);
    });
    this.#list.hidden = shown.items.length === 0;
    setText(
      this.#none,
      shown.items.length === 0 && documents.items.length > 0 ? messages().nothingShown : '',
    );
    this.#pager.update(documents.items, shown);
    if (focusedAt === -1 || this.#list.contains(document.activeElement)) return;
    // The focused row was removed: focus the next one, or the heading.
    const next = this.#list.children[Math.min(focusedAt, this.#list.children.length - 1)];
    ((next as HTMLElement | undefined) ?? this.#heading).focus();
  }
}

function afterwards(): HTMLElement[] {
  const t = messages();
  return [element('p', {}, t.storeProof, ' ', element('a', { href: './verify.html' }, t.verifyLink))];
}
