import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Webhook as Library } from 'standardwebhooks';
import { Webhook, WebhookAttempts } from '../../src/http/schemas/webhooks.js';
import { query } from '../support/database.js';
import { parsedMail } from '../support/parsed-mail.js';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { digestOf, documentBody, firstEvent, newHolder, nextEvent, type Place } from '../support/records.js';
import { MAIL_LIMITS } from '../../src/auth/mail-limits.js';
import { startService, type TestService } from '../support/service.js';
import { propose, send } from '../support/signing.js';
import { type SmtpServer, startSmtpServer } from '../support/smtp-server.js';
import { until } from '../support/until.js';
import { makeWebhook, notarize, type Receiver, startReceiver, verified } from '../support/webhooks.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LOOPBACK = ['127.0.0.0/8'];

let smtp: SmtpServer;
let service: TestService;
/** Another process of the same service. */
let other: TestService;
/** Of what delivers: sessions and blocks go by the real one. */
let time = Date.now();
beforeAll(async () => {
  smtp = await startSmtpServer();
  const options = {
    ...{ webhookPrivate: LOOPBACK, webhooks: { clock: () => time, everyMs: 100 } },
    mail: { url: smtp.url, from: 'ingam@notary.example' },
    ...{ publicUrl: new URL('https://notary.example/ingam/'), hosts: { publicUrl: null } },
  };
  service = await startService(options);
  other = await startService({ ...options, beside: service, sealing: false });
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await smtp[Symbol.asyncDispose]();
});

/** An organization with an owner, a key, and a receiver of its own. */
async function createScene(name: string) {
  const { id } = await createOrganization(service, name);
  const { accessToken: owner, email } = await createUser(service, id, 'owner');
  const key = (await createKey(service, id)).secret;
  const receiver = await startReceiver();
  return {
    ...{ id, owner, email, key, receiver },
    find: async (webhook: string) =>
      Webhook.parse((await send(service, 'GET', `/v1/webhooks/${webhook}`, undefined, owner)).body),
    attempts: async (webhook: string, parameters = '') => {
      const path = `/v1/webhooks/${webhook}/attempts${parameters}`;
      return WebhookAttempts.parse((await send(service, 'GET', path, undefined, owner)).body).attempts;
    },
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

/** E-mails to an address, as they are read. */
const mailsTo = (address: string) =>
  smtp.mails
    .filter(({ to }) => to.includes(address))
    .map(({ text: received }) => {
      const { headers, text } = parsedMail(received);
      return { id: headers['message-id']?.slice(1, -1) ?? '', text };
    });
const mailAgain = () => query(service.databaseUrl, 'UPDATE webhook_mail SET due_at = 0');
const noMailWaits = () =>
  until(
    'no e-mail to wait',
    async () => (await query(service.databaseUrl, 'SELECT FROM webhook_mail')).length,
    0,
  );

const digests = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => digestOf(`${prefix}${i}`));
const toldAll = (receiver: Receiver, ids: readonly string[]) =>
  until('the receiver to be told of all', () => new Set(receiver.told).size, ids.length);

test('tells of what is sealed from then on, signed as Standard Webhooks has it, at most 100 in a message', async () => {
  await using scene = await createScene('Archive');
  const { owner, key, receiver } = scene;
  await notarize(service, key, digests('before', 1));
  await until('it to be sealed', async () => (await service.store.sealingState()).waitingSince === null);
  const webhook = await makeWebhook(service, owner, receiver.url);
  const ids = await notarize(service, key, digests('a', 250));
  await toldAll(receiver, ids);
  expect(receiver.told).toEqual(ids);
  expect(receiver.received.map(({ data }) => data.notarizations?.length)).toEqual([100, 100, 50]);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(3);
  for (const message of receiver.received) {
    expect(verified(webhook.secret, message)).toMatchObject({ type: 'notarization.sealed' });
    expect(message.body.length).toBeLessThan(20_000);
    expect(message.id).toMatch(/^msg_[A-Za-z0-9_-]{22}$/);
    expect(Object.keys(JSON.parse(message.body) as object)).toEqual(['type', 'timestamp', 'data']);
    expect(() => verified(webhook.secret, { ...message, body: message.body.replace('-', '+') })).toThrow();
    expect(() => verified(`whsec_${Buffer.alloc(32).toString('base64')}`, message)).toThrow();
    expect(isSignedWith(webhook.publicKey, message)).toBe(true);
  }
  const found = await scene.attempts(webhook.id);
  expect(found.map(({ outcome, status, attempt }) => [outcome, status, attempt])).toEqual(
    Array(3).fill(['delivered', 204, 1]),
  );
});

function isSignedWith(
  publicKey: string,
  { headers, body }: { headers: Readonly<Record<string, string>>; body: string },
) {
  const raw = Buffer.from(publicKey.slice('whpk_'.length), 'base64');
  const key = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]),
    format: 'der',
    type: 'spki',
  });
  const signature = headers['webhook-signature']?.split(' ').find((each) => each.startsWith('v1a,')) ?? '';
  const content = `${headers['webhook-id'] ?? ''}.${headers['webhook-timestamp'] ?? ''}.${body}`;
  return verify(null, Buffer.from(content), key, Buffer.from(signature.slice('v1a,'.length), 'base64'));
}

