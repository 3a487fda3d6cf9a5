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

interface TestWorker {
  dispatch: BalancedWorker['dispatch'];
  readonly dispatched: Socket[];
  /** Whether others waited, for each of them. */
  readonly others: boolean[];
}

/** A worker in this process, which keeps what is dispatched to it. It receives it when the test says so. */
function createWorker(): TestWorker {
  const dispatched: Socket[] = [];
  const others: boolean[] = [];
  return {
    dispatched,
    others,
    dispatch: (socket, more) => {
      dispatched.push(socket);
      others.push(more);
    },
  };
}

/** One that receives everything at once. */
function createFastWorker(): TestWorker {
  const worker = createWorker();
  const { dispatch } = worker;
  worker.dispatch = (socket, more) => {
    dispatch(socket, more);
    setImmediate(() => {
      balancer.received(worker);
    });
  };
  return worker;
}

async function connectClient(): Promise<Socket> {
  const client = connect(Number(new URL(balancer.url).port), '127.0.0.1');
  clients.push(client);
  await once(client, 'connect');
  return client;
}

test('dispatches connections round-robin', async () => {
  const [one, two] = [createFastWorker(), createFastWorker()];
  balancer.add(one);
  balancer.add(two);
  for (let i = 0; i < 4; i++) await connectClient();
  await until('all connections to be dispatched', () => one.dispatched.length + two.dispatched.length, 4);
  expect([one.dispatched.length, two.dispatched.length]).toEqual([2, 2]);
});

test('keeps connections until there is a worker', async () => {
  await connectClient();
  await connectClient();
  const worker = createFastWorker();
  balancer.add(worker);
  await until('both connections to be dispatched', () => worker.dispatched.length, 2);
});

/** Two workers. The slow one has been sent one of three connections, and has received none. */
async function createPair() {
  const [slow, fast] = [createWorker(), createFastWorker()];
  balancer.add(slow);
  balancer.add(fast);
  for (let i = 0; i < 6; i++) await connectClient();
  // In turns: with the last of these, the slow one has its third.
  await until('the fast worker to have three connections', () => fast.dispatched.length, 3);
  expect(slow.dispatched).toHaveLength(1);
  return { slow, fast };
}

test('sends a worker one connection at a time, and says whether others wait', async () => {
  const { slow } = await createPair();
  balancer.received(slow);
  balancer.received(slow);
  balancer.received(slow);
  expect(slow.others).toEqual([false, true, false]);
});

test('sends a suspended worker nothing more, and dispatches to others what it was not sent', async () => {
  const { slow, fast } = await createPair();
  balancer.suspend(slow);
  await connectClient();
  await until('three more connections to reach the other worker', () => fast.dispatched.length, 6);
  balancer.received(slow);
  expect(slow.dispatched).toHaveLength(1);
});

test('dispatches to others what an ended worker had not received, and nothing else', async () => {
  const { slow, fast } = await createPair();
  balancer.received(slow);
  balancer.remove(slow);
  await until('the two others to reach the other worker', () => fast.dispatched.length, 5);
  const [received, sent] = slow.dispatched;
  expect(received?.destroyed).toBe(true);
  expect(fast.dispatched[3]).toBe(sent);
});

test('ends waiting connections and rejects new ones once it is closed', async () => {
  const client = await connectClient();
  balancer.close();
  expect(await text(client)).toBe('');
  await expect(connectClient()).rejects.toThrow('ECONNREFUSED');
});
