import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Failure } from '../../src/cli/failure.js';
import { ServiceClient } from '../../src/cli/service-client.js';

const SILENCE_MS = 300;

async function requestTo(
  respond: RequestListener,
  body?: (sent: () => void, signal: AbortSignal) => NonNullable<RequestInit['body']>,
): Promise<Failure> {
  const server = createServer(respond);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const client = new ServiceClient(url, null, new AbortController().signal, { silenceMs: SILENCE_MS });
  try {
    const request = body === undefined ? {} : { method: 'POST' as const, body };
    const outcome = await client.request('v1/chain', request).catch((error: unknown) => error);
    if (!(outcome instanceof Failure)) throw new Error('a failure was expected', { cause: outcome });
    return outcome;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a service that accepts the connection and never responds is unreachable', async () => {
  const failure = await requestTo(() => undefined);
  expect([failure.reason, failure.message]).toEqual(['unreachable', expect.stringContaining('no answer')]);
});

test('an upload that nobody reads ends too, and one that is read does not', async () => {
  const endless = (sent: () => void, signal: AbortSignal) =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        if (signal.aborted) controller.close();
        else controller.enqueue(new Uint8Array(256 * 1024));
        sent();
      },
    });
  const unread = await requestTo((req) => req.pause(), endless);
  expect([unread.reason, unread.message]).toEqual(['unreachable', expect.stringContaining('no answer')]);

  let seconds = 0;
  const slow = (sent: () => void) =>
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (seconds++ === 10) {
          controller.close();
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, SILENCE_MS / 3));
        controller.enqueue(new Uint8Array(10));
        sent();
      },
    });
  const read = await requestTo((req, res) => {
    req.resume().on('end', () => res.writeHead(400).end());
  }, slow);
  expect(read.reason).toBe('refused');
});

test('a response of any length is not kept', async () => {
  const mebibyte = Buffer.alloc(2 ** 20);
  const failure = await requestTo((_, res) => {
    const more = () => {
      while (res.write(mebibyte));
    };
    res.on('drain', more);
    more();
  });
  expect(failure.message).toContain('the response is longer than 67108864 bytes');
});

test('the 413 of a proxy is explained', async () => {
  const failure = await requestTo((_, res) => {
    res.writeHead(413, { 'content-type': 'text/html' }).end('<html><h1>413 Request Entity Too Large</h1>');
  });
  expect(failure.hint).toContain('client_max_body_size');
});
