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
  /** Number of proofs per measurement. */
  readonly count: number;
  readonly work: 'server' | 'forgetful' | 'portable' | 'path';
}

/**
 * Proofs verified per second by one thread, parsed beforehand. The yardstick is as many bare calls of
 * `crypto.hash` as the proofs have nodes. The proofs were fetched together, so few checkpoints cover them,
 * whose signatures the server and the command line check once. The second figure checks each signature again;
 * the third is the cost in a browser. The last one covers only the path through the block: the difference is
 * the cost of signatures, format and texts.
 */
export const proofs: Row = {
  name: 'proofs',
  async measure(bench) {
    const chain = await bench.chain('few');
    const file = join(bench.directory, 'proofs.json');
    await writeFile(file, JSON.stringify(await fetchProofs(chain, PROOFS)));
    const figures: Figure[] = [];
    for (const judging of judgings(bench.quick ? 1 : 5)) {
      figures.push(await judge(bench, judging, { file, key: chain.verifierKey }));
    }
    return figures;
  },
};

/** So many that the start of a process, until its code is optimized, does not matter. */
function judgings(times: number): Judging[] {
  return [
    {
      what: 'offline proofs verified, complete',
      name: 'verify() as server and command line call it',
      goal: atLeast(0.5),
      count: 60_000 * times,
      work: 'server',
    },
    {
      what: 'complete, every signature checked',
      name: 'verify() without memory',
      goal: null,
      count: 4000 * times,
      work: 'forgetful',
    },
    {
      what: 'complete, in portable code',
      name: 'verify() as browsers call it',
      goal: null,
      count: 500 * times,
      work: 'portable',
    },
    {
      what: 'inclusion paths alone',
      name: 'from entry to block root',
      goal: null,
      count: 60_000 * times,
      work: 'path',
    },
  ];
}

function judge(
  { repetitions }: Bench,
  { what, name, goal, count, work }: Judging,
  input: { readonly file: string; readonly key: string },
): Promise<Figure> {
  let nodes = 0;
  return compare(
    { what, unit: '/s', ours: name, yardstick: 'crypto.hash of as many nodes', goal },
    repetitions,
    async () => {
      const judged = await runJob<{ seconds: number; wrong: number; nodes: number }>('proofs.ts', {
        ...input,
        count,
        work,
      });
      if (judged.wrong > 0) throw new Spoiled(`${judged.wrong} proofs were not verified`);
      nodes = judged.nodes;
      return count / judged.seconds;
    },
    async () => count / (await runJob<{ seconds: number }>('hashes.mjs', { count: nodes })).seconds,
  );
}
