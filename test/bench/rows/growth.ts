import { MAIN } from '../../cli/built.js';
import { proofPaths } from '../harness/fetch-proofs.js';
import type { Bench, Chain, FilledChain, Row } from '../harness/bench.js';
import { run } from '../harness/child.js';
import { chainBytes } from '../harness/database.js';
import { absolute, atMost, compare, type Figure, type Unit } from '../harness/figure.js';
import { blockEntries, HELD_EVERY, referenceOf } from '../harness/fill-chain.js';
import { requestsPerSecond, type HttpLoad } from '../harness/http-load.js';
import { Spoiled } from '../harness/statistics.js';

const FEW = 10_000;
const CONNECTIONS = 8;
const PROOFS = 200;
const SEARCHES = 200;

interface Call {
  readonly what: string;
  readonly unit: Unit;
  /** What it costs on one chain. */
  readonly cost: (chain: FilledChain) => () => Promise<number>;
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
      figures.push(await bytesOf(many));
      await many.stop();
    }
    return figures;
  },
};

function compareOn(
  { repetitions }: Bench,
  few: FilledChain,
  many: FilledChain,
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

function calls({ quick }: Bench, proofs: ReadonlyMap<FilledChain, Promise<string[]>>): Call[] {
  const call = (what: string, workFor: (chain: FilledChain) => Promise<HttpLoad['work']>): Call => ({
    what,
    unit: 'ms',
    cost: (chain) => async () => {
      const work = await workFor(chain);
      const seconds = quick ? 1 : 5;
      const { url, key } = chain;
      return 1000 / (await requestsPerSecond({ url, key, seconds, connections: CONNECTIONS, work }));
    },
  });
  return [
    call('verify by digest', ({ entries }) => Promise.resolve({ verifyAmong: entries })),
    call('proof by id', async (chain) => ({ get: (await proofs.get(chain)) ?? [] })),
    call('latest block', () => Promise.resolve({ get: ['/v1/blocks?limit=1'] })),
    call('block by height', ({ entries }) =>
      Promise.resolve({ get: heights(entries).map((height) => `/v1/blocks/${height}`) }),
    ),
    call('register, latest page', () => Promise.resolve({ get: ['/v1/notarizations'] })),
    call('register, by a word that one has', ({ entries }) =>
      Promise.resolve({ get: held(entries).map((index) => `/v1/notarizations?q=${referenceOf(index)}`) }),
    ),
    call('register, by a word that all have', () =>
      Promise.resolve({ get: ['/v1/notarizations?q=contract'] }),
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

/** Numbers of documents of the account, from all over the chain. */
function held(entries: number): number[] {
  const all = Math.floor(entries / HELD_EVERY);
  return Array.from({ length: SEARCHES }, (_, i) => Math.floor((i * all) / SEARCHES) * HELD_EVERY);
}

async function bytesOf({ databaseUrl, entries }: Chain): Promise<Figure> {
  const what = `bytes per entry of ${entries.toLocaleString('en')}, one in ${HELD_EVERY} with details`;
  return absolute({ what, unit: 'B', goal: null }, [(await chainBytes(databaseUrl)) / entries]);
}

async function auditOf({ databaseUrl, verifierKey, entries }: Chain): Promise<number> {
  const args = [MAIN, 'audit', '--database', databaseUrl, '--key', verifierKey, '--json'];
  const { stdout, seconds } = await run(process.execPath, args);
  const result = JSON.parse(stdout) as { sound: boolean; entries: number };
  if (!result.sound || result.entries !== entries) throw new Spoiled(`the audit found: ${stdout}`);
  return (seconds * 1_000_000) / entries;
}
