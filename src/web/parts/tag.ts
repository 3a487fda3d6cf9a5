import { element } from '../dom.js';

export function tag(text: string, tone?: 'good' | 'doubt' | 'bad'): HTMLElement {
  return element('span', { class: tone === undefined ? 'tag' : `tag is-${tone}` }, text);
}
