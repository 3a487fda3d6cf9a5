import { svg } from './svg.js';
import type { Child } from '../dom.js';
import { keepFocus } from './keep-focus.js';

export interface Drawing {
  readonly height: number;
  readonly parts: readonly Child[];
}

export interface Canvas {
  readonly element: HTMLElement;
  readonly redraw: () => void;
}

/**
 * A picture as wide as its place, drawn anew for every width, so that its text is never smaller than the page's: one unit
 * is a sixteenth of the root's font size.
 * @param role 'img': one thing with one description; 'group': its parts are links
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
