import type { Row } from '../harness/bench.js';
import { runJob } from '../harness/child.js';
import { absolute, atMost, compared } from '../harness/figure.js';
import type { Pair } from '../harness/statistics.js';

const UPDATES = 1000;

/**
 * A block that changes 1,000 records among 10^6, against bare calls of `crypto.hash` over as many nodes as the change
 * hashes. Pages are in memory. Then the time of one path, and the size of all pages for each record.
 */
export const map: Row = {
  name: 'map',
  async measure({ quick, repetitions }) {
    const records = quick ? 100_000 : 1_000_000;
    const among = `among ${records.toLocaleString('en')} records`;
    const { pairs, paths, pageBytes } = await runJob<{ pairs: Pair[]; paths: number[]; pageBytes: number }>(
      'map.ts',
      { records, updates: UPDATES, rounds: repetitions },
    );
    return [
      compared(
        {
          what: `${UPDATES.toLocaleString('en')} updates ${among}`,
          unit: 's',
          ours: 'pages and root',
          yardstick: 'crypto.hash of as many nodes',
          goal: atMost(3),
        },
        pairs,
      ),
      absolute({ what: `a path ${among}`, unit: 'ms', goal: atMost(5) }, paths),
      absolute({ what: `pages of the map ${among}, each`, unit: 'B', goal: null }, [pageBytes / records]),
    ];
  },
};
