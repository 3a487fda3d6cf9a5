import { button, element } from '../dom.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/notarize.js';
import { isClearable, type Desk } from './desk.js';
import { isCancellable, isEditable, isOpen } from './item.js';

/** What can be done with all documents at once. */
export class ListActions {
  readonly element = element('div', { class: 'list-buttons' });
  /** What stands behind everything else. */
  readonly last = element('div', { class: 'list-buttons' });
  readonly #desk: Desk;
  readonly #onEdit: () => void;
  #shown = '';

  constructor(desk: Desk, onEdit: () => void) {
    this.#desk = desk;
    this.#onEdit = onEdit;
  }

  /**
   * Built anew only when they change: a button must not vanish under the pointer.
   * @returns false when the focus was on a button that is gone, and there is no other
   */
  update(): boolean {
    const desk = this.#desk;
    const open = desk.items.filter(isOpen).length;
    const failed = desk.items.filter(({ state }) => state.phase === 'failed').length;
    const cancellable = desk.items.some(isCancellable);
    const clearable = !cancellable && desk.items.some(isClearable);
    const editable = desk.items.length > 1 && desk.items.some(isEditable);
    const hasDetails = desk.common.details !== null || desk.common.withName;
    const shown = [open, failed, cancellable, clearable, editable, hasDetails].join(' ');
    if (shown === this.#shown) return true;
    this.#shown = shown;
    const places = [this.element, this.last];
    const focused = places.some((place) => place.contains(document.activeElement))
      ? ((document.activeElement as HTMLElement).dataset['action'] ?? '')
      : null;
    const t = words();
    const act = (action: string, label: string, kind: string, run: () => void) =>
      button(label, run, { class: `button ${kind}`, 'data-action': action });
    const submit = () => {
      desk.submit();
    };
    const retry = () => {
      desk.retryAll();
    };
    const cancel = () => {
      desk.cancel();
    };
    const clear = () => {
      desk.clear();
    };
    const edit = hasDetails ? t.editDetailsOfAll : t.addDetailsToAll;
    this.element.replaceChildren(
      ...(open > 0 ? [act('submit', t.notarizeAll(open, formatNumber(open)), 'is-primary', submit)] : []),
      ...(failed > 1 ? [act('retry', t.retryAll(failed, formatNumber(failed)), '', retry)] : []),
      ...(editable ? [act('details', edit, '', this.#onEdit)] : []),
      ...(cancellable ? [act('cancel', t.cancel, '', cancel)] : []),
    );
    this.last.replaceChildren(...(clearable ? [act('clear', t.clear, 'is-quiet', clear)] : []));
    if (focused === null) return true;
    const buttons = places.flatMap((place) => [...place.querySelectorAll('button')]);
    const next = buttons.find((each) => each.dataset['action'] === focused) ?? buttons[0];
    next?.focus();
    return next !== undefined;
  }
}
