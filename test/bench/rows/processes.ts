import { compare } from '../harness/figure.js';
import { requestsPerSecond } from '../harness/http-load.js';
import type { Row } from '../harness/bench.js';

const CONNECTIONS = 64;

/**
 * The POSTs of the row `post`, by two accepting processes and by one, each service on a database of its own in the same PostgreSQL. What a second
 * process is worth depends on the cores that PostgreSQL, the load generator and the first one leave it.
 */
export const processes: Row = {
  name: 'processes',
  async measure(bench) {
    const one = await bench.service('one_process', { INGAM_WORKERS: '1' });
    const two = await bench.service('two_processes', { INGAM_WORKERS: '2' });
    const rateOf = (url: string, seconds: number) => () =>
      requestsPerSecond({ url, seconds, connections: CONNECTIONS, work: 'notarize' });
    const seconds = bench.quick ? 2 : 10;
    for (const { url } of [one, two]) await rateOf(url, bench.quick ? 1 : 3)();
    const figure = await compare(
      {
        what: 'POSTs of one digest, 64 clients, by two processes',
        unit: '/s',
        ours: 'INGAM_WORKERS=2',
        yardstick: 'INGAM_WORKERS=1',
        goal: null,
      },
      bench.repetitions,
      rateOf(two.url, seconds),
      rateOf(one.url, seconds),
    );
    await one.stop();
    await two.stop();
    return [figure];
  },
};
