import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { limitConnections, type TrustedProxies } from '../../src/http/server/connection-limit.js';

/** A server with the limit, and connections that seem to come from any address. */
function limited(most: number, isProxy: TrustedProxies = () => false) {
  const server = createHttpServer();
  limitConnections(server, most, isProxy);
  const connect = (remoteAddress: string) => {
    const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
    server.emit('connection', socket);
    return socket;
  };
  return { connect, isOpen: (socket: Socket) => !socket.destroyed };
}

describe('connections of one network', () => {
  test('are closed beyond the limit, until one ends', async () => {
    const { connect, isOpen } = limited(2);
    const [first, second, third] = ['192.0.2.1', '192.0.2.99', '::ffff:192.0.2.7'].map(connect);
    expect([first, second, third].map((socket) => socket !== undefined && isOpen(socket))).toEqual([
      true,
      true,
      false,
    ]);
    expect(isOpen(connect('198.51.100.1'))).toBe(true);
    first?.destroy();
    if (first !== undefined) await once(first, 'close');
    expect([connect('192.0.2.5'), connect('192.0.2.6')].map(isOpen)).toEqual([true, false]);
  });

  test('of IPv6 count by the network of a customer', () => {
    const { connect, isOpen } = limited(1);
    const sockets = ['2001:db8:0:1::1', '2001:db8:0:ff::2', '2001:db8:0:100::1'].map(connect);
    expect(sockets.map(isOpen)).toEqual([true, false, true]);
  });

  test('of this machine and of trusted proxies are not limited', () => {
    const { connect, isOpen } = limited(1, (address) => address === '10.0.0.1');
    const sockets = ['127.0.0.1', '127.0.0.1', '::1', '::1', '10.0.0.1', '10.0.0.1'].map(connect);
    expect(sockets.every(isOpen)).toBe(true);
  });
});

test('a closed connection ends for its client', async () => {
  const server = createHttpServer((_, res) => res.end('x'));
  limitConnections(server, 0, () => false);
  // Accepts connections and hands them on with another address, as they come from elsewhere.
  const front = createServer((socket) => {
    Object.defineProperty(socket, 'remoteAddress', { value: '192.0.2.1' });
    server.emit('connection', socket);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const client = new Socket();
  client.connect((front.address() as { port: number }).port, '127.0.0.1');
  client.on('error', () => undefined);
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  let received = '';
  client.on('data', (chunk) => (received += chunk.toString()));
  await once(client, 'close');
  expect(received).toBe('');
  front.close();
});
