import { definitions, type Definition } from '../definitions.js';
import { element } from '../dom.js';
import { formatNumber, formatTime, groupHex } from '../format.js';
import { words } from '../messages/notarize.js';
import type { Item } from './item.js';

/** The values of one document, for those who want to see them. Null while there is none. */
export function itemDetails(item: Item): HTMLElement | null {
  const { sha256, notarization, state } = item;
  if (sha256 === null) return null;
  const t = words();
  const values: Definition[] = [[t.digest, groupHex(sha256), 'code']];
  if (notarization !== null) {
    values.push(
      [t.id, notarization.id, 'code'],
      [t.position, formatNumber(notarization.position), 'text'],
      [t.acceptedAt, formatTime(Date.parse(notarization.acceptedAt)), 'text'],
    );
  }
  if (state.phase === 'sealed') {
    values.push(
      [t.sealedAt, formatTime(state.seal.sealedAt), 'text'],
      [t.block, formatNumber(state.seal.height), 'text'],
    );
  }
  return element(
    'details',
    {},
    element('summary', { 'aria-label': t.detailsOf(item.path) }, t.details),
    definitions(values),
  );
}
