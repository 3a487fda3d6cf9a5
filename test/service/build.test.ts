import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import request from 'supertest';
import { expect, test } from 'vitest';
import { buildService } from '../../src/service/build.js';
import { loadConfig } from '../../src/service/config.js';
import { type Store, StoreError } from '../../src/store/index.js';
import { createDatabase } from '../support/database.js';
import { createDirectory, createLogger, LOG_KEY, RECEIPT_KEY, SECRET } from '../support/parts.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';

const DOCUMENT = { documents: [{ sha256: 'ab'.repeat(32) }] };

test('accepts nothing while the database is older than the last checkpoint', async () => {
  let isOld = false;
  const wrapStore = (store: Store): Store => ({
    ...store,
    tip: async () => (isOld ? null : store.tip()),
    sealingState: async () => ({ ...(await store.sealingState()), ...(isOld ? { tip: null } : {}) }),
  });
  await using service = await startService({ wrapStore });
  const post = (query = '') => request(service.url).post(`/v1/notarizations${query}`).send(DOCUMENT);
  await post('?wait=sealed').expect(201);
  isOld = true;
  await until(
    'the sealer to report the rollback',
    () => service.deps.sealer.status.problem?.code,
    'rolled_back',
  );
  const refused = await post().expect(503);
  expect(refused.body).toMatchObject({ code: 'unavailable' });
  expect(refused.text).toContain('not the one that this service has signed for');
  isOld = false;
  await until('the service to accept again', async () => (await post()).status, 201);
});

test('logs, counts and repeats housekeeping that fails', async () => {
  const { logger, lines } = createLogger();
  let calls = 0;
  await using service = await startService({
    sealing: false,
    logger,
    housekeepingMs: 10,
    wrapStore: (store) => ({
      ...store,
      expireIdempotency: (before) =>
        ++calls > 2 ? store.expireIdempotency(before) : Promise.reject(new Error('no room')),
    }),
  });
  await until('housekeeping to succeed', () => calls > 3);
  expect(lines.filter((line) => line.includes('no room'))).toHaveLength(1);
  expect(lines.some((line) => line.startsWith('purging idempotency keys resumed'))).toBe(true);
  const { text } = await request(service.url).get('/metrics').expect(200);
  expect(text).toMatch(/\{task="purging idempotency keys"\} 2$/m);
  expect(text).toMatch(/\{task="purging sessions and rate limits"\} 0$/m);
});

test('leaves out the sealing lag while it cannot be read, and logs the failure once', async () => {
  const { logger, lines } = createLogger();
  let isUnavailable = false;
  await using service = await startService({
    sealing: false,
    logger,
    wrapStore: (store) => ({
      ...store,
      sealingState: () =>
        isUnavailable
          ? Promise.reject(new StoreError('unavailable', 'injected by the test'))
          : store.sealingState(),
    }),
  });
  const metrics = async () => (await request(service.url).get('/metrics').expect(200)).text;
  const sample = /^ingam_seal_lag_seconds \d/m;
  expect(await metrics()).toMatch(sample);
  isUnavailable = true;
  for (let scrape = 0; scrape < 2; scrape++) {
    const text = await metrics();
    expect(text).not.toMatch(/^ingam_seal_lag_seconds/m);
    expect(text).toMatch(/^ingam_intake_queue 0$/m);
  }
  const about = (what: string) =>
    lines.filter((line) => line.startsWith(`reading the sealing lag ${what}`)).length;
  expect([about('stalled'), about('resumed')]).toEqual([1, 0]);
  isUnavailable = false;
  expect(await metrics()).toMatch(sample);
  expect([about('stalled'), about('resumed')]).toEqual([1, 1]);
  expect(await metrics()).toMatch(/\{task="reading the sealing lag"\} 2$/m);
});

test('stops what it has started when it cannot listen', async () => {
  await using database = await createDatabase();
  await using directory = await createDirectory();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { logger } = createLogger();
  const config = {
    ...loadConfig({ INGAM_WORKERS: '1' }),
    databaseUrl: database.url,
    dataDir: directory.path,
    logKey: LOG_KEY.text,
    receiptKey: RECEIPT_KEY.text,
    secret: SECRET,
    port: (other.address() as AddressInfo).port,
  };
  const service = await buildService(config, logger);
  await expect(service.start()).rejects.toThrow('EADDRINUSE');
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  expect(row?.count).toBe(0);
  await service.stop();
  other.close();
});
