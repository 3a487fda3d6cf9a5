import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Balancer, type BalancedWorker } from '../../src/service/balancer.js';
import { until } from '../support/until.js';

let balancer: Balancer;
const clients: Socket[] = [];
beforeEach(async () => {
  balancer = await Balancer.open({ host: '127.0.0.1', port: 0 });
});
afterEach(() => {
  balancer.close();
  for (const client of clients.splice(0)) client.destroy();
});

interface Dispatched {
  readonly id: number;
  readonly socket: Socket;
}

/** A worker in this process, which keeps what is dispatched to it. */
function createWorker(): BalancedWorker & { readonly dispatched: Dispatched[] } {
  const dispatched: Dispatched[] = [];
  return { dispatched, dispatch: (id, socket) => dispatched.push({ id, socket }) };
}

async function connectClient(): Promise<Socket> {
  const client = connect(Number(new URL(balancer.url).port), '127.0.0.1');
  clients.push(client);
  await once(client, 'connect');
  return client;
}

test('dispatches connections round-robin', async () => {
  const [one, two] = [createWorker(), createWorker()];
  balancer.add(one);
  balancer.add(two);
  for (let i = 0; i < 4; i++) await connectClient();
  await until('all connections to be dispatched', () => one.dispatched.length + two.dispatched.length, 4);
  expect([one.dispatched.length, two.dispatched.length]).toEqual([2, 2]);
});

test('keeps connections until there is a worker', async () => {
  await connectClient();
  await connectClient();
  const worker = createWorker();
  balancer.add(worker);
  await until('both connections to be dispatched', () => worker.dispatched.length, 2);
});

test('sends a suspended worker no new connections, and leaves it those that it was sent before', async () => {
  const [stuck, other] = [createWorker(), createWorker()];
  balancer.add(stuck);
  await connectClient();
  await until('a connection to be dispatched', () => stuck.dispatched.length, 1);
  balancer.suspend(stuck);
  await connectClient();
  balancer.add(other);
  await connectClient();
  await until('both connections to reach the other worker', () => other.dispatched.length, 2);
  expect(stuck.dispatched).toHaveLength(1);
});

test('dispatches to others what an ended worker had not received, and nothing else', async () => {
  const [dying, heir] = [createWorker(), createWorker()];
  balancer.add(dying);
  await connectClient();
  await connectClient();
  await until('both connections to be dispatched', () => dying.dispatched.length, 2);
  balancer.received(dying.dispatched[0]?.id ?? -1);
  balancer.add(heir);
  balancer.remove(dying);
  expect(heir.dispatched.map(({ socket }) => socket)).toEqual([dying.dispatched[1]?.socket]);
});

test('ends waiting connections and rejects new ones once it is closed', async () => {
  const client = await connectClient();
  balancer.close();
  expect(await text(client)).toBe('');
  await expect(connectClient()).rejects.toThrow('ECONNREFUSED');
});
