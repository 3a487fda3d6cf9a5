import { element } from '../dom.js';
import { formatShortTime } from '../format.js';
import { words } from '../messages/register.js';
import { tag } from '../parts/tag.js';
import { placeAddress, type Query } from './address.js';
import type { Registered } from './calls.js';
import { statusView } from './status-view.js';
import { submitterText, type Names } from './submitters.js';

const SHORT_DIGITS = 16;

/** What a document is called in headings and file names: as people know it, or by how its digest begins. */
export function documentName({ details, sha256 }: Registered): string {
  return details?.name ?? details?.title ?? sha256.slice(0, SHORT_DIGITS);
}

export function isNamed({ details }: Registered): boolean {
  return details?.name !== undefined || details?.title !== undefined;
}

/** A line of the register; `query` is where its page leads back to. */
export function rowView(row: Registered, query: Query, names: Names): HTMLElement {
  const t = words();
  const href = placeAddress({ kind: 'one', id: row.id, query });
  const short = `${row.sha256.slice(0, SHORT_DIGITS)}…`;
  const time = Date.parse(row.acceptedAt);
  const link = isNamed(row)
    ? element('a', { href }, element('bdi', {}, documentName(row)))
    : element(
        'a',
        { href, 'aria-label': t.unnamed(row.sha256.slice(0, SHORT_DIGITS)) },
        element('code', {}, short),
      );
  return element(
    'tr',
    { 'data-id': row.id, 'data-status': row.status },
    element(
      'th',
      { scope: 'row' },
      element('p', { class: 'entry-name' }, link, row.published === true ? tag(t.published) : null),
      isNamed(row) ? element('p', { class: 'hint' }, element('code', {}, short)) : null,
    ),
    element('td', { class: 'is-time' }, element('time', { datetime: row.acceptedAt }, formatShortTime(time))),
    element('td', { class: 'is-status' }, statusView(row)),
    element('td', { class: 'is-submitter' }, element('bdi', {}, submitterText(row.submittedBy, names) ?? '')),
  );
}
