import { tag } from '../../components/section.js';
import { apiKeys, users } from '../../lib/api.js';
import { type Child, element, icon } from '../../lib/dom.js';
import { formatNumber, formatTime } from '../../lib/format.js';
import { entryLink } from '../../lib/links.js';
import { session } from '../../lib/session.js';
import type { Registered } from './api.js';
import { placeAddress, type Query } from './search.js';
import { messages } from '../../messages/register.js';
import { common } from '../../messages/common.js';

/** Names of submitters by `key:<id>` or `person:<id>`, as far as the user may see them. */
export type Names = ReadonlyMap<string, string>;

/** Only owners can read the names of users and keys. Best effort: without a name, the kind is shown. */
export async function submitterNames(): Promise<Names> {
  if (session.current?.user?.role !== 'owner') return new Map();
  const [people, keys] = await Promise.all([users().catch(() => []), apiKeys().catch(() => [])]);
  return new Map([
    ...people.map(({ id, name }): [string, string] => [`person:${id}`, name]),
    ...keys.map(({ id, name }): [string, string] => [`key:${id}`, name]),
  ]);
}

/** @returns null if the service does not disclose it */
export function submitterText(submittedBy: string | undefined, names: Names): string | null {
  const t = messages();
  if (submittedBy === undefined) return null;
  if (submittedBy === `person:${session.current?.user?.id ?? ''}`) return t.you;
  const name = names.get(submittedBy);
  if (submittedBy.startsWith('key:')) return name === undefined ? t.someKey : t.keyNamed(name);
  return name ?? t.someone;
}

/** The status of a notarization. */
export function statusView({ block, cosigned, status }: Registered): HTMLElement {
  const t = messages();
  if (block === undefined) {
    return element('div', { class: 'seal-status is-pending' }, icon('clock'), element('p', {}, t.sealing));
  }
  const lines: Child[] = [
    element('p', {}, element('a', { href: entryLink(block) }, t.sealedIn(formatNumber(block.height)))),
  ];
  if (cosigned !== undefined) {
    const [signed, of, needed] = [cosigned.signed, cosigned.of, cosigned.needed].map(formatNumber) as [
      string,
      string,
      string,
    ];
    const enough = status === 'cosigned';
    lines.push(
      element(
        'p',
        { class: 'hint' },
        enough ? common().cosigned(signed, of) : common().cosignedSoFar(signed, of, needed),
      ),
    );
  }
  return element('div', { class: 'seal-status' }, icon('check'), element('div', {}, ...lines));
}

const SHORT_DIGITS = 16;

/** A document's name for headings and file names; without one, the first digits of its digest. */
export function documentName({ details, sha256 }: Registered): string {
  return details?.name ?? details?.title ?? sha256.slice(0, SHORT_DIGITS);
}

export function isNamed({ details }: Registered): boolean {
  return details?.name !== undefined || details?.title !== undefined;
}

/** A row of the register. @param query the list to return to */
export function rowView(row: Registered, query: Query, names: Names): HTMLElement {
  const t = messages();
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
    element('td', { class: 'is-time' }, element('time', { datetime: row.acceptedAt }, formatTime(time))),
    element('td', { class: 'is-status' }, statusView(row)),
    element('td', { class: 'is-submitter' }, element('bdi', {}, submitterText(row.submittedBy, names) ?? '')),
  );
}
