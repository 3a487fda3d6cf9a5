import { createHash } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request as send } from 'node:http';
import { setInterval, setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test as alone } from 'vitest';
import { Accepted, Problem } from '../../src/http/schemas/resources.js';
import { CHECKS_PER_WINDOW } from '../../src/http/server/server.js';
import { startService, type TestService } from '../support/service.js';

const test = alone.concurrent;

/** A shorter window than in production, where it is 1 KiB/s over a minute. */
const PACE = { bytesPerSecond: 10_000, windowMs: 600 };

let service: TestService;
beforeAll(async () => {
  service = await startService({ sealing: false, slowestBody: PACE });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const NOTARIZATIONS = '/v1/notarizations';

function open(method: string, headers: Record<string, string | number>, path = NOTARIZATIONS) {
  const req = send(service.url + path, { method, headers });
  const response = new Promise<{ status: number; body: string }>((resolve, reject) => {
    req.on('response', (res: IncomingMessage) => {
      let body = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => (body += chunk));
      res.on('end', () => {
        resolve({ status: res.statusCode ?? 0, body });
      });
      res.on('error', reject);
    });
    req.on('error', reject);
  });
  return { req, response };
}

/** Writes a part every `everyMs` until there is a response or nothing more to write. */
async function drip(req: ClientRequest, parts: Iterable<string | Buffer>, everyMs: number): Promise<void> {
  let ended = false;
  req.once('response', () => (ended = true)).once('close', () => (ended = true));
  for (const part of parts) {
    if (ended as boolean) return;
    req.write(part);
    await delay(everyMs);
  }
  if (!(ended as boolean)) req.end();
}

/**
 * Resolves after this many windows as the service counts them: its checks run in this event loop, as often as
 * this timer.
 */
async function passWindows(count: number): Promise<void> {
  let ticks = 0;
  for await (const _ of setInterval(PACE.windowMs / CHECKS_PER_WINDOW)) {
    if (++ticks >= count * CHECKS_PER_WINDOW) return;
  }
}

function* endless(part: string): Generator<string> {
  for (;;) yield part;
}

describe.concurrent('a slow body', () => {
  test.each<readonly [string, string, Record<string, string>, string, string]>([
    ['a raw file', 'PUT', {}, 'x', NOTARIZATIONS],
    ['JSON', 'POST', { 'content-type': 'application/json' }, ' ', NOTARIZATIONS],
    [
      'a form',
      'POST',
      { 'content-type': 'multipart/form-data; boundary=b' },
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx',
      NOTARIZATIONS,
    ],
    ['a history', 'POST', { 'content-type': 'application/json' }, ' ', '/v1/verify/history'],
  ])(
    '%s is rejected with 408 although it is never silent for long',
    async (_, method, headers, part, path) => {
      const { req, response } = open(method, { ...headers, 'transfer-encoding': 'chunked' }, path);
      await drip(req, endless(part), 50);
      const { status, body } = await response;
      expect([status, Problem.parse(JSON.parse(body)).code]).toEqual([408, 'request_timeout']);
    },
  );

  test('a body that never begins is rejected with 408', async () => {
    const { req, response } = open('PUT', { 'content-length': 1000 });
    req.flushHeaders();
    expect((await response).status).toBe(408);
  });

  test('an NDJSON stream may be slow as long as whole lines arrive', async () => {
    const { req, response } = open('POST', {
      'content-type': 'application/x-ndjson',
      'transfer-encoding': 'chunked',
    });
    const line = `{"sha256":"${'a'.repeat(64)}"}\n`;
    // Together they take longer than one line may take; each arrives long before that.
    const count = 40;
    for (let i = 0; i < count; i++) {
      req.write(line);
      await delay(PACE.windowMs / 10);
    }
    req.end();
    const { status, body } = await response;
    expect(status).toBe(200);
    expect(body.trim().split('\n')).toHaveLength(count);
  });
});

describe.concurrent('a stream without whole lines', () => {
  const stream = { 'content-type': 'application/x-ndjson', 'transfer-encoding': 'chunked' };

  test('is rejected with 408 when nobody is known', async () => {
    const { req, response } = open('POST', stream);
    await drip(req, endless('x'), 50);
    const { status, body } = await response;
    expect([status, Problem.parse(JSON.parse(body)).code]).toEqual([408, 'request_timeout']);
  });

  test('ends after the results of its lines', async () => {
    const { req, response } = open('POST', stream);
    req.write(`{"sha256":"${'a'.repeat(64)}"}\n`);
    const read = response.catch((error: unknown) => error);
    await new Promise((resolve) => req.once('response', resolve));
    let isOpen = true;
    req.once('close', () => (isOpen = false));
    for (const part of endless('x')) {
      if (!(isOpen as boolean)) break;
      req.write(part);
      await delay(50);
    }
    expect(await read).toMatchObject({ status: 200, body: expect.stringContaining('"position":') as string });
  });

  test('of an organization may be arbitrarily slow', async () => {
    const { id } = await service.deps.access.organizations.create(
      { kind: 'local' },
      { name: 'x' },
      { address: '', agent: '' },
    );
    const { secret } = await service.deps.access.keys.create(
      { kind: 'local' },
      id,
      { name: 'k', scopes: ['notarize'] },
      { address: '', agent: '' },
    );
    const { req, response } = open('POST', { ...stream, authorization: `Bearer ${secret}` });
    for (const part of [`{"sha256":"${'a'.repeat(32)}`, 'b'.repeat(32), '"}\n']) {
      req.write(part);
      await passWindows(1.5);
    }
    req.end();
    const { status, body } = await response;
    expect([status, body.trim().split('\n').length]).toEqual([200, 1]);
  });
});

describe.concurrent('a steady upload', () => {
  test('is not cut when it takes many times the window', async () => {
    const { req, response } = open('PUT', { 'transfer-encoding': 'chunked' });
    const part = Buffer.alloc(64_000, 7);
    const parts = Array.from({ length: 40 }, () => part);
    // Well above the slowest pace, for more than six windows, with pauses.
    await drip(req, parts, 100);
    const { status, body } = await response;
    expect(status).toBe(201);
    const [only] = Accepted.parse(JSON.parse(body)).notarizations;
    expect(only?.sha256).toBe(createHash('sha256').update(Buffer.concat(parts)).digest('hex'));
  });

  test('is not rejected while it waits for its seal', async () => {
    const { req, response } = open('POST', { 'content-type': 'application/json', prefer: 'wait=2' });
    req.end(JSON.stringify({ documents: [{ sha256: 'a'.repeat(64) }] }));
    expect((await response).status).toBe(201);
  });
});

test('time in which the service does not read does not count against the client', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  await using held = await startService({
    sealing: false,
    slowestBody: PACE,
    beside: service,
    wrapStore: (store) => ({
      ...store,
      rateLimits: { ...store.rateLimits },
      access: { ...store.access, keyFacts: async (ids) => (await gate, store.access.keyFacts(ids)) },
    }),
  });
  // The client sends as fast as it can, while the service still looks up its key.
  const { id } = await held.deps.access.organizations.create(
    { kind: 'local' },
    { name: 'x' },
    { address: '', agent: '' },
  );
  const { secret } = await held.deps.access.keys.create(
    { kind: 'local' },
    id,
    { name: 'k', scopes: ['notarize'] },
    { address: '', agent: '' },
  );
  const req = send(`${held.url}/v1/notarizations`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${secret}`, 'content-length': 8_000_000 },
  });
  const response = new Promise<number | undefined>((resolve, reject) => {
    req.on('response', (res) => {
      res.resume();
      resolve(res.statusCode);
    });
    req.on('error', reject);
  });
  req.end(Buffer.alloc(8_000_000));
  await passWindows(3);
  release();
  expect(await response).toBe(201);
});
