import { toHex } from '../../proof/bytes.js';
import { leadingZeroBits } from '../../proof/header.js';
import { type Child, element, present } from '../lib/dom.js';
import { groupHex } from '../lib/format.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';

/**
 * Creates an SVG element. Colors and line widths are in the style sheet: the content security policy forbids
 * inline styles.
 */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  const created = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, String(value));
  created.append(...present(children));
  return created;
}

/** Rounds to two decimals, which keeps the markup short. */
export const fine = (value: number): number => Math.round(value * 100) / 100;

/**
 * Keeps the focus while `change` rebuilds the content: on the link with the same address or the control with
 * the same id.
 */
export function keepFocus(place: Element, change: () => void): void {
  const { activeElement } = document;
  const inside = activeElement !== null && place.contains(activeElement);
  const address = inside ? activeElement.getAttribute('href') : null;
  const id = inside ? activeElement.id : '';
  change();
  if (!inside || place.contains(document.activeElement)) return;
  const selector =
    address !== null ? `[href="${CSS.escape(address)}"]` : id === '' ? null : `#${CSS.escape(id)}`;
  const again = selector === null ? null : place.querySelector<HTMLElement | SVGElement>(selector);
  again?.focus({ preventScroll: true });
}

export interface Drawing {
  readonly height: number;
  readonly parts: readonly Child[];
}

export interface Canvas {
  readonly element: HTMLElement;
  readonly redraw: () => void;
}

/**
 * A picture that is redrawn for every width of its container, so that its text keeps the page's size: one
 * unit is a sixteenth of the root's font size.
 * @param role 'img': a single image with one description; 'group': its parts are links
 */
export function canvas(role: 'img' | 'group', label: () => string, draw: (width: number) => Drawing): Canvas {
  const place = document.createElement('div');
  place.className = 'canvas';
  let width = 0;
  const redraw = () => {
    if (width === 0) return;
    const { height, parts } = draw(width);
    const drawn = svg(
      'svg',
      { viewBox: `0 0 ${width} ${height}`, role, 'aria-label': label(), class: 'picture' },
      ...parts,
    );
    keepFocus(place, () => {
      place.replaceChildren(drawn);
    });
  };
  new ResizeObserver(([entry]) => {
    const root = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const found = Math.floor(((entry?.contentRect.width ?? 0) / root) * 16);
    if (found === 0 || found === width) return;
    width = found;
    redraw();
  }).observe(place);
  return { element: place, redraw };
}

/** A hash in groups of eight digits, with its leading zeros marked. */
export function hashView(hash: Uint8Array): HTMLElement {
  return marked(groupHex(toHex(hash)), Math.floor(leadingZeroBits(hash) / 4), 'hash');
}

/** The first digits of a hash, with leading zeros marked. */
export function shortHashView(hash: Uint8Array, digits = 12): HTMLElement {
  const zeros = Math.min(digits, Math.floor(leadingZeroBits(hash) / 4));
  return marked(`${shortHex(hash, digits)}…`, zeros, 'hash is-short');
}

export function shortHex(hash: Uint8Array, digits = 8): string {
  return toHex(hash.subarray(0, Math.ceil(digits / 2))).slice(0, digits);
}

/** The first bits of a hash, with leading zeros marked. */
export function bitsView(hash: Uint8Array, bytes: number): HTMLElement {
  const bits = [...hash.subarray(0, bytes)].map((byte) => byte.toString(2).padStart(8, '0')).join(' ');
  return marked(bits, leadingZeroBits(hash), 'hash is-bits');
}

/** @param zeros number of leading digits to mark, not counting spaces */
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
