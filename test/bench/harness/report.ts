import { meets, type Figure, type Unit } from './figure.js';
import type { Machine } from './machine.js';
import type { Summary } from './statistics.js';

/** The result of a row: its figures, or why there are none. */
export interface RowResult {
  readonly row: string;
  readonly figures: readonly Figure[];
  readonly failure: string | null;
  readonly seconds: number;
}

export interface Report {
  readonly startedAt: string;
  readonly quick: boolean;
  readonly commit: string | null;
  readonly machine: Machine;
  readonly rows: readonly RowResult[];
}

const HEADINGS = ['row', 'work', 'ours', 'yardstick', 'figure (least – greatest)', 'goal', ''];

/** The report as a Markdown table. */
export function formatTable(rows: readonly RowResult[]): string {
  const lines = rows.flatMap(({ row, figures, failure }) => [
    ...figures.map((figure) => lineOf(row, figure)),
    ...(failure === null ? [] : [[row, 'no figure: a run had errors', '', '', '', '', 'failed']]),
  ]);
  const widths = HEADINGS.map((heading, i) =>
    Math.max(heading.length, ...lines.map((line) => line[i]?.length ?? 0)),
  );
  const join = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [join(HEADINGS), join(widths.map((width) => '-'.repeat(width))), ...lines.map(join)].join('\n');
}

function lineOf(row: string, figure: Figure): string[] {
  const { what, value, unit, ours, yardstick, goal } = figure;
  const met = meets(figure);
  return [
    row,
    what,
    formatValue(ours.summary.median, ours.unit),
    yardstick === null ? '' : `${formatValue(yardstick.summary.median, yardstick.unit)} (${yardstick.what})`,
    formatSummary(value, unit),
    goal === null ? '' : `${goal.is === 'at least' ? '≥' : '≤'} ${formatValue(goal.value, unit)}`,
    met === null ? '' : met ? 'met' : `missed by ${missedBy(figure)}`,
  ];
}

/** The distance to the goal as a factor: how much faster or smaller the result would have to be. */
function missedBy({ goal, value }: Figure): string {
  if (goal === null) return '';
  const factor = goal.is === 'at least' ? goal.value / value.median : value.median / goal.value;
  return `${factor.toPrecision(3)} ×`;
}

function formatSummary({ median, least, greatest, count }: Summary, unit: Unit): string {
  const middle = formatValue(median, unit);
  return count === 1 ? middle : `${middle} (${number(least)} – ${number(greatest)})`;
}

export function formatValue(value: number, unit: Unit): string {
  if (unit === '×') return `${number(value)} ×`;
  return unit === '/s' ? `${number(value)}/s` : `${number(value)} ${unit}`;
}

/** More than three digits would claim a precision that these measurements do not have. */
function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}
