import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Problem } from '../../src/http/schemas/resources.js';
import type { Store } from '../../src/store/index.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';

/** As many submissions may wait for any time (src/intake/intake.ts). */
const FEW = 64;

interface Logged {
  readonly count: number;
  readonly msg: string;
}

const newDigest = () => randomBytes(32).toString('hex');

function post(url: string): Promise<Response> {
  return fetch(`${url}/v1/notarizations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ documents: [{ sha256: newDigest() }] }),
  });
}

/** A persistent connection: each call sends a request on it and resolves with the status. */
function keptConnection(port: number, headers = '') {
  const socket: Socket = connect(port, '127.0.0.1').setEncoding('latin1');
  return {
    socket,
    async post(): Promise<string> {
      const body = JSON.stringify({ documents: [{ sha256: newDigest() }] });
      socket.write(
        `POST /v1/notarizations HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`,
      );
      const [text] = (await once(socket, 'data')) as [string];
      return text.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3);
    },
  };
}

test('rejects submissions while too many are waiting, accepts those that were admitted, and recovers', async () => {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const lines: string[] = [];
  await using service = await startService({
    logger: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }),
    wrapStore: (store): Store => ({
      ...store,
      accept: async (group) => {
        await gate;
        return store.accept(group);
      },
    }),
  });
  const { url, port, deps } = service;
  const { intake } = deps;
  const admitted = Array.from({ length: FEW }, () => post(url));
  await until('the intake to be overloaded', () => intake.overloaded);

  const refused = await post(url);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('x-request-id')).toMatch(/./);
  expect(refused.headers.get('cache-control')).toBe('no-store');
  expect(Problem.parse(await refused.json())).toMatchObject({ status: 503, code: 'queue_full' });
  // Nothing of an upload is read: the response arrives although the body never does.
  const upload = connect(port, '127.0.0.1').setEncoding('latin1');
  upload.write(
    `PUT /v1/notarizations/a.pdf HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 1000000\r\n\r\n`,
  );
  expect(((await once(upload, 'data')) as [string])[0]).toMatch(
    /^HTTP\/1\.1 503 .*\r\n(.*\r\n)*Connection: close/,
  );
  upload.destroy();
  // Reading continues.
  expect((await fetch(`${url}/v1/verify/${newDigest()}`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);

  // A proxy's connection carries many clients, so each request gets its response. A client's own is not read
  // until it may retry.
  const proxied = keptConnection(port, 'X-Forwarded-For: 192.0.2.1\r\n');
  expect([await proxied.post(), await proxied.post()]).toEqual(['503', '503']);
  const own = keptConnection(port);
  expect(await own.post()).toBe('503');
  const again = own.post();
  expect(intake.queued).toBe(FEW);
  open();
  expect((await Promise.all(admitted)).map(({ status }) => status)).toEqual(admitted.map(() => 201));
  expect(await again).toBe('201');
  expect((await post(url)).status).toBe(201);
  expect(await proxied.post()).toBe('201');
  for (const { socket } of [proxied, own]) socket.destroy();

  // The admitted submissions are in the chain, and no others.
  expect((await service.store.head()).nextPosition).toBe(FEW + 3);
  expect(intake.queued).toBe(0);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(
    /^ingam_http_request_seconds_count\{method="POST",route="\/v1\/notarizations",status="503"\} 4$/m,
  );

  // One line a second for all rejections, instead of one for each.
  const rejections = await until('the rejections to be logged', () => {
    const logged = lines
      .filter((line) => line.includes('queue_full'))
      .map((line) => JSON.parse(line) as Logged);
    return logged.reduce((sum, { count }) => sum + count, 0) >= 4 && logged;
  });
  expect(
    rejections.every(({ msg, count }) => msg === `load shed: ${count} submissions rejected with 503`),
  ).toBe(true);
  expect(lines.some((line) => line.includes('"request"'))).toBe(false);
});
