import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { AskedSigning, SigningRequest } from '../../src/http/schemas/signing.js';
import { claimDigest, type JsonObject, parseHistory, parsePolicy, toHex } from '../../src/proof/index.js';
import { verifyHistory } from '../../src/proof/records/history.js';
import { query } from '../support/database.js';
import { LOG_KEY } from '../support/parts.js';
import { createKey, createOrganization } from '../support/people.js';
import { digestOf, firstEvent, type Holder, newHolder, nextEvent, type Place } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { giveKey, keyOffer, newRequest, policyOf, send } from '../support/signing.js';
import { until } from '../support/until.js';

/** Requests for a transfer, a licence or a claim, under links. Those for contracts: signing.test.ts. */

let service: TestService;
let key: string;
let stranger: string;
let time = Date.now();
beforeAll(async () => {
  service = await startService({ policy: { anonymousSubmission: false }, clock: () => time });
  key = (await createKey(service, (await createOrganization(service, 'Gallery')).id)).secret;
  stranger = (await createKey(service, (await createOrganization(service, 'Other')).id)).secret;
});
afterAll(() => service[Symbol.asyncDispose]());

const gallery = newHolder('gallery.example');

interface AskedFor {
  readonly id: string;
  readonly token: string;
}

const { title: _title, document: _document, ...PERSON } = newRequest('Kim');
const request = (members: JsonObject, as = key) =>
  send(service, 'POST', '/v1/signing-requests', { ...PERSON, ...members }, as);

async function askFor(members: JsonObject): Promise<AskedFor> {
  const { status, body } = await request(members);
  if (status !== 201) throw new Error(`the request was refused: ${JSON.stringify(body)}`);
  const { request: made, link } = body as unknown as { request: unknown; link: { token: string } };
  return { id: SigningRequest.parse(made).id, token: link.token };
}

const open = async ({ token }: AskedFor) =>
  AskedSigning.parse((await send(service, 'POST', '/v1/signing/open', { token })).body);
const find = async ({ id }: AskedFor) =>
  SigningRequest.parse((await send(service, 'GET', `/v1/signing-requests/${id}`, undefined, key)).body);
const codeOf = async (answer: Promise<{ status: number; body: JsonObject }>) => {
  const { status, body } = await answer;
  return [status, body['code']];
};

/** A new record, and later its next events, by the organization. */
async function begin(type: string, members: JsonObject, signers: readonly Holder[]): Promise<Place> {
  const { status, body } = await send(
    service,
    'POST',
    '/v1/records',
    firstEvent(type, members, signers),
    key,
  );
  expect(status).toBe(201);
  return body as unknown as Place;
}
async function next(after: Place, type: string, members: JsonObject, signer = gallery): Promise<Place> {
  const event = nextEvent(after, type, members, [signer]);
  const { status, body } = await send(service, 'POST', `/v1/records/${after.record}/events`, event, key);
  expect([status, body['code']]).toEqual([201, undefined]);
  return body as unknown as Place;
}

const vase = (serial = '1') =>
  begin(
    'item.register',
    {
      ...{ title: 'Moon jar', serial, features: [{ name: 'height', value: '41 cm' }], documents: [] },
      ...{ issuer: gallery.text, holder: gallery.text },
    },
    [gallery],
  );
const CLAIM = {
  ...{ title: 'Tide', kind: 'photograph', authors: [{ name: 'Kim', role: 'photographer' }], published: null },
  ...{ madeForHire: false, basis: 'I took it.', documents: [{ sha256: digestOf('tide'), name: 'tide.jpg' }] },
};
const photograph = () => begin('work.claim', { ...CLAIM, holder: gallery.text }, [gallery]);

/** Where the record is, as whoever holds the link sees it. */
async function placeOf(asked: AskedFor): Promise<Place> {
  const record = (await open(asked)).subject?.record ?? expect.fail('there is no record');
  return { record: record.id, sequence: record.sequence, value: record.value };
}

const sendEvent = (asked: AskedFor, event: { readonly note: string; readonly body: JsonObject }) =>
  send(service, 'POST', '/v1/signing/event', { token: asked.token, ...event });
