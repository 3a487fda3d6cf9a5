import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFolder } from '../cli/invoke.js';
import { startBuilt } from '../support/built.js';
import { createDatabase, query, type TestDatabase } from '../support/database.js';
import { LOG_KEY, RECEIPT_KEY, SECRET } from '../support/parts.js';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { digestOf } from '../support/records.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';
import { makeWebhook, notarize, startReceiver, verified } from '../support/webhooks.js';

let folder: Awaited<ReturnType<typeof createFolder>>;
let database: TestDatabase;
let env: Record<string, string>;
let key = '';
let owner = '';
beforeAll(async () => {
  folder = await createFolder();
  database = await createDatabase();
  await using service = await startService({ databaseUrl: database.url, sealing: false });
  const { id } = await createOrganization(service, 'Archive');
  key = (await createKey(service, id)).secret;
  owner = (await createUser(service, id, 'owner')).accessToken;
  env = {
    HOME: folder.path,
    DATABASE_URL: database.url,
    INGAM_DATA_DIR: join(folder.path, 'data'),
    INGAM_LOG_KEY: LOG_KEY.text,
    INGAM_RECEIPT_KEY: RECEIPT_KEY.text,
    INGAM_SECRET: SECRET,
    INGAM_WORKERS: '1',
    INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT: 'on',
    INGAM_WEBHOOK_PRIVATE: '127.0.0.0/8',
  };
});
afterAll(async () => {
  await database.drop();
  await folder[Symbol.asyncDispose]();
});

/** As if the time of the one that was killed were over. */
const endClaims = () => query(database.url, 'UPDATE webhook SET claimed_until = 0');

test('a message that a service was sending when it was killed with -9 is sent by the next one, with the same id and body', async () => {
  await using receiver = await startReceiver();
  receiver.answer = () => null;
  let ids: string[] = [];
  let secret = '';
  {
    await using killed = await startBuilt(['serve'], { env });
    ({ secret } = await makeWebhook(killed, owner, receiver.url));
    ids = await notarize(killed, key, [digestOf('one'), digestOf('two')]);
    await until('the receiver to have the message', () => receiver.received.length, 1);
    await killed.kill();
  }
  // Nobody else sends it while it is claimed; then somebody does.
  const [claimed] = await query<{ until: string }>(
    database.url,
    'SELECT claimed_until AS until FROM webhook',
  );
  expect(Number(claimed?.until)).toBeGreaterThan(Date.now());
  await endClaims();
  receiver.answer = () => ({ status: 200 });
  await using next = await startService({
    databaseUrl: database.url,
    dataDir: join(folder.path, 'data'),
    webhookPrivate: ['127.0.0.0/8'],
  });
  const more = await notarize(next, key, [digestOf('three')]);
  await until('the receiver to be told of all', () => receiver.told.length, 3);
  expect(receiver.told).toEqual([...ids, ...more]);
  const [first, again, last] = receiver.received;
  expect(again).toMatchObject({ id: first?.id, body: first?.body });
  expect(last?.id).not.toBe(first?.id);
  for (const message of receiver.received) expect(verified(secret, message)).toBeTruthy();
});

test('killed with -9 at four moments, services tell everything at least once, in the order of the chain', async () => {
  await using receiver = await startReceiver();
  const ids: string[] = [];
  let secret = '';
  const isTold = () => new Set(receiver.told).size === ids.length;
  /** Of the service that tells the next 150 documents: two messages. */
  const moments: readonly ((before: number) => Promise<unknown>)[] = [
    // Nothing is sealed, or just so.
    () => Promise.resolve(),
    (before) => until('the first message to arrive', () => receiver.received.length > before),
    // It has read the answer, or not; it has noted that, or not.
    (before) => until('the first message to be taken', () => receiver.told.length > before),
    () => until('everything to be taken', isTold),
  ];
  for (const [i, moment] of moments.entries()) {
    await endClaims();
    await using killed = await startBuilt(['serve'], { env });
    if (i === 0) ({ secret } = await makeWebhook(killed, owner, receiver.url));
    const before = i === 2 ? receiver.told.length : receiver.received.length;
    const digests = Array.from({ length: 150 }, (_, j) => digestOf(`killed ${i} ${j}`));
    ids.push(...(await notarize(killed, key, digests)));
    await moment(before);
    await killed.kill();
  }
  await endClaims();
  const last = await startService({
    databaseUrl: database.url,
    dataDir: join(folder.path, 'data'),
    webhookPrivate: ['127.0.0.0/8'],
  });
  await until('everything to be told', isTold);
  // Each for the first time in its turn; a message that is told again is the same.
  expect([...new Set(receiver.told)]).toEqual(ids);
  const bodies = new Map(receiver.received.map((message) => [message.id, message.body]));
  await last[Symbol.asyncDispose]();
  for (const message of receiver.received) {
    expect(verified(secret, message)).toBeTruthy();
    expect(message.body).toBe(bodies.get(message.id));
  }
});
