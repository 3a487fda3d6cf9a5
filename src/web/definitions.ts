import { element } from './dom.js';

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
