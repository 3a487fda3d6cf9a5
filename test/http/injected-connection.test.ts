import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import express from 'express';
import { expect, test } from 'vitest';
import { closeServer, createServer, injectConnection } from '../../src/http/index.js';

test('connections accepted by another process have the same limits, and get their responses before the server closes', async () => {
  const app = express();
  let respond = (): void => undefined;
  app.get('/later', (_, res) => {
    respond = () => res.send('at last');
  });
  const server = createServer(app, { headersTimeoutMs: 100 });
  const acceptor = createTcpServer({ pauseOnConnect: true }, (socket) => {
    injectConnection(server, socket);
  }).listen(0, '127.0.0.1');
  await once(acceptor, 'listening');
  const open = (head: string): Socket => {
    const socket = connect((acceptor.address() as AddressInfo).port, '127.0.0.1');
    socket.write(head);
    return socket;
  };

  expect(await text(open('GET / HT'))).toMatch(/^HTTP\/1\.1 408 /);
  const idle = open('HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(idle, 'data');
  const patient = open('GET /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await once(server, 'request');
  const respondToPatient = respond;
  const broken = open('GET /later HTTP/1.1\r\nHost: a\r\n\r\n');
  const [{ socket: toBroken }] = (await once(server, 'request')) as [IncomingMessage];
  const closed = closeServer(server);
  await once(idle.resume(), 'close');
  // A client that resets its connection does not end the shutdown early.
  broken.resetAndDestroy();
  await new Promise((resolve) => toBroken.once('close', resolve));
  respondToPatient();
  expect(await text(patient)).toMatch(/at last$/);
  await closed;
  acceptor.close();
});
