import { element, type Child } from '../dom.js';
import { blockAddress } from '../explorer/address.js';
import { formatBytes, formatNumber, formatTime, groupHex } from '../format.js';
import { words } from '../messages/register.js';
import { copyableCode } from '../parts/copyable.js';
import { mainPanel } from '../parts/section.js';
import { EVERYTHING, placeAddress } from './address.js';
import type { Registered } from './calls.js';
import { statusView } from './status-view.js';
import { submitterText, type Names } from './submitters.js';

/** Everything that is known of the document, and where it stands. */
export function valuesView(row: Registered, names: Names): HTMLElement {
  const t = words();
  const { details = {}, block } = row;
  const submitter = submitterText(row.submittedBy, names);
  const text = (name: string, value: string | undefined): [string, Child] => [
    name,
    value === undefined ? null : element('bdi', {}, value),
  ];
  return mainPanel(
    t.documentHeading,
    list(
      text(t.fileName, details.name),
      text(t.docTitle, details.title),
      text(t.author, details.author),
      text(t.reference, details.reference),
      [t.tags, details.tags === undefined ? null : tagLinks(details.tags)],
      [
        t.note,
        details.note === undefined ? null : element('p', { class: 'own-lines', dir: 'auto' }, details.note),
      ],
      [t.digest, copyableCode(t.digest, groupHex(row.sha256), row.sha256)],
      text(t.size, row.size === null ? t.sizeUnknown : formatBytes(row.size)),
      text(t.kind, kindText(row.entry)),
    ),
    row.details === undefined ? element('p', { class: 'hint' }, t.noDetails) : null,
    list(
      [t.status, statusView(row)],
      text(t.accepted, formatTime(Date.parse(row.acceptedAt))),
      text(t.sealedAt, row.sealedAt === undefined ? undefined : formatTime(Date.parse(row.sealedAt))),
      text(t.submittedBy, submitter ?? undefined),
      text(t.position, formatNumber(row.position)),
      [t.id, copyableCode(t.id, row.id, row.id)],
    ),
    block === undefined
      ? null
      : element(
          'p',
          {},
          element(
            'a',
            { href: `./explorer.html${blockAddress(block.height, block.index + 1)}` },
            t.seeInChain(formatNumber(block.index + 1), formatNumber(block.height)),
          ),
        ),
  );
}

function list(...pairs: readonly (readonly [string, Child])[]): HTMLElement {
  const rows = pairs
    .filter(([, value]) => value !== null)
    .map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value)));
  return element('dl', { class: 'values' }, ...rows);
}

function tagLinks(tags: readonly string[]): HTMLElement {
  return element(
    'ul',
    { class: 'tags' },
    ...tags.map((tag) =>
      element(
        'li',
        {},
        element(
          'a',
          { class: 'tag', href: placeAddress({ kind: 'list', query: { ...EVERYTHING, tag } }) },
          element('bdi', {}, tag),
        ),
      ),
    ),
  );
}

/** The second byte of the entry says what it stands for. */
function kindText(entry: string): string {
  const t = words();
  const kind = atob(entry).charCodeAt(1);
  return kind === 0 ? t.kindDocument : t.otherKind(formatNumber(kind));
}
