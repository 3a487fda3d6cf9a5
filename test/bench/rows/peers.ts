import { query } from '../../faults/harness/database.js';
import type { BenchService, Row } from '../harness/bench.js';
import { runJob } from '../harness/child.js';
import { chainBytes, untilSealed } from '../harness/database.js';
import { absolute, atLeast, compared, type Figure, type Unit } from '../harness/figure.js';
import { measureLoad, type HttpLoad, type Load } from '../harness/http-load.js';
import { parentOf, treeMiB } from '../harness/memory.js';
import { Spoiled, summarise } from '../harness/statistics.js';
import { startTessera, whyNoTessera, type Tessera } from '../harness/tessera.js';

const CLIENTS = [1, 8, 64, 256, 1024];
/** More than either side answers, because each remembers the latest digests and answers them in another way. */
const REQUESTS_PER_SECOND = 25_000;
const TESSERA = "Tessera's POSIX server";

/**
 * The POSTs of the row `post` by few and many clients, against the same digests sent to Tessera's POSIX server as its authors
 * run it: a response comes when the entry is on the disk with its index. It waits for 256 entries, or a second, which
 * is why it is slow with few clients. Latencies, the time until a proof can be had, memory and bytes on the disk of both.
 */
export const peers: Row = {
  name: 'peers',
  onDemand: true,
  async measure(bench) {
    const missing = await whyNoTessera();
    if (missing !== null) throw new Spoiled(missing);
    const tessera = await startTessera(bench.directory);
    const service = await bench.service('peers');
    try {
      const figures: Figure[] = [];
      const seconds = bench.quick ? 2 : 8;
      const repetitions = bench.quick ? 1 : 3;
      for (const connections of CLIENTS) {
        const usual = { seconds, connections, requests: seconds * REQUESTS_PER_SECOND };
        const ours: HttpLoad = { ...usual, url: service.url, work: 'notarize' };
        const theirs: HttpLoad = { ...usual, url: tessera.url, work: 'add to Tessera' };
        const pairs: [Load, Load][] = [];
        // The first pair is not counted: the code of both gets warm, and their files and tables get their first pages.
        for (let i = 0; i <= repetitions; i++) {
          const pair: [Load, Load] = [await measureLoad(ours), await measureLoad(theirs)];
          if (i > 0) pairs.push(pair);
        }
        figures.push(...figuresOf(connections, pairs));
      }
      await untilSealed(service.databaseUrl);
      figures.push(...(await sizes(service, tessera)), ...(await finalProofs(service, tessera, bench.quick)));
      return figures;
    } finally {
      await tessera.stop();
      await service.stop();
    }
  },
};

function figuresOf(clients: number, pairs: readonly (readonly [Load, Load])[]): Figure[] {
  const figure = (what: string, unit: Unit, value: (load: Load) => number, goal: Figure['goal']) =>
    compared(
      { what: `${what}, ${clients} clients`, unit, ours: 'Ingam', yardstick: TESSERA, goal },
      pairs.map(([ours, theirs]) => ({ ours: value(ours), yardstick: value(theirs) })),
    );
  const goal = clients === 64 ? atLeast(1.5) : clients >= 256 ? atLeast(1) : null;
  const refused = pairs.map(([ours]) => ours.refused);
  return [
    figure('durable POSTs of one digest', '/s', ({ perSecond }) => perSecond, goal),
    figure('their latency, median', 'ms', ({ medianMs }) => medianMs, null),
    figure('their latency, p99', 'ms', ({ p99Ms }) => p99Ms, null),
    ...(refused.some((count) => count > 0)
      ? [absolute({ what: `refused by Ingam, ${clients} clients`, unit: 'requests', goal: null }, refused)]
      : []),
  ];
}

/** Memory after all that work, and bytes on the disk for each entry. */
async function sizes(service: BenchService, tessera: Tessera): Promise<Figure[]> {
  const [row] = await query<{ pid: number; entries: string }>(
    service.databaseUrl,
    // The service's oldest connection stays, unlike this one.
    `SELECT (SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
               ORDER BY backend_start LIMIT 1),
            next_position AS entries FROM head`,
  );
  const [checkpoint] = (await (await fetch(`${tessera.url}/checkpoint`)).text()).split('\n').slice(1);
  const entries = { ours: Number(row?.entries), tessera: Number(checkpoint) };
  const side = (what: string, unit: Unit, ours: number, yardstick: number): Figure =>
    compared({ what, unit, ours: 'Ingam', yardstick: TESSERA, goal: null }, [{ ours, yardstick }]);
  const postgres = await parentOf(row?.pid ?? 0);
  return [
    side(
      'memory of the service and its PostgreSQL after these POSTs',
      'MiB',
      (await treeMiB(service.pid)) + (await treeMiB(postgres)),
      await treeMiB(tessera.pid),
    ),
    side(
      'bytes on the disk per entry',
      'B',
      (await chainBytes(service.databaseUrl)) / entries.ours,
      (await tessera.bytes()) / entries.tessera,
    ),
  ];
}

/** From sending a digest until a proof of it can be had, with a document every 50 ms. */
async function finalProofs(service: BenchService, tessera: Tessera, quick: boolean): Promise<Figure[]> {
  const input = { documents: quick ? 100 : 400, everyMs: 50 };
  const timesOf = async (log: object) =>
    summarise((await runJob<{ times: number[] }>('final-proof.mjs', { ...input, ...log })).times);
  const ours = await timesOf({ url: service.url });
  const theirs = await timesOf({ url: tessera.url, log: 'Tessera' });
  return (['median', 'greatest'] as const).map((which) =>
    compared(
      { what: `accept to final proof, ${which}`, unit: 's', ours: 'Ingam', yardstick: TESSERA, goal: null },
      [{ ours: ours[which], yardstick: theirs[which] }],
    ),
  );
}
