import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectionsNeeded, processBudget } from '../../src/service/budget.js';
import { runBuilt } from '../support/built.js';
import { createFolder } from '../cli/invoke.js';
import { createDatabase } from '../support/database.js';

const COUNTS = Array.from({ length: 64 }, (_, i) => i + 1);

test('no process uses more than 11 connections, and up to 16 processes no more than 64 together', async () => {
  expect(Math.max(...COUNTS.map((workers) => connectionsNeeded(workers) / workers))).toBe(11);
  expect(Math.max(...COUNTS.slice(0, 16).map(connectionsNeeded))).toBe(64);
  expect(COUNTS.slice(16).every((workers) => connectionsNeeded(workers) === 4 * workers)).toBe(true);
  const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
  expect(readme).toContain('at most 11 connections per process, and 64 in all with up to 16 processes');
});

test('queues and threads are divided among the processes', () => {
  for (const workers of COUNTS) {
    const { maxQueue, certificates } = processBudget({ workers, maxQueue: 100_000 });
    expect(maxQueue * workers).toBeLessThan(100_000 + workers);
    expect(certificates.threads * workers).toBeLessThanOrEqual(Math.max(4, workers));
    expect(certificates.maxWaiting * workers).toBeLessThan(32 + workers);
    expect(Math.min(maxQueue, certificates.threads, certificates.maxWaiting)).toBeGreaterThan(0);
  }
});

test('refuses to start with more processes than PostgreSQL has connections for, and says what to change', async () => {
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
