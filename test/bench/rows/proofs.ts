import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, Row } from '../harness/bench.js';
import { runJob } from '../harness/child.js';
import { fetchProofs } from '../harness/fetch-proofs.js';
import { atLeast, compare, type Figure, type Goal } from '../harness/figure.js';
import { Spoiled } from '../harness/statistics.js';

const PROOFS = 64;

interface Judging {
  readonly what: string;
  readonly name: string;
  readonly goal: Goal | null;
  /** How many proofs a measurement judges. */
  readonly count: number;
  readonly input: { readonly file: string; readonly key: string; readonly whole: boolean };
}

/**
 * Proofs judged a second by one thread, with what `ingam verify` uses: parsed before, then all nine steps, the log's signature among them.
 * The yardstick: bare calls of `crypto.hash`, as many as the proofs have nodes. The second figure leaves out all but the path through the
 * block, with the server's hash function: what signature, form and portable hashing cost is the difference.
 */
export const proofs: Row = {
  name: 'proofs',
  async measure(bench) {
    const chain = await bench.chain('few');
    const file = join(bench.directory, 'proofs.json');
    await writeFile(file, JSON.stringify(await fetchProofs(chain, PROOFS)));
    const input = { file, key: chain.verifierKey };
    return [
      await judge(bench, {
        what: 'offline proofs judged, whole',
        name: 'verify() of src/proof',
        goal: atLeast(0.5),
        count: bench.quick ? 500 : 2000,
        input: { ...input, whole: true },
      }),
      await judge(bench, {
        what: 'inclusion paths alone',
        name: 'from entry to block root',
        goal: null,
        count: bench.quick ? 20_000 : 100_000,
        input: { ...input, whole: false },
      }),
    ];
  },
};

function judge({ repetitions }: Bench, { what, name, goal, count, input }: Judging): Promise<Figure> {
  let nodes = 0;
  return compare(
    { what, unit: '/s', ours: name, yardstick: 'crypto.hash of as many nodes', goal },
    repetitions,
    async () => {
      const judged = await runJob<{ seconds: number; wrong: number; nodes: number }>('proofs.ts', {
        ...input,
        count,
      });
      if (judged.wrong > 0) throw new Spoiled(`${judged.wrong} proofs did not hold`);
      nodes = judged.nodes;
      return count / judged.seconds;
    },
    async () => count / (await runJob<{ seconds: number }>('hashes.mjs', { count: nodes })).seconds,
  );
}
