import { canvas, type Canvas, type Drawing, fine, shortHex, svg } from '../../components/picture.js';
import { namedPanel, table } from '../../components/section.js';
import { element } from '../../lib/dom.js';
import { counted, formatNumber, formatTime } from '../../lib/format.js';
import { locale } from '../../lib/language.js';
import { blockLink } from '../../lib/links.js';
import { messages } from '../../messages/explorer.js';
import { isLinked, type SealedBlock } from './blocks.js';

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
      href: blockLink(height),
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

/** Scales of the charts. */

/** Round whole values from 0 to at least `highest`, in steps of 1, 2 or 5 times a power of ten. */
export function countTicks(highest: number, most: number): number[] {
  const least = Math.max(1, highest / Math.max(1, most));
  const power = 10 ** Math.floor(Math.log10(least));
  const step = Math.ceil([1, 2, 5, 10].map((n) => n * power).find((n) => n >= least) ?? least);
  const ticks: number[] = [];
  for (let tick = 0; tick < highest + step; tick += step) ticks.push(tick);
  return ticks;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Possible ticks of the time axis. */
const DURATIONS = [100, SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 10 * DAY, 100 * DAY];

/** A duration in the largest unit in which it is at least 1. */
export function durationUnit(milliseconds: number): {
  readonly value: number;
  readonly unit: 'millisecond' | 'second' | 'minute' | 'hour' | 'day';
} {
  if (milliseconds < SECOND) return { value: milliseconds, unit: 'millisecond' };
  if (milliseconds < MINUTE) return { value: milliseconds / SECOND, unit: 'second' };
  if (milliseconds < HOUR) return { value: milliseconds / MINUTE, unit: 'minute' };
  if (milliseconds < DAY) return { value: milliseconds / HOUR, unit: 'hour' };
  return { value: milliseconds / DAY, unit: 'day' };
}

/** Ticks that enclose all given durations, for a logarithmic axis. */
export function durationTicks(milliseconds: readonly number[]): number[] {
  const shortest = Math.min(...milliseconds, 100 * DAY);
  const longest = Math.max(...milliseconds, 100);
  const reached = DURATIONS.findLastIndex((tick) => tick <= shortest);
  // An axis needs at least two ticks.
  const from = Math.min(Math.max(0, reached), DURATIONS.length - 2);
  const to = DURATIONS.findIndex((tick) => tick >= longest);
  return DURATIONS.slice(from, to === -1 ? undefined : Math.max(to, from + 1) + 1);
}

/** Position of `value` between the first and the last tick, 0 to 1, on a logarithmic scale. */
export function logPlace(value: number, ticks: readonly number[]): number {
  const low = Math.log(ticks[0] ?? 1);
  const high = Math.log(ticks.at(-1) ?? 10);
  const place = (Math.log(Math.max(value, 1)) - low) / (high - low);
  return Math.min(1, Math.max(0, place));
}

/** Formats a duration in one unit. */
export function formatSpell(milliseconds: number, unitDisplay: 'long' | 'narrow' = 'long'): string {
  const { value, unit } = durationUnit(milliseconds);
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit,
    unitDisplay,
    maximumFractionDigits: value < 10 && unit !== 'millisecond' ? 1 : 0,
  }).format(value);
}

const PLOT = { top: 10, height: 130, bottom: 24, left: 58 };
/** Minimum height of a bar. */
const LEAST_BAR = 2;

interface Charts {
  readonly element: HTMLElement;
  /** Called when the latest blocks have changed. */
  readonly update: () => void;
}

interface Mark {
  readonly block: SealedBlock;
  /** Milliseconds after the previous block; null if that is not known. */
  readonly since: number | null;
}

/** The plotted blocks, earliest first. @param latest highest first */
export function marksOf(latest: readonly SealedBlock[]): Mark[] {
  const marks = latest.map((block, i) => {
    const previous = latest[i + 1];
    const since = previous === undefined ? null : block.header.sealedAt - previous.header.sealedAt;
    return { block, since };
  });
  return marks.reverse();
}

