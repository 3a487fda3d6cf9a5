import { once } from 'node:events';
import { connect, createServer, type AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { addAccepted, Arrivals } from '../../src/http/server/arrivals.js';
import { until } from '../support/until.js';

/** Arrivals at a time that the test sets. */
function createArrivals() {
  const clock = { ms: 0 };
  const served: Socket[] = [];
  const arrivals = new Arrivals(
    (socket) => served.push(socket),
    () => clock.ms,
  );
  const sockets = Array.from({ length: 600 }, () => new Socket());
  return { arrivals, clock, served, sockets };
}

test('a connection that no others follow is served at once', () => {
  const { arrivals, served, sockets } = createArrivals();
  arrivals.add(sockets[0] ?? expect.fail(), false);
  expect(served).toEqual([sockets[0]]);
});

test('connections wait while others follow, and are served in their order', async () => {
  const { arrivals, served, sockets } = createArrivals();
  for (const socket of sockets.slice(1)) arrivals.add(socket, true);
  expect(served).toEqual([]);
  arrivals.add(sockets[0] ?? expect.fail(), false);
  // Not all at once: the first of them get their responses before the last are read.
  expect(served.length).toBeLessThan(sockets.length);
  await until('all to be served', () => served.length, sockets.length);
  expect(served).toEqual([...sockets.slice(1), sockets[0]]);
});

test('connections that arrive slowly do not wait for each other, and none waits for long', () => {
  const { arrivals, clock, served, sockets } = createArrivals();
  const arrive = (i: number, at: number) => {
    clock.ms = at;
    arrivals.add(sockets[i] ?? expect.fail(), true);
  };
  arrive(0, 0);
  arrive(1, 30);
  expect(served).toHaveLength(2);
  // One in each millisecond is quick.
  for (let i = 2; i < 500; i++) arrive(i, 30 + i);
  expect(served).toHaveLength(2);
  for (let i = 500; i < 600; i++) arrive(i, 30 + i);
  expect(served.length).toBeGreaterThan(2);
});

test('connections whose followers do not come are served', async () => {
  const { arrivals, served, sockets } = createArrivals();
  arrivals.add(sockets[0] ?? expect.fail(), true);
  await until('it to be served', () => served.length, 1);
});

test('every connection of a burst is served, unread before, and those that wait end with the server', async () => {
  const served: Socket[] = [];
  const arrivals = new Arrivals((socket) => served.push(socket));
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  addAccepted(server, arrivals);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'));
  for (const client of clients) client.write('hello');
  await until('all connections to be served', () => served.length, clients.length);
  expect(served.map((socket) => socket.bytesRead)).toEqual(clients.map(() => 0));
  const waits = new Socket();
  arrivals.add(waits, true);
  arrivals.close();
  expect(waits.destroyed).toBe(true);
  for (const client of clients) client.destroy();
  for (const socket of served) socket.destroy();
  server.close();
});
