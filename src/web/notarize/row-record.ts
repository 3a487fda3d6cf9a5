import { definitions, type Definition } from '../definitions.js';
import { element } from '../dom.js';
import { formatNumber, formatTime, groupHex } from '../format.js';
import { words } from '../messages/notarize.js';
import type { Details } from '../resources.js';
import type { Desk } from './desk.js';
import type { Item } from './item.js';

/** The values of one document, for those who want to see them. Null while there is none. */
export function itemRecord(item: Item, desk: Desk): HTMLElement | null {
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
  // Of what was sent the service says what it has; of the rest this is what would be sent.
  const details = notarization === null ? desk.describe(item).details : notarization.details;
  return element(
    'details',
    {},
    element('summary', { 'aria-label': t.recordOf(item.path) }, t.record),
    definitions([...values, ...written(details ?? {})]),
  );
}

function written({ name, title, author, reference, note, tags }: Details): Definition[] {
  const t = words();
  const lines: (readonly [string, string | undefined])[] = [
    [t.detailName, name],
    [t.detailTitle, title],
    [t.detailAuthor, author],
    [t.detailReference, reference],
    [t.detailNote, note],
    [t.detailTags, tags?.join(', ')],
  ];
  return lines.flatMap(([label, text]): Definition[] => (text === undefined ? [] : [[label, text, 'text']]));
}
