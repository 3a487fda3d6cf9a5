import { type Child, element, setText } from '../lib/dom.js';

let region: HTMLElement | null = null;

/** The page's one live region: it stays where it is while everything around it is built anew. */
export function liveRegion(): HTMLElement {
  region ??= element('span', { class: 'visually-hidden', role: 'status' });
  return region;
}

/** Has a sentence read out; the same sentence twice is read twice. */
export function announce(sentence: string): void {
  setText(liveRegion(), '');
  requestAnimationFrame(() => {
    setText(liveRegion(), sentence);
  });
}

/** A part of the page that holds its own state, so that it can be shown again in another language. */
export interface Section {
  readonly element: HTMLElement;
  /** Fills the element anew. */
  readonly show: () => void;
}

/** What a page shows between head and foot, built anew for another language. */
export type Render = () => { readonly title: string; readonly content: HTMLElement };

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

export function tag(text: string, tone?: 'good' | 'doubt' | 'bad'): HTMLElement {
  return element('span', { class: tone === undefined ? 'tag' : `tag is-${tone}` }, text);
}

/** Name, value, and whether the value is code: set in fixed width, and broken anywhere. */
export type Definition = readonly [name: string, value: string, kind: 'text' | 'code'];

export function definitions(values: readonly Definition[]): HTMLElement {
  const rows = values.map(([name, value, kind]) =>
    element(
      'div',
      {},
      element('dt', {}, name),
      element('dd', {}, kind === 'code' ? element('code', {}, value) : element('bdi', {}, value)),
    ),
  );
  return element('dl', { class: 'values' }, ...rows);
}
