import { pino } from 'pino';
import request from 'supertest';
import { expect, test } from 'vitest';
import { query } from '../support/database.js';
import { createKey, createOrganization } from '../support/people.js';
import { freePort } from '../support/free-port.js';
import { startService } from '../support/service.js';
import { ask } from '../support/signing.js';
import { startSmtpServer } from '../support/smtp-server.js';
import { until } from '../support/until.js';

const MINUTE = 60_000;
const PUBLIC = { publicUrl: new URL('https://notary.example/'), hosts: { publicUrl: null } };
const PAUSES = [1, 5, 30, 120, 360, 720, 1440].map((minutes) => minutes * MINUTE);

async function outcomes(url: string): Promise<Record<string, number>> {
  const { text } = await request(url).get('/metrics').expect(200);
  const lines = text.matchAll(/^ingam_mail_attempts_total\{outcome="(\w+)"\} ([0-9]+)$/gm);
  return Object.fromEntries([...lines].map(([, outcome = '', count]) => [outcome, Number(count)]));
}

test('a mail server that is down for days is tried less and less often, then the e-mail is given up', async () => {
  let time = Date.now();
  const logged: string[] = [];
  await using service = await startService({
    ...PUBLIC,
    mail: { url: `smtp://127.0.0.1:${await freePort()}`, from: 'ingam@notary.example' },
    clock: () => time,
    logger: pino({}, { write: (line: string) => void logged.push(line) }),
  });
  const { id } = await createOrganization(service, 'Leasing');
  await ask(service, (await createKey(service, id)).secret, 'Kim', { email: 'kim@example.com' });
  const row = async () =>
    (
      await query<{ attempts: number; due: string }>(
        service.databaseUrl,
        'SELECT attempts, due_at AS due FROM signing_mail',
      )
    )[0];
  for (const [i, pause] of PAUSES.entries()) {
    // A claim puts `due_at` off as well.
    await until(
      `attempt ${i + 1} to be noted`,
      async () => (await outcomes(service.url))['postponed'] ?? 0,
      i + 1,
    );
    const { attempts, due } = (await row()) ?? expect.fail('it was given up');
    expect([attempts, Number(due) - time]).toEqual([i + 1, pause]);
    time += pause;
  }
  await until('it to be given up', async () => (await row()) ?? null, null);
  await until('that to be counted', async () => (await outcomes(service.url))['given_up'], 1);
  expect(await outcomes(service.url)).toEqual({ postponed: PAUSES.length, given_up: 1 });
  const line = logged.find((each) => each.includes('an e-mail was given up')) ?? expect.fail(logged.join(''));
  expect(JSON.parse(line)).toMatchObject({
    attempts: PAUSES.length + 1,
    request: expect.stringMatching(/^srq_/) as string,
  });
  expect(logged.join('')).not.toContain('kim@example.com');
});

test('an address that the mail server refuses holds up none of the others', async () => {
  await using smtp = await startSmtpServer();
  smtp.refusals.push('550 no such user', '451 busy');
  await using service = await startService({
    ...PUBLIC,
    mail: { url: smtp.url, from: 'ingam@notary.example' },
  });
  const { id } = await createOrganization(service, 'Leasing');
  const key = (await createKey(service, id)).secret;
  const addresses = Array.from({ length: 25 }, (_, i) => `a${i}@example.com`);
  for (const email of addresses) await ask(service, key, 'Kim', { email });
  await until('all but two to have it', () => new Set(smtp.mails.flatMap(({ to }) => to)).size, 23);
  await until('that to be counted', async () => (await outcomes(service.url))['sent'], 23);
  expect(await outcomes(service.url)).toMatchObject({ sent: 23, postponed: 1, given_up: 1 });
});
