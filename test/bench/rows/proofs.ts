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
  readonly work: 'server' | 'forgetful' | 'portable' | 'path';
}

/**
 * Proofs judged a second by one thread: parsed before, then all nine steps. The yardstick: bare calls of `crypto.hash`, as many as the
 * proofs have nodes. The proofs were fetched together and so are under few checkpoints, whose signatures server and command line check once; the second
 * figure is what it costs when each is checked anew, the third what it costs in a browser. The last leaves out
 * all but the path through the block: what signature, form and texts cost is the difference.
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

/** Enough of each that what a process does at its start, some 0.2 s until all is compiled, is not what is measured. */
function judgings(times: number): Judging[] {
  return [
    {
      what: 'offline proofs judged, whole',
      name: 'verify() as server and command line call it',
      goal: atLeast(0.5),
      count: 60_000 * times,
      work: 'server',
    },
    {
      what: 'whole, each signature checked anew',
      name: 'verify() without memory',
      goal: null,
      count: 4000 * times,
      work: 'forgetful',
    },
    {
      what: 'whole, in portable code',
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
      if (judged.wrong > 0) throw new Spoiled(`${judged.wrong} proofs did not hold`);
      nodes = judged.nodes;
      return count / judged.seconds;
    },
    async () => count / (await runJob<{ seconds: number }>('hashes.mjs', { count: nodes })).seconds,
  );
}
