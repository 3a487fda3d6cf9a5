import { element, setText } from '../dom.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/notarize.js';
import { DecisionView } from './decision-view.js';
import type { Desk } from './desk.js';
import type { Item } from './item.js';
import { ListActions } from './list-actions.js';
import { PagerView, type Place } from './pager-view.js';
import { ProgressView } from './progress-view.js';
import type { ProofsDownload } from './proofs-download.js';
import { ProofsView } from './proofs-view.js';
import { RowView } from './row-view.js';
import { pageOf } from './showing.js';

export interface ListOptions {
  readonly desk: Desk;
  readonly place: Place;
  readonly proofs: ProofsDownload;
  /** null: the details of all. */
  readonly onEdit: (item: Item | null) => void;
}

/** The documents, how far they are together, and what can be done with all of them. */
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
    const { desk, onEdit } = options;
    this.#actions = new ListActions(desk, () => {
      onEdit(null);
    });
    this.#decision = new DecisionView(desk);
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
      this.#proofs.says,
      this.#decision.element,
      this.#pager.choice,
      this.#list,
      this.#none,
      this.#pager.pages,
      this.#after,
    );
    this.updateList();
  }

  /** Documents were added or removed, or what is said of them. */
  updateList(): void {
    this.element.hidden = this.#options.desk.items.length === 0;
    this.updateSummary();
    for (const row of this.#rows.values()) row.update();
  }

  updateItem(item: Item): void {
    this.#rows.get(item)?.update();
  }

  /** Called at most a few times a second, however many items change. */
  updateSummary(): void {
    const { items } = this.#options.desk;
    setText(this.#heading, words().documents(items.length, formatNumber(items.length)));
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
    this.#proofs.update(this.#options.desk.items);
  }

  #showRows(): void {
    const { desk, place, onEdit } = this.#options;
    const shown = pageOf(desk.items, place.view, place.page);
    const focusedAt = [...this.#list.children].findIndex((row) => row.contains(document.activeElement));
    const kept = new Set(shown.items);
    for (const [item, row] of this.#rows) {
      if (kept.has(item)) continue;
      row.element.remove();
      this.#rows.delete(item);
    }
    shown.items.forEach((item, i) => {
      const row = this.#rows.get(item) ?? new RowView(item, desk, onEdit);
      this.#rows.set(item, row);
      const there = this.#list.children[i];
      if (there !== row.element) this.#list.insertBefore(row.element, there ?? null);
    });
    this.#list.hidden = shown.items.length === 0;
    setText(this.#none, shown.items.length === 0 && desk.items.length > 0 ? words().nothingShown : '');
    this.#pager.update(desk.items, shown);
    if (focusedAt === -1 || this.#list.contains(document.activeElement)) return;
    // The row that had the focus is gone: the next one has it, or what stands above them all.
    const next = this.#list.children[Math.min(focusedAt, this.#list.children.length - 1)];
    ((next as HTMLElement | undefined) ?? this.#heading).focus();
  }
}

function afterwards(): HTMLElement[] {
  const t = words();
  return [element('p', {}, t.keepProof, ' ', element('a', { href: './verify.html' }, t.verifyLink))];
}
