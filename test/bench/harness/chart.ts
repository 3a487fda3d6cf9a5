import { meets, type Figure } from './figure.js';
import { formatValue, type Report } from './report.js';
import { escape, picture } from './svg.js';

const WIDTH = 960;
const LEFT = 400;
const RIGHT = 160;
const LINE = 30;
const TOP = 64;
/** A bar shows at most this factor, better or worse than the goal; beyond it the bar is cut off. */
const DECADES = 2;

interface Bar {
  readonly label: string;
  readonly text: string;
  /** Factor by which it is better than the goal; below 1 the goal is missed. */
  readonly score: number;
  readonly least: number;
  readonly greatest: number;
  readonly met: boolean;
}

/**
 * Every figure with a goal, on one logarithmic scale: the goal is the line in the middle, better is to its
 * right, and each step is a factor of ten. The thin line spans the lowest and the highest measurement.
 */
export function drawChart({ rows, quick, startedAt }: Report): string {
  const bars = rows.flatMap(({ figures }) => figures.flatMap(barOf));
  const height = TOP + bars.length * LINE + 34;
  const title = `Figures against their goals${quick ? ' (quick run)' : ''}, ${startedAt.slice(0, 10)}`;
  const axis = [-1, 0, 1].map((decade) => {
    const x = place(10 ** decade);
    const name = decade === 0 ? 'goal' : decade < 0 ? '10 × worse' : '10 × better';
    return (
      `<line x1="${x}" y1="${TOP - 10}" x2="${x}" y2="${height - 24}" class="${decade === 0 ? 'goal' : 'grid'}"/>` +
      `<text x="${x}" y="${height - 8}" class="small" text-anchor="middle">${name}</text>`
    );
  });
  return picture(title, WIDTH, height, [...axis, ...bars.map(drawBar)]);
}

function barOf(figure: Figure): Bar[] {
  const { goal, value, what, unit } = figure;
  if (goal === null) return [];
  const score = (x: number) => (goal.is === 'at least' ? x / goal.value : goal.value / x);
  const sign = goal.is === 'at least' ? '≥' : '≤';
  return [
    {
      label: what,
      text: `${formatValue(value.median, unit)} (${sign} ${goal.value})`,
      score: score(value.median),
      least: score(value.least),
      greatest: score(value.greatest),
      met: meets(figure) === true,
    },
  ];
}

function drawBar({ label, text, score, least, greatest, met }: Bar, index: number): string {
  const y = TOP + index * LINE;
  const [from, to] = [place(1), place(score)].toSorted((a, b) => a - b) as [number, number];
  const [low, high] = [place(least), place(greatest)];
  return [
    `<text x="${LEFT - 12}" y="${y + 13}" text-anchor="end">${escape(label)}</text>`,
    `<rect x="${from}" y="${y}" width="${Math.max(to - from, 1).toFixed(1)}" height="18" class="${met ? 'met' : 'missed'}"/>`,
    `<line x1="${low}" y1="${y + 9}" x2="${high}" y2="${y + 9}" class="spread"/>`,
    `<text x="${WIDTH - RIGHT + 12}" y="${y + 13}">${escape(text)}</text>`,
  ].join('');
}

function place(score: number): number {
  const decades = Math.max(-DECADES, Math.min(DECADES, Math.log10(score)));
  return Number((LEFT + ((WIDTH - LEFT - RIGHT) * (decades + DECADES)) / (2 * DECADES)).toFixed(1));
}
