import { element } from '../dom.js';

/** A sentence of the description, which is English in every language; what stands in backticks is code. */
export function prose(text: string): HTMLElement {
  const parts = text.split(/`([^`]*)`/).map((part, i) => (i % 2 === 0 ? part : element('code', {}, part)));
  return element('p', { lang: 'en' }, ...parts);
}
