import { element, type Child } from '../../lib/dom.js';

/** One idea of the page: what it is, in words, and something to try it with. */
export function ideaSection(name: string, heading: string, text: readonly string[], ...content: readonly Child[]) {
  return element(
    'section',
    { class: `panel how-${name}`, 'aria-labelledby': `${name}-heading` },
    element('h2', { id: `${name}-heading` }, heading),
    ...text.map((paragraph) => element('p', { class: 'prose' }, paragraph)),
    ...content,
  );
}
