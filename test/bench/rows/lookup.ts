import type { Bench, Chain, Row } from '../harness/bench.js';
import { atMost, compare, type Figure } from '../harness/figure.js';
import { requestsPerSecond, type HttpLoad } from '../harness/http-load.js';

const CONNECTIONS = 8;
const GOAL = atMost(1.5);

/**
 * Verification by digest (GET /v1/verify/{sha256}) among many entries, against the same among 10,000: time
 * per request at 8 clients, computed from the rate. Two services, on databases of one PostgreSQL; all entries
 * are sealed. For a known digest the response includes a verified proof, whose signature costs the same in
 * both; for an unknown digest it is little more than the search.
 */
export const lookup: Row = {
  name: 'lookup',
  async measure(bench) {
    const [few, many] = [await bench.chain('few'), await bench.chain('many')];
    return [
      await among(bench, few, many, 'verify by digest', ({ entries }) => ({ verifyAmong: entries })),
      await among(bench, few, many, 'verify an unknown digest', () => 'verify unknown'),
    ];
  },
};

async function among(
  { quick, repetitions }: Bench,
  few: Chain,
  many: Chain,
  what: string,
  workFor: (chain: Chain) => HttpLoad['work'],
): Promise<Figure> {
  const millisecondsOf =
    (chain: Chain, seconds = quick ? 1 : 8) =>
    async () =>
      1000 /
      (await requestsPerSecond({
        url: chain.url,
        seconds,
        connections: CONNECTIONS,
        work: workFor(chain),
      }));
  await millisecondsOf(few, 1)();
  await millisecondsOf(many, 1)();
  const [fewer, more] = [few, many].map(({ entries }) => `among ${entries.toLocaleString('en')}`);
  return compare(
    { what: `${what} ${more ?? ''}`, unit: 'ms', ours: more ?? '', yardstick: fewer ?? '', goal: GOAL },
    repetitions,
    millisecondsOf(many),
    millisecondsOf(few),
  );
}
