/** Scales of charts. */

/** Round values from 0 to at least `highest`: 1, 2 or 5 times a power of ten apart, and whole. */
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
/** From a tenth of a second to a century: lengths of time that have a name. */
const DURATIONS = [100, SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 10 * DAY, 100 * DAY];

/** Milliseconds in the largest unit that leaves at least one. */
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

/** Lengths of time that enclose all the given ones, for an axis on which each next mark is some times as long. */
export function durationTicks(milliseconds: readonly number[]): number[] {
  const shortest = Math.min(...milliseconds, 100 * DAY);
  const longest = Math.max(...milliseconds, 100);
  const reached = DURATIONS.findLastIndex((tick) => tick <= shortest);
  // An axis has two marks at least.
  const from = Math.min(Math.max(0, reached), DURATIONS.length - 2);
  const to = DURATIONS.findIndex((tick) => tick >= longest);
  return DURATIONS.slice(from, to === -1 ? undefined : Math.max(to, from + 1) + 1);
}

/** Where `value` lies between the first and the last tick, 0 to 1, on a logarithmic scale. */
export function logPlace(value: number, ticks: readonly number[]): number {
  const low = Math.log(ticks[0] ?? 1);
  const high = Math.log(ticks.at(-1) ?? 10);
  const place = (Math.log(Math.max(value, 1)) - low) / (high - low);
  return Math.min(1, Math.max(0, place));
}
