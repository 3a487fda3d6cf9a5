import { present, type Child } from '../dom.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';

/** As `element`, for pictures. Colours and line widths are the style sheet's: the policy of the pages forbids inline style. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  const created = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, String(value));
  created.append(...present(children));
  return created;
}

/** Two decimals are finer than any screen, and keep the markup short. */
export const fine = (value: number): number => Math.round(value * 100) / 100;
