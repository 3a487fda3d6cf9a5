import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAIN } from '../../support/built.js';
import { loadVectors, proofBytes } from '../../vectors/load.js';
import type { Row } from '../harness/bench.js';
import { run } from '../harness/child.js';
import { atMost, compare } from '../harness/figure.js';
import { Spoiled } from '../harness/statistics.js';

const RUNS_PER_SAMPLE = 5;

/**
 * `ingam verify` of a small file with its proof, from start to exit, against `node -e 0`, which is the time
 * to start Node.
 */
export const verify: Row = {
  name: 'verify',
  async measure(bench) {
    const document = await keepVector(bench.directory);
    const trust = join(bench.directory, 'trust');
    const seconds = (args: readonly string[]) => async () => {
      let total = 0;
      for (let i = 0; i < RUNS_PER_SAMPLE; i++) total += (await run(process.execPath, args)).seconds;
      return (total / RUNS_PER_SAMPLE) * 1000;
    };
    const figure = await compare(
      {
        what: 'ingam verify of a small file',
        unit: 'ms',
        ours: 'ingam verify',
        yardstick: 'node -e 0',
        goal: atMost(3),
      },
      bench.repetitions,
      seconds([MAIN, 'verify', document, '--trust', trust]),
      seconds(['-e', '0']),
    );
    return [figure];
  },
};

async function keepVector(directory: string): Promise<string> {
  const vector = loadVectors('valid').find(({ document, trust }) => document !== null && trust !== null);
  if (vector === undefined) throw new Spoiled('no vector has a document and a trust policy');
  const file = join(directory, 'document');
  await writeFile(file, Buffer.from(vector.document ?? '', 'hex'));
  await writeFile(`${file}.ingam.json`, proofBytes(vector));
  await writeFile(join(directory, 'trust'), vector.trust ?? '');
  return file;
}
