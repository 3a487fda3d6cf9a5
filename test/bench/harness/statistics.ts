/** A run with errors or unexpected responses. No figure is computed from it. */
export class Spoiled extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Spoiled';
  }
}

/** Median, minimum and maximum of several measurements. */
export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
  readonly count: number;
}

/** @throws {Spoiled} when there are no values, or one is not a valid measurement */
export function summarise(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new Spoiled('nothing was measured');
  const wrong = samples.find((sample) => !Number.isFinite(sample) || sample < 0);
  if (wrong !== undefined) throw new Spoiled(`${wrong} is not a valid measurement`);
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    least: quantile(sorted, 0),
    greatest: quantile(sorted, 1),
    count: sorted.length,
  };
}

/** The quantile `q` (0 to 1) of sorted samples, linear between neighbours. */
export function quantile(sorted: readonly number[], q: number): number {
  const place = (sorted.length - 1) * q;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new Spoiled('nothing was measured');
  return below + (above - below) * (place % 1);
}

export interface Pair {
  readonly ours: number;
  readonly yardstick: number;
}

/**
 * Measures both sides in turn, A B A B …, so that a change of the machine's speed affects both.
 * @throws what a side throws: one spoiled run spoils the row
 */
export async function inTurns(
  repetitions: number,
  ours: () => Promise<number>,
  yardstick: () => Promise<number>,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let i = 0; i < repetitions; i++) pairs.push({ ours: await ours(), yardstick: await yardstick() });
  return pairs;
}

/**
 * The ratio of our side to the yardstick, of each measurement to the one right after it. A drift that moves
 * the medians of the sides does not move the median of these ratios.
 */
export function ratioOf(pairs: readonly Pair[]): Summary {
  if (pairs.some(({ yardstick }) => yardstick === 0)) throw new Spoiled('the yardstick measured nothing');
  return summarise(pairs.map(({ ours, yardstick }) => ours / yardstick));
}