export function chartsSection(latest: () => readonly SealedBlock[]): Charts {
  const t = messages();
  const marks = () => marksOf(latest());
  const spells = () => marks().flatMap(({ since }) => (since === null ? [] : [since]));
  const entries: Canvas = canvas(
    'img',
    () =>
      t.entriesLabel(
        counted(latest().length),
        formatNumber(Math.max(...latest().map(({ header }) => header.entryCount))),
      ),
    (width) => entriesDrawing(marks(), width),
  );
  const intervals: Canvas = canvas(
    'img',
    () => {
      const all = spells();
      return t.intervalLabel(
        counted(all.length),
        formatSpell(Math.min(...all)),
        formatSpell(Math.max(...all)),
      );
    },
    (width) => intervalDrawing(marks(), width),
  );
  const body = element('tbody');
  const intervalPart = element('figure', {}, element('figcaption', {}, t.intervalChart), intervals.element);
  const update = () => {
    entries.redraw();
    intervals.redraw();
    intervalPart.hidden = spells().length === 0;
    body.replaceChildren(...marks().reverse().map(tableRow));
  };
  update();
  return {
    update,
    element: namedPanel(
      'charts',
      t.chartsHeading,
      element(
        'div',
        { class: 'charts' },
        element('figure', {}, element('figcaption', {}, t.entriesChart), entries.element),
        intervalPart,
      ),
      element(
        'details',
        {},
        element('summary', {}, t.chartTable),
        table('', [t.block, t.entryCount, t.sealed, t.since], body),
      ),
    ),
  };
}

function tableRow({ block: { header }, since }: Mark): HTMLElement {
  const t = messages();
  const spell = since === null ? (header.height === 0 ? t.first : '–') : formatSpell(since);
  return element(
    'tr',
    {},
    element(
      'th',
      { scope: 'row' },
      element('a', { href: blockLink(header.height) }, formatNumber(header.height)),
    ),
    element('td', { class: 'is-number' }, formatNumber(header.entryCount)),
    element('td', {}, formatTime(header.sealedAt)),
    element('td', { class: 'is-number' }, spell),
  );
}

function entriesDrawing(marks: readonly Mark[], width: number): Drawing {
  const ticks = countTicks(Math.max(1, ...marks.map(({ block }) => block.header.entryCount)), 4);
  const highest = ticks.at(-1) ?? 1;
  const { at, step } = columns(marks.length, width);
  const bars = marks.map(({ block: { header } }, i) => {
    const length = Math.max(LEAST_BAR, (header.entryCount / highest) * PLOT.height);
    const thick = Math.max(1, Math.min(26, step * 0.72));
    return svg(
      'rect',
      {
        x: fine(at(i) - thick / 2),
        y: fine(PLOT.top + PLOT.height - length),
        width: fine(thick),
        height: fine(length),
        class: 'bar',
      },
      svg(
        'title',
        {},
        messages().bar(formatNumber(header.height), counted(header.entryCount), formatTime(header.sealedAt)),
      ),
    );
  });
  const grid = ticks.flatMap((tick) => gridLine(tick / highest, formatNumber(tick), width));
  return frame(marks, width, [...grid, ...bars]);
}

function intervalDrawing(marks: readonly Mark[], width: number): Drawing {
  const spells = marks.flatMap(({ since }) => (since === null ? [] : [since]));
  const ticks = durationTicks(spells);
  const { at } = columns(marks.length, width);
  const dots = marks.flatMap(({ block, since }, i) => {
    if (since === null) return [];
    const y = PLOT.top + PLOT.height * (1 - logPlace(since, ticks));
    const message = messages().interval(formatNumber(block.header.height), formatSpell(since));
    return [svg('circle', { cx: fine(at(i)), cy: fine(y), r: 4, class: 'dot' }, svg('title', {}, message))];
  });
  const grid = ticks.flatMap((tick) => gridLine(logPlace(tick, ticks), formatSpell(tick, 'narrow'), width));
  return frame(marks, width, [...grid, ...dots]);
}

function columns(count: number, width: number) {
  const step = (width - PLOT.left) / Math.max(12, count);
  return { step, at: (i: number) => PLOT.left + (i + 0.5) * step };
}

function gridLine(place: number, name: string, width: number): SVGElement[] {
  const y = fine(PLOT.top + PLOT.height * (1 - place));
  return [
    svg('line', { x1: PLOT.left, x2: width, y1: y, y2: y, class: 'grid' }),
    svg('text', { x: PLOT.left - 8, y: y + 4, class: 'tick is-left' }, name),
  ];
}

/** Adds the numbers of the first and the last block. */
function frame(marks: readonly Mark[], width: number, parts: readonly SVGElement[]): Drawing {
  const { at } = columns(marks.length, width);
  const first = marks[0];
  const last = marks.at(-1);
  const y = PLOT.top + PLOT.height + 18;
  const name = (mark: Mark | undefined, i: number, className: string) =>
    mark === undefined
      ? null
      : svg('text', { x: fine(at(i)), y, class: className }, formatNumber(mark.block.header.height));
  return {
    height: PLOT.top + PLOT.height + PLOT.bottom,
    parts: [...parts, name(first, 0, 'tick'), marks.length < 2 ? null : name(last, marks.length - 1, 'tick')],
  };
}
