import { query } from '../../faults/harness/database.js';
import type { BenchService, Row } from '../harness/bench.js';
import { runJob } from '../harness/child.js';
import { chainBytes, untilSealed } from '../harness/database.js';
import { absolute, atLeast, compared, type Figure, type Unit } from '../harness/figure.js';
import { measureLoad, type HttpLoad, type Load } from '../harness/http-load.js';
import { parentOf, treeMiB } from '../harness/memory.js';
import { Spoiled, summarise } from '../harness/statistics.js';
import { type Peer, startImmudb, startTessera, untilIdle, whyNoPeers } from '../harness/peers.js';

const CLIENTS = [1, 8, 64, 256, 1024];
/** More than any side answers, because each remembers the latest digests and answers them in another way. */
const REQUESTS_PER_SECOND = 25_000;

/**
 * The POSTs of the row `post` by few and many clients, against the same digests sent to Tessera and to immudb, to one after the
 * other: a response comes when the entry is on the disk with its index. Latencies, memory and bytes on the disk of both sides, and
 * the time until a proof can be had, which Tessera serves as Ingam does.
 */
export const peers: Row = {
  name: 'peers',
  onDemand: true,
  async measure(bench) {
    const missing = await whyNoPeers();
    if (missing !== null) throw new Spoiled(missing);
    const figures: Figure[] = [];
    for (const [name, start] of Object.entries({ tessera: startTessera, immudb: startImmudb })) {
      const peer = await start(bench.directory);
      const service = await bench.service(`peers-${name}`);
      try {
        for (const connections of CLIENTS)
          figures.push(...(await loads(service, peer, connections, bench.quick)));
        await untilSealed(service.databaseUrl);
        figures.push(...(await sizes(service, peer)));
        if (start === startTessera) figures.push(...(await finalProofs(service, peer, bench.quick)));
      } finally {
        await peer.stop();
        await service.stop();
      }
    }
    return figures;
  },
};

async function loads(
  service: BenchService,
  peer: Peer,
  connections: number,
  quick: boolean,
): Promise<Figure[]> {
  const seconds = quick ? 2 : 8;
  const repetitions = quick ? 1 : 3;
  const usual = { seconds, connections, requests: seconds * REQUESTS_PER_SECOND };
  const ours: HttpLoad = { ...usual, url: service.url, work: 'notarize' };
  const theirs: HttpLoad = { ...usual, ...peer.load, url: peer.url };
  const pairs: [Load, Load][] = [];
  // The first pair is not counted: the code of both gets warm, and their files and tables get their first pages.
  for (let i = 0; i <= repetitions; i++) {
    const pair: [Load, Load] = [await measureLoad(ours), await measureLoad(theirs)];
    await untilIdle(peer.pid);
    if (i > 0) pairs.push(pair);
  }
  return figuresOf(connections, peer, pairs);
}

function figuresOf(clients: number, peer: Peer, pairs: readonly (readonly [Load, Load])[]): Figure[] {
  const figure = (what: string, unit: Unit, value: (load: Load) => number, goal: Figure['goal']) =>
    compared(
      { what: `${what}, ${clients} clients`, unit, ours: 'Ingam', yardstick: peer.name, goal },
      pairs.map(([ours, theirs]) => ({ ours: value(ours), yardstick: value(theirs) })),
    );
  const refusals = (whose: string, of: (pair: readonly [Load, Load]) => Load) => {
    const refused = pairs.map((pair) => of(pair).refused);
    if (refused.every((count) => count === 0)) return [];
    return [
      absolute({ what: `refused by ${whose}, ${clients} clients`, unit: 'requests', goal: null }, refused),
    ];
  };
  const goal = clients === 64 ? atLeast(1.5) : clients >= 256 ? atLeast(1) : null;
  return [
    figure('durable POSTs of one digest', '/s', ({ perSecond }) => perSecond, goal),
    figure('their latency, median', 'ms', ({ medianMs }) => medianMs, null),
    figure('their latency, p99', 'ms', ({ p99Ms }) => p99Ms, null),
    ...refusals('Ingam', ([ours]) => ours),
    ...refusals(peer.name, ([, theirs]) => theirs),
  ];
}

/** Memory after all that work, and bytes on the disk for each entry. */
async function sizes(service: BenchService, peer: Peer): Promise<Figure[]> {
  const [row] = await query<{ pid: number; entries: string }>(
    service.databaseUrl,
    // The service's oldest connection stays, unlike this one.
    `SELECT (SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
               ORDER BY backend_start LIMIT 1),
            next_position AS entries FROM head`,
  );
  const entries = { ours: Number(row?.entries), theirs: await peer.entries() };
  const side = (what: string, unit: Unit, ours: number, yardstick: number): Figure =>
    compared({ what, unit, ours: 'Ingam', yardstick: peer.name, goal: null }, [{ ours, yardstick }]);
  const postgres = await parentOf(row?.pid ?? 0);
  return [
    side(
      'memory of the service and its PostgreSQL after these POSTs',
      'MiB',
      (await treeMiB(service.pid)) + (await treeMiB(postgres)),
      await treeMiB(peer.pid),
    ),
    side(
      'bytes on the disk per entry',
      'B',
      (await chainBytes(service.databaseUrl)) / entries.ours,
      (await peer.bytes()) / entries.theirs,
    ),
  ];
}

/** From sending a digest until a proof of it can be had, with a document every 50 ms. */
async function finalProofs(service: BenchService, peer: Peer, quick: boolean): Promise<Figure[]> {
  const input = { documents: quick ? 100 : 400, everyMs: 50 };
  const timesOf = async (log: object) =>
    summarise((await runJob<{ times: number[] }>('final-proof.mjs', { ...input, ...log })).times);
  const ours = await timesOf({ url: service.url });
  const theirs = await timesOf({ url: peer.url, log: 'Tessera' });
  return (['median', 'greatest'] as const).map((which) =>
    compared(
      { what: `accept to final proof, ${which}`, unit: 's', ours: 'Ingam', yardstick: peer.name, goal: null },
      [{ ours: ours[which], yardstick: theirs[which] }],
    ),
  );
}
