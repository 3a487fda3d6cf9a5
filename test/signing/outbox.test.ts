import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../support/database.js';
import { createKey, createOrganization } from '../support/people.js';
import { digestOf, firstEvent, newHolder, nextEvent, type Place } from '../support/records.js';
import { AskedSigning, NewSigningResult } from '../../src/http/schemas/signing.js';
import { startService, type TestService } from '../support/service.js';
import { MAIL_LIMITS } from '../../src/auth/mail-limits.js';
import { ask, giveKey, newRequest, propose, send, signContract } from '../support/signing.js';
import { type SmtpServer, startSmtpServer } from '../support/smtp-server.js';
import { until } from '../support/until.js';

let smtp: SmtpServer;
let service: TestService;
let other: TestService;
let key: string;
let time = Date.now();
const logged: string[] = [];
beforeAll(async () => {
  smtp = await startSmtpServer();
  const mail = { url: smtp.url, from: 'ingam@notary.example' };
  const publicUrl = new URL('https://notary.example/ingam/');
  const clock = () => time;
  const logger = pino({}, { write: (line: string) => void logged.push(line) });
  service = await startService({ logger, mail, publicUrl, clock, hosts: { publicUrl: null } });
  other = await startService({
    logger,
    mail,
    publicUrl,
    clock,
    beside: service,
    sealing: false,
    hosts: { publicUrl: null },
  });
  key = (await createKey(service, (await createOrganization(service, 'Leasing')).id)).secret;
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await smtp[Symbol.asyncDispose]();
});

const mailsTo = (address: string) => smtp.mails.filter(({ to }) => to.includes(address));
/** Those that wait for a contract to go on are not meant. */
const waiting = async () =>
  (await query(service.databaseUrl, 'SELECT FROM signing_mail WHERE seen IS NULL')).length;
const empty = () => until('no e-mail to wait', waiting, 0);
/** As it is read: without the line breaks of quoted-printable. */
const textOf = (mail: { text: string } | undefined) =>
  (mail?.text ?? '').replaceAll('=\n', '').replaceAll('=3D', '=');

test('sends the link once when it is asked for, and again when the contract names the key', async () => {
  const kim = newHolder('kim');
  const asked = await ask(service, key, 'Kim', { email: 'kim@example.com' });
  expect(asked.mailed).toBe(true);
  await empty();
  expect(mailsTo('kim@example.com')).toHaveLength(1);
  const [first] = mailsTo('kim@example.com');
  expect(first?.from).toBe('ingam@notary.example');
  expect(textOf(first)).toContain(`https://notary.example/ingam/sign.html#token=${asked.token}\n`);
  expect(textOf(first)).toContain('Subject: Leasing asks you to sign: Car lease\n');
  await giveKey(service, asked, kim);
  const record = await propose(service, key, kim, [{ name: 'Kim', key: kim.text, order: 1 }]);
  await send(service, 'POST', `/v1/signing-requests/${asked.id}/contract`, { record }, key);
  await empty();
  expect(mailsTo('kim@example.com')).toHaveLength(2);
  expect(textOf(mailsTo('kim@example.com')[1])).toContain(asked.token);
});

test('writes once for a contract, however often it is named, and at most once an hour for new links', async () => {
  const yun = newHolder('yun');
  const asked = await ask(service, key, 'Yun', { email: 'yun@example.com' });
  await giveKey(service, asked, yun);
  const record = await propose(service, key, yun, [{ name: 'Yun', key: yun.text, order: 1 }]);
  for (let i = 0; i < 2; i++)
    await send(service, 'POST', `/v1/signing-requests/${asked.id}/contract`, { record }, key);
  const renewed = await send(
    service,
    'POST',
    `/v1/signing-requests/${asked.id}/reminder`,
    { newLink: true },
    key,
  );
  expect(renewed).toMatchObject({ status: 200, body: { link: { mailed: false } } });
  expect(renewed.body).not.toMatchObject({ link: { token: asked.token } });
  await empty();
  expect(mailsTo('yun@example.com').length).toBeLessThanOrEqual(2);
});

