import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { Accepted, Problem, Readiness } from '../../src/http/schemas/resources.js';
import { createDatabase } from '../support/database.js';
import { startServer } from '../support/pausable-server.js';
import { createProxy } from '../support/proxy.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const newBody = () => ({ documents: [{ sha256: createHash('sha256').update(randomUUID()).digest('hex') }] });

const submit = (service: TestService, body: object = newBody(), key = randomUUID()) =>
  request(service.url).post('/v1/notarizations').set('Idempotency-Key', key).send(body);

async function readiness(service: TestService): Promise<Readiness> {
  const res = await request(service.url).get('/readyz');
  const body = Readiness.parse(res.body);
  expect(res.status).toBe(body.ready ? 200 : 503);
  return body;
}

const whenReady = (service: TestService) =>
  until(
    'the service to be ready',
    () => readiness(service),
    ({ ready }) => ready,
  );

/** Until it reports just this. */
const whenReported = async (service: TestService, code: string) => {
  const { problems } = await until(
    `readyz to report ${code}`,
    () => readiness(service),
    (seen) => seen.problems.some((problem) => problem.code === code),
  );
  return problems.find((problem) => problem.code === code);
};

describe.concurrent('a service is ready when a submission would be accepted and sealed', () => {
  test('a database that goes silent: 503 with Retry-After, not ready, and by itself ready again', async () => {
    await using database = await createDatabase();
    await using proxy = await createProxy(database.url);
    await using service = await startService({ databaseUrl: proxy.url });
    await submit(service).expect(201);
    await whenReady(service);
    const body = newBody();
    const key = randomUUID();
    // Silent from the moment in which the documents are on their way to it.
    proxy.loseAnswers('accept+');
    const submitting = submit(service, body, key).then((res) => res);
    await proxy.seen;
    proxy.freeze();
    try {
      const unknown = await submitting;
      expect(unknown.status).toBe(503);
      expect(unknown.headers['retry-after']).toBeDefined();
      expect(Problem.parse(unknown.body)).toMatchObject({
        code: 'outcome_unknown',
        detail: expect.stringContaining('repeat the request with the same Idempotency-Key') as string,
      });
      await whenReported(service, 'database');
      const refused = await submit(service).expect(503);
      expect(refused.headers['retry-after']).toBeDefined();
      expect(Problem.parse(refused.body).code).toBe('unavailable');
      await request(service.url).get('/v1/chain').expect(503);
    } finally {
      proxy.thaw();
    }
    await whenReady(service);
    // They had arrived: repeated with the key, they are not accepted a second time.
    const { nextPosition } = await service.store.head();
    const repeated = await submit(service, body, key).expect(201);
    expect(repeated.headers['idempotent-replayed']).toBe('true');
    expect(Accepted.parse(repeated.body).notarizations).toHaveLength(1);
    expect((await service.store.head()).nextPosition).toBe(nextPosition);
  });

  test('a synchronous standby that does not confirm: nothing is acknowledged, and readyz says durability', async () => {
    await using server = await startServer();
    await using service = await startService({ databaseUrl: server.url });
    await submit(service).expect(201);
    await whenReady(service);
    expect((await readiness(service)).durability).toBe('local');
    await server.query(`ALTER SYSTEM SET synchronous_standby_names = 'missing'`);
    await server.query('SELECT pg_reload_conf()');
    // Nothing is submitted: readiness finds it out itself.
    await whenReported(service, 'durability');
    expect((await readiness(service)).durability).toBe('replicated');
    const body = newBody();
    const key = randomUUID();
    const refused = await submit(service, body, key).expect(503);
    expect(refused.headers['retry-after']).toBeDefined();
    expect(Problem.parse(refused.body).code).toMatch(/^(unavailable|outcome_unknown)$/);
    await request(service.url).get('/v1/chain').expect(200);
    await server.query('ALTER SYSTEM RESET synchronous_standby_names');
    await server.query('SELECT pg_reload_conf()');
    await whenReady(service);
    await submit(service, body, key).expect(201);
  });

  test('a database that became read-only, with nothing waiting', async () => {
    await using database = await createDatabase();
    await using service = await startService({ databaseUrl: database.url });
    await submit(service).expect(201);
    await whenReady(service);
    const name = new URL(database.url).pathname.slice(1);
    const setReadOnly = async (setting: string) => {
      await database.query(
        `BEGIN READ WRITE; ALTER DATABASE ${name} SET default_transaction_read_only = ${setting}; COMMIT`,
      );
      await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    };
    await setReadOnly('on');
    expect((await whenReported(service, 'accepting'))?.message).toContain('read-only');
    await submit(service).expect(503);
    await setReadOnly('off');
    await whenReady(service);
    await submit(service).expect(201);
  });

  test('a clock behind the chain: until when', async () => {
    await using service = await startService();
    await submit(service).expect(201);
    await whenReady(service);
    const latest = Date.now() + 3_600_000;
    await setLatestTime(service, latest);
    expect(await whenReported(service, 'clock_behind')).toMatchObject({
      until: new Date(latest - 5000).toISOString(),
    });
    await submit(service).expect(503);
    expect((await readiness(service)).problems.map(({ code }) => code)).toEqual(['clock_behind']);
    await setLatestTime(service, Date.now());
    await submit(service).expect(201);
    await whenReady(service);
  });

  test('submissions that the database refuses: the reason, until one succeeds', async () => {
    await using database = await createDatabase();
    await using service = await startService({ databaseUrl: database.url });
    await submit(service).expect(201);
    await whenReady(service);
    // The error of a full disk, for every group of entries.
    await database.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$`);
    await database.query('CREATE TRIGGER full_disk BEFORE INSERT ON entry EXECUTE FUNCTION full_disk()');
    await submit(service).expect(503);
    expect((await whenReported(service, 'accepting'))?.message).toContain('No space left on device');
    await database.query('DROP TRIGGER full_disk ON entry');
    await submit(service).expect(201);
    await whenReady(service);
  });
});

async function setLatestTime(service: TestService, milliseconds: number): Promise<void> {
  const client = new pg.Client({ connectionString: service.adminUrl });
  await client.connect();
  // Else the time could not go back again.
  await client.query('SET session_replication_role = replica');
  await client.query('UPDATE head SET latest_time = $1', [milliseconds]);
  await client.end();
}
