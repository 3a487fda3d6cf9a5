import * as api from '../api.js';
import { button, element, icon, present, setText, type IconName } from '../dom.js';
import { formatBytes, formatPercent, formatShortTime } from '../format.js';
import { common } from '../messages/common.js';
import { words } from '../messages/notarize.js';
import { problemParagraph } from '../problem-view.js';
import { RefusedError, type Problem } from '../resources.js';
import { proofName, saveFile } from '../save-file.js';
import type { Desk } from './desk.js';
import { isOpen, type Item, type Phase } from './item.js';
import { itemDetails } from './row-details.js';

const ICONS: Readonly<Record<Phase, IconName>> = {
  waiting: 'file',
  hashing: 'file',
  ready: 'file',
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
  readonly #icon = element('span', { class: 'row-icon' });
  readonly #status = element('p', { class: 'row-status' });
  readonly #extra = element('div', { class: 'row-extra' });
  readonly #actions = element('div', { class: 'row-actions' });
  #bar: HTMLProgressElement | null = null;
  #shown = '';

  constructor(item: Item, desk: Desk) {
    this.#item = item;
    this.#desk = desk;
    const name = element('p', { class: 'row-name' }, element('bdi', {}, item.path));
    const size = element('span', { class: 'row-size' }, formatBytes(item.file.size));
    const head = element('div', { class: 'row-head' }, name, size);
    this.element = element(
      'li',
      { class: 'row', tabindex: -1 },
      this.#icon,
      element('div', { class: 'row-main' }, head, this.#status, this.#extra),
      this.#actions,
    );
    this.update();
  }

  update(): void {
    const { state, wanted } = this.#item;
    setText(this.#status, statusText(this.#item));
    if (this.#bar !== null) this.#bar.value = fraction(this.#item);
    const shown = `${state.phase} ${wanted}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.element.dataset['phase'] = state.phase;
    this.#icon.replaceChildren(icon(ICONS[state.phase]));
    this.#bar = this.#progressBar();
    const details = itemDetails(this.#item);
    details?.toggleAttribute('open', this.#extra.querySelector('details[open]') !== null);
    this.#extra.replaceChildren(...present([this.#bar, this.#problem(), details]));
    // A button that goes away under the focus would send the reader back to the top of the page.
    const hadFocus = this.#actions.contains(document.activeElement);
    this.#actions.replaceChildren(...this.#buttons());
    if (hadFocus) (this.#actions.querySelector('button') ?? this.element).focus();
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
    if (state.phase !== 'failed') return null;
    return problemText(state.problem);
  }

  #buttons(): HTMLElement[] {
    const t = words();
    const item = this.#item;
    switch (item.state.phase) {
      case 'sealed':
        return [this.#download(item)];
      case 'failed':
      case 'cancelled':
        return [
          button(t.retry, () => {
            this.#desk.retry(item);
          }),
          this.#remove(item),
        ];
      default:
        return isOpen(item) ? [this.#remove(item)] : [];
    }
  }

  #remove(item: Item): HTMLElement {
    const t = words();
    const remove = button(
      '',
      () => {
        this.#desk.remove(item);
      },
      { class: 'button is-quiet is-icon', 'aria-label': t.removeNamed(item.path), title: t.remove },
    );
    remove.append(icon('cross'));
    return remove;
  }

  #download(item: Item): HTMLElement {
    const t = words();
    const download = button('', () => void this.#save(item, download), {
      class: 'button is-proof',
      'aria-label': t.downloadProofOf(item.path),
    });
    download.append(icon('download'), element('span', {}, t.downloadProof));
    return download;
  }

  async #save(item: Item, from: HTMLButtonElement): Promise<void> {
    if (item.notarization === null) return;
    const label = from.querySelector('span');
    from.disabled = true;
    label?.replaceChildren(words().downloading);
    this.#extra.querySelector('.problem')?.remove();
    try {
      const text = await api.proofText(item.notarization.id);
      saveFile(proofName(item.file.name), text, 'application/vnd.ingam.proof+json');
    } catch (error) {
      this.#extra.prepend(error instanceof RefusedError ? problemText(error.problem) : awayText());
    }
    from.disabled = false;
    label?.replaceChildren(words().downloadProof);
    if (document.activeElement === document.body) from.focus();
  }
}

function fraction(item: Item): number {
  return item.file.size === 0 ? 1 : item.bytesDone / item.file.size;
}

function statusText(item: Item): string {
  const t = words();
  const { state, notarization } = item;
  switch (state.phase) {
    case 'hashing':
      return t.hashing(formatPercent(fraction(item)));
    case 'uploading':
      return t.uploading(formatPercent(fraction(item)));
    case 'accepted':
      return t.accepted(formatShortTime(Date.parse(notarization?.acceptedAt ?? '')));
    case 'sealed':
      return t.sealed(String(state.seal.height), formatShortTime(state.seal.sealedAt));
    case 'failed':
      // Of its own mistakes the service does not know how far the request came.
      return state.problem !== 'unreadable' && (state.problem.status >= 500 || state.problem.status === 0)
        ? t.failedUnsure
        : t.failed;
    case 'cancelled':
      return state.sent ? t.cancelledLate : t.cancelled;
    default:
      return t[state.phase];
  }
}

function problemText(problem: Problem | 'unreadable'): HTMLElement {
  return problem === 'unreadable'
    ? element('p', { class: 'problem' }, words().unreadable)
    : problemParagraph(problem);
}

function awayText(): HTMLElement {
  return element('p', { class: 'problem' }, common().serviceAway);
}
