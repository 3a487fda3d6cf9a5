import type { Row } from '../harness/bench.js';
import { runJob } from '../harness/child.js';
import { absolute, atMost, type Figure } from '../harness/figure.js';
import { quantile, summarise } from '../harness/statistics.js';

const EVERY_MS = 50;
/** The default settings: the sealing interval, and the target time of mining a block. */
const EXPECTED_S = 1 + 0.2;

/**
 * Time from sending a digest until its final proof is available, at default settings, with a document every
 * 50 ms, not in step with the sealing interval. The yardstick follows from the settings: the interval plus
 * the target time of mining.
 */
export const finalProof: Row = {
  name: 'final-proof',
  async measure(bench) {
    const service = await bench.service('final_proof');
    const documents = bench.quick ? 200 : 600;
    const p99s: number[] = [];
    for (let i = 0; i < (bench.quick ? 1 : 3); i++) {
      const input = { url: service.url, documents, everyMs: EVERY_MS };
      const { times } = await runJob<{ times: number[] }>('final-proof.mjs', input);
      p99s.push(
        quantile(
          times.toSorted((a, b) => a - b),
          0.99,
        ),
      );
    }
    await service.stop();
    const what = 'accept to final proof, p99';
    const figure: Figure = absolute({ what, unit: 's', goal: atMost(2) }, p99s);
    const yardstick = {
      what: 'interval and mining time',
      unit: 's' as const,
      summary: summarise([EXPECTED_S]),
    };
    return [{ ...figure, yardstick }];
  },
};
