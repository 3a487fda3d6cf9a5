import { expect, test } from 'vitest';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { digestOf } from '../support/records.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';
import { makeWebhook, notarize, startReceiver } from '../support/webhooks.js';

test('while many documents wait to be accepted, webhooks are told on', async () => {
  let held: Promise<void> = Promise.resolve();
  let release: () => void = () => undefined;
  await using receiver = await startReceiver();
  await using service = await startService({
    sealing: false,
    webhookPrivate: ['127.0.0.0/8'],
    wrapStore: (store) => ({
      ...store,
      accept: async (group) => {
        await held;
        return store.accept(group);
      },
    }),
  });
  const { id } = await createOrganization(service, 'Busy');
  const key = (await createKey(service, id)).secret;
  const { accessToken } = await createUser(service, id, 'owner');
  await makeWebhook(service, accessToken, receiver.url);
  const digests = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => digestOf(`${prefix} ${i}`));
  const ids = await notarize(service, key, digests('before', 350));
  held = new Promise((resolve) => (release = resolve));
  const waiting = notarize(service, key, digests('waiting', 100));
  await until('the others to wait', () => service.deps.intake.queued, 100);
  service.startSealing();
  await until('all that is sealed to be told of', () => receiver.told.length, 350);
  expect(receiver.told).toEqual(ids);
  expect(service.deps.intake.queued).toBe(100);
  release();
  await waiting;
  await until('the others to be told of', () => receiver.told.length, 450);
});
