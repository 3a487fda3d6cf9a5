import { quantile } from './statistics.js';

/** What one part of a long run under constant load showed. */
export interface SoakWindow {
  /** Seconds since the run began, at the end of the part. */
  readonly second: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Responses with status 429 or 503. */
  readonly refused: number;
  /** Of all processes of the service. */
  readonly memoryMiB: number;
  readonly descriptors: number;
}

export interface Judgement {
  readonly what: string;
  readonly found: string;
  /** What it must be. */
  readonly limit: string;
  readonly passed: boolean;
}

/** Of the run: caches fill, JavaScript is optimized, and PostgreSQL's first checkpoints pass. */
const WARM_UP = 0.2;
/** What the memory of garbage-collected processes differs by from minute to minute. */
const MEMORY_NOISE_MIB = 32;
/** Of the memory, over the judged part. */
const MEMORY_GROWTH = 0.1;
/** Connections to the database and of clients come and go. */
const MORE_DESCRIPTORS = 10;
const SLOWER = 2;
/** Added to the limit of p99: another millisecond is no trend. */
const LATENCY_NOISE_MS = 50;

/**
 * Whether a service under constant load stays as it is: nothing refused, no trend of memory, descriptors or latency. The first
 * fifth is left out.
 * @param windows at least five, in order
 * @throws {RangeError} fewer
 */
export function judgeSoak(windows: readonly SoakWindow[]): Judgement[] {
  const judged = windows.slice(Math.ceil(windows.length * WARM_UP));
  if (judged.length < 4) throw new RangeError('a soak needs five windows or more');
  const third = Math.ceil(judged.length / 3);
  const [first, last] = [judged.slice(0, third), judged.slice(-third)];
  const memory = judged.map(({ memoryMiB }) => memoryMiB);
  const seconds = judged.map(({ second }) => second);
  const slope = slopeOf(seconds, memory);
  const growth = slope * ((seconds.at(-1) ?? 0) - (seconds[0] ?? 0));
  const memoryLimit = Math.max(MEMORY_NOISE_MIB, MEMORY_GROWTH * median(memory));
  const opened = (part: readonly SoakWindow[]) => Math.max(...part.map(({ descriptors }) => descriptors));
  const latency = (part: readonly SoakWindow[]) => median(part.map(({ p99Ms }) => p99Ms));
  const latencyLimit = latency(first) * SLOWER + LATENCY_NOISE_MS;
  const refused = windows.reduce((sum, window) => sum + window.refused, 0);
  return [
    {
      what: 'refused requests',
      found: String(refused),
      limit: '0',
      passed: refused === 0,
    },
    {
      what: 'growth of memory, by the line through all measurements',
      found: `${growth.toFixed(1)} MiB (${(slope * 3600).toFixed(1)} MiB an hour)`,
      limit: `${memoryLimit.toFixed(1)} MiB`,
      passed: growth <= memoryLimit,
    },
    {
      what: 'most open descriptors, in the last third',
      found: String(opened(last)),
      limit: `${opened(first)} in the first third, and ${MORE_DESCRIPTORS}`,
      passed: opened(last) <= opened(first) + MORE_DESCRIPTORS,
    },
    {
      what: 'median of p99, in the last third',
      found: `${latency(last).toFixed(0)} ms`,
      limit: `${latencyLimit.toFixed(0)} ms (twice the first third, and ${LATENCY_NOISE_MS} ms)`,
      passed: latency(last) <= latencyLimit,
    },
  ];
}

const median = (values: readonly number[]) =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );

/** Of the line with the least squares. */
function slopeOf(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(xs), mean(ys)];
  const [above, below] = xs.reduce(
    ([covariance, variance], each, i) => [
      covariance + (each - x) * ((ys[i] ?? y) - y),
      variance + (each - x) ** 2,
    ],
    [0, 0],
  );
  return below === 0 ? 0 : above / below;
}
