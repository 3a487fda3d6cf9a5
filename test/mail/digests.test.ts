import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../support/database.js';
import { parsedMail } from '../support/parsed-mail.js';
import { bearer, createKey, createOrganization, createUser, HERE } from '../support/people.js';
import { digestOf, newHolder } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { ask, giveKey } from '../support/signing.js';
import { type SmtpServer, startSmtpServer } from '../support/smtp-server.js';
import { until } from '../support/until.js';
import { notarize } from '../support/webhooks.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let smtp: SmtpServer;
let service: TestService;
/** Another process of the same service. */
let other: TestService;
let time = Math.floor(Date.now() / HOUR) * HOUR + 10 * MINUTE;
beforeAll(async () => {
  smtp = await startSmtpServer();
  const options = {
    mail: { url: smtp.url, from: 'ingam@notary.example' },
    ...{ publicUrl: new URL('https://notary.example/ingam/'), hosts: { publicUrl: null } },
    clock: () => time,
  };
  service = await startService(options);
  other = await startService({ ...options, beside: service, sealing: false });
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await smtp[Symbol.asyncDispose]();
});

async function createScene(name: string) {
  const { id } = await createOrganization(service, name);
  const person = await createUser(service, id, 'owner');
  const key = (await createKey(service, id)).secret;
  const choose = (every: string, language = 'en') =>
    request(service.url).put('/v1/session/digest').set(bearer(person.accessToken)).send({ every, language });
  return {
    ...{ ...person, organization: id, key, choose },
    mails: () => smtp.mails.filter(({ to }) => to.includes(person.email)).map(({ text }) => parsedMail(text)),
    row: async () =>
      (
        await query<{ place: string; told: string; due: string; pending: string | null; attempts: number }>(
          service.databaseUrl,
          'SELECT place, told_at AS told, due_at AS due, pending_place AS pending, attempts FROM digest WHERE person = $1',
          [person.personId],
        )
      )[0],
  };
}

const documents = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => digestOf(`${prefix}${i}`));
/** Only once a block holds them. */
const seal = async (key: string, prefix: string, count: number) => {
  const ids = await notarize(service, key, documents(prefix, count));
  await until('them to be sealed', async () => {
    const answer = await request(service.url)
      .get(`/v1/notarizations/${ids.at(-1) ?? ''}`)
      .set(bearer(key));
    return (answer.body as { status: string }).status !== 'accepted';
  });
};

test('is off until somebody chooses it; tells at once what is sealed, once, by one process, and of nobody else’s', async () => {
  const scene = await createScene('Harbour');
  const stranger = await createScene('Stranger');
  await seal(scene.key, 'before', 2);
  const chosen = await request(service.url).get('/v1/session/digest').set(bearer(scene.accessToken));
  expect(chosen.body).toEqual({ every: 'off' });
  expect((await scene.choose('at_once')).body).toEqual({ every: 'at_once' });
  await seal(stranger.key, 'strange', 3);
  await seal(scene.key, 'at once', 5);
  await until('the e-mail', () => scene.mails().length, 1);
  const [mail] = scene.mails();
  expect(mail?.headers).toMatchObject({
    subject: expect.stringMatching(/^Harbour: [1-5] notarizations? sealed$/) as string,
    'auto-submitted': 'auto-generated',
    'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
    'list-unsubscribe': expect.stringMatching(
      /^<https:\/\/notary\.example\/ingam\/unsubscribe\?token=dig_[a-z2-7]{20}\.[\w-]{43}>$/,
    ) as string,
  });
  expect(mail?.defects).toEqual([]);
  // What a block holds after that comes with the next e-mail; together they have told of each once.
  time += 15 * MINUTE;
  await seal(scene.key, 'later', 4);
  const told = () =>
    scene
      .mails()
      .map(({ headers }) => Number(/([0-9]+) notarization/.exec(headers['subject'] ?? '')?.[1]))
      .reduce((sum, each) => sum + each, 0);
  await until(
    'everything to be told',
    async () => {
      const row = await scene.row();
      // Not while an e-mail is being sent: its claim would end, and it would be sent twice.
      if (row?.attempts === 0) time = Math.max(time, Number(row.due));
      return told();
    },
    9,
  );
  expect(stranger.mails()).toEqual([]);
});

test('collects what is sealed until the full hour, and says nothing when there is nothing', async () => {
  const scene = await createScene('Collected');
  await scene.choose('hourly', 'ko');
  await seal(scene.key, 'hourly a', 3);
  await seal(scene.key, 'hourly b', 4);
  expect(scene.mails()).toEqual([]);
  const due = Number((await scene.row())?.due);
  expect(due % HOUR).toBe(0);
  expect(due).toBeGreaterThan(time);
  time = due;
  await until('the e-mail', () => scene.mails().length, 1);
  expect(scene.mails()[0]?.headers['subject']).toBe('Collected: 등록 7건 봉인');
  time += HOUR;
  await until('the next hour', async () => Number((await scene.row())?.due), due + 2 * HOUR);
  expect(scene.mails()).toHaveLength(1);
});

