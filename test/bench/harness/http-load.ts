import { runJob } from './child.js';
import { Spoiled } from './statistics.js';

/** As many requests are prepared unless more are asked for: enough for most measurements without a repetition. */
const USUAL_REQUESTS = 65_536;

export interface HttpLoad {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  /**
   * POSTs of one new digest each; or requests for time-stamps; or GETs of /v1/verify, for unknown digests or
   * for the first loaded ones; or GETs of these paths in random order. 'add to Tessera' and 'add to
   * immudb' are the POST of a digest as these servers take it.
   */
  readonly work:
    | 'notarize'
    | 'add to Tessera'
    | 'add to immudb'
    | 'time-stamp'
    | 'verify unknown'
    | { readonly verifyAmong: number }
    | { readonly get: readonly string[] };
  /** Requests per second of all connections together; by default as many as get responses. */
  readonly rate?: number;
  /** API key to send; none by default. */
  readonly key?: string;
  /** A header Authorization to send in place of a key's. */
  readonly authorization?: string;
  /** Statuses with which the server refuses requests of too many clients; by default 429 and 503. */
  readonly refusals?: readonly string[];
  /** Different requests of all connections together; they are sent again when they have all been sent. */
  readonly requests?: number;
}

/** What the clients saw. Times are from sending a request until its response, in milliseconds. */
export interface Load {
  /** Responses with a status 2xx. */
  readonly answered: number;
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Responses with one of the statuses `refusals`. */
  readonly refused: number;
}

interface Answered {
  readonly '2xx': number;
  readonly non2xx: number;
  readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>;
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly errors: number;
  readonly timeouts: number;
  readonly mismatches: number;
  readonly resets: number;
  readonly duration: number;
}

/** Requests per second, measured by autocannon. @throws {Spoiled} when a response was not 2xx */
export async function requestsPerSecond(load: HttpLoad): Promise<number> {
  const { perSecond, refused } = await measureLoad(load);
  if (refused > 0) throw new Spoiled(`${refused} of the requests to ${load.url} were refused`);
  return perSecond;
}

/** Rate and latency, measured by autocannon. @throws {Spoiled} when a response was neither 2xx nor a refusal */
export async function measureLoad(load: HttpLoad): Promise<Load> {
  const answered = await runJob<Answered>('http-load.mjs', { requests: USUAL_REQUESTS, ...load });
  const { non2xx, errors, timeouts, mismatches, resets, latency } = answered;
  const refused = (load.refusals ?? ['429', '503']).reduce(
    (sum, status) => sum + (answered.statusCodeStats[status]?.count ?? 0),
    0,
  );
  if (non2xx - refused + errors + timeouts + mismatches + resets > 0 || answered['2xx'] === 0) {
    throw new Spoiled(
      `of the requests to ${load.url}, ${answered['2xx']} were answered with 2xx, ${non2xx} otherwise; ` +
        `${errors} errors, ${timeouts} timeouts, ${resets} resets`,
    );
  }
  return {
    answered: answered['2xx'],
    perSecond: answered['2xx'] / answered.duration,
    medianMs: latency.p50,
    p99Ms: latency.p99,
    refused,
  };
}
