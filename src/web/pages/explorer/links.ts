import { element } from '../../lib/dom.js';
import { formatNumber, counted } from '../../lib/format.js';
import { canvas, type Canvas, type Drawing, shortHex, fine, svg } from '../../components/picture.js';
import { blockAddress } from '../../lib/links.js';
import { isLinked, type SealedBlock } from './blocks.js';
import { messages } from '../../messages/explorer.js';

const BOX = { width: 190, height: 100, least: 150 };
const GAP = { across: 40, down: 34 };
/** Below this width the chain is drawn vertically. */
const UPRIGHT_BELOW = 480;

/**
 * Draws blocks and the links between them: earlier blocks on the left, or at the bottom where it is narrow.
 * @param blocks highest first; as many as fit are drawn
 */
export function linksPicture(
  blocks: () => readonly SealedBlock[],
  most: number,
  current: number | null,
): Canvas {
  let shown: readonly SealedBlock[] = [];
  const draw = (width: number): Drawing => {
    const all = blocks();
    if (width < UPRIGHT_BELOW) {
      shown = all.slice(0, Math.min(3, most));
      return upright(shown, width, current);
    }
    const fitting = Math.max(1, Math.floor(width / (BOX.least + GAP.across)));
    shown = all.slice(0, Math.min(most, fitting));
    return lying(shown, width, current);
  };
  const label = () => {
    const heights = shown.map(({ header }) => formatNumber(header.height));
    return messages().linksLabel(heights.at(-1) ?? '', heights[0] ?? '');
  };
  // The label describes what is drawn.
  return canvas('group', label, draw);
}

function lying(blocks: readonly SealedBlock[], width: number, current: number | null): Drawing {
  const count = Math.max(1, blocks.length);
  const across = Math.min(BOX.width, width / count - GAP.across);
  const step = across + GAP.across;
  // A stub on the left hints at earlier blocks.
  const left = (width - count * step - GAP.across) / 2 + GAP.across;
  const y = 4 + BOX.height / 2;
  const parts = [...blocks].reverse().flatMap((block, i, all) => {
    const x = Math.max(GAP.across, left) + i * step;
    return [
      block.header.height === 0 ? null : link(all[i - 1], block, [x - GAP.across, y], [x, y]),
      box(block, x, 4, across, block.header.height === current),
    ];
  });
  return { height: BOX.height + 8, parts };
}

function upright(blocks: readonly SealedBlock[], width: number, current: number | null): Drawing {
  const across = Math.min(width - 4, 280);
  const x = (width - across) / 2;
  const parts = blocks.flatMap((block, i) => {
    const y = 4 + i * (BOX.height + GAP.down);
    const end = y + BOX.height;
    return [
      block.header.height === 0
        ? null
        : link(blocks[i + 1], block, [width / 2, end + GAP.down], [width / 2, end]),
      box(block, x, y, across, block.header.height === current),
    ];
  });
  const last = blocks.at(-1)?.header.height === 0 ? 0 : GAP.down;
  return { height: blocks.length * (BOX.height + GAP.down) - GAP.down + last + 8, parts };
}

function box(block: SealedBlock, x: number, y: number, width: number, isCurrent: boolean): SVGElement {
  const t = messages();
  const { height, entryCount, previousHash } = block.header;
  // The spaces separate the words for screen readers.
  const line = (row: number, name: string, value: string, className: string) => [
    ' ',
    svg('text', { x: fine(x + 12), y: y + row, class: 'box-name' }, name),
    ' ',
    svg('text', { x: fine(x + width - 12), y: y + row, class: className }, value),
  ];
  return svg(
    'a',
    {
      href: blockAddress(height),
      class: isCurrent ? 'block-box is-current' : 'block-box',
      ...(isCurrent ? { 'aria-current': 'true' } : {}),
    },
    svg('rect', { x: fine(x), y, width: fine(width), height: BOX.height, rx: 8, class: 'box' }),
    svg('text', { x: fine(x + 12), y: y + 25, class: 'box-title' }, t.blockHeading(formatNumber(height))),
    ' ',
    svg('text', { x: fine(x + 12), y: y + 45, class: 'box-name' }, t.entries(counted(entryCount))),
    ...line(68, t.boxHash, shortHex(block.hash), 'box-hash'),
    ...line(87, t.boxPrevious, height === 0 ? '–' : shortHex(previousHash), 'box-before'),
  );
}

type Point = readonly [x: number, y: number];

/** Two interlocked rings; apart if the later block contains another hash. */
function link(previous: SealedBlock | undefined, block: SealedBlock, from: Point, to: Point): SVGElement {
  const holds = previous === undefined || isLinked(previous, block);
  const [x, y] = [fine((from[0] + to[0]) / 2), fine((from[1] + to[1]) / 2)];
  const lies = from[1] === to[1];
  const apart = holds ? 5 : 9;
  const ring = (offset: number) =>
    svg('rect', {
      x: lies ? x + offset - 8 : x - 5,
      y: lies ? y - 5 : y + offset - 8,
      width: lies ? 16 : 10,
      height: lies ? 10 : 16,
      rx: 5,
      class: 'ring',
    });
  const kind =
    previous === undefined ? 'chain-link is-further' : holds ? 'chain-link' : 'chain-link is-broken';
  return svg(
    'g',
    { class: kind },
    svg('path', { d: `M${fine(from[0])} ${fine(from[1])}L${fine(to[0])} ${fine(to[1])}`, class: 'rod' }),
    ring(-apart),
    ring(apart),
  );
}

/** Describes broken links in words. */
export function brokenLinks(blocks: readonly SealedBlock[]): HTMLElement[] {
  return blocks.flatMap((block, i) => {
    const previous = blocks[i + 1];
    return previous === undefined || isLinked(previous, block)
      ? []
      : [element('p', { class: 'problem' }, messages().linksBroken(formatNumber(block.header.height)))];
  });
}
