import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { toHex } from '../../proof/bytes.js';
import { leadingZeroBits } from '../../proof/header.js';
import { groupHex } from '../lib/format.js';

/** Rounds to two decimals, which keeps the markup short. */
export const fine = (value: number): number => Math.round(value * 100) / 100;

export interface Drawing {
  readonly height: number;
  /** Says what is drawn, for screen readers. */
  readonly label: string;
  /** Elements of SVG. Colors and line widths are in the style sheet. */
  readonly parts: ComponentChildren;
}

interface PictureProps {
  /** 'img': a single image with one description; 'group': its parts are links. */
  readonly role: 'img' | 'group';
  readonly draw: (width: number) => Drawing;
}

/**
 * A picture that is drawn for the width of its container, so that its text keeps the page's size: one unit is
 * a sixteenth of the root's font size.
 */
export function Picture({ role, draw }: PictureProps) {
  const place = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const root = parseFloat(getComputedStyle(document.documentElement).fontSize);
      const found = Math.floor(((entry?.contentRect.width ?? 0) / root) * 16);
      if (found > 0) width.value = found;
    });
    if (place.current !== null) observer.observe(place.current);
    return () => {
      observer.disconnect();
    };
  }, []);
  const drawing = width.value === 0 ? null : draw(width.value);
  return (
    <div class="canvas" ref={place}>
      {drawing === null ? null : (
        <svg
          viewBox={`0 0 ${width.value} ${drawing.height}`}
          role={role}
          aria-label={drawing.label}
          class="picture"
        >
          {drawing.parts}
        </svg>
      )}
    </div>
  );
}

interface HashProps {
  readonly of: Uint8Array;
}

/** A hash in groups of eight digits, with its leading zeros marked. */
export function Hash({ of }: HashProps) {
  return <Marked as="hash" text={groupHex(toHex(of))} zeros={Math.floor(leadingZeroBits(of) / 4)} />;
}

/** The first digits of a hash, with leading zeros marked. */
export function ShortHash({ of }: HashProps) {
  const zeros = Math.min(12, Math.floor(leadingZeroBits(of) / 4));
  return <Marked as="hash is-short" text={`${shortHex(of, 12)}…`} zeros={zeros} />;
}

/** The first bits of a hash, with leading zeros marked. */
export function Bits({ of, bytes }: HashProps & { readonly bytes: number }) {
  const bits = [...of.subarray(0, bytes)].map((byte) => byte.toString(2).padStart(8, '0')).join(' ');
  return <Marked as="hash is-bits" text={bits} zeros={leadingZeroBits(of)} />;
}

export function shortHex(hash: Uint8Array, digits = 8): string {
  return toHex(hash.subarray(0, Math.ceil(digits / 2))).slice(0, digits);
}

interface MarkedProps {
  readonly as: string;
  readonly text: string;
  /** Number of leading digits to mark, not counting spaces. */
  readonly zeros: number;
}

function Marked({ as, text, zeros }: MarkedProps) {
  let end = 0;
  for (let counted = 0; counted < zeros && end < text.length; end++) if (text[end] !== ' ') counted += 1;
  return (
    <code class={as}>
      {end === 0 ? null : <mark class="zeros">{text.slice(0, end)}</mark>}
      {text.slice(end)}
    </code>
  );
}
