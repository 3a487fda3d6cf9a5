/**
 * `npm run bench [-- ROW… --quick --huge]`: measures each row against its yardstick, prints the table, and
 * writes test-results/bench.json, bench.svg and growth.svg. Exits with 1 when a row had errors; a missed goal
 * is no error.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createBench, type Bench, type Row } from './harness/bench.js';
import { drawChart } from './harness/chart.js';
import { describeMachine, formatMachine } from './harness/machine.js';
import { drawGrowth } from './harness/growth-chart.js';
import { formatTable, type Report, type RowResult } from './harness/report.js';
import { openScene, type OpenScene } from './harness/scene.js';
import { argumentsOf, misused } from '../support/arguments.js';
import { ROWS } from './rows/index.js';

const ROOT = resolve(import.meta.dirname, '../..');
const RESULTS = join(ROOT, 'test-results');

const names = ROWS.map(({ name }) => name);
const USAGE = `Usage: npm run bench -- [ROW…] [--quick] [--huge]
Rows: ${names.join(', ')}`;
const { values, positionals } = argumentsOf(USAGE, {
  options: { quick: { type: 'boolean', default: false }, huge: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) misused(USAGE, `Unknown row "${unknown.join('", "')}".`);

const scene = await openScene();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void scene.close().then(() => process.exit(130));
  });
}
try {
  const report = await measureAll(
    ROWS.filter(({ name, onDemand = false }) =>
      positionals.length === 0 ? !onDemand : positionals.includes(name),
    ),
  );
  await keep(report);
  for (const { row, failure } of report.rows) if (failure !== null) console.log(`${row}: ${failure}`);
  console.log(`\n${formatTable(report.rows)}\n\n${formatMachine(report.machine)}`);
  process.exitCode = report.rows.every(({ failure }) => failure === null) ? 0 : 1;
} finally {
  await scene.close();
}

async function measureAll(rows: readonly Row[]): Promise<Report> {
  const startedAt = new Date().toISOString();
  const bench = createBench(scene, values);
  const machine = describeMachine((await bench.database()).version);
  const results: RowResult[] = [];
  for (const row of rows) results.push(await measure(row, bench, scene));
  return {
    startedAt,
    quick: values.quick,
    commit: currentCommit(),
    machine,
    rows: results,
  };
}

/** A row that fails does not stop the others. */
async function measure(row: Row, bench: Bench, where: OpenScene): Promise<RowResult> {
  process.stderr.write(`${row.name} … `);
  const started = performance.now();
  let figures: RowResult['figures'] = [];
  let failure: string | null = null;
  try {
    figures = await row.measure(bench);
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`\n${where.evidenceText()}\n`);
  }
  const seconds = (performance.now() - started) / 1000;
  process.stderr.write(`${failure === null ? 'done' : 'FAILED'} in ${seconds.toFixed(1)} s\n`);
  return { row: row.name, figures, failure, seconds };
}

async function keep(report: Report): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(join(RESULTS, 'bench.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(RESULTS, 'bench.svg'), drawChart(report));
  await writeFile(join(RESULTS, 'growth.svg'), drawGrowth(report));
}

/** null outside a clone; with a plus sign when tracked files differ from the commit. */
function currentCommit(): string | null {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '-uno') === '' ? '' : '+');
  } catch {
    return null;
  }
}
