import { MAIN } from '../../cli/built.js';
import { proofPaths } from '../harness/fetch-proofs.js';
import type { Bench, Chain, Row } from '../harness/bench.js';
import { run } from '../harness/child.js';
import { atMost, compare, type Figure, type Unit } from '../harness/figure.js';
import { blockEntries } from '../harness/fill-chain.js';
import { requestsPerSecond, type HttpLoad } from '../harness/http-load.js';
import { Spoiled } from '../harness/statistics.js';

const FEW = 10_000;
const CONNECTIONS = 8;
const PROOFS = 200;

interface Call {
  readonly what: string;
  readonly unit: Unit;
  /** What it costs on one chain. */
  readonly cost: (chain: Chain) => () => Promise<number>;
}

/**
 * What calls cost on a long chain against the same on one of 10,000 entries: no more than the logarithms of the lengths are apart. The
 * chains are filled as `npm run bench:load` fills them, by the accepting statement and in full blocks, each with a service of
 * its own on one PostgreSQL. Of an audit it is the time per entry. `--huge` measures 10,000,000 entries too.
 */
export const growth: Row = {
  name: 'growth',
  async measure(bench) {
    const few = await bench.filled(FEW);
    const figures: Figure[] = [];
    for (const entries of bench.lengths) {
      const many = await bench.filled(entries);
      for (const call of calls(
        bench,
        new Map([few, many].map((chain) => [chain, proofPaths(chain, PROOFS)])),
      )) {
        figures.push(await compareOn(bench, few, many, call));
      }
      await many.stop();
    }
    return figures;
  },
};

function compareOn(
  { repetitions }: Bench,
  few: Chain,
  many: Chain,
  { what, unit, cost }: Call,
): Promise<Figure> {
  const count = many.entries.toLocaleString('en');
  return compare(
    {
      what: `${what} of ${count} entries`,
      unit,
      ours: `among ${count}`,
      yardstick: `among ${FEW.toLocaleString('en')}`,
      goal: atMost(Number((Math.log(many.entries) / Math.log(FEW)).toPrecision(3))),
    },
    repetitions,
    cost(many),
    cost(few),
  );
}

function calls({ quick }: Bench, proofs: ReadonlyMap<Chain, Promise<string[]>>): Call[] {
  const call = (what: string, workFor: (chain: Chain) => Promise<HttpLoad['work']>): Call => ({
    what,
    unit: 'ms',
    cost: (chain) => async () => {
      const work = await workFor(chain);
      const seconds = quick ? 1 : 5;
      return 1000 / (await requestsPerSecond({ url: chain.url, seconds, connections: CONNECTIONS, work }));
    },
  });
  return [
    call('verify by digest', ({ entries }) => Promise.resolve({ verifyAmong: entries })),
    call('proof by id', async (chain) => ({ get: (await proofs.get(chain)) ?? [] })),
    call('latest block', () => Promise.resolve({ get: ['/v1/blocks?limit=1'] })),
    call('block by height', ({ entries }) =>
      Promise.resolve({ get: heights(entries).map((height) => `/v1/blocks/${height}`) }),
    ),
    { what: 'audit, per 1,000 entries,', unit: 'ms', cost: (chain) => () => auditOf(chain) },
  ];
}

/** All of them, or many from all over the chain. */
function heights(entries: number): number[] {
  const blocks = Math.ceil(entries / blockEntries(entries));
  const count = Math.min(blocks, 100);
  return Array.from({ length: count }, (_, i) => Math.floor((i * blocks) / count));
}

async function auditOf({ databaseUrl, verifierKey, entries }: Chain): Promise<number> {
  const args = [MAIN, 'audit', '--database', databaseUrl, '--key', verifierKey, '--json'];
  const { stdout, seconds } = await run(process.execPath, args);
  const result = JSON.parse(stdout) as { sound: boolean; entries: number };
  if (!result.sound || result.entries !== entries) throw new Spoiled(`the audit found: ${stdout}`);
  return (seconds * 1_000_000) / entries;
}
