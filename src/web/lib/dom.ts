import { ICONS, type IconName } from './icons.js';

export type { IconName };

/** Helpers for the DOM. Text is always set as text: nothing here parses markup. */

export type Child = Node | string | null;
type Handler = (event: Event) => void;
type Attributes = Readonly<Record<string, string | number | boolean | Handler>>;

/**
 * Creates an element. A boolean attribute is present or absent; a function named `onclick` listens for
 * `click`.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') created.addEventListener(name.slice(2), value);
    else if (typeof value === 'boolean') created.toggleAttribute(name, value);
    else created.setAttribute(name, String(value));
  }
  created.append(...present(children));
  return created;
}

export function present(children: readonly Child[]): (Node | string)[] {
  return children.filter((child) => child !== null);
}

export function button(label: string, onclick: Handler, attributes: Attributes = {}): HTMLButtonElement {
  return element('button', { type: 'button', class: 'button', ...attributes, onclick }, label);
}

/** Text for screen readers only. */
export function hiddenText(text: string): HTMLElement {
  return element('span', { class: 'visually-hidden' }, text);
}

/** Sets the text only if it differs, so that live regions announce it once. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

let ids = 0;
export function uniqueId(prefix: string): string {
  ids += 1;
  return `${prefix}-${ids}`;
}

/** Decorative: the text beside it says the same. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}