const accept = async (asked: AskedFor, type: string, holder: Holder) =>
  sendEvent(asked, nextEvent(await placeOf(asked), type, {}, [holder]));

/** The history that the link gives, as soon as it has this event, verified. */
async function verified(asked: AskedFor, type: string) {
  const history = await until(`the history to show ${type}`, async () => {
    const res = await fetch(`${service.url}/v1/signing/history`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: asked.token }),
    });
    const text = await res.text();
    return res.status === 200 && text.includes(type) ? text : null;
  });
  return verifyHistory({
    history: parseHistory(Buffer.from(history)),
    policy: parsePolicy(await policyOf(service)),
  });
}

test('sells an item to somebody without an account, who keeps the history when it is sold on', async () => {
  const [kim, lee] = [newHolder('kim'), newHolder('lee')];
  const item = await vase();
  const asked = await askFor({ kind: 'transfer', record: item.record, message: 'As agreed.' });
  expect(await open(asked)).toMatchObject({
    ...{ kind: 'transfer', status: 'opened', title: 'Moon jar', document: null, contract: null },
    subject: {
      record: { id: item.record, kind: 'item', status: 'held', holder: gallery.text },
      body: { title: 'Moon jar', features: [{ name: 'height', value: '41 cm' }] },
      ...{ offer: null, licence: null },
    },
  });
  const history = () => send(service, 'POST', '/v1/signing/history', { token: asked.token });
  expect(await giveKey(service, asked, kim, item.record)).toMatchObject({ status: 'key_given' });
  expect(await codeOf(accept(asked, 'item.accept', kim))).toEqual([409, 'signing_not_ready']);
  expect(await codeOf(history())).toEqual([409, 'signing_not_ready']);
  const until_ = time + 86_400_000;
  await next(item, 'item.offer', { to: kim.text, until: until_ });
  expect(await open(asked)).toMatchObject({
    status: 'to_sign',
    subject: { offer: { until: new Date(until_).toISOString(), on: null } },
  });
  // What the offer names stays the key of the request.
  const offer = keyOffer(asked.id, lee, item.record);
  const other = send(service, 'POST', '/v1/signing/key', { token: asked.token, key: lee.text, offer });
  expect(await codeOf(other)).toEqual([409, 'signing_request_closed']);
  expect((await accept(asked, 'item.accept', lee)).body['code']).toBe('missing_signature');
  expect((await accept(asked, 'item.retract', kim)).body['code']).toBe('event_not_asked');
  const event = nextEvent(await placeOf(asked), 'item.accept', {}, [kim]);
  const [first, again] = [await sendEvent(asked, event), await sendEvent(asked, event)];
  expect(first.body).toMatchObject({ asked: { status: 'signed' }, event: { type: 'item.accept' } });
  expect((again.body['event'] as JsonObject)['notarization']).toBe(
    (first.body['event'] as JsonObject)['notarization'],
  );
  expect(await verified(asked, 'item.accept')).toMatchObject({
    verdict: 'verified',
    state: { kind: 'item', holder: kim.text },
  });
  // Kim sells it on: what was answered under the link stays.
  const sold = await next(await placeOf(asked), 'item.offer', { to: lee.text }, kim);
  await next(sold, 'item.accept', {}, lee);
  expect(await find(asked)).toMatchObject({ status: 'signed', closedBy: null, record: item.record });
  expect((await history()).status).toBe(200);
});

