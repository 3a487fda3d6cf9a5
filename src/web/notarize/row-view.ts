import { element, icon, present, setText, type IconName } from '../dom.js';
import { formatBytes } from '../format.js';
import { common } from '../messages/common.js';
import { words } from '../messages/notarize.js';
import { problemParagraph } from '../problem-view.js';
import { RefusedError, type Problem } from '../resources.js';
import type { Desk } from './desk.js';
import type { Item, Phase } from './item.js';
import { Meter } from './meter.js';
import { rowActions, type RowListener } from './row-actions.js';
import { itemRecord } from './row-record.js';
import { cosignedText, fraction, sealLine, statusText } from './row-status.js';

const ICONS: Readonly<Record<Phase, IconName>> = {
  waiting: 'file',
  hashing: 'file',
  checking: 'file',
  ready: 'file',
  known: 'question',
  left: 'dash',
  sending: 'clock',
  uploading: 'clock',
  uploaded: 'clock',
  held: 'clock',
  accepted: 'clock',
  sealed: 'check',
  cancelled: 'dash',
  failed: 'warning',
};

/** One document of the list. It changes in place, so that focus and an opened disclosure stay. */
export class RowView {
  readonly element: HTMLLIElement;
  readonly #item: Item;
  readonly #desk: Desk;
  readonly #listener: RowListener;
  readonly #icon = element('span', { class: 'row-icon' });
  readonly #status = element('p', { class: 'row-status' });
  readonly #cosigned = element('p', { class: 'row-cosigned' });
  readonly #extra = element('div', { class: 'row-extra' });
  readonly #actions = element('div', { class: 'row-actions' });
  readonly #meter = new Meter();
  #bar: HTMLProgressElement | null = null;
  #shown = '';

  constructor(item: Item, desk: Desk, onEdit: (item: Item) => void) {
    this.#item = item;
    this.#desk = desk;
    this.#listener = {
      onEdit,
      onProblem: (error) => {
        this.#extra.querySelector('.problem, .row-note')?.remove();
        if (error !== null) this.#extra.prepend(errorText(error));
      },
    };
    const name = element('p', { class: 'row-name' }, element('bdi', {}, item.path));
    const size = element('span', { class: 'row-size' }, formatBytes(item.file.size));
    const head = element('div', { class: 'row-head' }, name, size);
    this.element = element(
      'li',
      { class: 'row', tabindex: -1 },
      this.#icon,
      element('div', { class: 'row-main' }, head, this.#status, this.#cosigned),
      this.#actions,
      this.#extra,
    );
    this.update();
  }

  update(): void {
    const { state, wanted, details } = this.#item;
    this.#updateStatus();
    if (this.#bar !== null) this.#bar.value = fraction(this.#item);
    // Whatever it waits for the service for, it looks the same.
    const looks = state.phase === 'checking' && state.held ? 'held' : state.phase;
    const shown = JSON.stringify([looks, wanted, details, this.#desk.common]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (state.phase !== 'hashing' && state.phase !== 'uploading') this.#meter.reset();
    this.element.dataset['phase'] = looks;
    this.#icon.replaceChildren(icon(ICONS[looks]));
    this.#bar = this.#progressBar();
    const record = itemRecord(this.#item, this.#desk);
    record?.toggleAttribute('open', this.#extra.querySelector('details[open]') !== null);
    const hadSummary = this.#extra.querySelector('summary') === document.activeElement;
    this.#extra.replaceChildren(...present([this.#bar, this.#problem(), record]));
    if (hadSummary) this.#extra.querySelector('summary')?.focus();
    this.#updateActions();
  }

  #updateStatus(): void {
    const { state } = this.#item;
    const text = statusText(this.#item, this.#meter);
    if (this.#status.textContent !== text) {
      if (state.phase === 'sealed') this.#status.replaceChildren(...present(sealLine(state.seal)));
      else this.#status.textContent = text;
    }
    const cosigned = state.phase === 'sealed' ? state.cosigned : null;
    setText(this.#cosigned, cosigned === null ? '' : cosignedText(cosigned));
    if (cosigned !== null) {
      this.element.dataset['cosigned'] = cosigned.signed >= cosigned.needed ? 'met' : 'waiting';
    }
  }

  /** A button that goes away under the focus would send the reader back to the top of the page. */
  #updateActions(): void {
    const focused = this.#actions.contains(document.activeElement)
      ? ((document.activeElement as HTMLElement).dataset['action'] ?? '')
      : null;
    this.#actions.replaceChildren(...rowActions(this.#item, this.#desk, this.#listener));
    if (focused === null) return;
    const same = this.#actions.querySelector<HTMLElement>(`[data-action="${focused}"]`);
    (same ?? this.#actions.querySelector('button') ?? this.element).focus();
  }

  #progressBar(): HTMLProgressElement | null {
    const { phase } = this.#item.state;
    if (phase !== 'hashing' && phase !== 'uploading') return null;
    const bar = element('progress', { max: 1, 'aria-label': words().progressOf(this.#item.path) });
    bar.value = fraction(this.#item);
    return bar;
  }

  #problem(): HTMLElement | null {
    const { state } = this.#item;
    return state.phase === 'failed' ? problemText(state.problem) : null;
  }
}

function problemText(problem: Problem | 'unreadable'): HTMLElement {
  return problem === 'unreadable'
    ? element('p', { class: 'problem' }, words().unreadable)
    : problemParagraph(problem, words().problems);
}

/** Of a download. */
function errorText(error: unknown): HTMLElement {
  if (error instanceof RefusedError) {
    const { problem } = error;
    // Still to come: that is nobody's fault.
    return problem.code === 'quorum_missing'
      ? element('p', { class: 'row-note', role: 'status' }, words().quorumMissing)
      : problemText(problem);
  }
  return element('p', { class: 'problem', role: 'alert' }, common().serviceAway);
}
