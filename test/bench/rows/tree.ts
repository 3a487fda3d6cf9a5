import { availableParallelism } from 'node:os';
import type { Bench, Row } from '../harness/bench.js';
import { runJob } from '../harness/child.js';
import { atMost, compare, type Figure, type Goal } from '../harness/figure.js';

/**
 * The work of the sealer's threads for a block of 2^20 entries (leaf hashes, tree, tiles; no nonce), against
 * twice as many bare calls of `crypto.hash` on one thread, which is the number of hashes in a tree. Each
 * measurement is a process of its own, so that neither side inherits the other's garbage. The second figure
 * is the same work on one thread: processor time that requests cannot use.
 */
export const tree: Row = {
  name: 'tree',
  async measure(bench) {
    const all = availableParallelism();
    return [
      await treeOn(bench, all, `on ${all} threads`, atMost(1.5)),
      await treeOn(bench, 1, 'on one thread', null),
    ];
  },
};

async function treeOn(
  { quick, repetitions }: Bench,
  threads: number,
  where: string,
  goal: Goal | null,
): Promise<Figure> {
  const leaves = quick ? 2 ** 18 : 2 ** 20;
  const seconds = async (job: string, input: object) =>
    (await runJob<{ seconds: number }>(job, input)).seconds;
  return compare(
    {
      what: `tree of ${leaves.toLocaleString('en')} entries ${where}`,
      unit: 's',
      ours: 'leaf hashes, tree and tiles',
      yardstick: `${(2 * leaves).toLocaleString('en')} calls of crypto.hash`,
      goal,
    },
    repetitions,
    () => seconds('tree.ts', { leaves, threads }),
    () => seconds('hashes.mjs', { count: 2 * leaves }),
  );
}
