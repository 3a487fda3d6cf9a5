import { button, element, setText } from '../../lib/dom.js';
import { counted, formatNumber, formatTime } from '../../lib/format.js';
import { shortHashView } from '../../components/picture.js';
import { blockLink, explorerLink } from '../../lib/links.js';
import type { SealedBlock } from './blocks.js';
import { messages } from '../../messages/explorer.js';

export const PAGE_LENGTH = 20;

interface BlockList {
  readonly element: HTMLElement;
  /** @param before as in the address; null: these are the latest */
  readonly update: (blocks: readonly SealedBlock[], before: number | null, tip: number) => void;
}

/** A page of blocks. Unchanged rows are kept, so that the focus stays when a block arrives. */
export function blockList(): BlockList {
  const t = messages();
  const body = element('tbody');
  const pages = element('nav', { class: 'pages', 'aria-label': t.pages });
  const rows = new Map<string, HTMLElement>();
  let shown = false;

  const update = (blocks: readonly SealedBlock[], before: number | null, tip: number) => {
    const wanted = new Set(blocks.map(keyOf));
    for (const [key, row] of rows) {
      if (wanted.has(key)) continue;
      row.remove();
      rows.delete(key);
    }
    let next = body.firstElementChild;
    for (const block of blocks) {
      const key = keyOf(block);
      const row = rows.get(key) ?? rowOf(block, shown && before === null);
      rows.set(key, row);
      if (row === next) next = row.nextElementSibling;
      else body.insertBefore(row, next);
    }
    shown = true;
    showPages(pages, blocks, before, tip);
  };
  return {
    update,
    element: element(
      'section',
      { class: 'panel', 'aria-labelledby': 'list-heading' },
      element(
        'div',
        { class: 'list-head' },
        element('h2', { id: 'list-heading', tabindex: -1 }, t.listHeading),
        goTo(),
      ),
      element(
        'table',
        { class: 'data blocks' },
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...[t.block, t.sealed, t.entryCount, t.hash].map((name) => element('th', { scope: 'col' }, name)),
          ),
        ),
        body,
      ),
      pages,
    ),
  };
}

const keyOf = ({ header, hash }: SealedBlock) => `${header.height} ${hash.join(' ')}`;

function rowOf({ header, hash }: SealedBlock, isNew: boolean): HTMLElement {
  return element(
    'tr',
    { class: isNew ? 'is-new' : '', 'data-height': header.height },
    element(
      'th',
      { scope: 'row' },
      element('a', { href: blockLink(header.height) }, formatNumber(header.height)),
    ),
    element('td', {}, formatTime(header.sealedAt)),
    element(
      'td',
      { class: 'is-number' },
      element('span', { class: 'under-heading' }, formatNumber(header.entryCount)),
      // For layouts without visible table headings.
      element('span', { class: 'alone' }, messages().entries(counted(header.entryCount))),
    ),
    element('td', { class: 'is-hash' }, shortHashView(hash)),
  );
}

/** Only the addresses of the links change when blocks arrive. */
function showPages(
  pages: HTMLElement,
  blocks: readonly SealedBlock[],
  before: number | null,
  tip: number,
): void {
  const t = messages();
  const lowest = blocks.at(-1)?.header.height ?? 0;
  const above = before === null || before + PAGE_LENGTH > tip ? null : before + PAGE_LENGTH;
  const links: readonly (readonly [id: string, name: string, address: string | null])[] = [
    ['newer', t.newer, before === null ? null : explorerLink({ kind: 'chain', before: above })],
    ['older', t.older, lowest === 0 ? null : explorerLink({ kind: 'chain', before: lowest })],
  ];
  for (const [id, name, address] of links) {
    const there = pages.querySelector(`#${id}`);
    if (address === null) {
      there?.remove();
      continue;
    }
    const link = there ?? element('a', { id, class: 'button' }, name);
    link.setAttribute('href', address);
    if (there === null && id === 'newer') pages.prepend(link);
    else if (there === null) pages.append(link);
  }
}

function goTo(): HTMLElement {
  const t = messages();
  const input = element('input', {
    id: 'go-to',
    class: 'input',
    type: 'text',
    inputmode: 'numeric',
    autocomplete: 'off',
    'aria-describedby': 'go-to-state',
  });
  const problem = element('p', { id: 'go-to-state', class: 'field-state' });
  const go = (event: Event) => {
    event.preventDefault();
    const typed = input.value.trim();
    const height = /^(0|[1-9][0-9]{0,14})$/.test(typed) ? Number(typed) : null;
    if (height === null) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    setText(problem, height === null ? t.goToWrong : '');
    if (height === null) input.focus();
    else location.hash = blockLink(height);
  };
  return element(
    'form',
    { class: 'go-to', onsubmit: go, novalidate: true },
    element('label', { for: 'go-to' }, t.goTo),
    input,
    button(t.go, () => undefined, { type: 'submit' }),
    problem,
  );
}
