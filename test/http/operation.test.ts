import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem, Readiness } from '../../src/http/schemas/resources.js';
import { type Store, StoreError } from '../../src/store/index.js';
import { sendRaw } from '../support/raw-http.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const DIGEST = createHash('sha256').update('x').digest('hex');
const GOOD = { documents: [{ sha256: DIGEST, details: { name: 'secret-name.pdf' } }] };

let service: TestService;
let directory: string;
const lines: string[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingam-page-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), '<!doctype html><title>Ingam</title>');
  for (const name of ['404.html', '404.ko.html']) {
    await copyFile(join(import.meta.dirname, '../../public', name), join(directory, name));
  }
  await writeFile(join(directory, 'docs.html'), '<!doctype html><title>API</title>');
  await writeFile(join(directory, 'assets', 'app-1234.js'), '1');
  const logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  service = await startService({ logger, publicDir: directory });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});
const api = () => request(service.url);

/** Methods of a store that say what this process knows. */
const DOES_NOT_ASK = new Set(['onSealed', 'close', 'problem', 'durability', 'unconfirmedCommits']);

/** A store whose methods reject with `error` while `failing` returns true. */
function failingStore(store: Store, error: () => Error, failing: () => boolean): Store {
  return new Proxy(store, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function' || DOES_NOT_ASK.has(String(name))) return value;
      return (...args: unknown[]): unknown =>
        failing() ? Promise.reject(error()) : (value as (...given: unknown[]) => unknown)(...args);
    },
  });
}

describe('health', () => {
  test('a running service is alive and ready', async () => {
    expect((await api().get('/healthz').expect(200)).body).toEqual({ status: 'ok' });
    await until('readyz to report the leader as ready', async () => {
      const res = await api().get('/readyz');
      return res.status === 200 && Readiness.parse(res.body).leading;
    });
  });

  test('a service whose entries wait too long for their seal is not ready', async () => {
    await using idle = await startService({ sealing: false, maxLagMs: 1 });
    await request(idle.url).get('/readyz').expect(200);
    await request(idle.url).post('/v1/notarizations').send(GOOD).expect(201);
    const res = await until('readyz to report the lag', async () => {
      const response = await request(idle.url).get('/readyz');
      return response.status === 503 && response;
    });
    expect(Readiness.parse(res.body)).toMatchObject({ ready: false, problems: [{ code: 'lag' }] });
  });

  test('a service whose database holds an entry that it has not accepted is not ready, and says which', async () => {
    await using changed = await startService();
    await request(changed.url).post('/v1/notarizations?wait=sealed').send(GOOD).expect(201);
    const metric = async () =>
      /^ingam_sealing_problem.*$/m.exec((await request(changed.url).get('/metrics')).text)?.[0];
    expect(await metric()).toBeUndefined();
    const client = new pg.Client({ connectionString: changed.databaseUrl });
    await client.connect();
    await client.query(`WITH grown AS (UPDATE head SET next_position = next_position + 1)
      INSERT INTO entry (position, accepted_at, kind, digest, salt)
      SELECT next_position, latest_time, 0, sha256('a forged contract'), decode(md5('salt'), 'hex') FROM head`);
    await client.end();
    const res = await until('readyz to report the entry', async () => {
      const response = await request(changed.url).get('/readyz');
      return response.status === 503 && response;
    });
    expect(Readiness.parse(res.body).problems[0]).toEqual({
      code: 'uncovered',
      message: expect.stringContaining('the entry at position 1 cannot be sealed') as unknown,
    });
    expect(await metric()).toBe('ingam_sealing_problem{code="uncovered"} 1');
  });

  test('without its database a service is alive but not ready and returns 503 until the database is back', async () => {
    let away = false;
    await using broken = await startService({
      wrapStore: (store) =>
        failingStore(
          store,
          () => new StoreError('unavailable', 'inner words'),
          () => away,
        ),
    });
    away = true;
    await request(broken.url).get('/healthz').expect(200);
    const res = await request(broken.url).get('/readyz').expect(503);
    expect(Readiness.parse(res.body).problems.map(({ code }) => code)).toContain('database');
    const metrics = await request(broken.url).get('/metrics').expect(200);
    expect(metrics.text).not.toMatch(/^ingam_seal_lag_seconds/m);
    for (const path of [
      '/v1/chain',
      '/v1/blocks',
      '/checkpoint',
      '/tile/0/000.p/1',
      `/v1/verify/${DIGEST}`,
    ]) {
      const refused = await request(broken.url).get(path).expect(503);
      expect(refused.headers['retry-after'], path).toBeDefined();
      expect(Problem.parse(refused.body).code).toBe('unavailable');
      expect(refused.text).not.toContain('inner words');
    }
    await request(broken.url).post('/v1/notarizations').send(GOOD).expect(503);
    away = false;
    await request(broken.url).post('/v1/notarizations?wait=sealed').send(GOOD).expect(201);
    await until(
      'the service to be ready again',
      () => request(broken.url).get('/readyz'),
      (seen) => seen.status === 200,
    );
  });

  test('a write whose outcome is unknown returns 503 with Retry-After, and says so', async () => {
    await using broken = await startService({
      wrapStore: (store) => ({
        ...store,
        blocks: () => Promise.reject(new StoreError('outcome_unknown', 'inner words')),
      }),
    });
    const res = await request(broken.url).get('/v1/blocks').expect(503);
    expect(res.headers['retry-after']).toBeDefined();
    expect(Problem.parse(res.body)).toMatchObject({
      code: 'outcome_unknown',
      detail: expect.stringContaining('it may have been') as string,
    });
  });

  test('an unexpected error returns 500 and is logged, and the response does not contain its message', async () => {
    const log: string[] = [];
    await using broken = await startService({
      logger: pino({ level: 'error' }, { write: (line: string) => log.push(line) }),
      wrapStore: (store) => ({
        ...store,
        blocks: () => Promise.reject(new Error('password of the database')),
      }),
    });
    const res = await request(broken.url).get('/v1/blocks').set('X-Request-Id', 'my-id').expect(500);
    expect(Problem.parse(res.body)).toMatchObject({ code: 'internal', requestId: 'my-id' });
    expect(res.text).not.toContain('password');
    expect(log.find((line) => line.includes('password'))).toContain('my-id');
  });
});