test('a receiver that was down for three days is told everything, in order, with the same ids', async () => {
  await using scene = await createScene('Down');
  const { owner, key, receiver } = scene;
  const webhook = await makeWebhook(service, owner, receiver.url);
  receiver.answer = () => ({ status: 502 });
  const first = await notarize(service, key, digests('down', 3));
  const tried = (count: number) =>
    until(
      `attempt ${count}`,
      async () => (await scene.attempts(webhook.id)).length,
      // Behind the one that is taken, others follow at once.
      (seen) => seen >= count,
    );
  await tried(1);
  const more = await notarize(service, key, digests('more', 3));
  const start = time;
  for (let attempt = 2; time < start + 72 * HOUR; attempt++) {
    const { nextAttemptAt, status } = await scene.find(webhook.id);
    expect(status).toBe('retrying');
    time = Date.parse(nextAttemptAt ?? '');
    if (time >= start + 72 * HOUR) receiver.answer = () => ({ status: 200 });
    await tried(attempt);
  }
  await toldAll(receiver, [...first, ...more]);
  expect(receiver.told).toEqual([...first, ...more]);
  const failed = receiver.received.filter(({ data }) => data.notarizations?.[0] === first[0]);
  expect(failed.length).toBeGreaterThan(8);
  expect(new Set(failed.map(({ id, body }) => `${id} ${body}`)).size).toBe(1);
  // Each attempt is signed when it is made.
  const { headers, body, id } = failed.at(-1) ?? expect.fail();
  const at = Number(headers['webhook-timestamp']);
  expect(Math.abs(at * 1000 - time)).toBeLessThan(MINUTE);
  expect(headers['webhook-signature']?.split(' ')[0]).toBe(
    new Library(webhook.secret).sign(id, new Date(at * 1000), body),
  );
  expect(await scene.find(webhook.id)).toMatchObject({ status: 'enabled', failedAttempts: 0 });
});

