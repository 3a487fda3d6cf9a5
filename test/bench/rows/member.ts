import type { Row } from '../harness/bench.js';
import { catchUp } from '../harness/catch-up.js';
import { runJob } from '../harness/child.js';
import { absolute, atLeast, atMost, compare } from '../harness/figure.js';

const PER_BLOCK = 1000;
const FEW = 10_000;

/**
 * A member with an empty database follows a chain of 1,000 blocks and 1,000,000 entries until it has cosigned
 * it, against bare calls of `crypto.hash` for as many nodes, in entries per second; and how much more memory
 * it uses for that chain than for one of 10 blocks. The service, the member and the PostgreSQL of each share
 * the machine.
 */
export const member: Row = {
  name: 'member',
  async measure(bench) {
    const few = await bench.filled(FEW, PER_BLOCK);
    const many = await bench.filled(bench.quick ? 100_000 : 1_000_000, PER_BLOCK);
    const entries = many.entries.toLocaleString('en');
    const peaks: number[] = [];
    const ratio = await compare(
      {
        what: `a member catches up with ${entries} entries`,
        unit: '/s',
        ours: 'ingam member',
        yardstick: `${entries} calls of crypto.hash`,
        goal: atLeast(0.5),
      },
      bench.repetitions,
      async () => {
        const { seconds, peakMiB } = await catchUp(bench.directory, many);
        peaks.push(peakMiB);
        return many.entries / seconds;
      },
      async () =>
        many.entries / (await runJob<{ seconds: number }>('hashes.mjs', { count: many.entries })).seconds,
    );
    const { peakMiB: small } = await catchUp(bench.directory, few);
    const what = `memory of a member above that for ${FEW.toLocaleString('en')} entries`;
    const rises = peaks.map((peak) => Math.max(peak - small, 0));
    await Promise.all([few.stop(), many.stop()]);
    return [ratio, absolute({ what, unit: 'MiB', goal: atMost(64) }, rises)];
  },
};
