import { button, element, setText } from '../dom.js';
import { formatDuration, formatNumber, formatPercent, formatSpeed } from '../format.js';
import { words } from '../messages/notarize.js';
import type { Desk } from './desk.js';
import { isCancellable, isFinal, isOpen, type Item } from './item.js';
import { Meter } from './meter.js';
import { RowView } from './row-view.js';

/** Rows beyond these wait behind a button: thousands of them would make the page slow for nobody's good. */
const ROWS = 200;

/** The documents, how far they are together, and what can be done with all of them. */
export class ListView {
  readonly element = element('section', { class: 'documents', 'aria-labelledby': 'documents-heading' });
  readonly #desk: Desk;
  readonly #heading = element('h2', { id: 'documents-heading' });
  readonly #summary = element('p', { class: 'summary' });
  readonly #overall = element('progress', { max: 1, 'aria-labelledby': 'documents-heading' });
  readonly #actions = element('div', { class: 'list-actions' });
  readonly #list = element('ul', { class: 'rows' });
  readonly #more = element('div', { class: 'show-more' });
  readonly #after = element('div', { class: 'after' });
  readonly #rows = new Map<Item, RowView>();
  readonly #meter = new Meter();
  #limit = ROWS;
  #shownActions = '';

  constructor(desk: Desk) {
    this.#desk = desk;
    const head = element(
      'div',
      { class: 'list-head' },
      element('div', {}, this.#heading, this.#summary),
      this.#actions,
    );
    this.element.append(head, this.#overall, this.#list, this.#more, this.#after);
    this.updateList();
  }

  /** Documents were added or removed. */
  updateList(): void {
    const { items } = this.#desk;
    const shown = items.slice(0, this.#limit);
    const kept = new Set(shown);
    for (const [item, row] of this.#rows) {
      if (kept.has(item)) continue;
      row.element.remove();
      this.#rows.delete(item);
    }
    for (const item of shown) {
      const row = this.#rows.get(item) ?? new RowView(item, this.#desk);
      if (!this.#rows.has(item)) this.#list.append(row.element);
      this.#rows.set(item, row);
      row.update();
    }
    const hidden = items.length - shown.length;
    this.#more.replaceChildren(...(hidden === 0 ? [] : [this.#showMore(hidden)]));
    this.element.hidden = items.length === 0;
    this.updateSummary();
  }

  updateItem(item: Item): void {
    this.#rows.get(item)?.update();
  }

  /** Called at most a few times a second, however many items change. */
  updateSummary(): void {
    const t = words();
    const { items } = this.#desk;
    const wanted = items.filter((item) => item.wanted);
    const sealed = wanted.filter(({ state }) => state.phase === 'sealed').length;
    const busy = items.filter(({ state }) => state.phase === 'hashing' || state.phase === 'uploading');
    setText(this.#heading, t.documents(items.length, formatNumber(items.length)));
    const allSealed = sealed > 0 && sealed === items.length;
    const parts = [
      ...this.#speed(busy.length > 0),
      ...(wanted.length === 0
        ? []
        : [
            allSealed
              ? t.allSealed(sealed, formatNumber(sealed))
              : t.someSealed(formatNumber(sealed), formatNumber(wanted.length)),
          ]),
    ];
    setText(this.#summary, parts.join(' · '));
    this.#after.hidden = sealed === 0;
    if (sealed > 0 && this.#after.childElementCount === 0) this.#after.append(...afterwards());
    this.#updateActions();
  }

  #speed(busy: boolean): string[] {
    const t = words();
    this.#overall.hidden = !busy;
    if (!busy) {
      this.#meter.reset();
      return [];
    }
    const counted = this.#desk.items.filter(
      (item) => item.state.phase !== 'cancelled' && item.state.phase !== 'failed',
    );
    const all = counted.reduce((sum, { file }) => sum + file.size, 0);
    const done = counted.reduce((sum, item) => sum + item.bytesDone, 0);
    this.#meter.add(performance.now(), done);
    this.#overall.value = all === 0 ? 1 : done / all;
    const { speed } = this.#meter;
    const left = this.#meter.timeLeft(all - done);
    return [
      t.overall(formatPercent(all === 0 ? 1 : done / all)),
      ...(speed === null ? [] : [t.speed(formatSpeed(speed))]),
      ...(left === null ? [] : [t.timeLeft(formatDuration(left))]),
    ];
  }

  /** Built anew only when they change: a button must not vanish under the pointer. */
  #updateActions(): void {
    const t = words();
    const { items } = this.#desk;
    const open = items.filter(isOpen).length;
    const failed = items.filter(({ state }) => state.phase === 'failed').length;
    const cancellable = items.some(isCancellable);
    const clearable = items.some((item) => isFinal(item) || isOpen(item));
    const shown = [open, failed, cancellable, clearable].join(' ');
    if (shown === this.#shownActions) return;
    this.#shownActions = shown;
    const act = (label: string, run: () => void, kind: string) =>
      button(label, run, { class: `button ${kind}` });
    const desk = this.#desk;
    const hadFocus = this.#actions.contains(document.activeElement);
    this.#actions.replaceChildren(
      ...(open > 0
        ? [
            act(
              t.notarizeAll(open, formatNumber(open)),
              () => {
                desk.submit();
              },
              'is-primary',
            ),
          ]
        : []),
      ...(failed > 1
        ? [
            act(
              t.retryAll(failed, formatNumber(failed)),
              () => {
                desk.retryAll();
              },
              '',
            ),
          ]
        : []),
      ...(cancellable
        ? [
            act(
              t.cancel,
              () => {
                desk.cancel();
              },
              '',
            ),
          ]
        : []),
      ...(clearable && !cancellable
        ? [
            act(
              t.clear,
              () => {
                desk.clear();
              },
              'is-quiet',
            ),
          ]
        : []),
    );
    if (hadFocus) (this.#actions.querySelector('button') ?? this.element.querySelector('summary'))?.focus();
  }

  #showMore(hidden: number): HTMLElement {
    const next = Math.min(hidden, ROWS);
    return button(words().showMore(formatNumber(next)), () => {
      const first = this.#desk.items[this.#limit];
      this.#limit += ROWS;
      this.updateList();
      if (first !== undefined) this.#rows.get(first)?.element.focus();
    });
  }
}

function afterwards(): HTMLElement[] {
  const t = words();
  return [element('p', {}, t.keepProof, ' ', element('a', { href: './verify.html' }, t.verifyLink))];
}