test('says when an item or a work cannot be had any more, and why', async () => {
  const [kim, lee] = [newHolder('kim'), newHolder('lee')];
  const item = await vase();
  const asked = await askFor({ kind: 'transfer', record: item.record });
  const licence = await askFor({ kind: 'licence', record: (await photograph()).record });
  await giveKey(service, asked, kim, item.record);
  const contract = { record: '77'.repeat(32), is: 'executed' };
  const offered = await next(item, 'item.offer', { to: lee.text, on: contract });
  expect(await open(asked)).toMatchObject({ status: 'key_given', subject: { offer: null } });
  await next(offered, 'item.accept', {}, lee);
  expect(await open(asked)).toMatchObject({ status: 'closed', closedBy: 'taken' });
  const second = await vase();
  const late = await askFor({ kind: 'transfer', record: second.record });
  const given = await next(second, 'item.offer', { to: lee.text });
  await next(given, 'item.accept', {}, lee);
  expect(await open(late)).toMatchObject({ status: 'closed', closedBy: 'holder_changed' });
  const given2 = send(service, 'POST', '/v1/signing/key', {
    ...{ token: late.token, key: kim.text, offer: keyOffer(late.id, kim, second.record) },
  });
  expect(await codeOf(given2)).toEqual([409, 'signing_request_closed']);
  await next(await placeOf(licence), 'work.withdraw', {});
  expect(await find(licence)).toMatchObject({ status: 'closed', closedBy: 'over' });
});

test('takes the refusal of an offer with a reason, and the rights to a work', async () => {
  const kim = newHolder('kim');
  const work = await photograph();
  const refused = await askFor({ kind: 'transfer', record: work.record });
  await giveKey(service, refused, kim, work.record);
  await next(work, 'work.assign', { to: kim.text });
  const { token } = refused;
  const passed = send(service, 'POST', '/v1/signing/delegation', { token, name: 'Lee' });
  expect(await codeOf(passed)).toEqual([409, 'signing_not_ready']);
  await send(service, 'POST', '/v1/signing/decline', { token, reason: 'Too dear.' });
  expect(await find(refused)).toMatchObject({ status: 'declined', reason: 'Too dear.' });
  expect(await codeOf(accept(refused, 'work.accept', kim))).toEqual([409, 'signing_request_closed']);
  const asked = await askFor({ kind: 'transfer', record: work.record });
  await giveKey(service, asked, kim, work.record);
  const taken = await accept(asked, 'work.accept', kim);
  expect(taken.body).toMatchObject({
    asked: { status: 'signed', subject: { record: { holder: kim.text } } },
  });
});

test('shows a licence to the one whose key it names, also after many others', async () => {
  const kim = newHolder('kim');
  const work = await photograph();
  const asked = await askFor({ kind: 'licence', record: work.record });
  await giveKey(service, asked, kim, work.record);
  const licence = { terms: 'Print in the catalogue.', exclusive: false };
  let last = await next(work, 'work.license', { ...licence, to: { name: 'Kim', key: kim.text } });
  expect(await codeOf(accept(asked, 'work.accept', kim))).toEqual([409, 'signing_request_closed']);
  expect(await open(asked)).toMatchObject({
    status: 'granted',
    subject: { licence: { ...licence, to: { name: 'Kim', key: kim.text } } },
  });
  for (let i = 0; i < 33; i++) last = await next(last, 'work.license', { ...licence, to: { name: `${i}` } });
  expect(await open(asked)).toMatchObject({ status: 'granted', subject: { licence } });
  expect(await verified(asked, 'work.license')).toMatchObject({ verdict: 'verified' });
});

