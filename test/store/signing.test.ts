import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type SigningRequest } from '../../src/store/index.js';
import { createStore, query, type TestStore } from '../support/database.js';
import { event, hash, newOrganization } from './auth/support.js';

let test1: TestStore;
let organization: number;
beforeAll(async () => {
  test1 = await createStore();
  organization = (await newOrganization(test1.store.access)).number;
});
afterAll(() => test1.drop());

let count = 0;
function request(change: Partial<SigningRequest> = {}): SigningRequest {
  const id = `srq_${(count += 1)}`;
  return {
    ...{
      id,
      organization,
      createdAt: 1000 + count,
      createdBy: 'key:a',
      link: 1,
      language: 'en',
      kind: 'contract',
      expiresAt: 9000,
    },
    ...{ title: 't', message: null, name: 'Kim', email: 'kim@example.com' },
    ...{ document: hash('document'), documentName: null, documentSize: null, secretHash: hash(id) },
    ...{
      openedAt: null,
      key: null,
      keyGivenAt: null,
      record: null,
      ended: null,
      endedAt: null,
      reason: null,
    },
    ...{ predecessor: null, predecessorKey: null, handover: null },
    ...{ claim: null, holder: null, since: null, answered: null, changes: 0 },
    ...{ mailedAt: null, mailFailedAt: null, erasedAt: null },
    ...change,
  };
}
const requested = event({ kind: 'signing_requested' });
const invite = (own: SigningRequest) =>
  test1.store.addSigningRequest(own, [{ request: own.id, kind: 'invite' }], requested, null);

test('reads a request as it was written, by id and by link', async () => {
  const { store } = test1;
  const written = request({ documentSize: 5, documentName: 'a.pdf', message: 'm' });
  expect(await store.addSigningRequest(written, [], requested, null)).toBe('added');
  expect(await store.signingRequest(written.id)).toEqual(written);
  expect(await store.signingRequestOf(hash(written.id))).toMatchObject({
    request: written,
    organization: { number: organization },
  });
  expect(await store.signingRequestOf(hash('other'))).toBeNull();
});

test('changes a request only while it is as expected, with its event', async () => {
  const { store } = test1;
  const { id } = request();
  await store.addSigningRequest({ ...request(), id }, [], requested, null);
  const ending = (ended: 'declined' | 'withdrawn') =>
    store.changeSigningRequest({
      ...{ id, expected: { ended: null }, changes: { ended, endedAt: 2 } },
      ...{ event: event({ kind: 'signing_answered', detail: { request: id } }), mails: [] },
    });
  const both = await Promise.all([ending('declined'), ending('withdrawn')]);
  expect(both.filter(Boolean)).toHaveLength(1);
  const events = await query(test1.url, `SELECT FROM access_event WHERE detail LIKE '%"${id}"%'`);
  expect(events).toHaveLength(1);
});

test('passes a request on once, of two at the same time', async () => {
  const { store } = test1;
  const first = request();
  await store.addSigningRequest(first, [], requested, null);
  const follows = {
    ...{ id: first.id, expected: { ended: null }, changes: { openedAt: 5 } },
    ...{ event: null, mails: [] },
  };
  const made = await Promise.all(
    [1, 2].map(() => store.addSigningRequest(request({ predecessor: first.id }), [], requested, follows)),
  );
  expect(made.toSorted()).toEqual(['added', 'changed']);
  expect([...(await store.signingSuccessors([first.id])).keys()]).toEqual([first.id]);
});

test('gives an e-mail to one process at a time, and to the next when that one has died', async () => {
  const { store } = test1;
  const second = await openStore({ url: test1.url });
  try {
    for (let i = 0; i < 6; i++) await invite(request());
    const claimed = await Promise.all(
      [store, second, store].map((each) => each.claimSigningMail(5000, 6000, 4)),
    );
    const ids = claimed.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const rest = await second.claimSigningMail(5000, 6000, 10);
    expect(ids.length + rest.length).toBe(6);
    const [mail] = claimed.flat();
    await store.settleSigningMail(mail?.id ?? 0, null);
    expect(await store.claimSigningMail(5999, 7000, 10)).toEqual([]);
    // Nobody has settled the other five.
    const again = await second.claimSigningMail(6000, 7000, 10);
    expect(again.map(({ attempts }) => attempts)).toEqual([2, 2, 2, 2, 2]);
  } finally {
    await second.close();
  }
});

test('holds an e-mail until the contract is past the sequence that was seen', async () => {
  const { store } = test1;
  const record = hash('contract');
  const own = request({ record });
  await invite(own);
  const claim = async (now: number) =>
    (await store.claimSigningMail(now, now + 100, 10)).filter((mail) => mail.request.id === own.id);
  const [mail] = await claim(8000);
  expect(mail).toMatchObject({ sealed: -1 });
  await store.holdSigningMail(mail?.id ?? 0, mail?.sealed ?? 0, 9_000_000);
  expect(await claim(8500)).toEqual([]);
  const insert = `INSERT INTO record (sequence, height, id, value, kind, status, holder, parties, state)
    VALUES (0, 1, $1, $1, 'contract', 'open', 'h', '{h}', '{}')`;
  await query(test1.url, insert, [Buffer.from(record)]);
  const [next] = await claim(8500);
  expect(next).toMatchObject({ sealed: 0, attempts: 1 });
  // Whoever has claimed it has it alone.
  await query(test1.url, 'UPDATE record SET sequence = 1 WHERE id = $1', [Buffer.from(record)]);
  expect(await claim(8500)).toEqual([]);
  await store.holdSigningMail(next?.id ?? 0, 0, 9_000_000);
  expect(await claim(8500)).toMatchObject([{ sealed: 1 }]);
});

test('keeps one e-mail of a request waiting: the newest', async () => {
  const { store } = test1;
  const own = request();
  await invite(own);
  const change = { id: own.id, expected: {}, changes: { mailedAt: 8000 }, event: null };
  await store.changeSigningRequest({ ...change, mails: [{ request: own.id, kind: 'sign' }] });
  const rows = await query(test1.url, 'SELECT kind, due_at FROM signing_mail WHERE request = $1', [own.id]);
  expect(rows).toEqual([{ kind: 'sign', due_at: '8000' }]);
});

test('erases a request of its own organization alone, with the e-mail that waits', async () => {
  const { store } = test1;
  const own = request({ key: 'k', keyGivenAt: 1 });
  await invite(own);
  const erasing = event({ kind: 'signing_erased' });
  expect(await store.eraseSigningRequest(organization + 1, own.id, 7, erasing)).toBe(false);
  expect(await store.eraseSigningRequest(organization, own.id, 7, erasing)).toBe(true);
  expect(await store.eraseSigningRequest(organization, own.id, 8, erasing)).toBe(false);
  expect(await store.signingRequest(own.id)).toMatchObject({
    ...{ title: null, name: null, email: null, key: null, secretHash: null, erasedAt: 7, keyGivenAt: 1 },
  });
  expect(await query(test1.url, 'SELECT FROM signing_mail WHERE request = $1', [own.id])).toEqual([]);
});
