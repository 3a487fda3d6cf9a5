import { MAIN } from '../../support/built.js';
import type { Chain, Row } from '../harness/bench.js';
import { run, runJob } from '../harness/child.js';
import { absolute, atLeast, atMost, compare } from '../harness/figure.js';
import { Spoiled } from '../harness/statistics.js';

/** How much more memory an audit may use for the long chain than for the short one. */
const MEMORY_GOAL = atMost(64);

/**
 * `ingam audit` of a whole chain in its database, from start to exit, against bare calls of `crypto.hash` for
 * each of its leaves and nodes, in entries per second; and how much more memory the command uses for that
 * chain than for one of 10,000 entries.
 */
export const audit: Row = {
  name: 'audit',
  async measure(bench) {
    const [few, many] = [await bench.chain('few'), await bench.chain('many')];
    const peaks: number[] = [];
    const entries = many.entries.toLocaleString('en');
    const ratio = await compare(
      {
        what: `audit of ${entries} entries`,
        unit: '/s',
        ours: 'ingam audit',
        yardstick: `${(2 * many.entries).toLocaleString('en')} calls of crypto.hash`,
        goal: atLeast(0.5),
      },
      bench.repetitions,
      async () => {
        const { seconds, peakMiB } = await auditOf(many);
        peaks.push(peakMiB);
        return many.entries / seconds;
      },
      async () =>
        many.entries / (await runJob<{ seconds: number }>('hashes.mjs', { count: 2 * many.entries })).seconds,
    );
    const { peakMiB: small } = await auditOf(few);
    const what = `memory of an audit above that of ${few.entries.toLocaleString('en')} entries`;
    const rises = peaks.map((peak) => Math.max(peak - small, 0));
    return [ratio, absolute({ what, unit: 'MiB', goal: MEMORY_GOAL }, rises)];
  },
};

async function auditOf({
  databaseUrl,
  verifierKey,
  entries,
}: Chain): Promise<{ seconds: number; peakMiB: number }> {
  const args = [MAIN, 'audit', '--database', databaseUrl, '--key', verifierKey, '--json'];
  const ran = await run(process.execPath, args, { watchMemory: true });
  const result = JSON.parse(ran.stdout) as { sound: boolean; entries: number };
  if (!result.sound || result.entries !== entries) throw new Spoiled(`the audit found: ${ran.stdout}`);
  return ran;
}
