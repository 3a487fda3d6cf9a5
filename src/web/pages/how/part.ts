import { element, type Child } from '../../lib/dom.js';

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