test('says what waits for the organization', async () => {
  const scene = await createScene('Waiting');
  await scene.choose('at_once');
  const asked = await ask(service, scene.key, 'Kim');
  await giveKey(service, asked, newHolder('kim'));
  time += 1;
  await until('the e-mail', () => scene.mails().length, 1);
  expect(scene.mails()[0]?.headers['subject']).toBe('Waiting: something waits for you');
  expect(scene.mails()[0]?.text).toContain(
    'Requests to sign that wait for you: the person has given a key: 1\n',
  );
});

test('an e-mail that was perhaps sent is sent again as it was, with the same Message-ID', async () => {
  const scene = await createScene('Again');
  await scene.choose('daily');
  const before = await scene.row();
  await seal(scene.key, 'again', 2);
  smtp.refusals.push('451 busy');
  time = Number(before?.due);
  await until('it to be postponed', async () => Number((await scene.row())?.due), time + MINUTE);
  const pending = (await scene.row())?.pending ?? null;
  await seal(scene.key, 'after', 3);
  time += MINUTE;
  await until('it to be noted', async () => (await scene.row())?.place ?? null, pending);
  const after = await scene.row();
  // As if the process had been killed before it noted that.
  await query(
    service.databaseUrl,
    `UPDATE digest SET due_at = 0, attempts = 1, place = $2, told_at = $3, pending_place = $4, pending_at = $5 WHERE person = $1`,
    [scene.personId, before?.place, before?.told, after?.place, after?.told],
  );
  await until('the same e-mail again', () => scene.mails().length, 2);
  const [first, second] = scene.mails();
  expect(first?.headers['subject']).toBe('Again: 2 notarizations sealed');
  for (const name of ['message-id', 'subject']) expect(second?.headers[name]).toBe(first?.headers[name]);
  expect(second?.text).toBe(first?.text);
  // The day after it goes on where it was.
  await until('that to be noted', async () => (await scene.row())?.pending ?? null, null);
  time = Number((await scene.row())?.due);
  await until('the rest', () => scene.mails().length, 3);
  expect(scene.mails()[2]?.headers['subject']).toBe('Again: 3 notarizations sealed');
});

test('one request without cookies ends it, a second changes nothing; opening the address asks first', async () => {
  const scene = await createScene('Ended');
  await scene.choose('at_once');
  await seal(scene.key, 'ended', 1);
  await until('the e-mail', () => scene.mails().length, 1);
  const [mail] = scene.mails();
  const address = new URL(mail?.headers['list-unsubscribe']?.slice(1, -1) ?? '');
  const path = `/${address.pathname.replace('/ingam/', '')}${address.search}`;
  const token = address.searchParams.get('token') ?? '';
  expect(mail?.text).toContain(`https://notary.example/ingam/account.html#unsubscribe=${token}\n`);
  const opened = await request(service.url).get(path).redirects(0);
  expect([opened.status, opened.headers['location']]).toEqual([302, `./account.html#unsubscribe=${token}`]);
  const post = (to: string, body = 'List-Unsubscribe=One-Click') =>
    request(service.url).post(to).set('Content-Type', 'application/x-www-form-urlencoded').send(body);
  for (const wrong of [`${path}x`, path.replace(/\.[\w-]/, '.'), '/unsubscribe?token=x']) {
    expect((await post(wrong)).body).toMatchObject({ status: 400, code: 'invalid_parameter' });
  }
  expect((await post(path, 'a=b')).body).toMatchObject({ status: 400, code: 'invalid_body' });
  expect(await scene.row()).toBeDefined();
  await post(path).expect(204);
  expect(await scene.row()).toBeUndefined();
  await post(path).expect(204);
  // It ends what it came with, and nothing that is chosen later; nor does it sign anybody in.
  await scene.choose('daily');
  await request(service.url).post(path).field('List-Unsubscribe', 'One-Click').expect(204);
  expect(await scene.row()).toBeDefined();
  expect((await request(service.url).get('/v1/session/digest').set(bearer(token))).status).toBe(401);
});

test('whoever leaves the organization, or is disabled, gets nothing more', async () => {
  const scene = await createScene('Left');
  const notary = await createUser(service, scene.organization, 'notary');
  await request(service.url)
    .put('/v1/session/digest')
    .set(bearer(notary.accessToken))
    .send({ every: 'at_once' })
    .expect(200);
  await scene.choose('at_once');
  const local = { kind: 'local' } as const;
  await service.deps.access.users.remove(local, scene.organization, notary.personId, HERE);
  await seal(scene.key, 'left', 1);
  await until('the one who stays to be told', () => scene.mails().length, 1);
  expect(smtp.mails.filter(({ to }) => to.includes(notary.email))).toEqual([]);
  expect(await query(service.databaseUrl, 'SELECT FROM digest WHERE person = $1', [notary.personId])).toEqual(
    [],
  );
});

test('is not to be had without a mail server', async () => {
  await using silent = await startService();
  const { id } = await createOrganization(silent);
  const { accessToken } = await createUser(silent, id, 'notary');
  const answer = await request(silent.url)
    .put('/v1/session/digest')
    .set(bearer(accessToken))
    .send({ every: 'daily' });
  expect(answer.body).toMatchObject({ status: 409, code: 'no_mail_server' });
});