test('gives a message up after ten attempts, disables the webhook, and goes on with it when it is enabled', async () => {
  await using scene = await createScene('Failing');
  const { owner, email, key, receiver, id: organizationId } = scene;
  const second = await createUser(service, organizationId, 'owner');
  const notary = await createUser(service, organizationId, 'notary');
  const webhook = await makeWebhook(service, owner, receiver.url);
  receiver.answer = () => ({ status: 400 });
  // The first e-mail is not taken at once.
  smtp.refusals.push('451 busy');
  const ids = await notarize(service, key, digests('failing', 1));
  const pauses: number[] = [];
  for (let attempt = 1; attempt <= 10; attempt++) {
    await until(`attempt ${attempt}`, async () => (await scene.attempts(webhook.id)).length, attempt);
    const { nextAttemptAt } = await scene.find(webhook.id);
    if (nextAttemptAt === null) break;
    pauses.push(Date.parse(nextAttemptAt) - time);
    time = Date.parse(nextAttemptAt);
  }
  // As Standard Webhooks has them.
  expect(pauses).toEqual([
    ...[5000, 5 * MINUTE, 30 * MINUTE],
    ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
  ]);
  const disabled = await scene.find(webhook.id);
  expect(disabled).toMatchObject({ status: 'disabled', disabledBecause: 'failed', nextAttemptAt: null });
  const attempts = await scene.attempts(webhook.id, '?failed=true&limit=200');
  expect(attempts.map(({ attempt, status, outcome }) => [attempt, status, outcome])).toEqual(
    Array.from({ length: 10 }, (_, i) => [10 - i, 400, 'status']),
  );
  const log = await service.store.access.events({ organizationId, kinds: ['webhook_disabled'], limit: 10 });
  expect(log.map(({ detail }) => detail)).toEqual([
    { webhook: webhook.id, name: 'Archive', host: new URL(receiver.url).host, because: 'failed' },
  ]);
  await until('one of the e-mails to be refused', () => smtp.refusals.length, 0);
  await until('the other to be taken', () => mailsTo(email).length + mailsTo(second.email).length, 1);
  await mailAgain();
  await noMailWaits();
  expect([mailsTo(email).length, mailsTo(second.email).length, mailsTo(notary.email).length]).toEqual([
    1, 1, 0,
  ]);
  for (const { id, text } of [...mailsTo(email), ...mailsTo(second.email)]) {
    expect(id).toMatch(new RegExp(`^${webhook.id}\\.\\d+@notary\\.example$`));
    expect(text).toContain(`The webhook "Archive" of Failing was disabled`);
    expect(text).toContain(`${new URL(receiver.url).host} has not taken one message in ten attempts`);
    expect(text).toContain('https://notary.example/ingam/account.html#webhooks');
    expect(text).toContain('Failing의 웹훅 ‘Archive’이(가)');
  }
  // Little is kept of a receiver that takes nothing, also when there was one notarization to tell of.
  const [size] = await query<{ count: string; bytes: string }>(
    service.databaseUrl,
    `SELECT count(*), sum(pg_column_size(webhook_attempt.*)) AS bytes
     FROM webhook_attempt JOIN webhook ON number = webhook_number WHERE webhook.id = '${webhook.id}'`,
  );
  expect(Number(size?.count)).toBe(10);
  expect(Number(size?.bytes)).toBeLessThan(1024);
  receiver.answer = () => ({ status: 204 });
  await send(service, 'PATCH', `/v1/webhooks/${webhook.id}`, { enabled: true }, owner);
  await toldAll(receiver, ids);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
});

test('410 disables at once; Retry-After is obeyed; redirects are not followed', async () => {
  await using scene = await createScene('Answers');
  await using elsewhere = await startReceiver();
  const { owner, email, key, receiver } = scene;
  const webhook = await makeWebhook(service, owner, receiver.url);
  receiver.answer = () => ({ status: 429, headers: { 'retry-after': '7200' } });
  await notarize(service, key, digests('answers', 1));
  await until('the first attempt', async () => (await scene.attempts(webhook.id)).length, 1);
  const { nextAttemptAt } = await scene.find(webhook.id);
  expect(Date.parse(nextAttemptAt ?? '') - time).toBe(2 * HOUR);
  receiver.answer = () => ({ status: 307, headers: { location: elsewhere.url } });
  time += 2 * HOUR;
  await until('the second attempt', async () => (await scene.attempts(webhook.id)).length, 2);
  receiver.answer = () => ({ status: 410 });
  time += 5 * MINUTE;
  await until(
    'the webhook to be disabled',
    async () => (await scene.find(webhook.id)).disabledBecause,
    'gone',
  );
  expect((await scene.attempts(webhook.id)).map(({ status }) => status)).toEqual([410, 307, 429]);
  expect(elsewhere.connections).toBe(0);
  await noMailWaits();
  expect(mailsTo(email).map(({ text }) => text.includes('answered 410 Gone'))).toEqual([true]);
});

test('writes no e-mail about a webhook that is enabled by then, and not without limit', async () => {
  await using scene = await createScene('Flapping');
  const { owner, email, key, receiver } = scene;
  const webhook = await makeWebhook(service, owner, receiver.url);
  receiver.answer = () => ({ status: 410 });
  smtp.refusals.push('451 busy');
  const ids = await notarize(service, key, digests('flapping', 1));
  await until('the e-mail to be refused', () => smtp.refusals.length, 0);
  receiver.answer = () => ({ status: 204 });
  const enable = () => send(service, 'PATCH', `/v1/webhooks/${webhook.id}`, { enabled: true }, owner);
  await enable();
  await toldAll(receiver, ids);
  await mailAgain();
  await noMailWaits();
  expect(mailsTo(email)).toEqual([]);
  // The organization has sent what it may send in a day (one e-mail has counted before).
  await service.store.rateLimits.consumeAll([
    {
      key: `mails:organization:${(await service.store.access.organization(scene.id))?.number ?? 0}`,
      tokens: MAIL_LIMITS.organization - 1,
      rule: { limit: MAIL_LIMITS.organization, windowSeconds: 86_400 },
    },
  ]);
  receiver.answer = () => ({ status: 410 });
  await notarize(service, key, digests('flapping more', 1));
  await until('the webhook to be disabled', async () => (await scene.find(webhook.id)).status, 'disabled');
  await noMailWaits();
  expect(mailsTo(email)).toEqual([]);
});