test('/metrics has the metrics of requests, submissions and blocks', async () => {
  await api().post('/v1/notarizations?wait=sealed').send(GOOD).expect(201);
  await api().put('/v1/notarizations').send(Buffer.from('12345')).expect(201);
  // The response may be faster than the metrics of the block that it waited for.
  const { text, headers } = await until('the metrics of the sealed block', async () => {
    const res = await api().get('/metrics').expect(200);
    return /^ingam_sealed_entries_total [1-9]/m.test(res.text) && res;
  });
  expect(headers['content-type']).toContain('text/plain');
  expect(text).toMatch(/ingam_accepts_total\{shape="json"\} [1-9]/);
  expect(text).toMatch(/ingam_documents_total\{shape="raw"\} 1/);
  expect(text).toMatch(/ingam_hashed_bytes_total 5/);
  for (const name of [
    'ingam_seal_seconds_count',
    'ingam_mining_seconds_count',
    'ingam_sealed_entries_total',
  ]) {
    expect(text).toMatch(new RegExp(`^${name} [1-9]`, 'm'));
  }
  expect(text).toMatch(/^ingam_intake_queue 0$/m);
  expect(text).toMatch(/^ingam_seal_lag_seconds \d/m);
  expect(text).toContain(
    'ingam_http_request_seconds_count{method="POST",route="/v1/notarizations",status="201"}',
  );
  expect(text).toContain('process_resident_memory_bytes');
});

test('/metrics has no series for methods that no route has', async () => {
  const { port } = service;
  const odd = ['PROPFIND', 'M-SEARCH', 'LINK', 'PURGE'];
  for (const method of odd) {
    await sendRaw(port, [`${method} /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`]);
  }
  const { text } = await api().get('/metrics').expect(200);
  expect(text).toMatch(
    /ingam_http_request_seconds_count\{method="other",route="\/healthz",status="405"\} 4\n/,
  );
  expect(odd.filter((method) => text.includes(`"${method}"`))).toEqual([]);
});

test('/metrics is for this machine, and for others with the token', async () => {
  const token = 'a token for Prometheus'.replaceAll(' ', '-');
  await using guarded = await startService({ metricsToken: token, trustProxy: 1 });
  for (const url of [service.url, guarded.url]) {
    for (const header of ['X-Forwarded-For', 'Via', 'Forwarded']) {
      const res = await request(url).get('/metrics').set(header, '203.0.113.9').expect(401);
      expect(Problem.parse(res.body)).toMatchObject({ code: 'unauthenticated' });
      expect(res.text).not.toContain('ingam_documents_total');
      await request(url)
        .get('/metrics')
        .set(header, '203.0.113.9')
        .set('Authorization', 'Bearer x')
        .expect(401);
    }
  }
  const far = () => request(guarded.url).get('/metrics').set('X-Forwarded-For', '203.0.113.9');
  expect((await far().set('Authorization', `Bearer ${token}`).expect(200)).text).toContain(
    'ingam_documents_total',
  );
  await request(guarded.url).get('/metrics').expect(200);
});

