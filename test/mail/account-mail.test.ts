import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAIL_LIMITS } from '../../src/auth/mail-limits.js';
import { query } from '../support/database.js';
import { parsedMail } from '../support/parsed-mail.js';
import {
  bearer,
  createKey,
  createOperator,
  createOrganization,
  createUser,
  PASSWORD,
} from '../support/people.js';
import { digestOf } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { type SmtpServer, startSmtpServer } from '../support/smtp-server.js';
import { startTsa, type TestTsa } from '../support/time-sources.js';
import { until } from '../support/until.js';
import { notarize } from '../support/webhooks.js';

let smtp: SmtpServer;
let tsa: TestTsa;
let service: TestService;
let organization: string;
let owner: string;
beforeAll(async () => {
  smtp = await startSmtpServer();
  tsa = await startTsa();
  tsa.behaviour = (_req, res) => {
    res.writeHead(500).end();
  };
  service = await startService({
    mail: { url: smtp.url, from: 'ingam@notary.example' },
    ...{ publicUrl: new URL('https://notary.example/ingam/'), hosts: { publicUrl: null } },
    timeSources: { anchors: [tsa.source()] },

    anchoring: { lateMarginMs: 1, alarmAfterMs: 1 },
  });
  organization = (await createOrganization(service, '한빛 <Lease>')).id;
  owner = (await createUser(service, organization, 'owner')).accessToken;
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await tsa[Symbol.asyncDispose]();
  await smtp[Symbol.asyncDispose]();
});

const invite = (email: string, body: object = {}) =>
  request(service.url)
    .post('/v1/users')
    .set(bearer(owner))
    .send({ email, name: 'Kim', role: 'notary', ...body });
/** Of an answer with an invitation. */
const bodyOf = (answer: { readonly body: unknown }) =>
  answer.body as { user: { id: string }; invitation: { token: string; mailed: boolean } };
const noneWaits = () =>
  until(
    'no e-mail to wait',
    async () => (await query(service.databaseUrl, 'SELECT FROM account_mail')).length,
    0,
  );
const mailsTo = (address: string) =>
  smtp.mails.filter(({ to }) => to.includes(address)).map(({ text }) => parsedMail(text));

test('an invitation goes to the person by e-mail, with the link that the owner sees', async () => {
  const { invitation } = bodyOf(await invite('kim@example.com', { language: 'ko' }).expect(201));
  expect(invitation.mailed).toBe(true);
  const { token } = invitation;
  await noneWaits();
  const [mail, ...others] = mailsTo('kim@example.com');
  expect(others).toEqual([]);
  expect(mail?.headers['subject']).toBe('한빛 <Lease>의 초대: notary.example');
  expect(mail?.text).toContain(`\nhttps://notary.example/ingam/account.html#invitation=${token}\n`);
  expect(mail?.html).toContain('한빛 &lt;Lease&gt;에서');
  await request(service.url).post('/v1/invitations/redeem').send({ token, password: PASSWORD }).expect(200);
});

test('only the newest link is sent, and none that was used; the database has no link', async () => {
  smtp.refusals.push('451 busy');
  const { user, invitation } = bodyOf(await invite('lee@example.com').expect(201));
  await until('the first attempt', () => smtp.refusals.length, 0);
  const again = await request(service.url)
    .post(`/v1/users/${user.id}/invitation?language=en`)
    .set(bearer(owner))
    .send({})
    .expect(201);
  const { token } = bodyOf(again).invitation;
  const kept = await query<{ row: string }>(
    service.databaseUrl,
    `SELECT t::text AS row FROM account_mail t UNION ALL SELECT t::text FROM invitation t`,
  );
  for (const secret of [token, invitation.token]) expect(JSON.stringify(kept)).not.toContain(secret);
  await until('the newer link', () => mailsTo('lee@example.com').length, 1);
  await query(service.databaseUrl, 'UPDATE account_mail SET due_at = 0');
  await noneWaits();
  expect(mailsTo('lee@example.com').map(({ text }) => text.includes(token))).toEqual([true]);
  expect(mailsTo('lee@example.com')[0]?.headers['subject']).toBe(
    '한빛 <Lease> invites you to notary.example',
  );
});

test('an owner who invites one address again and again is not the way to fill its mailbox', async () => {
  const { id } = bodyOf(await invite('victim@example.com').expect(201)).user;
  const mailed = [];
  for (let i = 1; i <= MAIL_LIMITS.address; i++) {
    const again = await request(service.url).post(`/v1/users/${id}/invitation`).set(bearer(owner)).send({});
    mailed.push(bodyOf(again).invitation.mailed);
  }
  expect(mailed.filter(Boolean)).toHaveLength(MAIL_LIMITS.address - 1);
  await noneWaits();
  expect(mailsTo('victim@example.com').length).toBeLessThanOrEqual(MAIL_LIMITS.address);
});

test('operators get the alarms of the log, and nobody else', async () => {
  const operator = await createOperator(service);
  await notarize(service, (await createKey(service, organization)).secret, [digestOf('late')]);
  await until('the alarm', () => mailsTo(operator.email).length, 1);
  const [late] = mailsTo(operator.email);
  expect(late?.headers).toMatchObject({
    subject: 'A time source is late: seoul / 시각 출처가 늦어지고 있습니다: seoul',
    'auto-submitted': 'auto-generated',
  });
  expect(late?.text).toContain('blocks from height 0 on have no anchor of it yet');
  const alarm = { member: 'bank.example/member', reason: 'ahead', cosigned: 12 };
  await service.store.addAlarm(Date.now(), 'member.alarm', alarm, true);
  await until('the other alarm', () => mailsTo(operator.email).length, 2);
  expect(mailsTo(operator.email)[1]?.text).toMatch(
    /its member bank\.example\/member: it has cosigned a larger log [^]*참여 기관이 서비스의 데이터베이스에/,
  );
  const alarms = smtp.mails.filter(({ text }) => /^Message-ID: <(anchor\.late|member\.alarm)\./im.test(text));
  expect(new Set(alarms.flatMap(({ to }) => to))).toEqual(new Set([operator.email]));
});

test('without a mail server the owner delivers the link', async () => {
  await using silent = await startService();
  const { id } = await createOrganization(silent);
  const own = (await createUser(silent, id, 'owner')).accessToken;
  const answer = await request(silent.url)
    .post('/v1/users')
    .set(bearer(own))
    .send({ email: 'kim@example.com', name: 'Kim', role: 'notary' })
    .expect(201);
  expect(bodyOf(answer).invitation.mailed).toBe(false);
  expect(await query(silent.databaseUrl, 'SELECT FROM account_mail')).toEqual([]);
});
