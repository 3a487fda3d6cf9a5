import { inTurns, ratioOf, summarise, type Pair, type Summary } from './statistics.js';

/** A goal for a figure: rates and their ratios should be high; times, sizes and their ratios low. */
export interface Goal {
  readonly is: 'at least' | 'at most';
  readonly value: number;
}

export type Unit = '/s' | 's' | 'ms' | 'MiB' | 'B' | '×' | 'requests';

export interface Side {
  readonly what: string;
  readonly unit: Unit;
  readonly summary: Summary;
}

/** One line of the table: a measurement beside its yardstick. */
export interface Figure {
  readonly what: string;
  /** What the goal applies to: the ratio of both sides, or our side alone when there is no yardstick. */
  readonly value: Summary;
  readonly unit: Unit;
  readonly ours: Side;
  readonly yardstick: Side | null;
  readonly goal: Goal | null;
  readonly growth?: Growth;
}

/** How the two sides differ, in a figure that shows how a cost or a rate grows. */
export interface Growth {
  /** What is measured, the same for all steps. */
  readonly of: string;
  readonly with: 'entries' | 'blocks' | 'clients';
  readonly yardstick: number;
  readonly ours: number;
}

export interface Comparison {
  readonly what: string;
  readonly unit: Unit;
  readonly ours: string;
  readonly yardstick: string;
  readonly goal: Goal | null;
  readonly growth?: Growth;
}

export const atLeast = (value: number): Goal => ({ is: 'at least', value });
export const atMost = (value: number): Goal => ({ is: 'at most', value });

/** Measures both sides in turn, and computes their ratio. */
export async function compare(
  comparison: Comparison,
  repetitions: number,
  ours: () => Promise<number>,
  yardstick: () => Promise<number>,
): Promise<Figure> {
  return compared(comparison, await inTurns(repetitions, ours, yardstick));
}

export function compared(comparison: Comparison, pairs: readonly Pair[]): Figure {
  const { what, unit, goal, growth } = comparison;
  const side = (name: string, samples: number[]): Side => ({ what: name, unit, summary: summarise(samples) });
  return {
    what,
    value: ratioOf(pairs),
    unit: '×',
    ours: side(
      comparison.ours,
      pairs.map((pair) => pair.ours),
    ),
    yardstick: side(
      comparison.yardstick,
      pairs.map((pair) => pair.yardstick),
    ),
    goal,
    ...(growth === undefined ? {} : { growth }),
  };
}

/** A figure without a yardstick, such as seconds or bytes. */
export function absolute(
  { what, unit, goal }: Omit<Comparison, 'ours' | 'yardstick' | 'growth'>,
  samples: readonly number[],
): Figure {
  const value = summarise(samples);
  return {
    what,
    value,
    unit,
    ours: { what, unit, summary: value },
    yardstick: null,
    goal,
  };
}

/** Whether the median meets the goal; null: there is no goal. */
export function meets({ goal, value }: Figure): boolean | null {
  if (goal === null) return null;
  return goal.is === 'at least' ? value.median >= goal.value : value.median <= goal.value;
}
