import { expect, test } from 'vitest';
import { startServer } from '../support/pausable-server.js';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { digestOf } from '../support/records.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';
import { makeWebhook, notarize, startReceiver, verified } from '../support/webhooks.js';

const ROUNDS = 5;

test('when the database server is killed and has lost what was noted last, everything is told again in the same messages', async () => {
  await using server = await startServer();
  // What is noted without waiting for the disk gets there when something else does, or so much later.
  await server.query(`ALTER SYSTEM SET wal_writer_delay = '10s'`);
  await server.query('SELECT pg_reload_conf()');
  await using receiver = await startReceiver();
  await using service = await startService({
    databaseUrl: server.url,
    webhookPrivate: ['127.0.0.0/8'],
    webhooks: { everyMs: 100 },
  });
  const { id } = await createOrganization(service);
  const key = (await createKey(service, id)).secret;
  const { accessToken } = await createUser(service, id, 'owner');
  const { secret } = await makeWebhook(service, accessToken, receiver.url);
  const count = async (from: string) =>
    Number((await server.query<{ count: string }>(`SELECT count(*) FROM ${from}`))[0]?.count);
  const notarizeAgain = (name: string) =>
    notarize(service, key, [digestOf(name)]).catch((error: unknown) => {
      if (String(error).includes('"unavailable"')) return null;
      throw error;
    });
  const ids: string[] = [];
  const told = async () => {
    await until('everything to be told', () => new Set(receiver.told).size, ids.length);
    await until('that to be noted', () => count('webhook WHERE claimed_until > 0'), 0);
  };
  for (let round = 0; ; round++) {
    expect(round).toBeLessThan(ROUNDS);
    // Two full messages, and then one that would be longer later.
    const digests = Array.from({ length: 250 }, (_, i) => digestOf(`crash ${round} ${i}`));
    ids.push(...(await notarize(service, key, digests)));
    await told();
    const noted = await count('webhook_attempt');
    const sent = receiver.received.length;
    await server.kill();
    const kept = await count('webhook_attempt');
    // As if the time of whoever had it were over.
    await server.query('UPDATE webhook SET claimed_until = 0');
    ids.push(...(await until('the service to accept again', () => notarizeAgain(`again ${round}`))));
    await told();
    if (kept === noted) continue;
    // What was noted last had been lost.
    expect(receiver.received.length).toBeGreaterThan(sent + 1);
    break;
  }
  expect([...new Set(receiver.told)]).toEqual(ids);
  const bodies = new Map(receiver.received.map((message) => [message.id, message.body]));
  for (const message of receiver.received) {
    expect(verified(secret, message)).toBeTruthy();
    expect(message.body).toBe(bodies.get(message.id));
  }
  // Each document is in one message, however often that one was sent.
  const named = [...bodies.values()].flatMap(
    (body) => (JSON.parse(body) as { data: { notarizations: string[] } }).data.notarizations,
  );
  expect(named).toEqual(ids);
});
