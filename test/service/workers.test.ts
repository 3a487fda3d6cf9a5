import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { expect, test as alone } from 'vitest';
import { runBuilt, startBuilt, type BuiltNode, isAlive } from '../support/built.js';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { createDatabase } from '../support/database.js';
import { until } from '../support/until.js';

interface LogLine {
  readonly pid: number;
  readonly worker?: number;
  readonly msg: string;
}

interface Service {
  readonly node: BuiltNode;
  readonly url: string;
  /** The latest process of each worker, as far as the log shows them. */
  readonly workers: () => Map<number, number>;
}

/** A folder and a database, and the services on them. */
interface Place extends AsyncDisposable {
  readonly folder: TestFolder;
  readonly settings: Readonly<Record<string, string>>;
  /** The built service with two workers. */
  serve(env?: Readonly<Record<string, string>>): Promise<Service>;
}

async function createPlace(): Promise<Place> {
  const folder = await createFolder();
  const database = await createDatabase();
  const services: Service[] = [];
  const settings = {
    HOME: folder.path,
    DATABASE_URL: database.url,
    INGAM_DATA_DIR: join(folder.path, 'data'),
    INGAM_WORKERS: '2',
    // One line for each request, which names the worker.
    INGAM_LOG_LEVEL: 'debug',
    INGAM_SEAL_INTERVAL_MS: '200',
    INGAM_MINING_TARGET_MS: '1',
    INGAM_MIN_DIFFICULTY: '1',
  };
  return {
    folder,
    settings,
    serve: async (env = {}) => {
      const node = await startBuilt(['serve'], { env: { ...settings, ...env } });
      const service: Service = {
        node,
        url: node.url,
        workers: () =>
          new Map(
            node.stderr
              .filter((line) => line.startsWith('{'))
              .map((line) => JSON.parse(line) as LogLine)
              .flatMap(({ worker, pid, msg }) =>
                worker !== undefined && msg === 'request' ? [[worker, pid]] : [],
              ),
          ),
      };
      services.push(service);
      return service;
    },
    [Symbol.asyncDispose]: async () => {
      for (const { node, workers } of services) {
        await node.kill();
        for (const pid of workers().values()) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      }
      await database.drop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Each request on a connection of its own, as the balancer dispatches connections. */
async function call(url: string, path: string, body?: object) {
  const req = request(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    agent: false,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
  });
  req.end(body === undefined ? undefined : JSON.stringify(body));
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  return res;
}

const digest = (name: string) => createHash('sha256').update(name).digest('hex');

async function notarize(url: string, name: string, query = ''): Promise<string> {
  const res = await call(url, `/v1/notarizations${query}`, { documents: [{ sha256: digest(name) }] });
  expect(res.statusCode).toBe(201);
  const { notarizations } = (await json(res)) as { notarizations: { status: string }[] };
  return notarizations[0]?.status ?? '';
}

async function counted(url: string): Promise<number> {
  const metrics = await text(await call(url, '/metrics'));
  return Number(/^ingam_documents_total\{shape="json"\} (\d+)$/m.exec(metrics)?.[1]);
}

// They wait for a minute, or half of one: beside each other.
const test = alone.concurrent;

test('runs two workers on one port with joint metrics, and replaces a killed worker until it cannot start', async () => {
  await using place = await createPlace();
  const service = await place.serve();
  const { url } = service;
  await until('the four lines that the service prints at start', () => service.node.stdout.length, 4);
  expect(service.node.stdout[0]).toBe(`Ingam is running at ${url}`);
  expect(service.node.stdout.filter((line) => line.includes('#setup='))).toHaveLength(1);

  // Clients of both workers get their responses, whichever of them seals.
  for (let i = 0; i < 6; i++) expect(await notarize(url, `first ${i}`, '?wait=sealed')).toBe('sealed');
  const workers = await until('both workers', () => service.workers().size === 2 && service.workers());
  expect([...workers.keys()].sort()).toEqual([1, 2]);
  expect(await Promise.all([1, 2, 3, 4].map(() => counted(url)))).toEqual([6, 6, 6, 6]);
  const ready = await Promise.all([1, 2, 3, 4].map(async () => json(await call(url, '/readyz'))));
  expect(ready.map((each) => (each as { leading: boolean }).leading).sort()).toEqual([
    false,
    false,
    true,
    true,
  ]);

  // Both serve the same port, which no other process can have.
  const second = await runBuilt(['serve'], {
    env: { ...place.settings, PORT: new URL(url).port, INGAM_LOG_LEVEL: 'silent' },
  });
  expect({ code: second.code, stdout: second.stdout }).toEqual({ code: 1, stdout: '' });
  expect(second.stderr.match(/127\.0\.0\.1:\d+ is already in use/g)).toHaveLength(1);

  // No connection is lost that was dispatched to a worker which dies before it receives it.
  const victim = workers.get(1) ?? expect.fail();
  process.kill(victim, 'SIGSTOP');
  const calls = [1, 2, 3, 4].map((i) => notarize(url, `second ${i}`));
  await Promise.race(calls);
  if (isAlive(victim)) process.kill(victim, 'SIGKILL');
  await Promise.all(calls);
  const heir = await until('the replacement of the killed worker', async () => {
    await call(url, '/healthz');
    const now = service.workers().get(1);
    return now !== victim && now;
  });
  // The sum still includes what the killed one had counted, and both find what it accepted.
  expect(await counted(url)).toBe(10);
  for (let i = 0; i < 4; i++) {
    const found = (await json(await call(url, `/v1/verify/${digest('first 0')}`))) as { verdict: string };
    expect(found.verdict).toBe('verified');
  }

  // A worker that cannot start any more ends the service, with the reason.
  await writeFile(place.folder.at('data/keys/receipt.key'), 'spoiled');
  process.kill(heir, 'SIGKILL');
  expect(await service.node.exited).toBe(1);
  const told = service.node.stderr.find((line) => line.startsWith('ingam: ')) ?? '';
  expect(told).toContain('the service cannot continue: worker 1 could not be started 4 times in a row');
  expect(told).toContain('private key');
  expect([...service.workers().values()].filter(isAlive)).toEqual([]);
});

test('kills and replaces a worker that does not respond, serves its connections by others, and responds to waiting clients of all on SIGTERM', async () => {
  await using place = await createPlace();
  const service = await place.serve({ INGAM_SEAL_INTERVAL_MS: '3600000', INGAM_SEAL_PROMISE_MS: '7200000' });
  const { url } = service;
  const workers = await until('both workers to log a request', async () => {
    await call(url, '/healthz');
    return service.workers().size === 2 && service.workers();
  });
  const stuck = workers.get(1) ?? expect.fail();
  process.kill(stuck, 'SIGSTOP');
  await Promise.all([1, 2, 3, 4].map((i) => notarize(url, `stuck ${i}`)));
  await until('the replacement of the stuck worker', async () => {
    await call(url, '/healthz');
    return service.workers().get(1) !== stuck;
  });
  expect(isAlive(stuck)).toBe(false);
  expect(await counted(url)).toBe(4);
  const metrics = await text(await call(url, '/metrics'));
  expect(metrics).toMatch(/^ingam_worker_restarts_total\{reason="unresponsive"\} 1$/m);
  expect(metrics).toMatch(/^ingam_worker_restarts_total\{reason="exited"\} 0$/m);
  expect(service.node.stderr.filter((line) => line.includes('worker has not responded'))).toHaveLength(1);

  await until(
    'a worker to lead',
    async () => ((await json(await call(url, '/readyz'))) as { leading: boolean }).leading,
  );
  // The sealer's first turn may take this one; those after it wait.
  await notarize(url, 'before');
  const waiting = [0, 1, 2, 3].map((i) => notarize(url, `waits ${i}`, '?wait=sealed'));
  await until('all nine submissions to be counted', () => counted(url), 9);
  expect(await service.node.stop()).toBe(0);
  expect(await Promise.all(waiting)).toContain('accepted');
  expect([...service.workers().values()].filter(isAlive)).toEqual([]);
  await expect(call(url, '/healthz')).rejects.toThrow('ECONNREFUSED');
});

test('kills and replaces a worker that hangs while it loads the program', async () => {
  await using place = await createPlace();
  const flag = place.folder.at('hang');
  const preload = place.folder.at('preload.mjs');
  // The next worker that starts while the file exists removes it, and never loads the program.
  await writeFile(
    preload,
    `import { unlinkSync } from 'node:fs';
     if (process.argv[1]?.endsWith('worker.js')) {
       let hangs = true;
       try { unlinkSync(${JSON.stringify(flag)}); } catch { hangs = false; }
       if (hangs) { setInterval(() => {}, 1000); await new Promise(() => {}); }
     }`,
  );
  const service = await place.serve({ NODE_OPTIONS: `--import ${preload}` });
  const { url } = service;
  const bothBut = (gone: number | null) =>
    until('both workers to log a request', async () => {
      await call(url, '/healthz');
      const workers = service.workers();
      return workers.size === 2 && ![...workers.values()].includes(gone ?? 0) && workers;
    });
  const lost = (await bothBut(null)).get(1) ?? expect.fail();
  await writeFile(flag, '');
  process.kill(lost, 'SIGKILL');
  await bothBut(lost);
  expect(service.node.stderr.join('\n')).toContain('worker has not responded for 60 s; killing it');
  const metrics = await text(await call(url, '/metrics'));
  expect(metrics).toMatch(/^ingam_worker_restarts_total\{reason="unresponsive"\} 1$/m);
  expect(metrics).toMatch(/^ingam_worker_restarts_total\{reason="exited"\} 1$/m);
});
