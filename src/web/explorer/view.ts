import { element } from '../dom.js';
import { button } from '../dom.js';
import { words } from '../messages/explorer.js';
import { errorSentence } from '../problem-view.js';

/** What the page shows at one address. */
export interface View {
  readonly title: string;
  readonly element: HTMLElement;
  /** The chain was looked at again. */
  readonly update: () => void;
  /** Stops whatever is under way for it. */
  readonly leave: () => void;
}

export function loadingLine(): HTMLElement {
  return element('p', { class: 'hint', 'aria-busy': 'true' }, words().loading);
}

export function failure(error: unknown, again: () => void): HTMLElement {
  return element(
    'div',
    { class: 'load-failed' },
    element('p', { class: 'problem', role: 'alert' }, errorSentence(error)),
    button(words().tryAgain, again),
  );
}
