import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { startBuilt } from '../support/built.js';
import { createDatabase, query } from '../support/database.js';
import { LOG_KEY, RECEIPT_KEY, SECRET } from '../support/parts.js';
import { createKey, createOrganization } from '../support/people.js';
import { newHolder } from '../support/records.js';
import { startService } from '../support/service.js';
import { ask, giveKey, propose, send, signContract } from '../support/signing.js';
import { type SmtpServer, startSmtpServer } from '../support/smtp-server.js';
import { until } from '../support/until.js';

const FROM = 'ingam@notary.example';
const PUBLIC_URL = new URL('http://127.0.0.1/');

function environment(folder: TestFolder, database: { readonly url: string }, smtp: SmtpServer) {
  return {
    HOME: folder.path,
    DATABASE_URL: database.url,
    INGAM_DATA_DIR: join(folder.path, 'data'),
    INGAM_LOG_KEY: LOG_KEY.text,
    INGAM_RECEIPT_KEY: RECEIPT_KEY.text,
    INGAM_SECRET: SECRET,
    INGAM_WORKERS: '1',
    INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT: 'on',
    INGAM_PUBLIC_URL: PUBLIC_URL.href,
    INGAM_SMTP_URL: smtp.url,
    INGAM_SMTP_FROM: FROM,
  };
}

test('an e-mail that a service was sending when it was killed with -9 is sent by the next one, with the same Message-ID', async () => {
  await using folder = await createFolder();
  await using database = await createDatabase();
  await using smtp = await startSmtpServer();
  let key = '';
  {
    await using service = await startService({ databaseUrl: database.url, sealing: false });
    key = (await createKey(service, (await createOrganization(service, 'Leasing')).id)).secret;
  }
  smtp.isSilent = true;
  {
    await using killed = await startBuilt(['serve'], { env: environment(folder, database, smtp) });
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
    mail: { url: smtp.url, from: FROM },
    publicUrl: PUBLIC_URL,
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

test('nobody misses an e-mail when a service is killed with -9 behind a signature, and nobody gets one twice', async () => {
  await using folder = await createFolder();
  await using database = await createDatabase();
  await using smtp = await startSmtpServer();
  let key = '';
  {
    await using service = await startService({ databaseUrl: database.url, sealing: false });
    key = (await createKey(service, (await createOrganization(service, 'Leasing')).id)).secret;
  }
  const [one, two] = [newHolder('one'), newHolder('two')];
  const to = (address: string) => smtp.mails.filter((mail) => mail.to.includes(address));
  let token = '';
  {
    await using killed = await startBuilt(['serve'], { env: environment(folder, database, smtp) });
    const first = await ask(killed, key, 'One', { email: 'one@example.com' });
    const second = await ask(killed, key, 'Two', { email: 'two@example.com' });
    token = second.token;
    await giveKey(killed, first, one);
    await giveKey(killed, second, two);
    const parties = [
      { name: 'One', key: one.text, order: 1 },
      { name: 'Two', key: two.text, order: 2 },
    ];
    const record = await propose(killed, key, one, parties);
    for (const { id } of [first, second])
      await send(killed, 'POST', `/v1/signing-requests/${id}/contract`, { record }, key);
    await until('the first to be asked to sign', () => to('one@example.com').length, 2);
    await signContract(killed, first.token, one);
    // No block has the signature, and nobody has written to the second.
    await killed.kill();
  }
  // Those that it had claimed are due when the claim ends.
  await query(database.url, 'UPDATE signing_mail SET due_at = 0 WHERE attempts > 0');
  await using next = await startService({
    databaseUrl: database.url,
    mail: { url: smtp.url, from: FROM },
    publicUrl: PUBLIC_URL,
  });
  await until('the second to be asked to sign', () => to('two@example.com').length, 2);
  await signContract(next, token, two);
  await until(
    'no e-mail to wait',
    async () => (await query(next.databaseUrl, 'SELECT FROM signing_mail')).length,
    0,
  );
  for (const address of ['one@example.com', 'two@example.com']) {
    const subjects = to(address).map(({ text }) => /^Subject: (.*)$/m.exec(text)?.[1]);
    expect(new Set(subjects)).toEqual(
      new Set([
        'Leasing asks you to sign: Car lease',
        'Please sign: Car lease',
        'Car lease has been executed',
      ]),
    );
    const ids = to(address).map(({ text }) => /^Message-ID: (.*)$/im.exec(text)?.[1]);
    expect(new Set(ids).size).toBe(3);
  }
});
