import { canvas, type Canvas, type Drawing, fine, svg } from '../../components/picture.js';
import { element } from '../../lib/dom.js';
import { counted, formatNumber, formatTime } from '../../lib/format.js';
import { locale } from '../../lib/language.js';
import { blockAddress } from '../../lib/links.js';
import type { SealedBlock } from './blocks.js';
import { messages } from '../../messages/explorer.js';

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

export interface Charts {
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
    element: element(
      'section',
      { class: 'panel', 'aria-labelledby': 'charts-heading' },
      element('h2', { id: 'charts-heading' }, t.chartsHeading),
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
        element(
          'table',
          { class: 'data' },
          element(
            'thead',
            {},
            element(
              'tr',
              {},
              ...[t.block, t.entryCount, t.sealed, t.since].map((name) =>
                element('th', { scope: 'col' }, name),
              ),
            ),
          ),
          body,
        ),
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
      element('a', { href: blockAddress(header.height) }, formatNumber(header.height)),
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
    const says = messages().interval(formatNumber(block.header.height), formatSpell(since));
    return [svg('circle', { cx: fine(at(i)), cy: fine(y), r: 4, class: 'dot' }, svg('title', {}, says))];
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
