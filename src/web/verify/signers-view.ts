import { printable } from '../../proof/errors.js';
import { element, icon } from '../dom.js';
import { formatNumber, formatTime } from '../format.js';
import { words } from '../messages/verify.js';
import type { Quorum, Signer } from './quorum.js';
import { times } from './times.js';

/** How many members have signed and how many must, then each of them with the time that it states. */
export function signerList(quorum: Quorum): HTMLElement[] {
  return [
    element('p', { class: 'signers-count' }, countSentence(quorum)),
    element('ul', { class: 'signers' }, ...quorum.signers.map(signerItem)),
  ];
}

/** The same in a few lines, for the step that has counted them. */
export function signerLines(quorum: Quorum): HTMLElement[] {
  const t = words();
  return [
    element('p', {}, countSentence(quorum)),
    ...quorum.signers.flatMap(({ name, time }) =>
      time === null
        ? []
        : [
            element(
              'p',
              { class: 'signer-line' },
              t.signedAt(printable(name), formatTime(time * 1000, 'UTC')),
            ),
          ],
    ),
  ];
}

function countSentence({ signed, of, needed }: Quorum): string {
  const t = words();
  return needed === 0
    ? t.cosignedFreely(formatNumber(signed), formatNumber(of))
    : t.cosigned(formatNumber(signed), formatNumber(of), formatNumber(needed));
}

function signerItem({ name, time, counts }: Signer): HTMLElement {
  const t = words();
  const lines = time === null ? [element('span', { class: 'time-local' }, t.notSigned)] : times(time * 1000);
  const note = counts ? [] : [element('span', { class: 'time-local' }, t.doesNotCount)];
  return element(
    'li',
    { class: 'signer', 'data-signed': String(time !== null) },
    icon(time === null ? 'dash' : 'check'),
    element(
      'div',
      {},
      element('bdi', { class: 'signer-name' }, printable(name)),
      ...[...lines, ...note].map((line) => element('div', {}, line)),
    ),
  );
}
