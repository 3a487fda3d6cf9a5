import { toHex } from '../../proof/bytes.js';
import { HASH_LENGTH } from '../../proof/hash.js';
import { HEADER_LENGTH, leadingZeroBits, NONCE_OFFSET } from '../../proof/header.js';
import { button, element } from '../dom.js';
import { formatNumber, formatTime } from '../format.js';
import { words } from '../messages/explorer.js';
import { valueWords } from '../messages/raw-values.js';
import { counted } from '../pictures/count.js';
import { bitsView, hashView } from '../pictures/hash-view.js';
import { blockAddress } from './address.js';
import type { SealedBlock } from './sealed-block.js';

const FIRST_BYTES = 3;

/** The block's hash, and what of it was mined. */
export function hashSection({ header, hash }: SealedBlock): HTMLElement {
  const t = words();
  return element(
    'section',
    { class: 'panel', 'aria-labelledby': 'hash-heading' },
    element('h2', { id: 'hash-heading' }, t.hashHeading),
    element('p', { class: 'big-hash' }, hashView(hash)),
    element(
      'p',
      { class: 'hint' },
      element('span', { class: 'bits-name' }, t.hashBits),
      ' ',
      bitsView(hash, Math.max(FIRST_BYTES, Math.ceil((leadingZeroBits(hash) + 1) / 8))),
    ),
    element(
      'p',
      { class: 'hint' },
      t.hashSentence(counted(leadingZeroBits(hash)), formatNumber(header.difficulty)),
    ),
  );
}

interface Field {
  readonly name: string;
  readonly length: number;
  readonly value: string | HTMLElement;
}

function fieldsOf({ header }: SealedBlock): Field[] {
  const v = valueWords();
  const previous = header.height === 0 ? '–' : blockLink(header.height - 1);
  return [
    { name: words().version, length: 1, value: '1' },
    { name: v.height, length: 8, value: formatNumber(header.height) },
    { name: v.previousHash, length: HASH_LENGTH, value: previous },
    { name: v.merkleRoot, length: HASH_LENGTH, value: words().topOfTree },
    { name: v.firstPosition, length: 8, value: formatNumber(header.firstPosition) },
    { name: v.entryCount, length: 4, value: formatNumber(header.entryCount) },
    { name: v.sealedAt, length: 8, value: formatTime(header.sealedAt, 'UTC') },
    { name: v.difficulty, length: 1, value: formatNumber(header.difficulty) },
    { name: v.nonce, length: HEADER_LENGTH - NONCE_OFFSET, value: header.nonce.toString() },
  ];
}

const blockLink = (height: number) =>
  element('a', { href: blockAddress(height) }, words().blockHeading(formatNumber(height)));

export function headerSection(block: SealedBlock): HTMLElement {
  const t = words();
  let offset = 0;
  const rows = fieldsOf(block).map(({ name, length, value }) => {
    const from = offset;
    offset += length;
    const at = t.bytesAt(formatNumber(from), formatNumber(offset - 1));
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, name, element('small', { class: 'byte-place' }, at)),
      element('td', { class: 'field-value' }, value),
      element(
        'td',
        { class: 'field-bytes' },
        element('code', {}, toHex(block.bytes.subarray(from, offset)).replace(/(..)(?=.)/g, '$1 ')),
      ),
    );
  });
  return element(
    'section',
    { class: 'panel', 'aria-labelledby': 'header-heading' },
    element('h2', { id: 'header-heading' }, t.headerHeading),
    element('p', { class: 'hint' }, t.headerExplained),
    element(
      'table',
      { class: 'fields' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...[t.field, t.value, t.bytes].map((name) => element('th', { scope: 'col' }, name)),
        ),
      ),
      element('tbody', {}, ...rows),
    ),
    element(
      'p',
      {},
      button(t.rawHeader, () => {
        saveBytes(`block-${block.header.height}.bin`, block.bytes);
      }),
    ),
  );
}

function saveBytes(name: string, bytes: Uint8Array): void {
  const address = URL.createObjectURL(new Blob([Uint8Array.from(bytes)]));
  const link = element('a', { href: address, download: name });
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 60_000);
}
