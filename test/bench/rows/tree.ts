import type { Row } from '../harness/bench.js';
import { runJob } from '../harness/child.js';
import { atMost, compare } from '../harness/figure.js';

/**
 * What the sealing worker does with a block of 2^20 entries (leaf hashes, tree, tiles; no nonce), against twice as many bare calls of
 * `crypto.hash`: so many hashes a tree has. Each measurement is a process of its own, so that neither side finds the other's garbage.
 */
export const tree: Row = {
  name: 'tree',
  async measure(bench) {
    const leaves = bench.quick ? 2 ** 18 : 2 ** 20;
    const count = leaves.toLocaleString('en');
    const seconds = async (job: string, input: object) =>
      (await runJob<{ seconds: number }>(job, input)).seconds;
    const figure = await compare(
      {
        what: `tree of ${count} entries`,
        unit: 's',
        ours: 'leaf hashes, tree and tiles',
        yardstick: `${(2 * leaves).toLocaleString('en')} calls of crypto.hash`,
        goal: atMost(1.5),
      },
      bench.repetitions,
      () => seconds('tree.ts', { leaves }),
      () => seconds('hashes.mjs', { count: 2 * leaves }),
    );
    return [figure];
  },
};
