import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolder } from '../cli/invoke.js';
import { startBuilt } from '../support/built.js';
import { createDatabase, query } from '../support/database.js';
import { LOG_KEY, RECEIPT_KEY, SECRET } from '../support/parts.js';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { digestOf } from '../support/records.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';
import { makeWebhook, notarize, startReceiver, verified } from '../support/webhooks.js';

test('a message that a service was sending when it was killed with -9 is sent by the next one, with the same id and body', async () => {
  await using folder = await createFolder();
  await using database = await createDatabase();
  await using receiver = await startReceiver();
  let key = '';
  let owner = '';
  {
    await using service = await startService({ databaseUrl: database.url, sealing: false });
    const { id } = await createOrganization(service, 'Archive');
    key = (await createKey(service, id)).secret;
    owner = (await createUser(service, id, 'owner')).accessToken;
  }
  const env = {
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
  await query(database.url, 'UPDATE webhook SET claimed_until = 0');
  receiver.answer = () => ({ status: 200 });
  await using next = await startService({
    databaseUrl: database.url,
    dataDir: env.INGAM_DATA_DIR,
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