test('a request writes one log line, without its body, names or salts', async () => {
  const res = await api()
    .post('/v1/notarizations?wait=sealed')
    .set('X-Request-Id', 'logged.1')
    .send(GOOD)
    .expect(201);
  const { notarizations } = res.body as { notarizations: { id: string; links: { proof: string } }[] };
  const [only] = notarizations;
  await api()
    .get(only?.links.proof ?? '')
    .set('X-Request-Id', 'logged.2')
    .expect(200);
  await until('the log line of the request', () => lines.some((line) => line.includes('logged.2')));
  expect(lines.filter((line) => line.includes('"logged.1"'))).toHaveLength(1);
  const line = lines.find((candidate) => candidate.includes('"logged.2"')) ?? '';
  expect(JSON.parse(line)).toMatchObject({
    method: 'GET',
    route: '/v1/notarizations/{id}/proof',
    status: 200,
  });
  const all = lines.join('');
  expect(all).not.toContain('secret-name');
  expect(all).not.toContain(only?.id.split('-')[1]);
});

test('a valid request id is returned, any other is replaced', async () => {
  expect((await api().get('/healthz').set('X-Request-Id', 'abc-1')).headers['x-request-id']).toBe('abc-1');
  for (const id of ['a b', 'x'.repeat(129), '"']) {
    expect((await api().get('/healthz').set('X-Request-Id', id)).headers['x-request-id']).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  }
});

test('HEAD has the headers of GET and no body', async () => {
  for (const path of ['/healthz', '/v1/chain', '/v1/blocks', '/openapi.json', '/docs', '/', '/metrics']) {
    const get = await api().get(path).expect(200);
    const head = await api().head(path).expect(200);
    expect(head.headers['content-type'], path).toBe(get.headers['content-type']);
    expect(head.text).toBeFalsy();
  }
  await api().head('/v1/nothing').expect(404);
});

describe('pages', () => {
  test('load nothing from other hosts and run no inline script', async () => {
    for (const path of ['/', '/docs', '/nothing']) {
      const { headers } = await api().get(path).set('Accept', 'text/html');
      expect(headers['content-security-policy'], path).not.toContain('unsafe');
      expect(headers['content-security-policy'], path).toContain("script-src 'self'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });

  test('are the only responses that may load anything or stand in a frame', async () => {
    for (const path of ['/v1/chain', '/v1/blocks/999', '/healthz', '/checkpoint']) {
      const { headers } = await api().get(path);
      expect(headers['content-security-policy'], path).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers['x-content-type-options'], path).toBe('nosniff');
    }
    const refused = await api()
      .post('/v1/notarizations')
      .set('Content-Type', 'text/html')
      .send('<p>')
      .expect(415);
    expect(refused.headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('files with a hash in their name are immutable, others are revalidated', async () => {
    expect((await api().get('/').expect(200)).headers['cache-control']).toBe('no-cache');
    expect((await api().get('/assets/app-1234.js').expect(200)).headers['cache-control']).toContain(
      'immutable',
    );
    for (const path of [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '/assets',
      '/a%00b',
    ]) {
      const { status } = await fetch(service.url + path);
      expect([400, 403, 404], path).toContain(status);
    }
  });

  test('a missing page is HTML for browsers and a problem document for programs', async () => {
    const page = await api().get('/nothing').set('Accept', 'text/html,*/*').expect(404);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.text).toContain('<h1>Page not found</h1>');
    expect(page.text).toContain('<a class="brand" href="./">');
    const korean = await api()
      .get('/deep/er/nothing')
      .set({ Accept: 'text/html', 'Accept-Language': 'ko-KR,ko;q=0.9,en;q=0.8' })
      .expect(404);
    expect(korean.text).toContain('<html lang="ko">');
    expect(korean.text).toContain('src="../../seal.svg"');
    expect(korean.text).toContain('<a class="brand" href="../../">');
    // It is read once: strangers ask for unknown addresses all day.
    const files = ['404.html', '404.ko.html'].map((name) => join(directory, name));
    await Promise.all(files.map((file) => writeFile(file, 'another version')));
    expect((await api().get('/nothing').set('Accept', 'text/html')).text).toBe(page.text);
    const problem = await api().get('/nothing').expect(404);
    expect(Problem.parse(problem.body).code).toBe('not_found');
    const inApi = await api().get('/v1/nothing').set('Accept', 'text/html').expect(404);
    expect(inApi.headers['content-type']).toBe('application/problem+json');
  });

  test('/docs is a page, and /docs/ redirects to it because of its relative links', async () => {
    expect((await api().get('/docs').expect(200)).text).toContain('<title>API</title>');
    expect((await api().get('/docs/').expect(308)).headers['location']).toBe('../docs');
  });
});

test('returns 503 with Retry-After when the queue is full', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  await using full = await startService({
    maxQueue: 2,
    wrapStore: (store) => ({
      ...store,
      accept: async (group) => {
        await gate;
        return store.accept(group);
      },
    }),
  });
  const post = () =>
    request(full.url)
      .post('/v1/notarizations')
      .send(GOOD)
      .then((res) => res);
  const waiting = [post(), post()];
  await until('two requests in the queue', () => full.deps.intake.queued, 2);
  const refused = await post();
  expect(refused.status).toBe(503);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(Problem.parse(refused.body).code).toBe('queue_full');
  release();
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([201, 201]);
});
