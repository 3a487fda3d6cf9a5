import { element, type Child } from '../dom.js';
import { announcer } from '../frame.js';

/** A part of the page that holds its own state, so that it can be shown again in another language. */
export interface Section {
  readonly element: HTMLElement;
  /** Fills the element anew. */
  readonly show: () => void;
}

const { node, say } = announcer();

/** The page's one live region: it stays where it is while everything around it is built anew. */
export const live = node;

/** The same sentence twice must be heard twice. */
export function announce(sentence: string): void {
  say('');
  requestAnimationFrame(() => {
    say(sentence);
  });
}

/** A group of things on a sheet of its own. */
export function panel(heading: string | null, ...children: readonly Child[]): HTMLElement {
  return element(
    'section',
    { class: 'panel' },
    heading === null ? null : element('h3', { tabindex: -1 }, heading),
    ...children,
  );
}

/** The same where the page has no heading between its own and this one. */
export function mainPanel(heading: string, ...children: readonly Child[]): HTMLElement {
  return element('section', { class: 'panel' }, element('h2', {}, heading), ...children);
}

/** After what had the focus is gone, or to where something else is shown. */
export function focusHeading(within: HTMLElement): void {
  (within.querySelector<HTMLElement>('h2[tabindex]') ?? within.querySelector<HTMLElement>('h1, h3'))?.focus();
}
