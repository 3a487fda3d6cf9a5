import { toHex } from '../../proof/bytes.js';
import { leadingZeroBits } from '../../proof/header.js';
import { element } from '../dom.js';
import { groupHex } from '../format.js';

/** A whole hash in groups of eight digits, its leading zeros marked. */
export function hashView(hash: Uint8Array): HTMLElement {
  return marked(groupHex(toHex(hash)), Math.floor(leadingZeroBits(hash) / 4), 'hash');
}

/** The beginning of a hash, to be told apart by eye. */
export function shortHashView(hash: Uint8Array, digits = 12): HTMLElement {
  const zeros = Math.min(digits, Math.floor(leadingZeroBits(hash) / 4));
  return marked(`${shortHex(hash, digits)}…`, zeros, 'hash is-short');
}

export function shortHex(hash: Uint8Array, digits = 8): string {
  return toHex(hash.subarray(0, Math.ceil(digits / 2))).slice(0, digits);
}

/** The first bits of a hash as they are, those marked that the mining made zero. */
export function bitsView(hash: Uint8Array, bytes: number): HTMLElement {
  const bits = [...hash.subarray(0, bytes)].map((byte) => byte.toString(2).padStart(8, '0')).join(' ');
  return marked(bits, leadingZeroBits(hash), 'hash is-bits');
}

/** @param zeros how many digits from the first on are marked, spaces between them not counted */
function marked(text: string, zeros: number, className: string): HTMLElement {
  let end = 0;
  for (let counted = 0; counted < zeros && end < text.length; end++) if (text[end] !== ' ') counted += 1;
  return element(
    'code',
    { class: className },
    end === 0 ? null : element('mark', { class: 'zeros' }, text.slice(0, end)),
    text.slice(end),
  );
}