test('has the author of a work sign the claim that was written down, and no other', async () => {
  const [kim, lee] = [newHolder('kim'), newHolder('lee')];
  const asked = await askFor({ kind: 'claim', claim: CLAIM });
  expect(await open(asked)).toMatchObject({
    ...{ title: 'Tide', status: 'opened', subject: { record: null, body: CLAIM } },
  });
  const subject = toHex(claimDigest(CLAIM));
  expect(await giveKey(service, asked, kim, subject)).toMatchObject({ status: 'to_sign' });
  const claim = (holder: Holder, members: JsonObject = {}, signer = holder) =>
    sendEvent(asked, firstEvent('work.claim', { ...CLAIM, ...members, holder: holder.text }, [signer]));
  for (const wrong of [claim(lee), claim(kim, { title: 'Tides' }), claim(kim, { licence: 'None' })])
    expect(await codeOf(wrong)).toEqual([403, 'event_not_asked']);
  // One that the rules refuse after the request has its id.
  expect(await codeOf(claim(kim, {}, lee))).toEqual([403, 'missing_signature']);
  expect(await find(asked)).toMatchObject({ status: 'to_sign', record: null });
  const event = firstEvent('work.claim', { ...CLAIM, holder: kim.text }, [kim]);
  const [first, again] = [await sendEvent(asked, event), await sendEvent(asked, event)];
  expect(first.body).toMatchObject({ asked: { status: 'signed' }, event: { type: 'work.claim' } });
  expect(again.body['event']).toMatchObject({ record: (first.body['event'] as JsonObject)['record'] });
  expect(await codeOf(claim(kim))).toEqual([409, 'signing_request_closed']);
  expect(await verified(asked, 'work.claim')).toMatchObject({
    verdict: 'verified',
    state: { kind: 'work', holder: kim.text },
  });
  const { record } = await find(asked);
  const readable = await send(service, 'GET', `/v1/records/${record ?? ''}`, undefined, key);
  expect(readable.body).toMatchObject({ title: 'Tide' });
});

test('asks for nothing that the organization cannot give, or the rules would not take', async () => {
  const item = await vase();
  const cases: readonly [JsonObject, number, string][] = [
    [{ kind: 'contract', title: 'Lease' }, 400, 'invalid_value'],
    [{ kind: 'transfer' }, 400, 'invalid_value'],
    [{ kind: 'claim', record: item.record }, 400, 'invalid_value'],
    [{ kind: 'transfer', record: '77'.repeat(32) }, 404, 'unknown_record'],
    [{ kind: 'licence', record: item.record }, 409, 'wrong_kind'],
    [{ kind: 'claim', claim: { ...CLAIM, authors: [] } }, 422, 'malformed_body'],
    [{ kind: 'claim', claim: { ...CLAIM, holder: gallery.text } }, 422, 'malformed_body'],
  ];
  for (const [members, status, code] of cases)
    expect([members, ...(await codeOf(request(members)))]).toEqual([members, status, code]);
  const others = request({ kind: 'transfer', record: item.record }, stranger);
  expect(await codeOf(others)).toEqual([404, 'unknown_record']);
  const asked = await askFor({ kind: 'transfer', record: item.record });
  const named = send(
    service,
    'POST',
    `/v1/signing-requests/${asked.id}/contract`,
    { record: item.record },
    key,
  );
  expect(await codeOf(named)).toEqual([409, 'contract_differs']);
});

test('lets whoever holds a link fill the access log with 50 changes at most', async () => {
  const item = await vase();
  const asked = await askFor({ kind: 'transfer', record: item.record });
  const kim = newHolder('kim');
  const offer = { token: asked.token, key: kim.text, offer: keyOffer(asked.id, kim, item.record) };
  const codes: unknown[] = [];
  for (let i = 0; i < 51; i++) codes.push((await codeOf(send(service, 'POST', '/v1/signing/key', offer)))[0]);
  expect(codes).toEqual([...Array<number>(50).fill(200), 409]);
  // Declining is possible still: it happens once.
  const { body } = await send(service, 'POST', '/v1/signing/decline', { token: asked.token });
  expect(body).toMatchObject({ status: 'declined' });
});

test('erases what a claim was to state, in the database too, and the audit finds all as the log tells it', async () => {
  const asked = await askFor({ kind: 'claim', claim: { ...CLAIM, basis: 'Secret words' } });
  time += 1;
  await send(service, 'DELETE', `/v1/signing-requests/${asked.id}`, undefined, key);
  expect(await find(asked)).toMatchObject({ status: 'erased', claim: null, title: null });
  const rows = await query<{ row: string }>(
    service.databaseUrl,
    'SELECT row_to_json(signing_request)::text AS row FROM signing_request WHERE id = $1',
    [asked.id],
  );
  expect(rows).toHaveLength(1);
  for (const { row } of rows) expect(row).not.toMatch(/secret words|tide/i);
  const { database } = await audit({ store: service.store, logKey: LOG_KEY.key });
  expect(database.findings).toEqual([]);
});
