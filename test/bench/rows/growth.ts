import { MAIN } from '../../support/built.js';
import { proofPaths } from '../harness/fetch-proofs.js';
import type { Bench, Chain, FilledChain, Row } from '../harness/bench.js';
import { run } from '../harness/child.js';
import { chainBytes } from '../harness/database.js';
import { absolute, atMost, compare, type Figure, type Growth, type Unit } from '../harness/figure.js';
import { heldReferences } from '../harness/fill-chain.js';
import { requestsPerSecond, type HttpLoad } from '../harness/http-load.js';
import { Spoiled } from '../harness/statistics.js';

const FEW = 10_000;
const CONNECTIONS = 8;
const PROOFS = 200;
const SEARCHES = 200;
const HEIGHTS = 100;

interface Call {
  readonly what: string;
  readonly unit: Unit;
  /** Its cost on one chain. */
  readonly cost: (chain: FilledChain) => () => Promise<number>;
}

/**
 * The cost of requests on a long chain, against the same on one of 10,000 entries in 10 blocks: it should
 * grow no more than the logarithm of the length. The chains are filled as by `npm run bench:load`, each with
 * its own service on one PostgreSQL: once with more entries in full blocks, and once with as many entries in
 * more blocks. For an audit it is the time per entry. `--huge` also measures 10,000,000 entries.
 */
export const growth: Row = {
  name: 'growth',
  async measure(bench) {
    const few = await bench.filled(FEW);
    const figures: Figure[] = [];
    const measureOn = async (many: FilledChain, by: 'entries' | 'blocks') => {
      for (const call of calls(bench)) figures.push(await compareOn(bench, few, many, call, by));
      await many.stop();
    };
    for (const entries of bench.lengths) {
      const many = await bench.filled(entries);
      await measureOn(many, 'entries');
      figures.push(await bytesOf(many));
    }
    await measureOn(await bench.filled(FEW, bench.quick ? 20 : 5), 'blocks');
    return figures;
  },
};

function compareOn(
  { repetitions }: Bench,
  few: FilledChain,
  many: FilledChain,
  { what, unit, cost }: Call,
  by: 'entries' | 'blocks',
): Promise<Figure> {
  const among = (chain: FilledChain) => `among ${chain[by].toLocaleString('en')} ${by}`;
  const apart: Growth = { of: what, with: by, yardstick: few[by], ours: many[by] };
  return compare(
    {
      what: `${what} ${among(many)}`,
      unit,
      ours: among(many),
      yardstick: among(few),
      goal: atMost(Number((Math.log(apart.ours) / Math.log(apart.yardstick)).toPrecision(3))),
      growth: apart,
    },
    repetitions,
    cost(many),
    cost(few),
  );
}

function calls({ quick }: Bench): Call[] {
  const call = (what: string, workFor: (chain: FilledChain) => Promise<HttpLoad['work']>): Call => ({
    what,
    unit: 'ms',
    cost: (chain) => {
      const prepared = workFor(chain);
      return async () => {
        const { url, key } = chain;
        const load = { url, key, seconds: quick ? 1 : 2, connections: CONNECTIONS };
        return 1000 / (await requestsPerSecond({ ...load, work: await prepared }));
      };
    },
  });
  const get = (what: string, pathsOf: (chain: FilledChain) => string[] | Promise<string[]>): Call =>
    call(what, async (chain) => ({ get: await pathsOf(chain) }));
  return [
    call('verify by digest', ({ entries }) => Promise.resolve({ verifyAmong: entries })),
    get('proof by id', (chain) => proofPaths(chain, PROOFS)),
    get('latest block', () => ['/v1/blocks?limit=1']),
    get('block by height', ({ blocks }) => heights(blocks).map((height) => `/v1/blocks/${height}`)),
    get('register, latest page', () => ['/v1/notarizations']),
    get('register, by a word that one has', ({ entries }) =>
      heldReferences(entries, SEARCHES).map((word) => `/v1/notarizations?q=${word}`),
    ),
    get('register, by a word that all have', () => ['/v1/notarizations?q=contract']),
    { what: 'audit per 1,000 entries', unit: 'ms', cost: (chain) => () => auditOf(chain) },
  ];
}

/** All heights, or a sample from the whole length of the chain. */
function heights(blocks: number): number[] {
  const count = Math.min(blocks, HEIGHTS);
  return Array.from({ length: count }, (_, i) => Math.floor((i * blocks) / count));
}

async function bytesOf({ databaseUrl, entries }: Chain): Promise<Figure> {
  const what = `bytes per entry of ${entries.toLocaleString('en')}, of which one in 16 has details`;
  return absolute({ what, unit: 'B', goal: null }, [(await chainBytes(databaseUrl)) / entries]);
}

async function auditOf({ databaseUrl, verifierKey, entries }: Chain): Promise<number> {
  const args = [MAIN, 'audit', '--database', databaseUrl, '--key', verifierKey, '--json'];
  const { stdout, seconds } = await run(process.execPath, args);
  const result = JSON.parse(stdout) as { sound: boolean; entries: number };
  if (!result.sound || result.entries !== entries) throw new Spoiled(`the audit found: ${stdout}`);
  return (seconds * 1_000_000) / entries;
}
