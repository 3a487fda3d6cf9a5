import { runJob } from './child.js';
import { Spoiled } from './statistics.js';

export interface HttpLoad {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  /**
   * POSTs of one new digest each; or requests for time-stamps; or GETs of /v1/verify, for unknown digests or
   * for the first loaded ones; or GETs of these paths in random order.
   */
  readonly work:
    | 'notarize'
    | 'time-stamp'
    | 'verify unknown'
    | { readonly verifyAmong: number }
    | { readonly get: readonly string[] };
  /** API key to send; none by default. */
  readonly key?: string;
}

interface Answered {
  readonly '2xx': number;
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly mismatches: number;
  readonly resets: number;
  readonly duration: number;
}

/** Requests per second, measured by autocannon. @throws {Spoiled} when a response was not 2xx */
export async function requestsPerSecond(load: HttpLoad): Promise<number> {
  const answered = await runJob<Answered>('http-load.mjs', load);
  const { non2xx, errors, timeouts, mismatches, resets } = answered;
  if (non2xx + errors + timeouts + mismatches + resets > 0 || answered['2xx'] === 0) {
    throw new Spoiled(
      `of the requests to ${load.url}, ${answered['2xx']} were answered with 2xx, ${non2xx} otherwise; ` +
        `${errors} errors, ${timeouts} timeouts, ${resets} resets`,
    );
  }
  return answered['2xx'] / answered.duration;
}
