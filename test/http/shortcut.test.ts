import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import express from 'express';
import { pino } from 'pino';
import supertest from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen } from '../../src/http/server/listen.js';
import { createServer } from '../../src/http/index.js';
import type { Route } from '../../src/http/route.js';
import { shortcut } from '../../src/http/server/shortcut.js';
import { END, filePart, FORM } from '../support/bad-input.js';
import { bearer, createOrganization, createKey } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const REQUEST_ID = 'one-and-the-same';
const lines: string[] = [];
let service: TestService;
beforeAll(async () => {
  service = await startService({
    maxUploadBytes: 1000,
    logger: pino(
      { level: 'info' },
      { write: (line: string) => line.includes(REQUEST_ID) && lines.push(line) },
    ),
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

/** The address of the hot call, and the same to Express's router alone. */
const WAYS = ['/v1/notarizations', '/v1/notarizations/'] as const;

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | (() => string);
}

const digest = () => randomBytes(32).toString('hex');
const one = () => JSON.stringify({ documents: [{ sha256: digest(), details: { name: 'ü.pdf' } }] });
const JSON_TYPE = { 'content-type': 'application/json' };

const CASES: Record<string, Sent> = {
  'one digest': { headers: JSON_TYPE, body: one },
  'several digests': {
    headers: JSON_TYPE,
    body: () => JSON.stringify({ documents: [{ sha256: digest() }, { sha256: digest(), size: 5 }] }),
  },
  'waiting by Prefer': { headers: { ...JSON_TYPE, prefer: 'wait=30' }, body: one },
  'lines, one of them bad': {
    headers: { 'content-type': 'application/x-ndjson' },
    body: () => `{"sha256":"${digest()}"}\nnothing\n{"sha256":"${digest()}","size":7}`,
  },
  'a form': { headers: { 'content-type': FORM }, body: filePart + END },
  'a raw file': { headers: { 'content-type': 'application/octet-stream' }, body: 'x' },
  'an empty file': { headers: { 'content-type': 'application/octet-stream' }, body: '' },
  'a file that is too large': {
    headers: { 'content-type': 'application/octet-stream' },
    body: 'x'.repeat(1001),
  },
  'no body and no type': {},
  'another type': { headers: { 'content-type': 'text/plain' }, body: 'x' },
  'another encoding': { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: one },
  'no JSON': { headers: JSON_TYPE, body: '{"documents":' },
  'JSON that does not fit': { headers: JSON_TYPE, body: '{"documents":[{"sha256":"AB"}]}' },
  'an Idempotency-Key that is none': { headers: { ...JSON_TYPE, 'idempotency-key': 'a b' }, body: one },
  'a host of somebody else': { headers: { ...JSON_TYPE, host: 'example.com' }, body: one },
  'a page of somebody else': { headers: { ...JSON_TYPE, origin: 'https://example.com' }, body: one },
  'a token that is none': { headers: { ...JSON_TYPE, authorization: 'Bearer x' }, body: one },
};

/** The whole answer, with what belongs to one request alone made alike. */
async function answerTo(path: string, { headers = {}, body = '' }: Sent) {
  const text = typeof body === 'string' ? body : body();
  const req = request(`${service.url}${path}`, {
    method: 'POST',
    headers: { 'content-length': Buffer.byteLength(text), ...headers, 'x-request-id': REQUEST_ID },
  });
  req.end(text);
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  let answer = '';
  for await (const chunk of res.setEncoding('utf8')) answer += String(chunk);
  req.destroy();
  return {
    status: res.statusCode,
    headers: res.rawHeaders.map((value, i) =>
      i % 2 === 1 && /^(date|content-length)$/i.test(res.rawHeaders[i - 1] ?? '') ? '' : alike(value),
    ),
    body: alike(answer),
  };
}

function alike(text: string): string {
  return text
    .replaceAll(/[0-9]+-[0-9a-f]{16}/g, 'ID')
    .replaceAll(/[0-9a-f]{64}/g, 'DIGEST')
    .replaceAll(/"(acceptedAt|sealedAt|entry|receipt)":"[^"]*"/g, '"$1":""')
    .replaceAll(/"(position|height|index)":[0-9]+/g, '"$1":0')
    .replaceAll(/blocks\/[0-9]+/g, 'blocks/0');
}

test.each(Object.entries(CASES))('answered alike on both ways: %s', async (_, sent) => {
  lines.length = 0;
  const [direct, routed] = [await answerTo(WAYS[0], sent), await answerTo(WAYS[1], sent)];
  expect(direct).toEqual(routed);
  // Its log line is written when an answer is over, which its reader may know a little before.
  await until('the log lines of both requests', () => lines.length, 2);
  const [first, second] = lines.map((line) => ({ ...(JSON.parse(line) as object), time: 0, ms: 0 }));
  expect(first).toEqual(second);
  expect(first).toMatchObject({ method: 'POST', status: direct.status });
});

test('a key, and one answer under one Idempotency-Key', async () => {
  const organization = await createOrganization(service);
  const key = bearer((await createKey(service, organization.id)).secret);
  const body = one();
  const headers = { ...JSON_TYPE, ...key, 'idempotency-key': 'once' };
  const [first, again, routed] = [
    await answerTo(WAYS[0], { headers, body }),
    await answerTo(WAYS[0], { headers, body }),
    await answerTo(WAYS[1], { headers, body }),
  ];
  expect(first.status).toBe(201);
  expect(again.headers).toContain('Idempotent-Replayed');
  expect(again.status).toBe(routed.status);
  expect(again.body).toBe(routed.body);
});

test('figures count both ways as one route', async () => {
  const count = async () => {
    const { text } = await supertest(service.url).get('/metrics');
    return Number(
      /^ingam_http_request_seconds_count\{method="POST",route="\/v1\/notarizations",status="201"\} (\d+)$/m.exec(
        text,
      )?.[1] ?? 0,
    );
  };
  const before = await count();
  for (const path of WAYS) await answerTo(path, { headers: JSON_TYPE, body: one });
  await until('both requests to be counted', () => count(), before + 2);
});

test('only the very address goes past the router, and what fails there is answered', async () => {
  const app = express().use((_, res) => {
    res.send('router');
  });
  const answers: Record<string, () => Promise<void> | undefined> = {
    throws: () => {
      throw new Error('thrown');
    },
    rejects: () => Promise.reject(new Error('rejected')),
    'fails twice': () => Promise.reject(new Error('twice')),
  };
  let kind = '';
  const hot = { method: 'post', path: '/hot', operation: { id: 'notarize' } } as Route;
  const other = { method: 'post', path: '/other', operation: { id: 'other' } } as Route;
  const server = createServer(
    shortcut(app, [other, hot], {
      first: (_, res) => {
        res.setHeader('X-First', 'yes');
      },
      call: () => (req, res) => {
        const answer = answers[kind];
        if (answer !== undefined) return answer();
        res.json({ url: req.originalUrl, ip: req.ip });
        return undefined;
      },
      fail: (error, _, res) => {
        if (kind === 'fails twice') throw error as Error;
        res.status(500).send((error as Error).message);
      },
    }),
  );
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  const direct = await supertest(url).post('/hot').expect('X-First', 'yes');
  expect(direct.body).toEqual({ url: '/hot', ip: '127.0.0.1' });
  for (const path of ['/other', '/hot/', '/hot?a=1', '/HOT', '/%68ot']) {
    expect((await supertest(url).post(path)).text).toBe('router');
  }
  expect((await supertest(url).get('/hot')).text).toBe('router');
  for (const [name, text] of [
    ['throws', 'thrown'],
    ['rejects', 'rejected'],
  ] as const) {
    kind = name;
    expect((await supertest(url).post('/hot')).text).toBe(text);
  }
  kind = 'fails twice';
  await expect(supertest(url).post('/hot')).rejects.toThrow(/hang up|reset/);
  server.close();
});
