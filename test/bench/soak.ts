/**
 * `npm run test:soak [-- MINUTES]`: finds the highest rate of durable notarizations, and then notarizes at 70 % of it for so
 * many minutes (30). Memory, descriptors, latency and errors must not grow. Exits with 1 when they do.
 */
import { readFile } from 'node:fs/promises';
import { createBench } from './harness/bench.js';
import { query } from '../faults/harness/database.js';
import { untilSealed } from './harness/database.js';
import { measureLoad } from './harness/http-load.js';
import { describeMachine, formatMachine } from './harness/machine.js';
import { descriptorsOfTree, treeMiB } from './harness/memory.js';
import { openScene } from './harness/scene.js';
import { judgeSoak, type SoakWindow } from './harness/soak.js';
import { Spoiled } from './harness/statistics.js';

const CONNECTIONS = 64;
const PART = 0.7;
const WINDOWS = 30;
const SEARCH_SECONDS = 20;

const minutes = Number(process.argv[2] ?? '30');
if (!(minutes >= 1)) {
  console.error('Usage: npm run test:soak -- MINUTES (1 or more)');
  process.exit(2);
}

const scene = await openScene();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void scene.close().then(() => process.exit(130));
  });
}
try {
  const bench = createBench(scene, { quick: false, huge: false });
  console.log(formatMachine(describeMachine((await bench.database()).version)));
  const service = await bench.service('soak');
  const load = { url: service.url, connections: CONNECTIONS, work: 'notarize' } as const;
  await measureLoad({ ...load, seconds: 5 });
  const { perSecond: most } = await measureLoad({ ...load, seconds: SEARCH_SECONDS });
  const rate = Math.floor(most * PART);
  const before = await entriesIn(service.databaseUrl);
  console.log(`highest rate ${most.toFixed(0)}/s; ${minutes} minutes at ${rate}/s`);
  console.log('   minute        /s  p99 ms  refused  memory MiB  descriptors  load');
  const windows: SoakWindow[] = [];
  const seconds = (minutes * 60) / WINDOWS;
  const started = performance.now();
  let answered = 0;
  let spoiled = 0;
  for (let i = 0; i < WINDOWS; i++) {
    const measured = await measureLoad({
      ...load,
      ...{ seconds, rate, requests: Math.ceil(rate * seconds) },
    }).catch((error: unknown) => {
      if (!(error instanceof Spoiled)) throw error;
      console.log(`          ${error.message}`);
      return null;
    });
    if (measured === null) {
      spoiled++;
      continue;
    }
    answered += measured.answered;
    const window = {
      second: (performance.now() - started) / 1000,
      ...measured,
      memoryMiB: await treeMiB(service.pid),
      descriptors: await descriptorsOfTree(service.pid),
    };
    windows.push(window);
    console.log(await lineOf(window));
  }
  await untilSealed(service.databaseUrl);
  const judgements = [
    {
      what: 'parts with a request that got no response in ten seconds, or an unexpected one',
      found: String(spoiled),
      limit: '0',
      passed: spoiled === 0,
    },
    ...judgeSoak(windows),
    kept(answered, (await entriesIn(service.databaseUrl)) - before),
  ];
  for (const { what, found, limit, passed } of judgements)
    console.log(`${passed ? 'passed' : 'FAILED'}  ${what}: ${found}; at most ${limit}`);
  process.exitCode = judgements.every(({ passed }) => passed) ? 0 : 1;
} catch (error) {
  console.log(`FAILED  ${error instanceof Error ? error.message : String(error)}\n${scene.evidenceText()}`);
  process.exitCode = 1;
} finally {
  await scene.close();
}

async function entriesIn(url: string): Promise<number> {
  const [row] = await query<{ entries: number }>(url, 'SELECT next_position::integer AS entries FROM head');
  return row?.entries ?? 0;
}

/** A request that was cut off at the end of a part may be in the chain without a response. */
function kept(answered: number, entries: number) {
  return {
    what: 'acknowledged documents that are missing in the chain',
    found: String(Math.max(0, answered - entries)),
    limit: '0',
    passed: answered <= entries,
  };
}

async function lineOf({
  second,
  perSecond,
  p99Ms,
  refused,
  memoryMiB,
  descriptors,
}: SoakWindow): Promise<string> {
  const loadAverage = (await readFile('/proc/loadavg', 'utf8')).split(' ')[0] ?? '';
  return [
    (second / 60).toFixed(1).padStart(9),
    perSecond.toFixed(0).padStart(10),
    p99Ms.toFixed(0).padStart(8),
    String(refused).padStart(9),
    memoryMiB.toFixed(0).padStart(12),
    String(descriptors).padStart(13),
    loadAverage.padStart(6),
  ].join('');
}
