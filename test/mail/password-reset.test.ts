import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RESET_LIMITS } from '../../src/auth/mail-limits.js';
import { query } from '../support/database.js';
import { parsedMail } from '../support/parsed-mail.js';
import { bearer, createOrganization, createUser, PASSWORD } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { type SmtpServer, startSmtpServer } from '../support/smtp-server.js';
import { until } from '../support/until.js';

const HOUR = 3_600_000;
const NEW_PASSWORD = 'another horse battery';

let smtp: SmtpServer;
let service: TestService;
let organization: string;
let time = Date.now();
let networks = 0;
beforeAll(async () => {
  smtp = await startSmtpServer();
  service = await startService({
    mail: { url: smtp.url, from: 'ingam@notary.example' },
    ...{ publicUrl: new URL('https://notary.example/ingam/'), hosts: { publicUrl: null } },
    ...{ clock: () => time, trustProxy: 1 },
  });
  organization = (await createOrganization(service, 'Leasing')).id;
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await smtp[Symbol.asyncDispose]();
});

/** From a network of its own, unless one is named. */
const ask = (email: string, body: object = {}, from = `198.51.${networks++}.1`) =>
  request(service.url)
    .post('/v1/password-resets')
    .set('X-Forwarded-For', from)
    .send({ email, ...body });
const redeem = (token: string, password = NEW_PASSWORD) =>
  request(service.url).post('/v1/password-resets/redeem').send({ token, password });
const signIn = (email: string, password: string) =>
  request(service.url)
    .post('/v1/session')
    .set('X-Forwarded-For', `198.51.${networks++}.1`)
    .send({ email, password });
const noneWaits = () =>
  until(
    'no link to wait',
    async () =>
      (await query(service.databaseUrl, 'SELECT FROM password_reset WHERE due_at IS NOT NULL')).length,
    0,
  );
const mailsTo = (address: string) =>
  smtp.mails.filter(({ to }) => to.includes(address)).map(({ text }) => parsedMail(text));
async function linkFor(email: string, body: object = {}): Promise<string> {
  await ask(email, body).expect(202);
  await noneWaits();
  return tokenIn(mailsTo(email).at(-1)?.text);
}
const tokenIn = (text = '') =>
  /https:\/\/notary\.example\/ingam\/account\.html#reset=([\w-]{43})\n/.exec(text)?.[1] ?? expect.fail(text);

test('a link sets a new password once, and ends all sessions', async () => {
  const { email, accessToken } = await createUser(service, organization, 'notary');
  await ask(email.toUpperCase(), { language: 'ko' }).expect(202);
  await noneWaits();
  const token = tokenIn(mailsTo(email)[0]?.text);
  expect(mailsTo(email)[0]?.headers).toMatchObject({
    subject: '비밀번호를 새로 정해 주세요',
    'content-language': 'ko',
    'auto-submitted': 'auto-generated',
  });
  const kept = await query<{ row: string }>(
    service.databaseUrl,
    'SELECT r::text AS row FROM password_reset r',
  );
  expect(JSON.stringify(kept)).not.toContain(token);
  expect((await redeem(token, 'short')).body).toMatchObject({ code: 'invalid_password' });
  await redeem(token).expect(204);
  expect((await redeem(token)).body).toMatchObject({ code: 'invalid_reset_link' });
  expect((await request(service.url).get('/v1/session/others').set(bearer(accessToken))).status).toBe(401);
  expect((await signIn(email, PASSWORD)).status).toBe(401);
  expect((await signIn(email, NEW_PASSWORD)).status).toBe(200);
  const [event] = await query<{ detail: string; address: string }>(
    service.databaseUrl,
    "SELECT detail, address FROM access_event WHERE kind = 'password_set' ORDER BY id DESC LIMIT 1",
  );
  expect(event).toMatchObject({ detail: '{"reason":"email_link"}' });
});

test('one link of several ends the others; each works for an hour', async () => {
  const { email } = await createUser(service, organization, 'notary');
  const [first, second] = [await linkFor(email), await linkFor(email)];
  expect(first).not.toBe(second);
  expect(mailsTo(email)[0]?.headers['subject']).toBe('Set a new password / 비밀번호를 새로 정해 주세요');
  await redeem(first).expect(204);
  expect((await redeem(second)).body).toMatchObject({ code: 'invalid_reset_link' });
  const third = await linkFor(email);
  time += HOUR;
  expect((await redeem(third)).body).toMatchObject({ code: 'invalid_reset_link' });
});

test('the answer is the same for an address of nobody, of whoever was invited or disabled, and nothing is sent', async () => {
  const { email, personId } = await createUser(service, organization, 'notary');
  const known = await ask(email);
  const here = { address: '127.0.0.1', agent: 'test' };
  const local = { kind: 'local' } as const;
  const invited = { email: 'invited@example.com', name: 'Invited', role: 'notary' } as const;
  await service.deps.access.users.add(local, organization, invited, here);
  await service.deps.access.people.setDisabled(local, personId, true, here);
  await noneWaits();
  const before = smtp.mails.length;
  for (const address of ['nobody@example.com', invited.email, email]) {
    const answer = await ask(address);
    expect([answer.status, answer.text, Object.keys(answer.headers).sort()]).toEqual([
      known.status,
      known.text,
      Object.keys(known.headers).sort(),
    ]);
  }
  await noneWaits();
  expect(smtp.mails).toHaveLength(before);
  // The link that was sent before opens nothing any more.
  expect((await redeem(tokenIn(mailsTo(email)[0]?.text))).body).toMatchObject({ code: 'invalid_reset_link' });
});

test('an address gets a limited number, in silence; a network asks for a limited number', async () => {
  const { email } = await createUser(service, organization, 'notary');
  for (let i = 0; i <= RESET_LIMITS.address.limit; i++) await ask(email).expect(202);
  await noneWaits();
  expect(mailsTo(email)).toHaveLength(RESET_LIMITS.address.limit);
  const answers = [];
  for (let i = 0; i <= RESET_LIMITS.network.limit; i++)
    answers.push((await ask(`a${i}@example.com`, {}, `203.0.113.${i}`)).status);
  expect(answers).toEqual([...Array<number>(RESET_LIMITS.network.limit).fill(202), 429]);
});

test('a link that the mail server does not take is tried again until nobody needs it', async () => {
  const { email } = await createUser(service, organization, 'notary');
  smtp.refusals.push('451 busy');
  await ask(email).expect(202);
  await until('the first attempt', () => smtp.refusals.length, 0);
  await until(
    'it to be postponed',
    async () =>
      (
        await query<{ due: string }>(
          service.databaseUrl,
          'SELECT due_at AS due FROM password_reset WHERE due_at > 0',
        )
      )[0]?.due,
    String(time + 60_000),
  );
  time += 60_000;
  await noneWaits();
  expect(mailsTo(email)).toHaveLength(1);
  await redeem(tokenIn(mailsTo(email)[0]?.text)).expect(204);
});

test('takes no address that a mail server could read otherwise', async () => {
  for (const email of ['a@x.example\r\nBcc: evil@y.example', 'a@x.example,b@y.example', '"a"@x.example']) {
    expect((await ask(email)).body).toMatchObject({ status: 400, code: 'invalid_email' });
  }
});

test('without a mail server nobody is promised a link', async () => {
  await using silent = await startService();
  const session = await request(silent.url).get('/v1/session');
  expect(session.body).toMatchObject({ signIn: { reset: false } });
  const answer = await request(silent.url).post('/v1/password-resets').send({ email: 'a@example.com' });
  expect(answer.body).toMatchObject({ status: 409, code: 'no_mail_server' });
});
