import { expect, test } from 'vitest';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { digestOf } from '../support/records.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';
import { makeWebhook, notarize, startReceiver } from '../support/webhooks.js';

/** As long as a webhook is left alone after a message; timers may be a little early. */
const PAUSE_MS = 245;

test('while many documents wait for their block, webhooks are told on, with time between the messages', async () => {
  let held: Promise<void> = Promise.resolve();
  let release: () => void = () => undefined;
  await using receiver = await startReceiver();
  await using service = await startService({
    webhookPrivate: ['127.0.0.0/8'],
    wrapStore: (store) => ({
      ...store,
      commitBlock: async (commit) => {
        await held;
        return store.commitBlock(commit);
      },
    }),
  });
  const { id } = await createOrganization(service, 'Busy');
  const key = (await createKey(service, id)).secret;
  const { accessToken } = await createUser(service, id, 'owner');
  const times: number[] = [];
  receiver.answer = () => {
    times.push(performance.now());
    return { status: 204 };
  };
  let answer: () => void = () => undefined;
  receiver.wait = new Promise<void>((resolve) => (answer = resolve));
  await makeWebhook(service, accessToken, receiver.url);
  const digests = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => digestOf(`${prefix} ${i}`));
  const ids = await notarize(service, key, digests('before', 350));
  await until('the first message', () => receiver.received.length, 1);
  held = new Promise((resolve) => (release = resolve));
  const more = await notarize(service, key, digests('waiting', 300));
  answer();
  await until('all that is sealed to be told of', () => receiver.told.length, 350);
  expect(receiver.told).toEqual(ids);
  // The first one had begun before the others came.
  const pauses = times.slice(2).map((time, i) => time - (times[i + 1] ?? Number.NaN));
  expect(pauses.length).toBe(2);
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(PAUSE_MS);
  release();
  await until('the others to be told of', () => receiver.told.length, 650);
  expect(receiver.told.slice(350)).toEqual(more);
});
