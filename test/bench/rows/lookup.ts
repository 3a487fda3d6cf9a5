import { type Chain, type Row } from '../harness/bench.js';
import { atMost, compare } from '../harness/figure.js';
import { requestsPerSecond } from '../harness/http-load.js';

const CONNECTIONS = 8;

/**
 * Verifying by digest (GET /v1/verify/{sha256}, of digests that are there) among many entries against the same among 10,000: time per
 * call at 8 clients, as one over the rate. Two services, on databases of one PostgreSQL; all entries are sealed.
 */
export const lookup: Row = {
  name: 'lookup',
  async measure(bench) {
    const [few, many] = [await bench.chain('few'), await bench.chain('many')];
    const seconds = bench.quick ? 3 : 10;
    const millisecondsAmong =
      ({ url, entries }: Chain, duration = seconds) =>
      async () =>
        1000 /
        (await requestsPerSecond({
          url,
          seconds: duration,
          connections: CONNECTIONS,
          work: { verifyAmong: entries },
        }));
    await millisecondsAmong(few, 2)();
    await millisecondsAmong(many, 2)();
    const figure = await compare(
      {
        what: `verify by digest among ${many.entries.toLocaleString('en')}`,
        unit: 'ms',
        ours: `among ${many.entries.toLocaleString('en')}`,
        yardstick: `among ${few.entries.toLocaleString('en')}`,
        goal: atMost(1.5),
      },
      bench.repetitions,
      millisecondsAmong(many),
      millisecondsAmong(few),
    );
    return [figure];
  },
};