test('a webhook that is disabled gets nothing more, not even the rest of what was being sent', async () => {
  await using scene = await createScene('Stopped');
  const { owner, key, receiver } = scene;
  let answer: () => void = () => undefined;
  receiver.wait = new Promise<void>((resolve) => (answer = resolve));
  const { id } = await makeWebhook(service, owner, receiver.url);
  const ids = await notarize(service, key, digests('stopped', 150));
  await until('the receiver to have the first message', () => receiver.received.length, 1);
  const enable = (enabled: boolean) => send(service, 'PATCH', `/v1/webhooks/${id}`, { enabled }, owner);
  await enable(false);
  answer();
  await until('the attempt to be noted', async () => (await scene.attempts(id)).length, 1);
  expect(await scene.find(id)).toMatchObject({ status: 'disabled', disabledBecause: 'person' });
  expect(receiver.received).toHaveLength(1);
  await enable(true);
  await toldAll(receiver, ids);
  // The first one again: it had been taken, but by then nobody wanted to know.
  expect(receiver.received.map((message) => message.id === receiver.received[0]?.id)).toEqual([
    true,
    true,
    false,
  ]);
});

test('a receiver that never answers holds up nobody else, of its organization or another', async () => {
  await using scene = await createScene('Slow');
  await using quick = await startReceiver();
  const { owner, key, receiver } = scene;
  receiver.answer = () => null;
  const slow = await makeWebhook(service, owner, receiver.url);
  await makeWebhook(service, owner, quick.url);
  const ids = await notarize(service, key, digests('slow', 3));
  await until('the slow one to have it', () => receiver.received.length, 1);
  const more = await notarize(service, key, digests('slow more', 3));
  await toldAll(quick, [...ids, ...more]);
  // One message at a time, also with two processes.
  expect(receiver.received).toHaveLength(1);
  expect(receiver.connections).toBe(1);
  await send(service, 'DELETE', `/v1/webhooks/${slow.id}`, undefined, owner);
});

test('for a day after a new secret, messages are signed with both', async () => {
  await using scene = await createScene('Rotating');
  const { owner, key, receiver } = scene;
  const { id, secret: former } = await makeWebhook(service, owner, receiver.url);
  const rotated = await send(service, 'POST', `/v1/webhooks/${id}/secret`, undefined, owner);
  const { secret } = rotated.body as { secret: string };
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(secret).not.toBe(former);
  await notarize(service, key, digests('rotating', 1));
  await until('a message', () => receiver.received.length, 1);
  const [both] = receiver.received;
  if (both === undefined) expect.fail();
  expect(both.headers['webhook-signature']?.split(' ').map((each) => each.split(',')[0])).toEqual([
    ...['v1', 'v1a', 'v1', 'v1a'],
  ]);
  const at = new Date(Number(both.headers['webhook-timestamp']) * 1000);
  const signatures = both.headers['webhook-signature']?.split(' ') ?? [];
  for (const each of [secret, former])
    expect(signatures).toContain(new Library(each).sign(both.id, at, both.body));
  time += 25 * HOUR;
  await notarize(service, key, digests('rotating more', 1));
  await until('another message', () => receiver.received.length, 2);
  expect(receiver.received[1]?.headers['webhook-signature']?.split(' ')).toHaveLength(2);
});

test('tells again from a position or a time, with the same ids for the same messages', async () => {
  await using scene = await createScene('Replaying');
  const { owner, key, receiver } = scene;
  const { id } = await makeWebhook(service, owner, receiver.url);
  const before = Date.now();
  const ids = await notarize(service, key, digests('replaying', 150));
  await toldAll(receiver, ids);
  const replay = (from: unknown) => send(service, 'POST', `/v1/webhooks/${id}/replay`, { from }, owner);
  const position = Number(ids[0]?.split('-')[0]);
  expect(await replay({ position })).toMatchObject({ status: 200 });
  await until('everything to be told again', () => receiver.told.length, 300);
  expect(receiver.told.slice(150)).toEqual(ids);
  expect(new Set(receiver.received.map((message) => message.id)).size).toBe(2);
  expect(await replay({ time: new Date(before - 1000).toISOString() })).toMatchObject({ status: 200 });
  await until('everything to be told once more', () => receiver.told.length, 450);
  expect(receiver.told.slice(300)).toEqual(ids);
  expect(await replay({ position: 10 ** 9 })).toMatchObject({ status: 400, body: { code: 'unknown_place' } });
  expect(await replay({ position: position + 149 })).toMatchObject({ status: 200 });
  await until('the last one to be told again', () => receiver.told.length, 451);
});

