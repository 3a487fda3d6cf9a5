/**
 * `npm run bench:load -- N [--per-block COUNT] [--data DIR] [--database URL]`: adds N entries to a valid
 * chain as fast as PostgreSQL can insert them, in blocks of COUNT entries, or as full as possible. Without a
 * URL the chain is in the embedded PostgreSQL of the data directory, where `ingam serve` and `ingam audit`
 * find it.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startEmbeddedPostgres } from '../../src/postgres/index.js';
import { argumentsOf, misused } from '../support/arguments.js';
import { fillChain } from './harness/fill-chain.js';

const quiet = () => undefined;
const USAGE = 'Usage: npm run bench:load -- N [--per-block COUNT] [--data DIR] [--database URL]';
const { values, positionals } = argumentsOf(USAGE, {
  options: {
    data: { type: 'string', default: 'data/bench' },
    database: { type: 'string' },
    'per-block': { type: 'string' },
  },
  allowPositionals: true,
});
const count = (text: string | undefined) => Number(text?.replaceAll(/[_,]/g, ''));
const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;
const entries = count(positionals[0]);
const perBlock = values['per-block'] === undefined ? null : count(values['per-block']);
if (positionals.length !== 1 || !isCount(entries) || (perBlock !== null && !isCount(perBlock))) {
  misused(USAGE, 'N and COUNT are whole numbers from 1 on.');
}

const dataDir = resolve(values.data);
await mkdir(dataDir, { recursive: true });
const embedded =
  values.database === undefined
    ? await startEmbeddedPostgres({
        directory: join(dataDir, 'postgres'),
        log: { info: quiet, warn: quiet, error: quiet },
      })
    : null;
try {
  const started = performance.now();
  const key = await fillChain({
    url: values.database ?? embedded?.ownerUrl ?? '',
    dataDir,
    entries,
    holder: null,
    ...(perBlock === null ? {} : { perBlock }),
    onBlock: (done) => {
      const rate = Math.round(done / ((performance.now() - started) / 1000));
      process.stderr.write(`\r${done.toLocaleString('en')} entries, ${rate.toLocaleString('en')}/s `);
    },
  });
  const seconds = (performance.now() - started) / 1000;
  process.stderr.write('\n');
  console.log(JSON.stringify({ entries, seconds, perSecond: Math.round(entries / seconds), dataDir, key }));
} finally {
  await embedded?.stop();
}
