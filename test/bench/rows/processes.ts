import { compareServices } from '../harness/compare-services.js';
import type { Row } from '../harness/bench.js';

/**
 * The POSTs of the row `post`, by two workers and by a single process. The gain depends on how much of the
 * cores PostgreSQL, the load generator and the first worker leave unused.
 */
export const processes: Row = {
  name: 'processes',
  async measure(bench) {
    const comparison = {
      what: 'POSTs of one digest, 64 clients, by two processes',
      ours: 'INGAM_WORKERS=2',
      yardstick: 'INGAM_WORKERS=1',
      goal: null,
    };
    const two = { name: 'two_processes', settings: { INGAM_WORKERS: '2' } };
    const one = { name: 'one_process', settings: { INGAM_WORKERS: '1' } };
    return [await compareServices(bench, comparison, two, one)];
  },
};
