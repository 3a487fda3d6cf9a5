import type { Figure, Growth, Unit } from './figure.js';
import { formatValue, type Report } from './report.js';
import { escape, picture } from './svg.js';

const COLUMNS = 3;
const PANEL = { width: 290, height: 190 };
const PLOT = { left: 34, right: 34, top: 34, bottom: 46 };
const TOP = 48;

/** How one cost or rate grows with one quantity. */
interface Course {
  readonly of: string;
  readonly with: Growth['with'];
  readonly unit: Unit;
  /** By number of entries, blocks or clients; at least two steps. */
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

/**
 * Growth with entries, blocks and clients, a panel each: quantities on a logarithmic axis, values on a linear
 * axis from 0. For costs, the dashed line shows logarithmic growth.
 */
export function drawGrowth({ rows, quick, startedAt }: Report): string {
  const courses = coursesOf(rows.flatMap(({ figures }) => figures));
  const height = TOP + Math.ceil(courses.length / COLUMNS) * PANEL.height + 8;
  const title = `How costs and rates grow${quick ? ' (quick run)' : ''}, ${startedAt.slice(0, 10)}`;
  return picture(title, COLUMNS * PANEL.width + 20, height, courses.map(drawPanel));
}

function coursesOf(figures: readonly Figure[]): Course[] {
  const courses = new Map<string, Course>();
  for (const { growth, ours, yardstick } of figures) {
    if (growth === undefined || yardstick === null) continue;
    const name = `${growth.of} by ${growth.with}`;
    const before = courses.get(name)?.points.slice(1) ?? [];
    const points = [
      { at: growth.yardstick, value: yardstick.summary.median },
      ...before,
      { at: growth.ours, value: ours.summary.median },
    ];
    courses.set(name, { of: growth.of, with: growth.with, unit: ours.unit, points });
  }
  return [...courses.values()];
}

function drawPanel({ of, with: by, unit, points }: Course, index: number): string {
  const [first] = points;
  if (first === undefined) return '';
  const last = points.at(-1) ?? first;
  const logAt = (at: number) => (first.value * Math.log(at)) / Math.log(first.at);
  const isCost = unit !== '/s';
  const most = 1.15 * Math.max(...points.map(({ value }) => value), isCost ? logAt(last.at) : 0);
  const left = 10 + (index % COLUMNS) * PANEL.width + PLOT.left;
  const top = TOP + Math.floor(index / COLUMNS) * PANEL.height + PLOT.top;
  const [width, height] = [PANEL.width - PLOT.left - PLOT.right, PANEL.height - PLOT.top - PLOT.bottom];
  const span = Math.log(last.at) - Math.log(first.at);
  const x = (at: number) => (left + (width * (Math.log(at) - Math.log(first.at))) / span).toFixed(1);
  const y = (value: number) => (top + height * (1 - value / most)).toFixed(1);
  const bottom = top + height;
  return [
    `<text x="${left - 20}" y="${top - 14}">${escape(of)}</text>`,
    `<line x1="${left}" y1="${bottom}" x2="${left + width}" y2="${bottom}" class="goal"/>`,
    isCost
      ? `<line x1="${x(first.at)}" y1="${y(first.value)}" x2="${x(last.at)}" y2="${y(logAt(last.at))}" class="log"/>`
      : '',
    `<polyline points="${points.map(({ at, value }) => `${x(at)},${y(value)}`).join(' ')}" class="line"/>`,
    ...points.flatMap(({ at, value }) => [
      `<circle cx="${x(at)}" cy="${y(value)}" r="3.5" class="met"/>`,
      `<text x="${x(at)}" y="${Number(y(value)) - 8}" class="small" text-anchor="middle">${formatValue(value, unit)}</text>`,
      `<text x="${x(at)}" y="${bottom + 15}" class="small" text-anchor="middle">${at.toLocaleString('en')}</text>`,
    ]),
    `<text x="${left + width / 2}" y="${bottom + 30}" class="small" text-anchor="middle">${by}</text>`,
  ].join('');
}