test('writes to one address a limited number of times a day, whoever asks', async () => {
  const input = { email: 'Victim@example.com' };
  for (let i = 0; i < MAIL_LIMITS.address; i++) await ask(service, key, 'V', input);
  const organization = (await createOrganization(service, 'Other')).id;
  const other = (await createKey(service, organization)).secret;
  const refused = await send(
    service,
    'POST',
    '/v1/signing-requests',
    newRequest('V', { email: 'victim@EXAMPLE.com' }),
    other,
  );
  expect(refused).toMatchObject({ status: 429, body: { code: 'limit_exceeded' } });
  await empty();
  const kept = await query<{ key: string }>(
    service.databaseUrl,
    "SELECT key FROM rate_limit WHERE key LIKE 'mails:%'",
  );
  expect(kept.length).toBeGreaterThan(1);
  expect(JSON.stringify(kept)).not.toMatch(/victim/i);
});

test('asks for a signature when it is the person’s turn, and tells who signed what became of the contract', async () => {
  const [one, two] = [newHolder('one'), newHolder('two')];
  const first = await ask(service, key, 'One', { email: 'one@example.com' });
  const second = await ask(service, key, 'Two', { email: 'two@example.com' });
  // Whoever has given a key is not invited any more.
  for (const address of ['one@example.com', 'two@example.com'])
    await until(`the invitation to ${address}`, () => mailsTo(address).length, 1);
  await giveKey(service, first, one);
  await giveKey(service, second, two);
  const parties = [
    { name: 'One', key: one.text, order: 1 },
    { name: 'Two', key: two.text, order: 2 },
  ];
  const record = await propose(service, key, one, parties);
  for (const { id } of [first, second])
    await send(service, 'POST', `/v1/signing-requests/${id}/contract`, { record }, key);
  const kinds = (address: string) => mailsTo(address).map((mail) => /^Subject: (.*)$/m.exec(mail.text)?.[1]);
  const asked = 'Leasing asks you to sign: Car lease';
  await until('the first to be asked', () => kinds('one@example.com').length, 2);
  expect(kinds('one@example.com')).toEqual([asked, 'Please sign: Car lease']);
  expect(kinds('two@example.com')).toEqual([asked]);
  await signContract(service, first.token, one);
  await until('the second to be asked', () => kinds('two@example.com').length, 2);
  expect(kinds('one@example.com')).toHaveLength(2);
  await signContract(service, second.token, two);
  for (const address of ['one@example.com', 'two@example.com']) {
    await until(`${address} to be told`, () => kinds(address).length, 3);
    expect(kinds(address)).toEqual([asked, 'Please sign: Car lease', 'Car lease has been executed']);
  }
});

test('tells of an offer when a block holds it, and of a licence likewise', async () => {
  const [owner, kim] = [newHolder('owner'), newHolder('kim')];
  const claim = {
    ...{ title: 'Tide', kind: 'photograph', authors: [{ name: 'Kim', role: 'photographer' }] },
    ...{
      published: null,
      madeForHire: false,
      basis: 'I took it.',
      documents: [{ sha256: digestOf('tide') }],
    },
  };
  const first = firstEvent('work.claim', { ...claim, holder: owner.text }, [owner]);
  const begun = await send(service, 'POST', '/v1/records', first, key);
  const place = begun.body as unknown as Place;
  const askFor = async (kind: string, email: string) => {
    const { title: _title, document: _document, ...person } = newRequest('Kim', { email });
    const made = await send(
      service,
      'POST',
      '/v1/signing-requests',
      { ...person, kind, record: place.record },
      key,
    );
    const { request, link } = NewSigningResult.parse(made.body);
    const opened = { id: request.id, token: link.token };
    await giveKey(service, opened, kim, place.record);
  };
  await askFor('transfer', 'buyer@example.com');
  await askFor('licence', 'licensee@example.com');
  await empty();
  const kinds = (address: string) => mailsTo(address).map((mail) => /^Subject: (.*)$/m.exec(mail.text)?.[1]);
  expect([kinds('buyer@example.com').length, kinds('licensee@example.com').length]).not.toContain(2);
  const licence = { to: { name: 'Kim', key: kim.text }, terms: 'Print it.', exclusive: false };
  const granted = nextEvent(place, 'work.license', licence, [owner]);
  const path = `/v1/records/${place.record}/events`;
  const next = (await send(service, 'POST', path, granted, key)).body as unknown as Place;
  await until(
    'the licensee to be told',
    () => kinds('licensee@example.com').at(-1),
    'The licence names your key: Tide',
  );
  expect(kinds('buyer@example.com')).not.toContain('Offered to you: Tide');
  await send(service, 'POST', path, nextEvent(next, 'work.assign', { to: kim.text }, [owner]), key);
  await until('the buyer to be told', () => kinds('buyer@example.com').at(-1), 'Offered to you: Tide');
});

