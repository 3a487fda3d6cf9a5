import { announce } from '../lib/announce.js';
import { type Child, element } from '../lib/dom.js';

export { announce };

/** Builds a page's content, again for every change of language. The title is without the product's name. */
export type Render = () => { readonly title: string; readonly content: HTMLElement };

/** A card with a heading of level 2, which names it. @param name unique within the page */
export function namedPanel(name: string, heading: string, ...children: readonly Child[]): HTMLElement {
  const id = `${name}-heading`;
  return element(
    'section',
    { class: `panel ${name}-panel`, 'aria-labelledby': id },
    element('h2', { id }, heading),
    ...children,
  );
}

/**
 * A table with one row of headings.
 * @param className class names besides `data`
 * @param heads texts, or whole cells
 */
export function table(
  className: string,
  heads: readonly (string | HTMLTableCellElement)[],
  body: HTMLTableSectionElement,
): HTMLTableElement {
  const cells = heads.map((head) =>
    typeof head === 'string' ? element('th', { scope: 'col' }, head) : head,
  );
  return element(
    'table',
    { class: `data ${className}` },
    element('thead', {}, element('tr', {}, ...cells)),
    body,
  );
}

/** Name, value, and whether the value is code (monospaced, may break anywhere). */
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

/** A section of the page: an explanation and something to try. */
export function ideaSection(
  name: string,
  heading: string,
  text: readonly string[],
  ...content: readonly Child[]
) {
  return element(
    'section',
    { class: `panel how-${name}`, 'aria-labelledby': `${name}-heading` },
    element('h2', { id: `${name}-heading` }, heading),
    ...text.map((paragraph) => element('p', { class: 'prose' }, paragraph)),
    ...content,
  );
}
