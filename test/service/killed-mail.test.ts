import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolder } from '../cli/invoke.js';
import { startBuilt } from '../support/built.js';
import { createDatabase, query } from '../support/database.js';
import { LOG_KEY, RECEIPT_KEY, SECRET } from '../support/parts.js';
import { createKey, createOrganization } from '../support/people.js';
import { startService } from '../support/service.js';
import { ask } from '../support/signing.js';
import { startSmtpServer } from '../support/smtp-server.js';
import { until } from '../support/until.js';

test('an e-mail that a service was sending when it was killed with -9 is sent by the next one, with the same Message-ID', async () => {
  await using folder = await createFolder();
  await using database = await createDatabase();
  await using smtp = await startSmtpServer();
  const from = 'ingam@notary.example';
  let key = '';
  {
    await using service = await startService({ databaseUrl: database.url, sealing: false });
    key = (await createKey(service, (await createOrganization(service, 'Leasing')).id)).secret;
  }
  smtp.isSilent = true;
  {
    await using killed = await startBuilt(['serve'], {
      env: {
        HOME: folder.path,
        DATABASE_URL: database.url,
        INGAM_DATA_DIR: join(folder.path, 'data'),
        INGAM_LOG_KEY: LOG_KEY.text,
        INGAM_RECEIPT_KEY: RECEIPT_KEY.text,
        INGAM_SECRET: SECRET,
        INGAM_WORKERS: '1',
        INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT: 'on',
        INGAM_PUBLIC_URL: 'http://127.0.0.1/',
        INGAM_SMTP_URL: smtp.url,
        INGAM_SMTP_FROM: from,
      },
    });
    await ask(killed, key, 'Kim', { email: 'kim@example.com' });
    await until('the mail server to have the e-mail', () => smtp.mails.length, 1);
    await killed.kill();
  }
  // Nobody else sends it while it is claimed; then somebody does.
  const [claimed] = await query<{ due: string }>(database.url, 'SELECT due_at AS due FROM signing_mail');
  expect(Number(claimed?.due)).toBeGreaterThan(Date.now());
  await query(database.url, 'UPDATE signing_mail SET due_at = 0');
  smtp.isSilent = false;
  await using next = await startService({
    databaseUrl: database.url,
    sealing: false,
    mail: { url: smtp.url, from },
    publicUrl: new URL('http://127.0.0.1/'),
  });
  await until(
    'no e-mail to wait',
    async () => (await query(next.databaseUrl, 'SELECT FROM signing_mail')).length,
    0,
  );
  const ids = smtp.mails.map(({ text }) => /^Message-ID: (.*)$/im.exec(text)?.[1]);
  expect(ids).toHaveLength(2);
  expect(ids[0]).toBe(ids[1]);
});
