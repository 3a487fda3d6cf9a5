import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MAIN } from '../../support/built.js';
import type { Bench, RecordChain, Row } from '../harness/bench.js';
import { catchUp } from '../harness/catch-up.js';
import { residentMiB, run, watchResidentSize } from '../harness/child.js';
import { absolute, atLeast, atMost, compare, compared, type Figure } from '../harness/figure.js';
import { requestsPerSecond } from '../harness/http-load.js';
import { Spoiled } from '../harness/statistics.js';

const CONNECTIONS = 64;
/** In a block of ten times as many entries. */
const EVENTS = 1000;

/**
 * A chain of many records, of which one has many events, ten in a block: what sealing, the history of that record, the
 * proof of a state, a member and submitting documents take.
 */
export const records: Row = {
  name: 'records',
  async measure(bench) {
    const chain = await bench.records({
      records: bench.quick ? 100_000 : 1_000_000,
      events: bench.quick ? 1000 : 10_000,
      perBlock: 10 * EVENTS,
      measured: { pairs: bench.repetitions, entries: 10 * EVENTS, events: EVENTS },
    });
    const figures = [
      sealing(chain),
      ...(await historyOf(bench, chain)),
      ...(await stateOf(bench, chain)),
      ...(await members(bench, chain)),
      // The last, for it adds entries.
      await documents(bench, chain),
    ];
    await chain.stop();
    return figures;
  },
};

const among = ({ records: count }: RecordChain) => `among ${count.toLocaleString('en')} records`;

function sealing(chain: RecordChain): Figure {
  const entries = (10 * EVENTS).toLocaleString('en');
  return compared(
    {
      what: `a block of ${entries} entries, one in ten an event ${among(chain)}`,
      unit: 's',
      ours: 'tree, rules, map, mining and commit',
      yardstick: `${entries} documents`,
      goal: null,
    },
    chain.pairs,
  );
}

async function documents(bench: Bench, chain: RecordChain): Promise<Figure> {
  const without = await bench.service('no_records', { INGAM_WORKERS: '1' });
  const rateOf = (url: string, seconds: number) => () =>
    requestsPerSecond({ url, seconds, connections: CONNECTIONS, work: 'notarize' });
  const seconds = bench.quick ? 3 : 10;
  for (const { url } of [chain, without]) await rateOf(url, seconds)();
  const figure = await compare(
    {
      what: `POSTs of one digest, 64 clients, ${among(chain)}`,
      unit: '/s',
      ours: 'records, and none of them changes',
      yardstick: 'no records',
      goal: atLeast(0.98),
    },
    2 * bench.repetitions - 1,
    rateOf(chain.url, seconds),
    rateOf(without.url, seconds),
  );
  await without.stop();
  return figure;
}

async function historyOf(bench: Bench, chain: RecordChain): Promise<Figure[]> {
  const events = chain.events.toLocaleString('en');
  const url = `${chain.url}/v1/records/${chain.record}/history`;
  const read = async (): Promise<Uint8Array> => {
    const res = await fetch(url, { headers: { authorization: `Bearer ${chain.key}` } });
    if (!res.ok) throw new Spoiled(`${url} answered ${res.status}: ${await res.text()}`);
    return new Uint8Array(await res.arrayBuffer());
  };
  const idle = (await residentMiB(chain.pid)) ?? 0;
  const peak = watchResidentSize(chain.pid);
  const times: number[] = [];
  let file: Uint8Array = new Uint8Array();
  for (let i = 0; i < bench.repetitions; i++) {
    const started = performance.now();
    file = await read();
    times.push((performance.now() - started) / 1000);
  }
  const rise = Math.max(0, peak() - idle);
  const { policy } = z
    .looseObject({ policy: z.string() })
    .parse(await (await fetch(`${chain.url}/v1/chain`)).json());
  const [path, trust] = [
    join(bench.directory, 'many.ingam-history.json'),
    join(bench.directory, 'many.trust'),
  ];
  await writeFile(path, file);
  await writeFile(trust, policy);
  const verified = await Promise.all([
    run(process.execPath, [MAIN, 'verify', path, '--trust', trust], { watchMemory: true }),
  ]);
  const of = `of ${events} events`;
  return [
    absolute({ what: `a history ${of}, read`, unit: 's', goal: null }, times),
    absolute({ what: `its file`, unit: 'MiB', goal: null }, [file.length / 1024 ** 2]),
    absolute({ what: 'service memory above idle', unit: 'MiB', goal: atMost(64) }, [rise]),
    absolute(
      { what: `ingam verify of that history`, unit: 's', goal: null },
      verified.map(({ seconds }) => seconds),
    ),
    absolute(
      { what: 'its memory', unit: 'MiB', goal: null },
      verified.map(({ peakMiB }) => peakMiB),
    ),
  ];
}

async function stateOf(bench: Bench, chain: RecordChain): Promise<Figure[]> {
  const times: number[] = [];
  let bytes = 0;
  for (let round = 0; round <= bench.repetitions; round++) {
    const started = performance.now();
    for (const id of chain.some) {
      const res = await fetch(`${chain.url}/v1/map/${id}`);
      const text = await res.text();
      if (!res.ok) throw new Spoiled(`the map answered ${res.status}: ${text}`);
      bytes = Math.max(bytes, text.length);
    }
    // The first round is for the optimizer.
    if (round > 0) times.push((performance.now() - started) / chain.some.length);
  }
  return [
    absolute({ what: `the proof of a state ${among(chain)}`, unit: 'ms', goal: null }, times),
    absolute({ what: 'its answer, at most', unit: 'B', goal: null }, [bytes]),
  ];
}

/** A member of the chain of records, against a member of a chain of as many documents in as many blocks. */
async function members(bench: Bench, chain: RecordChain): Promise<Figure[]> {
  const perBlock = Math.ceil(chain.entries / chain.blocks);
  const plain = await bench.filled(chain.entries, perBlock);
  const [peaks, plainPeaks]: [number[], number[]] = [[], []];
  const entries = chain.entries.toLocaleString('en');
  const figure = await compare(
    {
      what: `a member catches up with ${entries} entries, ${among(chain)}`,
      unit: '/s',
      ours: 'events',
      yardstick: 'documents',
      goal: null,
    },
    1,
    async () => {
      const { seconds, peakMiB } = await catchUp(bench.directory, chain);
      peaks.push(peakMiB);
      return chain.entries / seconds;
    },
    async () => {
      const { seconds, peakMiB } = await catchUp(bench.directory, plain);
      plainPeaks.push(peakMiB);
      return chain.entries / seconds;
    },
  );
  await plain.stop();
  const rises = peaks.map((peak, i) => Math.max(0, peak - (plainPeaks[i] ?? 0)));
  return [figure, absolute({ what: 'its memory above that of the other', unit: 'MiB', goal: null }, rises)];
}