test('tells both when a place is handed over', async () => {
  const [kim, lee] = [newHolder('kim'), newHolder('lee')];
  const first = await ask(service, key, 'Kim', { email: 'kim2@example.com' });
  await until('the first to be invited', () => mailsTo('kim2@example.com').length, 1);
  await giveKey(service, first, kim);
  const record = await propose(service, key, kim, [{ name: 'Kim', key: kim.text, order: 1 }]);
  await send(service, 'POST', `/v1/signing-requests/${first.id}/contract`, { record }, key);
  await until('the first to be asked', () => mailsTo('kim2@example.com').length, 2);
  const { token } = first;
  const named = { token, name: 'Lee', email: 'lee2@example.com' };
  const { body } = await send(service, 'POST', '/v1/signing/delegation', named);
  // Only the person who was named gets the link.
  expect(body).toMatchObject({ link: null });
  await until('the invitation', () => mailsTo('lee2@example.com').length, 1);
  const sent = /token=([\w-]{43})/.exec(textOf(mailsTo('lee2@example.com')[0]))?.[1] ?? expect.fail();
  const { id } = AskedSigning.parse((await send(service, 'POST', '/v1/signing/open', { token: sent })).body);
  await giveKey(service, { id, token: sent }, lee);
  await until('the first to be told', () => mailsTo('kim2@example.com').length, 3);
  expect(mailsTo('kim2@example.com')[2]?.text).toContain('Subject: Sign the handover: Car lease');
  const asked = AskedSigning.parse((await send(service, 'POST', '/v1/signing/open', { token })).body);
  const place = asked.contract ?? expect.fail();
  const handover = nextEvent(place, 'contract.delegate', { party: 0, to: lee.text }, [kim]);
  await send(service, 'POST', '/v1/signing/event', { token, ...handover });
  await until('the second to be told', () => mailsTo('lee2@example.com').length, 2);
  expect(mailsTo('lee2@example.com')[1]?.text).toContain('Subject: Take the place');
});

test('reminds once an hour', async () => {
  const { id } = await ask(service, key, 'Lee', { email: 'lee@example.com', language: 'ko' });
  await empty();
  const remind = () => send(service, 'POST', `/v1/signing-requests/${id}/reminder`, {}, key);
  expect(await remind()).toMatchObject({ status: 429, body: { code: 'limit_exceeded' } });
  time += 3_600_000;
  expect(await remind()).toMatchObject({ status: 200, body: { link: { mailed: true } } });
  await empty();
  expect(mailsTo('lee@example.com')).toHaveLength(2);
});

test('tries again when the mail server is busy, and gives up when it refuses for good', async () => {
  smtp.refusals.push('451 busy');
  await ask(service, key, 'Park', { email: 'park@example.com' });
  await until('the e-mail to be postponed', async () => {
    const [row] = await query<{ attempts: number; due: string }>(
      service.databaseUrl,
      'SELECT attempts, due_at AS due FROM signing_mail WHERE seen IS NULL',
    );
    return row?.attempts === 1 && Number(row.due) === time + 60_000;
  });
  time += 60_000;
  await empty();
  expect(mailsTo('park@example.com')).toHaveLength(1);
  smtp.refusals.push('550 <choi@example.com>: no such user');
  const { id } = await ask(service, key, 'Choi', { email: 'choi@example.com' });
  await empty();
  const { body } = await send(service, 'GET', `/v1/signing-requests/${id}`, undefined, key);
  expect(body).toMatchObject({ mailFailedAt: new Date(time).toISOString() });
  expect(mailsTo('choi@example.com')).toHaveLength(0);
  const gaveUp = logged.filter((line) => line.includes('an e-mail was given up'));
  expect(gaveUp).toHaveLength(1);
  expect(gaveUp[0]).toContain('550');
  expect(logged.join('')).not.toMatch(/@example\.com|token=/);
});

test('does not send what is withdrawn or erased by then', async () => {
  for (const [name, method, rest] of [
    ['a', 'POST', '/withdrawal'],
    ['b', 'DELETE', ''],
  ] as const) {
    smtp.refusals.push('451 busy');
    const { id } = await ask(service, key, name, { email: `${name}@example.com` });
    await until('the first attempt', () => smtp.refusals.length, 0);
    expect((await send(service, method, `/v1/signing-requests/${id}${rest}`, undefined, key)).status).toBe(
      204,
    );
    time += 60_000;
    await empty();
    expect(mailsTo(`${name}@example.com`)).toHaveLength(0);
  }
});
