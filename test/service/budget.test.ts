import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectionsNeeded, processBudget } from '../../src/service/budget.js';
import { runBuilt, startBuilt } from '../support/built.js';
import { createFolder } from '../cli/invoke.js';
import { createDatabase } from '../support/database.js';
import { LOG_KEY } from '../support/parts.js';
import { createProxy } from '../support/proxy.js';
import { until } from '../support/until.js';
import { startWitness } from '../support/witness.js';

const COUNTS = Array.from({ length: 64 }, (_, i) => i + 1);

test('uses at most 11 connections per process, and 64 in all with up to 16 processes', async () => {
  expect(Math.max(...COUNTS.map((workers) => connectionsNeeded(workers) / workers))).toBe(11);
  expect(Math.max(...COUNTS.slice(0, 16).map(connectionsNeeded))).toBe(64);
  expect(COUNTS.slice(16).every((workers) => connectionsNeeded(workers) === 4 * workers)).toBe(true);
  const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
  expect(readme).toContain('at most 11 connections per process, and 64 in all with up to 16 processes');
});

test('divides queues and threads among the processes', () => {
  for (const workers of COUNTS) {
    const { maxQueue, certificates, connectionsPerNetwork } = processBudget({
      ...{ workers, maxQueue: 100_000, connectionsPerNetwork: 1000 },
    });
    expect(connectionsPerNetwork * workers).toBeGreaterThanOrEqual(1000);
    expect(connectionsPerNetwork * workers).toBeLessThan(1000 + workers);
    expect(maxQueue * workers).toBeLessThan(100_000 + workers);
    expect(certificates.threads * workers).toBeLessThanOrEqual(Math.max(4, workers));
    expect(certificates.maxWaiting * workers).toBeLessThan(32 + workers);
    expect(Math.min(maxQueue, certificates.threads, certificates.maxWaiting)).toBeGreaterThan(0);
  }
});

test('refuses to start more processes than PostgreSQL has connections for, and says what to change', async () => {
  await using folder = await createFolder();
  await using database = await createDatabase({ empty: true });
  const name = new URL(database.url).pathname.slice(1);
  await database.query(`ALTER DATABASE ${name} CONNECTION LIMIT 40`);
  const { code, stdout, stderr } = await runBuilt(['serve'], {
    cwd: folder.path,
    env: { PORT: '0', DATABASE_URL: database.url, INGAM_WORKERS: '16' },
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(
    'INGAM_WORKERS is 16, for which the service uses up to 64 connections to PostgreSQL, but the server allows it 40: ' +
      'lower INGAM_WORKERS to 8, or raise max_connections of the server to at least 84',
  );
});

test('three workers with members open all the connections of their budget under load, and no more', async () => {
  const workers = 3;
  await using folder = await createFolder();
  await using database = await createDatabase({ empty: true });
  await using proxy = await createProxy(database.url);
  await using member = await startWitness('member', () => LOG_KEY.key);
  await using service = await startBuilt(['serve'], {
    env: {
      HOME: folder.path,
      DATABASE_URL: proxy.url,
      INGAM_DATA_DIR: join(folder.path, 'data'),
      INGAM_LOG_KEY: LOG_KEY.text,
      INGAM_MEMBERS: `${member.line}\nquorum member\n`,
      INGAM_WORKERS: String(workers),
      INGAM_SEAL_INTERVAL_MS: '200',
      INGAM_MINING_TARGET_MS: '1',
      INGAM_MIN_DIFFICULTY: '1',
    },
  });
  // Accepting, sealing, cosigning and reading at the same time, on many connections of each worker.
  const load = (round: number) =>
    Promise.all(
      Array.from({ length: 120 }, async (_, i) => {
        const response = await fetch(`${service.url}/v1/${i % 2 === 0 ? 'notarizations' : 'blocks'}`, {
          ...(i % 2 === 0
            ? {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body: JSON.stringify({
                  documents: [{ sha256: (round * 1000 + i).toString(16).padStart(64, '0') }],
                }),
              }
            : {}),
        });
        await response.arrayBuffer();
      }),
    );
  let round = 0;
  await until('all connections of the budget', async () => {
    await load(round++);
    return proxy.connections.peak >= connectionsNeeded(workers);
  });
  await until('a cosignature', () => member.signed.length > 0);
  await load(round);
  expect(proxy.connections.peak).toBe(connectionsNeeded(workers));
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  expect(row?.count).toBeGreaterThan(0);
  expect(row?.count).toBeLessThanOrEqual(connectionsNeeded(workers));
});
