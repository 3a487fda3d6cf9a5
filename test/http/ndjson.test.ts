import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { ResultLine } from '../../src/http/schemas/resources.js';
import { StoreError } from '../../src/store/index.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

type Result = z.infer<typeof ResultLine>;

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const plain = (i: number) => `{"sha256":"${sha256(String(i))}"}\n`;

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  url = service.url,
) {
  const res = await fetch(`${url}/v1/notarizations`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    body,
  });
  return { status: res.status, headers: res.headers, text: await res.text() };
}

function results(text: string): Result[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ResultLine.parse(JSON.parse(line)));
}

function opened(headers: Record<string, string> = {}, url = service.url) {
  const req = httpRequest(`${url}/v1/notarizations`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
  req.on('error', () => undefined);
  return req;
}

test('every line gets a result line with its number, in order', async () => {
  const count = 25_000;
  const { status, text } = await post(Array.from({ length: count }, (_, i) => plain(i)).join(''));
  expect(status).toBe(200);
  const lines = results(text);
  expect(lines.filter((line) => 'error' in line).slice(0, 3)).toEqual([]);
  expect(lines).toHaveLength(count);
  const wrong = lines.findIndex(
    (line, i) => line.line !== i + 1 || !('id' in line) || line.sha256 !== sha256(String(i)),
  );
  expect(wrong).toBe(-1);
  expect(lines.some((line) => 'receipt' in line)).toBe(true);
});

test('bad lines get error lines and do not stop the stream', async () => {
  const bad: [string, string][] = [
    ['', 'malformed_json'],
    ['nonsense', 'malformed_json'],
    ['[]', 'invalid_body'],
    [`{"sha256":"${'a'.repeat(62)}"}`, 'invalid_body'],
    [`{"sha256":"${'a'.repeat(66)}"}`, 'invalid_body'],
    [`{"sha256":"${'g'.repeat(64)}"}`, 'invalid_body'],
    [`{"sha256":"${sha256('1')}","size":9007199254740993}`, 'malformed_json'],
    [`{"sha256":"${sha256('1')}","size":1.5}`, 'malformed_json'],
    [`{"sha256":"${sha256('1')}","size":-1}`, 'invalid_body'],
    [`{"sha256":"${sha256('1')}","extra":1}`, 'invalid_body'],
    [`{"sha256":"${sha256('1')}","__proto__":{}}`, 'invalid_body'],
    [`{"sha256":"${sha256('1')}","sha256":"${sha256('2')}"}`, 'malformed_json'],
    [`{"sha256":"${sha256('1')}","details":{}}`, 'invalid_body'],
    ['['.repeat(20_000), 'malformed_json'],
    [`{"sha256":"${sha256('1')}","details":{"note":"${'x'.repeat(70_000)}"}}`, 'line_too_long'],
    ['\ud800', 'malformed_json'],
  ];
  const input = bad.map(([line], i) => `${line}\n${plain(i)}`).join('');
  const lines = results((await post(input)).text);
  expect(lines.map((line) => ('error' in line ? line.error.code : 'id'))).toEqual(
    bad.flatMap(([, code]) => [code, 'id']),
  );
});

test('rejects a line of 10 MB, and accepts CR LF and a last line without a line feed', async () => {
  const input = `{"sha256":"${'x'.repeat(10_000_000)}"}\n{"sha256":"${sha256('1')}","size":7}\r\n{"sha256":"${sha256('2')}"}`;
  const lines = results((await post(input)).text);
  expect(lines.map((line) => ('error' in line ? line.error.code : line.size))).toEqual([
    'line_too_long',
    7,
    null,
  ]);
});

test('an empty stream is valid', async () => {
  expect(await post('')).toMatchObject({ status: 200, text: '' });
});

test('a client that sends a line and waits gets its result', async () => {
  const req = opened();
  const response = once(req, 'response');
  req.write(plain(1));
  const [res] = (await response) as [IncomingMessage];
  const lines = createInterface({ input: res })[Symbol.asyncIterator]();
  for (let i = 1; i <= 3; i++) {
    const { value } = (await lines.next()) as { value: string };
    expect(ResultLine.parse(JSON.parse(value))).toMatchObject({ line: i, sha256: sha256(String(i)) });
    req.write(plain(i + 1));
  }
  req.end();
  await lines.next();
  expect((await lines.next()).done).toBe(true);
});

test('the broken last line of a client that disconnects is not accepted', async () => {
  const before = (await service.store.head()).nextPosition;
  const req = opened();
  req.write(plain(1) + plain(2) + plain(3).slice(0, -1));
  await until(
    'both complete lines to be accepted',
    () => service.store.head(),
    (seen) => seen.nextPosition === before + 2,
  );
  req.destroy();
  expect(results((await post(plain(4))).text)).toHaveLength(1);
  expect((await service.store.head()).nextPosition).toBe(before + 3);
});

/**
 * Whether the service reads nothing more of a stream, while it responds to many other requests.
 */
async function hasStoppedReading(): Promise<boolean> {
  const { nextPosition } = await service.store.head();
  for (let round = 0; round < 50; round++) {
    await (await fetch(`${service.url}/healthz`)).text();
    if ((await service.store.head()).nextPosition !== nextPosition) return false;
  }
  return true;
}

test('the service stops reading from a client that does not read its results', async () => {
  const req = opened();
  req.on('response', (res) => {
    res.pause();
  });
  const block = Array.from({ length: 1000 }, (_, i) => plain(i)).join('');
  // 200 MB would be sent without back-pressure; sockets hold a few at most.
  let sent = 0;
  let flowing = true;
  req.on('drain', () => (flowing = true));
  while (sent < 2500) {
    if (flowing) {
      flowing = req.write(block);
      sent++;
    } else if (await hasStoppedReading()) break;
  }
  expect(sent).toBeLessThan(2500);
  req.destroy();
});

test('a retry of a broken stream with an Idempotency-Key accepts nothing twice', async () => {
  // Its own service: it counts everything that was accepted, and a seal would take the place of receipts.
  await using own = await startService({ sealing: false });
  const { secret } = await createKey(own, (await createOrganization(own)).id);
  const key = { ...bearer(secret), 'idempotency-key': 'stream' };
  const input = Array.from({ length: 2500 }, (_, i) => plain(i)).join('');
  const broken = opened(key, own.url);
  broken.write(input.slice(0, plain(0).length * 1200));
  await until(
    'the first batch to be accepted',
    () => own.store.head(),
    (seen) => seen.nextPosition === 1000,
  );
  broken.destroy();
  const first = results((await post(input, key, own.url)).text);
  const second = results((await post(input, key, own.url)).text);
  expect(first).toEqual(second);
  expect((await own.store.head()).nextPosition).toBe(2500);
  const other = await post(plain(9999), key, own.url);
  expect(other.status).toBe(422);
});

test('an unavailable database is a 503 at the start, and later error lines and an early end', async () => {
  let working = false;
  await using broken = await startService({
    wrapStore: (store) => ({
      ...store,
      accept: (group) =>
        working ? store.accept(group) : Promise.reject(new StoreError('unavailable', 'away')),
    }),
  });
  const refused = await post(plain(1), {}, broken.url);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect(JSON.parse(refused.text)).toMatchObject({ code: 'unavailable' });
  working = true;
  const req = httpRequest(`${broken.url}/v1/notarizations`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
  });
  req.on('error', () => undefined);
  const response = once(req, 'response');
  req.write(plain(1));
  const [res] = (await response) as [IncomingMessage];
  const lines = createInterface({ input: res })[Symbol.asyncIterator]();
  await lines.next();
  working = false;
  req.write(plain(2));
  const { value } = (await lines.next()) as { value: string };
  expect(ResultLine.parse(JSON.parse(value))).toMatchObject({ line: 2, error: { code: 'unavailable' } });
  expect((await lines.next()).done).toBe(true);
  req.destroy();
});

test('a small queue slows a stream down without failing any line', async () => {
  await using small = await startService({ maxQueue: 50 });
  const input = Array.from({ length: 5000 }, (_, i) => plain(i)).join('');
  const all = await Promise.all([post(input, {}, small.url), post(input, {}, small.url)]);
  for (const { text } of all) {
    expect(results(text).filter((line) => 'error' in line)).toEqual([]);
  }
  expect((await small.store.head()).nextPosition).toBe(10_000);
});
