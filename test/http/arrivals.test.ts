import { once } from 'node:events';
import { connect, createServer, type AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { addAccepted, Arrivals } from '../../src/http/server/arrivals.js';
import { until } from '../support/until.js';

/** Arrivals at a time that the test sets. */
function createArrivals() {
  const clock = { ms: 0 };
  const served: Socket[] = [];
  const told: string[] = [];
  const arrivals = new Arrivals({
    serve: (socket) => served.push(socket),
    pause: () => told.push('pause'),
    resume: () => told.push('resume'),
    now: () => clock.ms,
  });
  const sockets = Array.from({ length: 600 }, () => new Socket());
  return { arrivals, clock, served, told, sockets };
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

test('none waits for long, and after many have, none waits for a while', () => {
  const { arrivals, clock, served, sockets } = createArrivals();
  const arrive = (i: number, at: number) => {
    clock.ms = at;
    arrivals.add(sockets[i] ?? expect.fail(), true);
    return served.length;
  };
  expect(arrive(0, 0)).toBe(0);
  expect(arrive(1, 499)).toBe(0);
  expect(arrive(2, 500)).toBe(3);
  expect(arrive(3, 501)).toBe(4);
  expect(arrive(4, 999)).toBe(5);
  expect(arrive(5, 1000)).toBe(5);
  expect(arrive(6, 1500)).toBe(7);
});

test('what is being served waits while many arrive, and only then', () => {
  const { arrivals, served, told, sockets } = createArrivals();
  const arrive = (count: number) => {
    for (const [i, socket] of sockets.slice(0, count).entries()) arrivals.add(socket, i < count - 1);
  };
  arrive(3);
  expect(told).toEqual([]);
  arrive(100);
  expect(told).toEqual(['pause', 'resume']);
  expect(served).toHaveLength(103);
});

test('connections whose followers do not come are served', async () => {
  const { arrivals, served, sockets } = createArrivals();
  arrivals.add(sockets[0] ?? expect.fail(), true);
  await until('it to be served', () => served.length, 1);
});

test('every connection of a burst is served, unread before, and those that wait end with the server', async () => {
  const served: Socket[] = [];
  const arrivals = new Arrivals({ serve: (socket) => served.push(socket) });
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
