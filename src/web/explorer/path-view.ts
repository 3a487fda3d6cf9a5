import { toHex } from '../../proof/bytes.js';
import { definitions } from '../definitions.js';
import { element } from '../dom.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/explorer.js';
import { formatSpan } from '../pictures/count.js';
import { svg } from '../pictures/svg.js';
import type { EntryPath } from './block-tree.js';

/** The same as the picture of a path, in words and whole hashes. */
export function foldSteps({ leaf, steps }: EntryPath, index: number): HTMLElement {
  const t = words();
  const first = element(
    'li',
    {},
    element('p', {}, t.foldStart(formatNumber(index + 1))),
    element('code', {}, toHex(leaf)),
  );
  const rest = steps.map(({ side, start, end, sibling, result }) =>
    element(
      'li',
      {},
      element(
        'p',
        {},
        side === 'left' ? t.foldLeft(formatSpan(start, end)) : t.foldRight(formatSpan(start, end)),
      ),
      definitions([
        [t.given, toHex(sibling), 'code'],
        [t.computed, toHex(result), 'code'],
      ]),
    ),
  );
  return element('ol', { class: 'fold' }, first, ...rest);
}

/** What the looks of the nodes mean. */
export function legend(): HTMLElement {
  const t = words();
  const sample = (kind: string, folded: boolean) => {
    const box = (offset: number) =>
      svg('rect', {
        x: 2 + offset,
        y: 2 + offset,
        width: 22,
        height: 12,
        rx: 3,
        class: offset === 0 ? 'box' : 'box is-behind',
      });
    return svg(
      'svg',
      { viewBox: '0 0 32 22', class: 'sample', 'aria-hidden': 'true' },
      svg('g', { class: `node${kind}` }, ...(folded ? [box(6), box(3)] : []), box(0)),
    );
  };
  return element(
    'ul',
    { class: 'legend' },
    element('li', {}, sample(' is-path', false), t.legendPath),
    element('li', {}, sample(' is-given', false), t.legendGiven),
    element('li', {}, sample('', true), t.legendFolded),
  );
}