test('tells of events of records, and of keys; and nothing of what others have', async () => {
  await using scene = await createScene('Records');
  await using stranger = await createScene('Stranger');
  const { owner, key, receiver } = scene;
  await makeWebhook(service, owner, receiver.url, ['record.event', 'key.created']);
  await makeWebhook(service, stranger.owner, stranger.receiver.url, [
    ...(['notarization.sealed', 'record.event', 'key.created', 'contract.executed'] as const),
  ]);
  const holder = newHolder('holder');
  const sent = firstEvent('document.create', documentBody(holder, 'Charter'), [holder]);
  const made = await send(service, 'POST', '/v1/records', sent, key);
  expect(made.status).toBeLessThan(300);
  const made2 = await createKey(service, scene.id, ['read']);
  await until('two messages', () => receiver.received.length, 2);
  const messages = new Map(receiver.received.map((message) => [message.type, message.data]));
  expect(messages.get('key.created')).toEqual({ key: made2.id });
  expect(messages.get('record.event')).toEqual({
    events: [{ record: made.body['record'], kind: 'document', sequence: 0, type: 'document.create' }],
  });
  await notarize(service, stranger.key, digests('strange', 1));
  await until('the stranger to be told of its own', () => stranger.receiver.told.length, 1);
  expect(stranger.receiver.received.map(({ type }) => type)).toEqual(['notarization.sealed']);
});

test('tells once that the deadline of an open contract is less than a day away, and nothing of contracts that are over', async () => {
  await using scene = await createScene('Deadlines');
  await using stranger = await createScene('Stranger to deadlines');
  const { key, receiver } = scene;
  for (const each of [scene, stranger])
    await makeWebhook(service, each.owner, each.receiver.url, ['contract.deadline_near', 'record.event']);
  const holder = newHolder('lessor.example');
  const party = [{ name: 'Kim', key: newHolder('kim.example').text, order: 1 }];
  const proposed = (hours: number) => {
    const deadline = time + hours * HOUR;
    return propose(service, key, holder, party, { title: `In ${hours} hours`, deadline });
  };
  const start = time;
  const open = await proposed(25);
  const cancelled = await proposed(25);
  const later = await proposed(49);
  await until('three contracts to be told of', () => eventsOf(receiver).length, 3);
  const shown = await send(service, 'GET', `/v1/records/${cancelled}`, undefined, key);
  const cancel = nextEvent(
    { ...(shown.body as unknown as Place), record: cancelled },
    'contract.cancel',
    {},
    [holder],
  );
  expect((await send(service, 'POST', `/v1/records/${cancelled}/events`, cancel, key)).status).toBe(201);
  await until('the cancellation to be told of', () => eventsOf(receiver).length, 4);
  expect(deadlinesOf(receiver)).toEqual([]);
  const near = (record: string, hours: number) => ({
    ...{ record, kind: 'contract', deadline: new Date(start + hours * HOUR).toISOString() },
  });
  // Each process looks once a minute.
  time += 2 * HOUR;
  await until('the first deadline to be told of', () => deadlinesOf(receiver).length, 1);
  time += 24 * HOUR;
  await until('the other deadline to be told of', () => deadlinesOf(receiver).length, 2);
  expect(deadlinesOf(receiver)).toEqual([near(open, 25), near(later, 49)]);
  const kept = await query(
    service.databaseUrl,
    "SELECT FROM webhook_event WHERE type = 'contract.deadline_near'",
  );
  expect(kept).toHaveLength(2);
  expect(stranger.receiver.received).toEqual([]);
});

const eventsOf = ({ received }: Receiver) => received.flatMap(({ data }) => data.events ?? []);
/** By message: one is sent again when the clock leaps past the end of its claim. */
const deadlinesOf = ({ received }: Receiver) => [
  ...new Map(
    received.filter(({ type }) => type === 'contract.deadline_near').map(({ id, data }) => [id, data]),
  ).values(),
];
