import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Problem } from '../../src/http/schemas/resources.js';
import type { Store } from '../../src/store/index.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';

/** As many as may wait however long it takes. */
const FEW = 64;

const newDigest = () => randomBytes(32).toString('hex');

function post(url: string): Promise<Response> {
  return fetch(`${url}/v1/notarizations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ documents: [{ sha256: newDigest() }] }),
  });
}

/** A connection that is kept: each call is one request on it, and answers with the status line. */
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

test('more than can be written is sent away at once; what was let in is accepted, and then all is as before', async () => {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  await using service = await startService({
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
  const letIn = Array.from({ length: FEW }, () => post(url));
  await until('the intake to be overloaded', () => intake.overloaded);

  const refused = await post(url);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('x-request-id')).toMatch(/./);
  expect(refused.headers.get('cache-control')).toBe('no-store');
  expect(Problem.parse(await refused.json())).toMatchObject({ status: 503, code: 'queue_full' });
  // Of an upload nothing is read: the answer comes although the body never does.
  const upload = connect(port, '127.0.0.1').setEncoding('latin1');
  upload.write(
    `PUT /v1/notarizations/a.pdf HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 1000000\r\n\r\n`,
  );
  expect(((await once(upload, 'data')) as [string])[0]).toMatch(
    /^HTTP\/1\.1 503 .*\r\n(.*\r\n)*Connection: close/,
  );
  upload.destroy();
  // Whoever only reads is served.
  expect((await fetch(`${url}/v1/verify/${newDigest()}`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);

  // A connection of a proxy is that of many: each of them is told. One's own is not read again until the time has come.
  const proxied = keptConnection(port, 'X-Forwarded-For: 192.0.2.1\r\n');
  expect([await proxied.post(), await proxied.post()]).toEqual(['503', '503']);
  const own = keptConnection(port);
  expect(await own.post()).toBe('503');
  const again = own.post();
  expect(intake.queued).toBe(FEW);
  open();
  expect((await Promise.all(letIn)).map(({ status }) => status)).toEqual(letIn.map(() => 201));
  expect(await again).toBe('201');
  expect((await post(url)).status).toBe(201);
  expect(await proxied.post()).toBe('201');
  for (const { socket } of [proxied, own]) socket.destroy();

  // Who was let in is in the chain, and nobody else.
  expect((await service.store.head()).nextPosition).toBe(FEW + 3);
  expect(intake.queued).toBe(0);
  const figures = await (await fetch(`${url}/metrics`)).text();
  expect(figures).toMatch(
    /^ingam_http_request_seconds_count\{method="POST",route="\/v1\/notarizations",status="503"\} 4$/m,
  );
});
