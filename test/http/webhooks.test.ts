import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Webhook, WebhookAttempts, Webhooks, WebhookWithSecret } from '../../src/http/schemas/webhooks.js';
import { MAX_WEBHOOKS } from '../../src/webhooks/index.js';
import { query } from '../support/database.js';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { digestOf } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { send } from '../support/signing.js';
import { until } from '../support/until.js';
import { makeWebhook, notarize, type Receiver, startReceiver, verified } from '../support/webhooks.js';

let service: TestService;
let receiver: Receiver;
let owner: string;
let stranger: string;
/** By how much the clock of what delivers is ahead, in milliseconds. */
let ahead = 0;
const DAY = 86_400_000;
beforeAll(async () => {
  service = await startService({
    webhookPrivate: ['127.0.0.0/8'],
    webhooks: { clock: () => Date.now() + ahead },
    housekeepingMs: 500,
  });
  receiver = await startReceiver();
  const own = (await createOrganization(service, 'Own')).id;
  owner = (await createUser(service, own, 'owner')).accessToken;
  const other = (await createOrganization(service, 'Other')).id;
  stranger = (await createUser(service, other, 'owner')).accessToken;
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

const codeOf = async (method: string, path: string, body?: unknown, as = owner) => {
  const answer = await send(service, method, path, body, as);
  const { code } = answer.body as { code?: string };
  return `${answer.status} ${code ?? ''}`.trim();
};

test('a webhook is made, changed, tested, disabled and deleted, and its secret is shown once', async () => {
  const input = { name: 'Archive', url: receiver.url, types: ['notarization.sealed', 'key.created'] };
  const made = await send(service, 'POST', '/v1/webhooks', input, owner);
  const { webhook, secret } = WebhookWithSecret.parse(made.body);
  expect(webhook).toMatchObject({ ...input, status: 'enabled', failedAttempts: 0, formerSecretUntil: null });
  const path = `/v1/webhooks/${webhook.id}`;
  const shown = await send(service, 'GET', path, undefined, owner);
  expect(Webhook.parse(shown.body)).toEqual(webhook);
  expect(JSON.stringify(shown.body)).not.toContain(secret);
  const tested = await send(service, 'POST', `${path}/test`, undefined, owner);
  expect(tested).toMatchObject({
    status: 200,
    body: { outcome: 'delivered', status: 204, type: 'webhook.test' },
  });
  const [message] = receiver.received;
  expect(verified(secret, message ?? expect.fail())).toMatchObject({ data: { webhook: webhook.id } });
  receiver.answer = () => ({ status: 500 });
  expect(await send(service, 'POST', `${path}/test`, undefined, owner)).toMatchObject({
    body: { outcome: 'status', status: 500 },
  });
  const changed = await send(
    service,
    'PATCH',
    path,
    { name: 'Store', types: ['record.event', 'key.created'], enabled: false },
    owner,
  );
  expect(Webhook.parse(changed.body)).toMatchObject({
    ...{
      name: 'Store',
      types: ['record.event', 'key.created'],
      status: 'disabled',
      disabledBecause: 'person',
    },
  });
  const rotated = WebhookWithSecret.parse(
    (await send(service, 'POST', `${path}/secret`, undefined, owner)).body,
  );
  expect(rotated.secret).not.toBe(secret);
  expect(rotated.webhook.publicKey).not.toBe(webhook.publicKey);
  expect(Date.parse(rotated.webhook.formerSecretUntil ?? '')).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  const attempts = await send(service, 'GET', `${path}/attempts?limit=1`, undefined, owner);
  expect(attempts.body).toMatchObject({
    attempts: [{ status: 500 }],
    next: expect.stringMatching(/^\d+$/) as string,
  });
  const next = z.string().parse(attempts.body['next']);
  expect(
    await send(service, 'GET', `${path}/attempts?limit=5&cursor=${next}`, undefined, owner),
  ).toMatchObject({
    body: { attempts: [{ status: 204 }], next: null },
  });
  expect(await codeOf('DELETE', path)).toBe('204');
  expect(await codeOf('GET', path)).toBe('404 webhook_not_found');
  expect(await codeOf('DELETE', path)).toBe('404 webhook_not_found');
});

test('another organization’s webhooks do not exist, whatever is done with them', async () => {
  const { id } = await makeWebhook(service, owner, receiver.url);
  const calls = [
    ['GET', '', undefined],
    ['PATCH', '', { name: 'Mine now', url: 'https://example.com/' }],
    ['DELETE', '', undefined],
    ['POST', '/secret', undefined],
    ['POST', '/test', undefined],
    ['POST', '/replay', { from: { position: 0 } }],
    ['GET', '/attempts', undefined],
  ] as const;
  const sent = receiver.received.length;
  for (const [method, rest, body] of calls)
    expect(await codeOf(method, `/v1/webhooks/${id}${rest}`, body, stranger)).toBe('404 webhook_not_found');
  const listed = await send(service, 'GET', '/v1/webhooks', undefined, stranger);
  expect(Webhooks.parse(listed.body).webhooks).toEqual([]);
  expect(receiver.received).toHaveLength(sent);
  expect(await codeOf('GET', `/v1/webhooks/${id}`)).toBe('200');
});

test('refuses addresses that webhooks may not have, unknown types, and more webhooks than an organization may have', async () => {
  const types = ['record.event'];
  const make = (others: object) =>
    codeOf('POST', '/v1/webhooks', { name: 'x', url: receiver.url, types, ...others });
  expect(await make({ url: 'http://169.254.169.254/latest' })).toBe('400 invalid_webhook_url');
  expect(await make({ url: 'https://user:pass@example.com/' })).toBe('400 invalid_webhook_url');
  expect(await make({ types: ['record.gone'] })).toBe('400 invalid_body');
  expect(await make({ types: [] })).toBe('400 invalid_body');
  expect(await make({ headers: { authorization: 'x' } })).toBe('400 invalid_body');
  const owned = Webhooks.parse((await send(service, 'GET', '/v1/webhooks', undefined, owner)).body).webhooks;
  for (let count = owned.length; count < MAX_WEBHOOKS; count++) expect(await make({})).toBe('201');
  expect(await make({})).toBe('409 too_many_webhooks');
  const [first] = owned;
  const path = `/v1/webhooks/${first?.id ?? ''}`;
  expect(await codeOf('PATCH', path, { url: 'http://10.0.0.1/' })).toBe('400 invalid_webhook_url');
});

test('API keys and people who are no owners have no webhooks', async () => {
  const { id } = await createOrganization(service, 'Roles');
  const callers = [
    (await createKey(service, id)).secret,
    (await createUser(service, id, 'notary')).accessToken,
    (await createUser(service, id, 'auditor')).accessToken,
  ];
  for (const token of callers)
    expect(await codeOf('GET', '/v1/webhooks', undefined, token)).toBe('403 forbidden');
});

test('without a mail server no e-mail waits when a webhook is disabled because of its receiver', async () => {
  await using gone = await startReceiver();
  gone.answer = () => ({ status: 410 });
  const { id } = await createOrganization(service, 'Without e-mails');
  const { accessToken } = await createUser(service, id, 'owner');
  const webhook = await makeWebhook(service, accessToken, gone.url);
  await notarize(service, (await createKey(service, id)).secret, [digestOf('gone')]);
  const find = async () =>
    Webhook.parse((await send(service, 'GET', `/v1/webhooks/${webhook.id}`, undefined, accessToken)).body);
  await until('the webhook to be disabled', async () => (await find()).disabledBecause, 'gone');
  // They would have been written together with that.
  expect(await query(service.databaseUrl, 'SELECT FROM webhook_mail')).toEqual([]);
});

test('what was sent is kept for 30 days, and so are events that are not in the chain', async () => {
  await using told = await startReceiver();
  const { id } = await createOrganization(service, 'Kept');
  const { accessToken } = await createUser(service, id, 'owner');
  const webhook = await makeWebhook(service, accessToken, told.url, ['key.created']);
  const attempts = async () => {
    const path = `/v1/webhooks/${webhook.id}/attempts`;
    const { body } = await send(service, 'GET', path, undefined, accessToken);
    return WebhookAttempts.parse(body).attempts.map(({ message }) => message);
  };
  await createKey(service, id);
  await until('the first message to be noted', async () => (await attempts()).length, 1);
  ahead = 20 * DAY;
  await createKey(service, id);
  await until('the second message to be noted', async () => (await attempts()).length, 2);
  ahead = 31 * DAY;
  await until('the first one to be removed', async () => (await attempts()).length, 1);
  expect(await attempts()).toEqual([told.received[1]?.id]);
  // Both keys were made today.
  const events = "SELECT FROM webhook_event WHERE type = 'key.created'";
  await until('the events to be removed', async () => (await query(service.databaseUrl, events)).length, 0);
});
